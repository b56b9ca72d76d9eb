"""What contains what: the scopes made from the numbering of the tree."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from django.db.models import Q


class Interval(Protocol):
    """Anything numbered in the tree; a Division is one."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Scope:
    """The parts of the tree somebody may see, as pre-order intervals; empty means nothing."""

    intervals: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, *divisions: Interval) -> "Scope":
        return cls(merged((d.first, d.last) for d in divisions))

    def contains(self, division: Interval) -> bool:
        return any(first <= division.first <= last for first, last in self.intervals)

    def within(self, other: "Scope") -> "Scope":
        """What lies in both scopes; intervals of a tree are nested or apart, never crossing."""
        return Scope(
            merged(
                (max(a, c), min(b, d))
                for a, b in self.intervals
                for c, d in other.intervals
                if max(a, c) <= min(b, d)
            )
        )

    def q(self, path: str = "") -> Q:
        """A filter on a relation to Division (`place__division`), or on Division itself with ''."""
        prefix = f"{path}__" if path else ""
        condition = Q(pk__in=[])
        for first, last in self.intervals:
            condition |= Q(**{f"{prefix}first__gte": first, f"{prefix}first__lte": last})
        return condition

    def sql(self, column: str) -> tuple[str, list[int]]:
        """The same for plain SQL: a condition on a column that holds `first`, and its values."""
        if not self.intervals:
            return "(1 = 0)", []
        parts = " OR ".join(f"{column} BETWEEN %s AND %s" for _ in self.intervals)
        return f"({parts})", [bound for pair in self.intervals for bound in pair]


def merged(intervals: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """The same ground without intervals that lie inside others, in tree order."""
    kept: list[tuple[int, int]] = []
    for first, last in sorted(intervals, key=lambda pair: (pair[0], -pair[1])):
        if not kept or first > kept[-1][1]:
            kept.append((first, last))
    return tuple(kept)
