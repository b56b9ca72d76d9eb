"""Programme: the linear programme of the lanes, stage after stage, solved by HiGHS.

Columns: y, units by way (ways.py); g, units given by cell and wave, a cell being an item in a
group; z, kits put together by cell and wave; u, promised units that cannot be carried; s, pieces
of the curves. Rows: the limits of the ways, the balance of each item, group and wave, the total of
each cell, and one row for each curve and wave.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..problem import ProblemError
from .ways import Ways

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

SECONDS = 600.0
# Above so many columns an interior point is found several times sooner than a vertex.
MANY = 12_000


class Pieces(NamedTuple):
    """Pieces of curves: cell, wave, units and value a unit of each, int64[J] and float64[J]."""

    cell: Ints
    wave: Ints
    units: Floats
    value: Floats


@dataclass(frozen=True, eq=False)
class Solution:
    """One optimum. y: float64[Y]; given: float64[C, W], cumulative; unmet: float64[C, W];
    price: float64[limits], what one unit more of each limit would add to the value."""

    y: Floats
    given: Floats
    kits: Floats
    unmet: Floats
    price: Floats
    value: float


class Block:
    """Entries of the matrix, gathered as arrays."""

    def __init__(self) -> None:
        self.row: list[Ints] = [np.zeros(0, dtype=np.int64)]
        self.column: list[Ints] = [np.zeros(0, dtype=np.int64)]
        self.value: list[Floats] = [np.zeros(0)]

    def add(self, row: Any, column: Any, value: Any) -> None:
        column = np.asarray(column, dtype=np.int64)
        self.row.append(np.broadcast_to(np.asarray(row, dtype=np.int64), column.shape))
        self.column.append(column)
        self.value.append(np.broadcast_to(np.asarray(value, dtype=np.float64), column.shape))

    def arrays(self) -> tuple[Ints, Ints, Floats]:
        return np.concatenate(self.row), np.concatenate(self.column), np.concatenate(self.value)


class Programme:
    """The part that all stages share.

    cells: int64[C, 2], (item, group) where somebody waits or is promised units; wanted: int64[C],
    units of its open drops; may: bool[C, W], waves that may give to it; promised: int64[C, W],
    units published or fixed by a person, by wave.
    """

    def __init__(
        self, ways: Ways, cells: Ints, wanted: Ints, may: NDArray[np.bool_], promised: Ints
    ) -> None:
        self.ways, self.cells, self.wanted, self.may = ways, cells, wanted, may
        self.promised = promised
        self.waves = may.shape[1]
        # int64[C]: the last wave that may give to a cell, -1 where none does.
        self.last = np.where(may, np.arange(self.waves), -1).max(axis=1, initial=-1)
        self.kit_cells = np.flatnonzero(np.isin(cells[:, 0], list(ways.recipes)))
        ways_count, count = len(ways.arc), may.size
        self.g = ways_count + np.arange(count).reshape(may.shape)
        self.z = self.g.max(initial=ways_count - 1) + 1 + self._grid(len(self.kit_cells))
        after = ways_count + count + self.z.size
        # Slack only where something is promised: elsewhere it would be a free way to give.
        self.u = after + self._grid(len(cells) if promised.any() else 0)
        self.columns = after + self.u.size
        self.block = Block()
        self.low: list[Floats] = []
        self.high: list[Floats] = []
        self._limits()
        self.balance = self._balances()
        self.total = self._totals()

    def _grid(self, rows: int) -> Ints:
        return np.arange(rows * self.waves, dtype=np.int64).reshape(rows, self.waves)

    @property
    def rows(self) -> int:
        return sum(len(part) for part in self.low)

    def _rows(self, low: Any, high: Any, count: int) -> Ints:
        first = self.rows
        self.low.append(np.broadcast_to(np.asarray(low, dtype=np.float64), count).copy())
        self.high.append(np.broadcast_to(np.asarray(high, dtype=np.float64), count).copy())
        return np.arange(first, first + count)

    def _limits(self) -> None:
        limits = self.ways.limits
        rows = self._rows(-np.inf, [limit.most for limit in limits], len(limits))
        for row, limit in zip(rows.tolist(), limits, strict=True):
            self.block.add(row, limit.columns, 1.0)

    def _balances(self) -> dict[tuple[int, int], Ints]:
        """What has arrived by a wave covers what was given, put into kits and promised by it."""
        ways, waves = self.ways, self.waves
        code = ways.item * len(ways.network.groups) + ways.group
        places = {tuple(cell): c for c, cell in enumerate(self.cells.tolist())}
        pairs = {divmod(value, len(ways.network.groups)) for value in np.unique(code).tolist()}
        pairs |= set(places)
        pairs |= {(part, self.cells[c, 1]) for c in self.kit_cells.tolist()
                  for part, _ in ways.recipes[int(self.cells[c, 0])]}  # fmt: skip
        order = np.argsort(code, kind="stable")
        edges = code[order]
        rows = {}
        for item, group in sorted((int(k), int(g)) for k, g in pairs):
            cell = places.get((item, group))
            promised = np.zeros(waves) if cell is None else np.cumsum(self.promised[cell])
            row = self._rows(promised, np.inf, waves)
            rows[item, group] = row
            value = item * len(ways.network.groups) + group
            mine = order[np.searchsorted(edges, value) : np.searchsorted(edges, value + 1)]
            for wave in range(waves):
                self.block.add(row[wave], mine[ways.wave[mine] <= wave], 1.0)
                if cell is not None:
                    self.block.add(row[wave], self.g[cell, : wave + 1], -1.0)
                    if len(self.u):
                        self.block.add(row[wave], [self.u[cell, wave]], 1.0)
        self._kits(rows)
        return rows

    def _kits(self, rows: dict[tuple[int, int], Ints]) -> None:
        for at, cell in enumerate(self.kit_cells.tolist()):
            kit, group = self.cells[cell].tolist()
            for wave in range(self.waves):
                made = self.z[at, : wave + 1]
                self.block.add(rows[kit, group][wave], made, 1.0)
                for part, units in self.ways.recipes[kit]:
                    self.block.add(rows[part, group][wave], made, -float(units))

    def _totals(self) -> Ints:
        rows = self._rows(0.0, self.wanted, len(self.cells))
        for cell, row in enumerate(rows.tolist()):
            self.block.add(row, self.g[cell], 1.0)
        return rows

    # --------------------------------------------------------------------------- solving

    def least_unmet(self) -> Solution:
        """Stage 0: carry as much as possible of what was promised."""
        cost = np.zeros(self.columns)
        cost[self.u.reshape(-1)] = 1.0
        return self._solve(cost, self.bounds(None), (self.low, self.high), None)

    def most_worth(self, pieces: Pieces, least: Ints, unmet: Floats | None) -> Solution:
        """The most value of the pieces, with at least `least` units in each cell in the end."""
        low = [*self.low[:-1], least.astype(np.float64)]  # the totals are the last rows
        return self._solve(np.zeros(self.columns), self.bounds(unmet), (low, self.high), pieces)

    def least_cost(self, given: Ints, unmet: Floats | None, cost: Floats) -> Solution:
        """The cheapest ways (cost: float64[Y]) that let exactly `given` (int64[C, W], by wave)."""
        lower, upper = self.bounds(unmet)
        lower[self.g], upper[self.g] = given, given
        objective = np.zeros(self.columns)
        objective[: len(cost)] = cost
        return self._solve(objective, (lower, upper), (self.low, self.high), None)

    def bounds(self, unmet: Floats | None) -> tuple[Floats, Floats]:
        lower, upper = np.zeros(self.columns), np.full(self.columns, np.inf)
        upper[self.g[~self.may]] = 0.0
        if len(self.u):
            # What was not promised cannot be lacking, or kits would be put together of nothing.
            upper[self.u] = np.cumsum(self.promised, axis=1) if unmet is None else unmet
        return lower, upper

    def _solve(
        self,
        cost: Floats,
        bounds: tuple[Floats, Floats],
        sides: tuple[Sequence[Floats], Sequence[Floats]],
        pieces: Pieces | None,
    ) -> Solution:
        low, high = np.concatenate(sides[0]), np.concatenate(sides[1])
        lower, upper = bounds
        block = self.block
        if pieces is not None:
            block, (low, high), s = self.with_curves(pieces, low, high)
            cost = np.concatenate((cost, -pieces.value))
            lower = np.concatenate((lower, np.zeros(len(s))))
            upper = np.concatenate((upper, pieces.units))
        # Curves are cut to whole drops afterwards; what travels should be whole by itself.
        vertex = pieces is None or len(cost) <= MANY
        return self.solution(*_highs(cost, lower, upper, low, high, block, vertex=vertex))

    def with_curves(
        self, pieces: Pieces, low: Floats, high: Floats
    ) -> tuple[Block, tuple[Floats, Floats], Ints]:
        """The matrix with one row for each curve, its sides, and the columns of the pieces."""
        block = Block()
        block.add(*self.block.arrays())
        s = self.columns + np.arange(len(pieces.cell))
        used, at = np.unique(pieces.cell * self.waves + pieces.wave, return_inverse=True)
        block.add(len(low) + at, s, -1.0)
        for n, code in enumerate(used.tolist()):
            cell, wave = divmod(code, self.waves)
            block.add(len(low) + n, self.g[cell, : wave + 1], 1.0)
        low = np.concatenate((low, np.zeros(len(used))))
        high = np.concatenate((high, np.full(len(used), np.inf)))
        return block, (low, high), s

    def solution(self, x: Floats, dual: Floats, best: float) -> Solution:
        given = np.cumsum(x[self.g], axis=1)
        return Solution(
            y=x[: len(self.ways.arc)],
            given=given,
            kits=x[self.z],
            unmet=x[self.u] if len(self.u) else np.zeros((0, self.waves)),
            price=np.maximum(0.0, -dual[: len(self.ways.limits)]),
            value=-best,
        )


def _highs(
    cost: Floats,
    lower: Floats,
    upper: Floats,
    low: Floats,
    high: Floats,
    block: Block,
    *,
    vertex: bool,
) -> tuple[Floats, Floats, float]:
    """Columns, duals of the rows and the least cost. The same input gives the same answer."""
    if not len(cost):
        return np.zeros(0), np.zeros(len(low)), 0.0
    solver = solver_of(cost, (lower, upper), (low, high), block)
    solver.setOptionValue("solver", "ipm" if len(cost) > MANY else "simplex")
    solver.setOptionValue("run_crossover", "on" if vertex else "off")
    return solved(solver)


def solver_of(
    cost: Floats, bounds: tuple[Floats, Floats], sides: tuple[Floats, Floats], block: Block
) -> Any:
    """HiGHS with a programme, not yet solved."""
    import highspy

    row, column, value = block.arrays()
    order = np.lexsort((row, column))
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(cost), len(sides[0])
    model.col_cost_, model.col_lower_, model.col_upper_ = cost, *bounds
    model.row_lower_, model.row_upper_ = sides
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = np.searchsorted(column[order], np.arange(len(cost) + 1)).astype(
        np.int32
    )
    model.a_matrix_.index_ = row[order].astype(np.int32)
    model.a_matrix_.value_ = value[order]
    # The class above this one turns callbacks on as it is made, which prints a line to stdout.
    quiet: Any = highspy.Highs.__base__
    solver = quiet()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.passModel(model)
    return solver


def solved(solver: Any) -> tuple[Floats, Floats, float]:
    """Columns, duals of the rows and the least cost; ProblemError where there is no optimum."""
    import highspy

    solver.setOptionValue("time_limit", solver.getRunTime() + SECONDS)
    solver.run()
    status = solver.getModelStatus()
    if status != highspy.HighsModelStatus.kOptimal:
        raise ProblemError(
            [
                f"The lanes were not planned: HiGHS ended {solver.getNumCol():,} columns and "
                f"{solver.getNumRow():,} rows with {solver.modelStatusToString(status)!r}. Merge "
                "hubs or days, and try again."
            ]
        )
    found = solver.getSolution()
    return (
        np.array(found.col_value),
        np.array(found.row_dual),
        float(solver.getInfo().objective_function_value),
    )
