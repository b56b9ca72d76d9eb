"""A drawer as every check looks at it: the recognised items, the person, what is missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from tongzhou.clinical.medicines.catalogue import Catalogue, Check, Ingredient, Texts
from tongzhou.clinical.medicines.findings import Finding, alike, milligrams, sentences
from tongzhou.clinical.medicines.items import Line, Person


@dataclass(frozen=True)
class Over:
    """More than there may be: micrograms, or times."""

    amount: int
    limit: int
    shown: Callable[[int], str] = milligrams


@dataclass
class Drawer:
    """The recognised items with the person, and what turned out to be missing about them."""

    book: Catalogue
    lines: list[Line]
    person: Person
    asked: dict[str, set[int]] = field(default_factory=dict)

    @property
    def child(self) -> bool | None:
        months = self.person.age_months
        return None if months is None else months < self.book.child_under_months

    @cached_property
    def held(self) -> dict[str, list[tuple[Line, str]]]:
        """For each class and each ingredient: where it is, as line and ingredient."""
        found: dict[str, list[tuple[Line, str]]] = {}
        for line in self.lines:
            for name in line.mg:
                for about in (name, *self.book.ingredients[name].classes):
                    found.setdefault(about, []).append((line, name))
        return found

    def holding(self, about: str) -> list[Line]:
        """The lines with an ingredient of this class, or of this id."""
        indexes = dict.fromkeys(line.index for line, _ in self.held.get(about, ()))
        return [self.lines[index] for index in indexes]

    @cached_property
    def ingredients(self) -> list[tuple[Ingredient, list[Line]]]:
        """Each ingredient in the drawer, in the order of the catalogue, with its lines."""
        found: dict[str, list[Line]] = {}
        for line in self.lines:
            for name in line.mg:
                found.setdefault(name, []).append(line)
        return [(one, found[one.id]) for one in self.book.ingredients.values() if one.id in found]

    def told(self, question: str, lines: Sequence[Line]) -> bool | None:
        """The answer to a yes/no question; if it is not known it is noted as missing."""
        asked = self.book.person[question]
        months = self.person.age_months
        if months is not None and months < asked.not_under_months:
            return False
        answer: bool | None = getattr(self.person, question)
        if answer is None:
            self.miss(question, lines)
        return answer

    def miss(self, question: str, lines: Sequence[Line]) -> None:
        self.asked.setdefault(question, set()).update(line.index for line in lines)

    def finding(
        self,
        check: Check,
        lines: Sequence[Line],
        *,
        ingredient: Ingredient | None = None,
        over: Over | None = None,
        asks: str = "",
        severity: str = "",
        **values: Texts,
    ) -> Finding:
        """What the check says of these lines; `values` fill the places of its text."""
        if ingredient:
            values["ingredient"] = ingredient.name
        if over:
            values |= {
                "amount": alike(over.shown(over.amount)),
                "limit": alike(over.shown(over.limit)),
            }
        return Finding(
            rule=check.id,
            severity=severity or check.severity,
            items=tuple(line.index for line in lines),
            text=sentences(check, [line.name for line in lines], values),
            ingredient=ingredient.id if ingredient else "",
            amount=over.amount if over else None,
            limit=over.limit if over else None,
            asks=asks,
        )
