"""What contains what: the numbering of the tree and the scopes made from it."""

from dataclasses import dataclass
from typing import Protocol

from django.db.models import Q


class Interval(Protocol):
    """Anything numbered in the tree; a Division is one."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Scope:
    """The parts of the tree somebody may see, as pre-order intervals; empty means nothing at all."""

    intervals: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, *divisions: Interval) -> "Scope":
        return cls(tuple(sorted((d.first, d.last) for d in divisions)))

    def contains(self, division: Interval) -> bool:
        return any(first <= division.first <= last for first, last in self.intervals)

    def q(self, path: str = "") -> Q:
        """A filter on a relation to Division (`place__division`), or on Division itself with ''."""
        prefix = f"{path}__" if path else ""
        condition = Q(pk__in=[])
        for first, last in self.intervals:
            condition |= Q(**{f"{prefix}first__gte": first, f"{prefix}first__lte": last})
        return condition
