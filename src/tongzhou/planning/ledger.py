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

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .limits import MAX_DROPS
from .problem import Problem, ProblemError
from .ties import Ties

Ints = NDArray[np.int64]
Small = NDArray[np.int32]
Floats = NDArray[np.float64]

STAGES = ("first", "floor", "share", "spare")
FIRST, FLOOR, SHARE, SPARE = range(4)


@dataclass(frozen=True, eq=False)
class Ledger:
    """The open drops of one item: m needs rows, D drops.

    rows: int64[m], needs rows of the item; base: int64[m], units held before the first open drop;
    drop, offset: int64[m] and int64[m + 1], drop size and first drop of each row, the drops of a
    row being consecutive; order: int32[D], drops by rank; row_of: int32[D], position in `rows` by
    rank; key: float64[D] by rank; stage_ends: int64[4], ranks where the stages end.
    """

    item: int
    rows: Ints
    base: Ints
    drop: Ints
    offset: Ints
    order: Small
    row_of: Small
    key: Floats
    stage_ends: Ints

    def __len__(self) -> int:
        return len(self.order)

    def stage(self, rank: int) -> str:
        return STAGES[int(np.searchsorted(self.stage_ends, rank, side="right"))]

    @cached_property
    def rank(self) -> Small:
        """int32[D]: rank of each drop, from 0."""
        rank = np.empty(len(self.order), dtype=np.int32)
        rank[self.order] = np.arange(len(self.order), dtype=np.int32)
        return rank


def build(
    problem: Problem,
    item: int,
    ties: Ties,
    settled: Ints,
    closed: NDArray[np.bool_],
    supply_units: int,
) -> Ledger:
    """Rank all open drops of `item`.

    settled: int64[R], units given before ranking, published or fixed; closed: bool[R], rows a
    person has settled, which have no open drop. Drops that all supply together could not fill are
    left out. Raises ProblemError beyond MAX_DROPS.
    """
    needs = problem.needs
    rows = np.flatnonzero(needs.item == item)
    base, drop = needs.stock[rows] + settled[rows], needs.drop[rows]
    room = np.where(closed[rows], 0, needs.validated[rows] - base)
    # Cut at the supply: a careless cap of a billion must not make a billion drops to rank.
    count = np.clip(room, 0, supply_units) // drop
    total = int(count.sum())
    if total > MAX_DROPS:
        raise ProblemError(
            [
                f'item "{problem.items[item].id}" has {total:,} drops to rank, at most '
                f"{MAX_DROPS:,} are; use larger drops or lower caps."
            ]
        )
    offset = np.concatenate(([0], np.cumsum(count)))
    # A floor is reached in whole drops, as far as the room allows.
    below = np.minimum(-(np.minimum(base - needs.floor[rows], 0) // drop), count)
    ranked = [
        _ranked(drops, ties, needs.node[rows])
        for drops in _stages(base, drop, needs.weight[rows], offset, below)
    ]
    return Ledger(
        item=item,
        rows=rows,
        base=base,
        drop=drop,
        offset=offset,
        order=np.concatenate([drops.drop_id for drops in ranked]),
        row_of=np.concatenate([drops.row for drops in ranked]),
        key=np.concatenate([drops.key for drops in ranked]),
        stage_ends=np.cumsum([len(drops.key) for drops in ranked]),
    )


@dataclass(frozen=True, eq=False)
class _Drops:
    """Drops of one stage: id, position of their row, key, and a second key where keys tie."""

    drop_id: Small
    row: Small
    key: Floats
    second: Floats | None = None

    def take(self, order: Ints) -> "_Drops":
        return _Drops(self.drop_id[order], self.row[order], self.key[order])


def _stages(base: Ints, drop: Ints, weight: Floats, offset: Ints, below: Ints) -> Iterator[_Drops]:
    """The four stages in order. One rounding a quotient, so that no two keys change places."""
    count = np.diff(offset)
    first = ((below > 0) & (base == 0)).astype(np.int64)
    with np.errstate(divide="ignore"):
        row, drop_id, held, size = _spread(base, drop, offset, np.zeros_like(first), first)
        yield _Drops(drop_id, row, (2 * held + size) / (2 * weight[row]))
        row, drop_id, held, size = _spread(base, drop, offset, first, below)
        # A larger fill comes first; nodes of weight 0 all have a fill without end, by units held.
        fill = np.where(weight[row] > 0, -(held + size) / weight[row], held)
        yield _Drops(drop_id, row, held / weight[row], fill)
        share = np.where(weight > 0, count, below)
        row, drop_id, held, size = _spread(base, drop, offset, below, share)
        yield _Drops(drop_id, row, (2 * held + size) / (2 * weight[row]))
        row, drop_id, held, size = _spread(base, drop, offset, share, count)
        yield _Drops(drop_id, row, held + size / 2)


def _spread(
    base: Ints, drop: Ints, offset: Ints, start: Ints, end: Ints
) -> tuple[Small, Small, Ints, Ints]:
    """Drops `start` to `end` of each row: row, drop id, units held before it, its size."""
    count = end - start
    row = np.repeat(np.arange(len(base), dtype=np.int32), count)
    ends = np.cumsum(count)
    step = np.arange(len(row)) - np.repeat(ends - count - start, count)
    size = np.repeat(drop, count)
    drop_id = (np.repeat(offset[:-1], count) + step).astype(np.int32)
    return row, drop_id, np.repeat(base, count) + step * size, size


def _ranked(drops: _Drops, ties: Ties, node_of: Ints) -> _Drops:
    """The drops in order. Only nodes whose keys meet are put into the published order of ties."""
    # An unstable sort is the fast one; ties are settled by the published order below anyway.
    order = np.argsort(drops.key)
    key = drops.key[order]
    tied = np.zeros(len(order), dtype=bool)
    tied[1:] = key[1:] == key[:-1]
    run = np.cumsum(~tied)
    tied[:-1] |= tied[1:]
    if tied.any():
        place = np.flatnonzero(tied)
        members, run = order[place], run[place]
        rows = drops.row[members]
        met = np.zeros(len(node_of), dtype=bool)
        met[rows] = True
        by_seed = np.zeros(len(node_of), dtype=np.int64)
        by_seed[met] = ties.places(node_of[met])
        if drops.second is None:
            settled = np.argsort(run * len(node_of) + by_seed[rows])
        else:
            settled = np.lexsort((by_seed[rows], drops.second[members], run))
        order[place] = members[settled]
    return drops.take(order)
