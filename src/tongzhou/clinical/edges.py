"""The two sides of every limit, found from the data: what tests try and docs/rules.md shows.

An edge of a comparison is a pair of inputs that differ in one field by one step (or yes and no),
where the rule says yes to one and no to the other, and the comparison is what turned.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from tongzhou.clinical.conditions import Answered, Compared, Leaf, Scored
from tongzhou.clinical.fields import Value
from tongzhou.clinical.rulebook import Rule, Rulebook
from tongzhou.clinical.scores import Part

MOST_CASES = 20_000


@dataclass(frozen=True)
class Edge:
    """Inputs for which the rule says yes, and the one value with which it says no."""

    field: str
    yes: Value
    no: Value
    inputs: dict[str, Value]

    @property
    def inputs_no(self) -> dict[str, Value]:
        return self.inputs | {self.field: self.no}


def edges_of(rule: Rule, book: Rulebook) -> list[tuple[Leaf, Edge | None]]:
    """An edge for each comparison of the rule, None where it never decides."""
    return [(leaf, _edge(leaf, rule, book)) for leaf in rule.when.leaves()]


def _edge(leaf: Leaf, rule: Rule, book: Rulebook) -> Edge | None:
    if isinstance(leaf, Scored):
        return next(_of_score(leaf, rule, book), None)
    return next(_of_comparison(leaf, rule, book), None)


def _of_comparison(leaf: Compared | Answered, rule: Rule, book: Rulebook) -> Iterator[Edge]:
    """Every way to set the other fields of the rule beside the two sides of this limit."""
    others = sorted({name for one in rule.when.leaves() for name in one.fields} - {leaf.field})
    choices = [_values(name, rule, book) for name in others]
    for count, values in enumerate(product(*choices)):
        if count == MOST_CASES:
            return
        inputs: dict[str, Value] = dict(zip(others, values, strict=True))
        yes, no = _sides(leaf, inputs, book)
        edge = Edge(leaf.field, yes, no, inputs | {leaf.field: yes})
        if rule.when.truth(edge.inputs) is True and rule.when.truth(edge.inputs_no) is False:
            yield edge


def _sides(
    leaf: Compared | Answered, inputs: dict[str, Value], book: Rulebook
) -> tuple[Value, Value]:
    """The last value for which the comparison is true, and the first for which it is not."""
    if isinstance(leaf, Answered):
        return leaf.answer, not leaf.answer
    step = book.fields[leaf.field].step
    limit = leaf.limit + (float(inputs[leaf.other]) if leaf.other else 0.0)
    sides = {
        "at_least": (limit, limit - step),
        "at_most": (limit, limit + step),
        "above": (limit + step, limit),
        "below": (limit - step, limit),
    }
    yes, no = sides[leaf.how]
    return round(yes, 6), round(no, 6)


def _values(name: str, rule: Rule, book: Rulebook) -> list[Value]:
    """Values of a field around every limit that the rule has for it."""
    field = book.fields[name]
    if field.kind == "yesno":
        return [True, False]
    found = {field.least, field.most}
    for leaf in rule.when.leaves():
        if isinstance(leaf, Compared) and leaf.field == name and not leaf.other:
            found |= {leaf.limit, leaf.limit - field.step, leaf.limit + field.step}
    return [round(value, 6) for value in sorted(found) if field.least <= value <= field.most]


def _of_score(leaf: Scored, rule: Rule, book: Rulebook) -> Iterator[Edge]:
    """One sign steps into its next band, and the points of all reach the limit by that."""
    parts = leaf.score.parts
    for part in parts:
        rest = [other for other in parts if other is not part]
        for worse, better in _steps(part, book):
            over = part.points(worse)
            for inputs in _reaching(rest, leaf.least - over if leaf.least else 0, book):
                edge = Edge(part.field, worse, better, inputs | {part.field: worse})
                if (
                    rule.when.truth(edge.inputs) is True
                    and rule.when.truth(edge.inputs_no) is False
                ):
                    yield edge


def _steps(part: Part, book: Rulebook) -> Iterator[tuple[Value, Value]]:
    """Neighbouring values of a sign on the two sides of a band, the one with more points first."""
    if not part.bands:
        yield True, False
        return
    step = book.fields[part.field].step
    for up_to, _ in part.bands[:-1]:
        sides = (up_to, round(up_to + step, 6))
        yield max(sides, key=part.points), min(sides, key=part.points)


def _reaching(parts: list[Part], points: int, book: Rulebook) -> Iterator[dict[str, Value]]:
    """Values of the other signs that give exactly so many points together."""
    if points < 0:
        return
    if not parts:
        if points == 0:
            yield {}
        return
    for value in _samples(parts[0], book):
        for rest in _reaching(parts[1:], points - parts[0].points(value), book):
            yield rest | {parts[0].field: value}


def _samples(part: Part, book: Rulebook) -> list[Value]:
    if not part.bands:
        return [False, True]
    return [min(up_to, book.fields[part.field].most) for up_to, _ in part.bands]
