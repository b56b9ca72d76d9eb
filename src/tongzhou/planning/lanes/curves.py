"""Curves: what more units are worth to a group, as one concave curve an item and group.

The worth of a unit is the share of the item's ranked units that come after the middle of its drop:
1 for the first claim of the list, near 0 for the last. It falls along the list of every group, so
the leaves of a group merge into one concave curve without loss, and it compares items of any size.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..ledger import FLOOR, Ledger, by_group

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

KNOTS = 4096  # points kept of a curve; one with fewer drops is kept whole


class Curve(NamedTuple):
    """Points of a concave curve. units: int64[n + 1] from 0, worth: float64[n + 1] of so many."""

    units: Ints
    worth: Floats

    @property
    def slope(self) -> Floats:
        """float64[n]: worth of a unit between two points, falling."""
        return np.diff(self.worth) / np.diff(self.units)

    def at(self, units: float) -> float:
        return float(np.interp(units, self.units, self.worth))


@dataclass(frozen=True, eq=False)
class Curves:
    """The drops of one item by group, each group's in the order of the list.

    ranks: int32[D], ranks group by group; starts: int64[G + 1], where each group begins; units: of
    the whole list. ends and before are empty where all drops have one size (`ledger.even`): then
    they are multiples of it. Else ends: units of the group up to and with each drop; before: by
    rank, units of the list ahead of a drop.
    """

    ledger: Ledger
    ranks: NDArray[np.int32]
    starts: Ints
    ends: Ints
    before: Ints
    units: int

    @cached_property
    def wanted(self) -> Ints:
        """int64[G]: units of all drops of each group."""
        return np.array([self.points(g).units[-1] for g in range(self.groups)], dtype=np.int64)

    @cached_property
    def floors(self) -> Ints:
        """int64[G]: units of the drops up to the floors of each group."""
        until = int(self.ledger.stage_ends[FLOOR])
        counts = [int(np.searchsorted(self.ranks[self.of(g)], until)) for g in range(self.groups)]
        return np.array([self.end(g, n) for g, n in enumerate(counts)], dtype=np.int64)

    @property
    def groups(self) -> int:
        return len(self.starts) - 1

    def of(self, group: int) -> slice:
        return slice(int(self.starts[group]), int(self.starts[group + 1]))

    def size(self, group: int) -> int:
        """How many drops a group has."""
        return int(self.starts[group + 1] - self.starts[group])

    def end(self, group: int, count: int) -> int:
        """Units of the first `count` drops of a group."""
        if self.ledger.even:
            return count * self.ledger.even
        return int(self.ends[int(self.starts[group]) + count - 1]) if count else 0

    def ahead(self, rank: int) -> int:
        """Units of the list before a rank."""
        return rank * self.ledger.even if self.ledger.even else int(self.before[rank])

    def whole(self, group: int) -> Curve:
        """The curve with every drop as a point."""
        ranks, even = self.ranks[self.of(group)], self.ledger.even
        if even:
            ends = np.arange(len(ranks) + 1, dtype=np.int64) * even
            middle = ranks * float(even) + even / 2
        else:
            ends = np.concatenate(([0], self.ends[self.of(group)])).astype(np.int64)
            middle = self.before[ranks] + np.diff(ends) / 2
        worth = np.cumsum(np.diff(ends) * (1.0 - middle / max(1, self.units)))
        return Curve(ends, np.concatenate(([0.0], worth)))

    def points(self, group: int) -> Curve:
        """The curve with at most KNOTS drops as points."""
        return self._points[group]

    @cached_property
    def _points(self) -> list[Curve]:
        found = []
        for group in range(self.groups):
            curve = self.whole(group)
            if len(curve.units) > KNOTS + 1:
                at = np.linspace(0, len(curve.units) - 1, KNOTS + 1).astype(np.int64)
                curve = Curve(curve.units[at], curve.worth[at])
            found.append(curve)
        return found

    def cut(self, group: int, units: float) -> int:
        """The most units, at most `units`, that are whole drops from the head of the list."""
        return self.end(group, self.count(group, units))

    def count(self, group: int, units: float) -> int:
        """How many whole drops from the head of the list `units` cover."""
        if self.ledger.even:
            return max(0, min(self.size(group), int((units + 1e-6) // self.ledger.even)))
        return int(np.searchsorted(self.ends[self.of(group)], units + 1e-6, side="right"))


class Grouped(NamedTuple):
    """The curves of every item, and the groups of nodes (int64[N]) that they are of."""

    group_of: Ints
    curves: tuple[Curves, ...]

    def of(self, ledger: Ledger, item: int, group_of: Ints, groups: int) -> Curves | None:
        """The curves of a list, where they are those of this very list and of these groups."""
        known = self.curves[item]
        if known.ledger is not ledger or known.groups != groups:
            return None
        return known if np.array_equal(self.group_of, group_of) else None


def curves_of(ledger: Ledger, group_of_row: Ints, groups: int) -> Curves:
    """The curves of an item; group_of_row: int64[R], the group of each needs row, -1 for none."""
    ranks, starts = by_group(ledger, group_of_row, groups)
    none = np.zeros(0, dtype=np.int64)
    if ledger.even:
        return Curves(ledger, ranks, starts, none, none, len(ledger) * ledger.even)
    drop = ledger.drop[ledger.row_of]
    running = np.cumsum(drop[ranks], dtype=np.int64)
    # Units up to each drop, counted from the head of its own group.
    ends = running - np.repeat(np.concatenate(([0], running))[starts[:-1]], np.diff(starts))
    return Curves(ledger, ranks, starts, ends, np.cumsum(drop) - drop, int(drop.sum()))
