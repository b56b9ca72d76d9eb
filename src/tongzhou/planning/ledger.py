"""The ranked ledger: every drop of an item that is still open, in the one order it would be given.

A drop is ranked by stage, then by key, then by the published order of ties (ties.py).

| stage | which drops | key, smallest first |
|---|---|---|
| 0 first | the first drop of a node that holds nothing and has a floor | (drop / 2) / weight |
| 1 floor | other drops below the floor | held / weight (Adams); then the larger resulting fill |
| 2 share | drops above the floor | (held + drop / 2) / weight (Webster) |
| 3 spare | drops above the floor of nodes with weight 0 | held + drop / 2 |

`held` is verified stock plus everything given before that drop. Adams gives the leximin of fill
among floors, but ranks every empty node at 0; while there are fewer units than empty nodes, the
Webster key of stage 0 decides who is first. A key is the double nearest to the quotient, and equal
doubles are equal keys: whoever recomputes it anywhere gets the same order.
Source of the divisor rules: Balinski and Young, Fair Representation (1982); leximin by Adams keys
and the optimum of separable convex sums by greedy increments: Ibaraki and Katoh (1988).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .limits import MAX_DROPS
from .problem import Problem, ProblemError
from .ties import Seed, tie_ranks

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

STAGES = ("first", "floor", "share", "spare")
FIRST, FLOOR, SHARE, SPARE = range(4)


@dataclass(frozen=True, eq=False)
class Ledger:
    """The open drops of one item.

    rows: int64[m], needs rows of the item; offset: int64[m + 1], first drop of each row, drops of
    a row being consecutive; order: int64[D], drops by rank; stage, key, units: by rank.
    """

    item: int
    rows: Ints
    offset: Ints
    order: Ints
    stage: NDArray[np.int8]
    key: Floats
    units: Ints
    row_of: Ints  # by rank: position in `rows`

    def __len__(self) -> int:
        return len(self.order)

    @cached_property
    def rank(self) -> Ints:
        """int64[D]: rank of each drop, from 0."""
        rank = np.empty(len(self.order), dtype=np.int64)
        rank[self.order] = np.arange(len(self.order))
        return rank


def build(problem: Problem, item: int, seed: Seed, frozen: Ints, supply_units: int) -> Ledger:
    """Rank all open drops of `item`; `frozen`: int64[R], units published earlier, never open again.

    Drops that all supply together could not fill are left out. Raises ProblemError beyond
    MAX_DROPS.
    """
    needs = problem.needs
    rows = np.flatnonzero(needs.item == item)
    held = needs.stock[rows] + frozen[rows]
    drop = needs.drop[rows]
    room = np.clip(needs.validated[rows] - held, 0, supply_units)
    count = room // drop
    total = int(count.sum())
    if total > MAX_DROPS:
        raise ProblemError(
            [
                f'item "{problem.items[item].id}" has {total:,} drops to rank, at most '
                f"{MAX_DROPS:,} are; use larger drops or lower caps."
            ]
        )
    below = np.minimum(-(np.minimum(held - needs.floor[rows], 0) // drop), count)
    offset = np.concatenate(([0], np.cumsum(count)))
    return _ranked(problem, item, seed, rows, offset, held, below)


def _ranked(
    problem: Problem, item: int, seed: Seed, rows: Ints, offset: Ints, held: Ints, below: Ints
) -> Ledger:
    needs = problem.needs
    count = np.diff(offset)
    row = np.repeat(np.arange(len(rows)), count)
    step = np.arange(len(row)) - offset[:-1][row]
    size = needs.drop[rows][row]
    weight = needs.weight[rows][row]
    before = held[row] + step * size
    stage = np.where(
        step < below[row],
        np.where(before == 0, FIRST, FLOOR),
        np.where(weight > 0, SHARE, SPARE),
    ).astype(np.int8)
    key, second = _keys(stage, before, size, weight)
    order = _order(stage, key, second, row, seed, [problem.node_ids[i] for i in needs.node[rows]])
    return Ledger(
        item=item,
        rows=rows,
        offset=offset,
        order=order,
        stage=stage[order],
        key=key[order],
        units=size[order],
        row_of=row[order],
    )


def _keys(
    stage: NDArray[np.int8], before: Ints, size: Ints, weight: Floats
) -> tuple[Floats, Floats]:
    """Key and second key of each drop; one rounding a quotient, so order is never inverted."""
    with np.errstate(divide="ignore", invalid="ignore"):
        key = (2 * before + size) / (2 * weight)
        floor = stage == FLOOR
        key[floor] = before[floor] / weight[floor]
        spare = stage == SPARE
        key[spare] = before[spare] + size[spare] / 2
        second = np.zeros(len(key))
        second[floor] = -(before[floor] + size[floor]) / weight[floor]
    weightless = floor & (weight == 0)
    second[weightless] = before[weightless]
    return key, second


def _order(
    stage: NDArray[np.int8],
    key: Floats,
    second: Floats,
    row: Ints,
    seed: Seed,
    ids: list[str],
) -> Ints:
    ranks = tie_ranks(seed, ids)
    return np.lexsort((ranks[row], second, key, stage))
