"""Conditions as data: a small tree that says yes, no, or unknown, by Kleene's three-valued logic.

    { field = "spo2", at_most = 93 }      { field = "spo2", at_most = { field = "t", plus = -3 } }
    { field = "breathless", is = true }   { score = "news2", at_least = 7 }  or  any_part = 3
    { all = [...] }   { any = [...] }   { at_least = 2, of = [...] }   { not = ... }

Unknown is None. A part that is not known leaves the whole unknown unless the other parts settle it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from tongzhou.clinical.fields import Field, RuleFault, Value
from tongzhou.clinical.scores import Score

Truth = bool | None
Known = Mapping[str, Value]
OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "at_least": operator.ge,
    "at_most": operator.le,
    "above": operator.gt,
    "below": operator.lt,
}


class Condition(Protocol):
    """What every node of the tree answers."""

    def truth(self, known: Known) -> Truth:
        """Yes, no, or None: not known."""

    def leaves(self) -> Iterator[Leaf]:
        """The comparisons at the ends of the tree, from left to right."""

    def missing(self, known: Known) -> set[str]:
        """The fields that would have to be known; empty where the answer is settled."""


@dataclass(frozen=True)
class Compared:
    """A number against a limit, or against another field shifted by so many points."""

    field: str
    how: str
    limit: float
    other: str = ""

    @property
    def fields(self) -> tuple[str, ...]:
        return (self.field, self.other) if self.other else (self.field,)

    def truth(self, known: Known) -> Truth:
        if self.missing(known):
            return None
        base = float(known[self.other]) if self.other else 0.0
        return OPERATORS[self.how](known[self.field], base + self.limit)

    def leaves(self) -> Iterator[Leaf]:
        yield self

    def missing(self, known: Known) -> set[str]:
        return {name for name in self.fields if name not in known}


@dataclass(frozen=True)
class Answered:
    """A question answered with yes, or with no."""

    field: str
    answer: bool

    @property
    def fields(self) -> tuple[str, ...]:
        return (self.field,)

    def truth(self, known: Known) -> Truth:
        return None if self.field not in known else known[self.field] is self.answer

    def leaves(self) -> Iterator[Leaf]:
        yield self

    def missing(self, known: Known) -> set[str]:
        return {self.field} - set(known)


@dataclass(frozen=True)
class Scored:
    """A score of `least` points, or one part of it that alone gives `part` points."""

    score: Score
    least: int = 0
    part: int = 0

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(part.field for part in self.score.parts)

    def truth(self, known: Known) -> Truth:
        parts = self.score.parts
        points = [part.points(known[part.field]) for part in parts if part.field in known]
        still = [part.highest for part in parts if part.field not in known]
        if self.part:
            sure, possible = max(points, default=0), max(points + still)
            return _between(sure, possible, self.part)
        return _between(sum(points), sum(points) + sum(still), self.least)

    def leaves(self) -> Iterator[Leaf]:
        yield self

    def missing(self, known: Known) -> set[str]:
        return set() if self.truth(known) is not None else set(self.fields) - set(known)


@dataclass(frozen=True)
class Several:
    """At least so many of the parts: all of them, any of them, or a number between."""

    least: int
    parts: tuple[Condition, ...]

    def truth(self, known: Known) -> Truth:
        truths = [part.truth(known) for part in self.parts]
        sure = truths.count(True)
        return _between(sure, sure + truths.count(None), self.least)

    def leaves(self) -> Iterator[Leaf]:
        for part in self.parts:
            yield from part.leaves()

    def missing(self, known: Known) -> set[str]:
        if self.truth(known) is not None:
            return set()
        return set().union(*(part.missing(known) for part in self.parts))


@dataclass(frozen=True)
class Opposite:
    """Not."""

    part: Condition

    def truth(self, known: Known) -> Truth:
        truth = self.part.truth(known)
        return None if truth is None else not truth

    def leaves(self) -> Iterator[Leaf]:
        yield from self.part.leaves()

    def missing(self, known: Known) -> set[str]:
        return self.part.missing(known)


Leaf = Compared | Answered | Scored


def _between(sure: int, possible: int, least: int) -> Truth:
    """Yes when what is sure is enough, no when even what is possible is not."""
    if sure >= least:
        return True
    return None if possible >= least else False


@dataclass(frozen=True)
class Reader:
    """Reads conditions of a data file; RuleFault names the entry and what is wrong with it."""

    fields: Mapping[str, Field]
    scores: Mapping[str, Score]
    where: str

    def read(self, raw: Any) -> Condition:
        match raw:
            case {"all": [*parts]} if parts and len(raw) == 1:
                return Several(len(parts), tuple(map(self.read, parts)))
            case {"any": [*parts]} if parts and len(raw) == 1:
                return Several(1, tuple(map(self.read, parts)))
            case {"at_least": int(least), "of": [*parts]} if 0 < least <= len(parts):
                return Several(least, tuple(map(self.read, parts)))
            case {"not": part} if len(raw) == 1:
                return Opposite(self.read(part))
            case {"score": str(name), "at_least": int(least)} if len(raw) == 2:
                return Scored(self._score(name), least=least)
            case {"score": str(name), "any_part": int(part)} if len(raw) == 2:
                return Scored(self._score(name), part=part)
            case {"field": str(name), "is": bool(answer)} if len(raw) == 2:
                return Answered(self._field(name, "yesno"), answer)
            case {"field": str(name), **rest} if len(rest) == 1:
                return self._compared(name, {str(how): bound for how, bound in rest.items()})
        raise RuleFault(f"{self.where}: cannot read the condition {raw}")

    def _compared(self, name: str, limit: dict[str, Any]) -> Compared:
        ((how, bound),) = limit.items()
        if how not in OPERATORS:
            raise RuleFault(f"{self.where}: {how} is no comparison")
        field = self._field(name, "number")
        match bound:
            case {"field": str(other), "plus": int(plus) | float(plus)}:
                return Compared(field, how, plus, self._field(other, "number"))
            case int() | float() if not isinstance(bound, bool):
                self._within(name, bound)
                return Compared(field, how, bound)
        raise RuleFault(f"{self.where}: {bound} is no limit for {name}")

    def _within(self, name: str, bound: float) -> None:
        field = self.fields[name]
        if not field.least <= bound <= field.most:
            raise RuleFault(f"{self.where}: {bound:g} is outside the plausible range of {name}")

    def _field(self, name: str, kind: str) -> str:
        if name not in self.fields:
            raise RuleFault(f"{self.where}: there is no field {name}")
        if self.fields[name].kind != kind:
            raise RuleFault(f"{self.where}: {name} is not of kind {kind}")
        return name

    def _score(self, name: str) -> Score:
        if name not in self.scores:
            raise RuleFault(f"{self.where}: there is no score {name}")
        return self.scores[name]
