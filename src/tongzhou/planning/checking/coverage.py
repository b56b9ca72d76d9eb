"""Whether what has arrived covers what is given: exactly, however goods may be shared out.

Goods that arrive at a stop can go to any hub at or below it, in the wave after they arrive or in a
later one. Without kits the question is answered by going up the tree: what the nearest stop cannot
cover, its earliest needs first, is left to the stop above, and no other order leaves less or later
(the needs that a stop can cover are the independent sets of a transversal matroid; Edmonds and
Fulkerson, Transversals and matroid partition, 1965). With kits it depends on which hub gets the
ready ones and which hub the parts: that is a small programme, whole in the kits alone, since all
else is a flow once they are chosen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .hubs import Hubs

if TYPE_CHECKING:
    from ..plan import Plan
    from ..problem import Problem

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

SHOWN = 20
SECONDS = 60.0
ANYWHERE = -1  # the stop where goods are when the problem names no lane


class Found(NamedTuple):
    """The least that is lacking: float64[K, H, W], cumulative, of open and of published waves."""

    open: Floats
    published: Floats


class Coverage:
    """Shipments (or, without lanes, supply) against allocations.

    open, published: int64[K, H, W], units given by each wave, not cumulative; arrived: by item and
    stop, int64[W], units that come between a wave and the one before; late: whether published
    units lack their goods, known once the faults are.
    """

    def __init__(self, problem: Problem, plan: Plan, hubs: Hubs, cells: Ints) -> None:
        self.problem, self.plan, self.hubs, self.late = problem, plan, hubs, False
        published = np.zeros(len(problem.waves), dtype=bool)
        published[list(plan.published)] = True
        given = self._given(cells)
        self.published, self.open = given * published, given * ~published
        self.arrived = self._arrived()
        index = problem.item_index
        self.recipes = {
            index[kit.id]: {index[part]: units for part, units in kit.lines.items()}
            for kit in problem.kits
            if kit.id in index and given[index[kit.id]].any() and set(kit.lines) <= set(index)
        }
        self.chains = [hub.chain if problem.lanes else (ANYWHERE,) for hub in hubs.hubs]

    def faults(self) -> Iterator[str]:
        """What a published wave gave may lack its goods, but not for others: it cannot be unmade,
        and it comes before all that is still open."""
        if not self.recipes and all(self._comes(item) for item in range(len(self.open))):
            return
        whole = self.least(self.open, self.published)
        if whole is None:
            yield (
                f"Whether the shipments cover what is given was not decided in {SECONDS:.0f} s; "
                "merge hubs that have the same lanes, and plan again."
            )
            return
        lacking = _rounded(whole.open)
        for item, wave in np.argwhere(lacking > 0)[:SHOWN].tolist():
            yield (
                f"By wave {wave} {lacking[item, wave]:,} units of {self._name(item)} are given "
                "that no shipment has brought."
            )
        self.late = bool(_rounded(whole.published).any())
        if lacking.any() or not self.late:
            return
        alone = self.least(np.zeros_like(self.open), self.published)
        if alone is None or whole.published.sum() < alone.published.sum() + 0.5:
            return
        taken = _rounded(whole.published) - _rounded(alone.published)
        for item, wave in np.argwhere(taken > 0)[:SHOWN].tolist():
            yield (
                f"By wave {wave} {taken[item, wave]:,} published units of {self._name(item)} lack "
                "their goods, which are given to others."
            )

    def _name(self, item: int) -> str:
        return f'"{self.problem.items[item].id}"'

    def _comes(self, item: int) -> bool:
        """Whether an item that nothing is put together from comes in time, all of it."""
        needs: dict[int, Ints] = defaultdict(lambda: np.zeros(len(self.problem.waves), np.int64))
        above: dict[int, int] = {}
        depth: dict[int, int] = {}
        for hub, chain in enumerate(self.chains):
            wanted = self.open[item, hub] + self.published[item, hub]
            if wanted.any() and not chain:
                return False
            for at, stop in enumerate(chain):
                above[stop] = chain[at + 1] if at + 1 < len(chain) else ANYWHERE - 1
                depth[stop] = len(chain) - at
            if chain:
                needs[chain[0]] = needs[chain[0]] + wanted
        for stop in sorted(depth, key=lambda stop: -depth[stop]):
            left = _uncovered(needs[stop], self.arrived[item, stop])
            needs[above[stop]] = needs[above[stop]] + left
        return not needs[ANYWHERE - 1].any()

    def _given(self, cells: Ints) -> Ints:
        needs = self.problem.needs
        shape = (len(self.problem.items), len(self.hubs.hubs), len(self.problem.waves))
        code = needs.item * shape[1] + self.hubs.of_node[needs.node]
        given = np.empty(shape, dtype=np.int64)
        for wave in range(shape[2]):
            # Exact: sums stay far below 2**53, where doubles hold every whole number.
            sums = np.bincount(code, weights=cells[:, wave], minlength=shape[0] * shape[1])
            given[:, :, wave] = sums.reshape(shape[:2])
        return given

    def _arrived(self) -> dict[tuple[int, int], Ints]:
        days = [wave.day for wave in self.problem.waves]
        zero = np.zeros(len(days) + 1, dtype=np.int64)
        found: dict[tuple[int, int], Ints] = defaultdict(zero.copy)
        index = self.problem.item_index
        if not self.problem.lanes:
            for row in self.problem.supply:
                found[index[row.item], ANYWHERE][np.searchsorted(days, row.day)] += row.units
        for sent in self.plan.shipments:
            at = np.searchsorted(days, sent.arrive_day)
            found[index[sent.item], self.problem.index[sent.target]][at] += sent.units
        # What comes after the last wave is of no use to any.
        none = np.zeros(len(days), dtype=np.int64)
        return defaultdict(none.copy, {key: units[:-1] for key, units in found.items()})

    # --------------------------------------------------------------------------- the programme

    def least(self, open_: Ints, published: Ints) -> Found | None:
        """The least that is lacking, of open waves first; None where that takes too long."""
        rows = _Rows(self, open_, published)
        lacking = rows.solve(rows.lack_open)
        if lacking is None:
            return None
        if published.any():
            # Less than a unit is only the blur of the arithmetic.
            lacking = rows.solve(rows.lack_published, lacking[rows.lack_open].round())
        return None if lacking is None else Found(*rows.by_cell(lacking))


def _rounded(lacking: Floats) -> Ints:
    """int64[K, W]: over all hubs."""
    found: Ints = np.round(lacking.sum(axis=1)).astype(np.int64)
    return found


def _uncovered(needs: Ints, arrived: Ints) -> Ints:
    """Units by wave that goods do not cover, where they are kept for the earliest needs."""
    left = np.zeros_like(needs)
    stock = 0
    for wave, (wanted, come) in enumerate(zip(needs.tolist(), arrived.tolist(), strict=True)):
        stock += come
        left[wave] = max(0, wanted - stock)
        stock = max(0, stock - wanted)
    return left


class _Rows:
    """Columns: shares of what arrived, kits put together, and what is lacking (cumulative).

    Rows: each arrival, and for each item, hub and wave: what is shared out to it, put together
    there and lacking covers what is given and used for kits.
    """

    def __init__(self, coverage: Coverage, open_: Ints, published: Ints) -> None:
        self.cost: list[float] = []
        self.upper: list[float] = []
        self.whole: list[int] = []
        self.entries: list[tuple[int, int, float]] = []
        self.low: list[float] = []
        self.high: list[float] = []
        self.coverage = coverage
        self.shape = open_.shape
        self.demand = np.cumsum(open_, axis=2), np.cumsum(published, axis=2)
        self.at = self._balances(open_ + published)
        self._shares()
        self._kits()
        self.cells = [(*key, wave) for key in self.at for wave in range(self.shape[2])]
        self.lack_open = self._lacking(self.demand[0])
        self.lack_published = self._lacking(self.demand[1])

    def _column(self, upper: float, entries: list[tuple[int, float]]) -> int:
        column = len(self.upper)
        self.upper.append(upper)
        self.entries += [(column, row, value) for row, value in entries]
        return column

    def _row(self, low: float, high: float) -> int:
        self.low.append(low)
        self.high.append(high)
        return len(self.low) - 1

    def _balances(self, given: Ints) -> dict[tuple[int, int], int]:
        """The row of the first wave of each item and hub that are wanted; the others follow."""
        wanted: NDArray[np.bool_] = np.any(given, axis=2)
        for kit, lines in self.coverage.recipes.items():
            for part in lines:
                wanted[part] |= wanted[kit]
        total = self.demand[0] + self.demand[1]
        found = {}
        for item, hub in np.argwhere(wanted).tolist():
            found[item, hub] = len(self.low)
            for units in total[item, hub].tolist():
                self._row(units, np.inf)
        return found

    def _from(self, key: tuple[int, int], wave: int, value: float) -> list[tuple[int, float]]:
        return [(self.at[key] + later, value) for later in range(wave, self.shape[2])]

    def _shares(self) -> None:
        below: dict[int, list[int]] = defaultdict(list)
        for hub, chain in enumerate(self.coverage.chains):
            for stop in chain:
                below[stop].append(hub)
        for (item, stop), units in sorted(self.coverage.arrived.items()):
            for wave in np.flatnonzero(units).tolist():
                row = self._row(-np.inf, units[wave])
                for hub in below[stop]:
                    if (item, hub) in self.at:
                        here = self._from((item, hub), wave, 1.0)
                        self._column(np.inf, [(row, 1.0), *here])

    def _kits(self) -> None:
        for kit, hub in list(self.at):
            for wave in range(self.shape[2]) if kit in self.coverage.recipes else ():
                entries = self._from((kit, hub), wave, 1.0)
                for part, units in self.coverage.recipes[kit].items():
                    entries += self._from((part, hub), wave, -float(units))
                self.whole.append(self._column(np.inf, entries))

    def _lacking(self, demand: Ints) -> Ints:
        columns = [
            self._column(demand[item, hub, wave], [(self.at[item, hub] + wave, 1.0)])
            for item, hub, wave in self.cells
        ]
        return np.array(columns, dtype=np.int64)

    def by_cell(self, x: Floats) -> tuple[Floats, Floats]:
        """float64[K, H, W] each: what is lacking of open waves and of published ones."""
        found = np.zeros(self.shape), np.zeros(self.shape)
        if self.cells:
            where = tuple(np.array(self.cells).T)
            found[0][where], found[1][where] = x[self.lack_open], x[self.lack_published]
        return found

    def solve(self, least: Ints, lacking: Floats | None = None) -> Floats | None:
        """The columns, with the least sum of the columns `least`; None after SECONDS.

        lacking: what open waves may lack at most, where that is known.
        """
        if not self.upper:
            return np.zeros(0)
        import highspy

        cost, upper = np.zeros(len(self.upper)), np.array(self.upper, dtype=np.float64)
        cost[least] = 1.0
        if lacking is not None:
            upper[self.lack_open] = lacking
        column, row, value = (np.array(part) for part in zip(*self.entries, strict=True))
        order = np.argsort(column, kind="stable")
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = len(cost), len(self.low)
        model.col_cost_, model.col_upper_ = cost, upper
        model.col_lower_ = np.zeros(len(cost))
        model.row_lower_, model.row_upper_ = np.array(self.low), np.array(self.high)
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        starts = np.searchsorted(column[order], np.arange(len(cost) + 1))
        model.a_matrix_.start_ = starts.astype(np.int32)
        model.a_matrix_.index_ = row[order].astype(np.int32)
        model.a_matrix_.value_ = value[order].astype(np.float64)
        if self.whole:
            kinds = [highspy.HighsVarType.kContinuous] * len(cost)
            for at in self.whole:
                kinds[at] = highspy.HighsVarType.kInteger
            model.integrality_ = kinds
        # The class above this one turns callbacks on as it is made, which prints a line to stdout.
        quiet: Any = highspy.Highs.__base__
        solver = quiet()
        for name, setting in _SETTINGS.items():
            solver.setOptionValue(name, setting)
        solver.passModel(model)
        solver.run()
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        return np.array(solver.getSolution().col_value)


# The optimum is whole, so a bound less than one unit away proves it.
_SETTINGS = {
    "output_flag": False,
    "threads": 1,
    "time_limit": SECONDS,
    "mip_rel_gap": 0.0,
    "mip_abs_gap": 0.5,
}
