"""Staying: the programmes of a replan, which look for the best first and then for least change.

Both questions are asked of one programme, with a column for what is more and one for what is less
than before. The first is solved by the dual simplex; then what it found becomes a limit, the change
becomes the cost, and the primal simplex goes on from where the first one ended. Begun anew, the
second would take two to three times as long.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .programme import Block, Pieces, Programme, Solution, solved, solver_of

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

DUAL, PRIMAL = 1, 4


class Staying:
    """One programme with two questions. kept: float64, what some sums of columns were before.

    terms: the row of `kept` (by number) and the column of each term of those sums.
    """

    def __init__(
        self,
        programme: Programme,
        cost: Floats,
        bounds: tuple[Floats, Floats],
        sides: tuple[Floats, Floats],
        block: Block,
        kept: Floats,
        terms: tuple[Ints, Ints],
    ) -> None:
        self.programme = programme
        rows, count = len(sides[0]), len(kept)
        self.changes = len(cost) + np.arange(2 * count)
        block.add(rows + terms[0], terms[1], 1.0)
        block.add(rows + np.arange(count), self.changes[:count], -1.0)
        block.add(rows + np.arange(count), self.changes[count:], 1.0)
        # The cost as a row, without a limit as long as it is what is looked for.
        self.row = rows + count
        used = np.flatnonzero(cost)
        block.add(self.row, used, cost[used])
        none = np.zeros(2 * count)
        self.cost = np.concatenate((cost, none))
        low, high = bounds
        self.solver: Any = solver_of(
            self.cost,
            (np.concatenate((low, none)), np.concatenate((high, np.full(2 * count, np.inf)))),
            (
                np.concatenate((sides[0], kept, [-np.inf])),
                np.concatenate((sides[1], kept, [np.inf])),
            ),
            block,
        )
        self.solver.setOptionValue("solver", "simplex")

    def least_cost(self) -> Solution:
        self.solver.setOptionValue("simplex_strategy", DUAL)
        return self.programme.solution(*solved(self.solver))

    def least_change(self, most: float) -> Solution:
        """Of what costs at most `most`, the nearest to what was; after `least_cost`."""
        change = np.zeros(len(self.cost))
        change[self.changes] = 1.0
        every = np.arange(len(change), dtype=np.int32)
        self.solver.changeColsCost(len(change), every, change)
        self.solver.changeRowBounds(self.row, -np.inf, most)
        # From the least change up to that cost it is sooner where little has to move (0.5 s beside
        # 0.9 s), but six times as long where a producer halves.
        self.solver.setOptionValue("simplex_strategy", PRIMAL)
        self.solver.setOptionValue("presolve", "off")
        return self.programme.solution(*solved(self.solver))


def worth_first(
    programme: Programme, pieces: Pieces, least: Ints, unmet: Floats | None, near: Floats
) -> Staying:
    """The most worth, then the units nearest to `near` (float64[C, W], by wave)."""
    low = np.concatenate((*programme.low[:-1], least.astype(np.float64)))
    lower, upper = programme.bounds(unmet)
    block, sides, s = programme.with_curves(pieces, low, np.concatenate(programme.high))
    return Staying(
        programme,
        np.concatenate((np.zeros(programme.columns), -pieces.value)),
        (np.concatenate((lower, np.zeros(len(s)))), np.concatenate((upper, pieces.units))),
        sides,
        block,
        near.reshape(-1),
        (np.arange(near.size), programme.g.reshape(-1)),
    )


def cost_first(
    programme: Programme, given: Ints, unmet: Floats | None, cost: Floats, before: Floats
) -> Staying:
    """The cheapest ways (cost: float64[Y]) that let exactly `given` (int64[C, W], by wave), then
    those nearest to `before` (float64[Y]).

    Ways of one lane, item and interval count as one: before has their units at the first.
    """
    ways = programme.ways
    code = np.column_stack((ways.network.arc_lane[ways.arc], ways.item, ways.interval))
    _, at = np.unique(code, axis=0, return_inverse=True)
    at = at.reshape(-1)
    lower, upper = programme.bounds(unmet)
    lower[programme.g], upper[programme.g] = given, given
    objective = np.zeros(programme.columns)
    objective[: len(cost)] = cost
    block = Block()
    block.add(*programme.block.arrays())
    return Staying(
        programme,
        objective,
        (lower, upper),
        (np.concatenate(programme.low), np.concatenate(programme.high)),
        block,
        np.bincount(at, weights=before).astype(np.float64),
        (at, np.arange(len(at))),
    )
