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
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .limits import MAX_DROPS, MAX_UNITS, MAX_WEIGHT, MIN_WEIGHT
from .problem import Problem, ProblemError
from .ties import Ties

if TYPE_CHECKING:
    from .problem.model import Needs

Ints = NDArray[np.int64]
Small = NDArray[np.int32]
Floats = NDArray[np.float64]
Words = NDArray[np.uint64]

STAGES = ("first", "floor", "share", "spare")
FIRST, FLOOR, SHARE, SPARE = range(4)
STEP = 256  # ranks between two claims that are kept to find a drop by
_CLAIMING = ("node", "weight", "floor", "drop")  # the columns that make the claims of a drop
FEW = 64  # drops of a row that are looked for one by one; for more, the whole list is read


@dataclass(frozen=True, eq=False)
class Ledger:
    """The open drops of one item in their order: m needs rows, D drops.

    rows: int32[m], needs rows of the item; base: int64[m], units held before the first open drop
    (of memory for one number, where all are equal); offset: int32[m + 1], first drop of each row,
    the drops of a row being consecutive; row_of: int32[D], position in `rows` by rank, which is
    the whole order, because the drops of a row keep theirs; stage_ends: int64[4], ranks where the
    stages end. The other columns are made from these when they are asked for.
    """

    item: int
    needs: "Needs"
    rows: Small
    base: Ints
    offset: Small
    row_of: Small
    stage_ends: Ints

    def __len__(self) -> int:
        return len(self.row_of)

    def stage(self, rank: int) -> str:
        return STAGES[self._stage(rank)]

    def _stage(self, rank: int) -> int:
        return int(np.searchsorted(self.stage_ends, rank, side="right"))

    @cached_property
    def drop(self) -> Ints:
        """int64[m]: drop size of each row."""
        return _lean(self.needs.drop[self.rows])

    @cached_property
    def even(self) -> int:
        """The one size of all drops, 0 where there are several."""
        return int(self.drop[0]) if len(self.drop) and self.drop.strides == (0,) else 0

    def units(self, ranks: Small) -> int:
        """Units of the drops of these ranks."""
        return len(ranks) * self.even or int(self.drop[self.row_of[ranks]].sum())

    @cached_property
    def order(self) -> Small:
        """int32[D]: drops by rank."""
        from . import ranking

        order = np.empty(len(self), dtype=np.int32)
        ranking.drop_ids(self.row_of, self.offset[:-1], order)
        return order

    @cached_property
    def rank(self) -> Small:
        """int32[D]: rank of each drop, from 0."""
        rank = np.empty(len(self), dtype=np.int32)
        rank[self.order] = np.arange(len(self), dtype=np.int32)
        return rank

    @cached_property
    def key(self) -> Floats:
        """float64[D] by rank."""
        return self._keys(1)

    @cached_property
    def marks(self) -> Floats:
        """The key of every 256th rank, by which a drop is found without a column of its own."""
        return self._keys(STEP)

    def _keys(self, step: int) -> Floats:
        from . import ranking

        keys = np.empty(-(-len(self) // step), dtype=np.float64)
        drop, weight = self.needs.drop, self.needs.weight
        ranking.claims(self.row_of, self.base, drop, weight, self.rows, self.stage_ends, step, keys)
        return keys

    def position(self, row: int) -> int:
        """Where a needs row of the item stands in `rows`."""
        # Of the same type, or the whole column would be turned into the type of the number.
        return int(np.searchsorted(self.rows, np.int32(row)))

    def key_at(self, rank: int) -> float:
        """The key of one rank, without the whole column."""
        return self.key_of(rank, int(np.count_nonzero(self.row_of[:rank] == self.row_of[rank])))

    def key_of(self, rank: int, number: int) -> float:
        """The key of a rank which is drop `number` of its row, from 0."""
        return self._key(self._stage(rank), int(self.row_of[rank]), number)

    def _key(self, stage: int, row: int, nth: int) -> float:
        size = int(self.drop[row])
        held, weight = int(self.base[row]) + nth * size, float(self.needs.weight[self.rows[row]])
        if stage == SPARE:
            return held + size / 2
        if not weight:
            return float("inf")
        return held / weight if stage == FLOOR else (2 * held + size) / (2 * weight)

    def ranks_of(self, row: int) -> Ints:
        """int64: the ranks of the drops of one row (a position in `rows`), ascending."""
        count = int(self.offset[row + 1] - self.offset[row])
        if count > FEW:
            return np.flatnonzero(self.row_of == row)
        found = [self._near(row, nth) for nth in range(count)]
        # Drops of a row that stand close together are found by each other as well.
        return np.unique(np.concatenate(found)) if found else np.zeros(0, dtype=np.int64)

    def _near(self, row: int, nth: int) -> Ints:
        """Ranks of the row between the marks that hold the claim of its drop number `nth`."""
        held = int(self.base[row]) + nth * int(self.drop[row])
        lacks = held < self.needs.floor[self.rows[row]]
        weight = self.needs.weight[self.rows[row]]
        stage = (FLOOR if held else FIRST) if lacks else SHARE if weight > 0 else SPARE
        start, end = self._span(stage)
        before, after = -(-start // STEP), -(-end // STEP)
        marks, key = self.marks[before:after], self._key(stage, row, nth)
        smaller = before + int(np.searchsorted(marks, key, side="left"))
        larger = before + int(np.searchsorted(marks, key, side="right"))
        low = start if smaller == before else (smaller - 1) * STEP
        high = end if larger == after else larger * STEP
        return low + np.flatnonzero(self.row_of[low:high] == row)

    def _span(self, stage: int) -> tuple[int, int]:
        return int(self.stage_ends[stage - 1]) if stage else 0, int(self.stage_ends[stage])


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
    sorting = _Sorting(problem, item, settled, closed, supply_units)
    total = int(sorting.drops.sum())
    if total > MAX_DROPS:
        raise ProblemError(
            [
                f'item "{problem.items[item].id}" has {total:,} drops to rank, at most '
                f"{MAX_DROPS:,} are; use larger drops or lower caps."
            ]
        )
    row_of = sorting.ranked(ties)
    ends = np.cumsum(sorting.drops)
    base = _lean(sorting.base)
    return Ledger(item, problem.needs, sorting.rows, base, sorting.offset, row_of, ends)


def reused(
    ledger: Ledger,
    problem: Problem,
    item: int,
    settled: Ints,
    closed: NDArray[np.bool_],
    supply_units: int,
) -> Ledger | None:
    """The list that `build` would make, taken from one ranked before with the same seed; or None.

    The order of drops rests on needs and seed alone. Other supply only shortens the list, and what
    was given meanwhile takes drops from the head of a row. So a list ranked for more units than
    there are (`build` with a larger `supply_units`) does for every supply up to that; and where no
    cap was cut at the supply, for any. None means that it has to be built: a need, weight or drop
    changed, a row was given part of a drop, or more of its drops can now be filled.
    """
    from . import ranking

    made = _Sorting(problem, item, settled, closed, supply_units)
    if len(made.rows) != len(ledger.rows) or not _same_claims(ledger, made):
        return None
    count = np.diff(made.offset)
    # The number of the first drop that is still open, among those of the older list.
    first, part = np.divmod(made.base - ledger.base, ledger.drop)
    first[count == 0], part[count == 0] = 0, 0
    if part.any() or (first < 0).any() or (first + count > np.diff(ledger.offset)).any():
        return None
    if len(ledger) == int(made.drops.sum()):
        if made.needs is ledger.needs and np.array_equal(made.base, ledger.base):
            return ledger  # with all that was made of it
        row_of, ends = ledger.row_of, ledger.stage_ends
    else:
        row_of, ends = np.empty(int(made.drops.sum()), np.int32), np.empty(4, np.int64)
        passed = np.column_stack([first, count]).astype(np.int32)
        ranking.narrow(ledger.row_of, passed, ledger.stage_ends, row_of, ends)
    base = _lean(made.base)
    return Ledger(item, problem.needs, made.rows, base, made.offset, row_of, ends)


def _same_claims(ledger: Ledger, made: "_Sorting") -> bool:
    """Whether the rows of both have the same nodes, floors, drops and weights."""
    if made.needs is ledger.needs and made.item == ledger.item:
        return True
    pairs = ((getattr(made.needs, name), getattr(ledger.needs, name)) for name in _CLAIMING)
    return all(np.array_equal(new[made.rows], old[ledger.rows]) for new, old in pairs)


def by_group(ledger: Ledger, group_of_row: NDArray[Any], groups: int) -> tuple[Small, Ints]:
    """Ranks of the drops group by group, each group's in the order of the list.

    group_of_row: whole numbers by needs row of the problem, below `groups`; rows below 0 are left
    out. Returns int32[D], and int64[groups + 1], where each group starts. Time grows with D alone.
    """
    from . import ranking

    group = np.ascontiguousarray(group_of_row[ledger.rows], dtype=np.int64)
    inside = group >= 0
    count = np.bincount(group[inside], np.diff(ledger.offset)[inside], minlength=groups)
    starts = np.concatenate(([0], np.cumsum(count.astype(np.int64))))
    ranks = np.empty(int(starts[-1]), dtype=np.int32)
    ranking.gather(ledger.row_of, group, starts[:-1].copy(), ranks)
    return ranks, starts


def _lean(values: Ints) -> Ints:
    """The same values, as one repeated number where they are all equal."""
    if len(values) and (values == values[0]).all():
        return np.broadcast_to(values[0], values.shape)
    return values


class _Sorting:
    """The rows of an item while their drops are ranked."""

    def __init__(
        self, problem: Problem, item: int, settled: Ints, closed: NDArray[np.bool_], supply: int
    ) -> None:
        from . import ranking

        self.item, self.needs = item, problem.needs
        needs = problem.needs
        self.rows = _rows(problem, item)
        count = len(self.rows)
        self.base, self.offset = np.empty(count, np.int64), np.empty(count + 1, np.int32)
        self.low, self.drops = np.empty(count, np.int32), np.zeros(4, np.int64)
        sizes, weights = np.array([MAX_UNITS, 1, 1]), np.array([MAX_WEIGHT, MIN_WEIGHT])
        bounds = (needs.cap, needs.request, needs.floor, needs.drop, needs.weight)
        # Cut at the supply: a careless cap of a billion must not make a billion drops to rank.
        ranking.measure(
            *(self.rows, needs.stock, settled, *bounds, closed, supply),
            *(self.base, self.offset, self.low, self.drops, sizes, weights),
        )
        self.row_bits = max(1, (count - 1).bit_length())
        least, shift = _scale(sizes.tolist(), weights.tolist(), 64 - self.row_bits)
        columns = (self.rows, self.base, needs.drop, needs.weight, self.offset, self.low)
        self.columns = (*columns, least, shift, self.row_bits)

    def ranked(self, ties: Ties) -> Small:
        """Rows by rank."""
        from . import ranking

        ends = np.cumsum(self.drops)
        starts = ends - self.drops
        # The words have some cells between the last two stages that are only written over.
        places = starts + np.array([0, 0, 0, ranking.AHEAD])
        words = np.empty(int(ends[-1]) + ranking.AHEAD, dtype=np.uint64)
        ranking.pack(*self.columns, places, words)
        row_of = np.empty(int(ends[-1]), dtype=np.int32)
        for stage, (place, count) in enumerate(zip(places, self.drops, strict=True)):
            part, rows = words[place : place + count], row_of[starts[stage] : ends[stage]]
            part.sort()
            met = np.empty(-(-len(part) // ranking.BLOCK), dtype=np.int32)
            ranking.unpack(part, self.row_bits, rows, met)
            if met.any():
                self._settle(stage, part, met, rows, ties)
        return row_of

    def _settle(self, stage: int, words: Words, met: Small, row_of: Small, ties: Ties) -> None:
        """Order the drops of a stage whose shortened claims meet, in place.

        First by their whole claims; those that are equal even so by the published order of ties.
        """
        from . import ranking

        # In each run one word does not begin like the one before, and every run has two or more.
        found = np.empty((3, 2 * int(met.sum())), dtype=np.int32)
        count = ranking.meetings(stage, *self.columns, words, met, *found)
        place, run, number = found[:, :count]
        rows = row_of[place]
        key, second = self._claims(stage, rows, number)
        apart = (key[1:] != key[:-1]) | (second[1:] != second[:-1])
        if (apart & (run[1:] == run[:-1])).any():
            order = np.lexsort((second, key, run))
            rows, run, key, second = rows[order], run[order], key[order], second[order]
            apart = (key[1:] != key[:-1]) | (second[1:] != second[:-1])
        apart |= run[1:] != run[:-1]
        row_of[place] = rows if apart.all() else self._by_seed(rows, apart, ties)

    def _by_seed(self, rows: Small, apart: NDArray[np.bool_], ties: Ties) -> Small:
        """Rows with equal ones in the published order; `apart` says where others begin."""
        met = np.zeros(len(self.rows), dtype=bool)
        met[rows] = True
        tied = np.flatnonzero(met)
        places = ties.places(self.needs.node[self.rows[tied]])
        place_of = np.empty(len(self.rows), dtype=np.int32)
        place_of[tied] = places
        row_at = np.empty(len(tied), dtype=np.int32)
        row_at[places] = tied
        # A row stands in a run once, so its run and its place are all that has to be sorted.
        bits = max(1, len(tied).bit_length())
        run = np.concatenate(([0], np.cumsum(apart)))
        sorted_ = np.sort((run << bits) | place_of[rows])
        by_seed: Small = row_at[sorted_ & ((1 << bits) - 1)]
        return by_seed

    def _claims(self, stage: int, rows: Small, number: Small) -> tuple[Floats, Floats]:
        """Key and second key of the drops with these numbers in these rows."""
        at = self.rows[rows]
        size, weight = self.needs.drop[at], self.needs.weight[at]
        held = self.base[rows] + number * size
        second = np.zeros(len(rows))
        if stage == SPARE:
            return held + size / 2, second
        with np.errstate(divide="ignore"):
            if stage != FLOOR:
                return (2 * held + size) / (2 * weight), second
            # A larger fill comes first; nodes of weight 0 all have a fill without end.
            fill = np.where(weight > 0, -(held + size) / weight, held)
            return held / weight, fill


def _rows(problem: Problem, item: int) -> Small:
    """int32[m]: needs rows of the item."""
    if len(problem.items) == 1:
        return np.arange(len(problem.needs), dtype=np.int32)
    from . import ranking

    rows = np.empty(len(problem.needs), dtype=np.int32)
    return rows[: ranking.rows_with(problem.needs.item, item, rows)].copy()


def _scale(sizes: list[int], weights: list[float], bits: int) -> tuple[Words, Words]:
    """uint64[4] each: where the claims of a stage start, and by how much they are shortened.

    sizes: least and greatest drop, most units held; weights: least and greatest above 0. The claims
    of a stage lie between these bounds; shortened, they take less than `bits` bits, so that none of
    them looks like a claim without end.
    """
    (least, greatest, held), (light, heavy) = sizes, weights
    bounds = np.array(
        [
            (least / 2 / heavy, greatest / 2 / light),
            (1 / heavy, held / light),
            (least / 2 / heavy, held / light),
            (least / 2, held),
        ]
    ).view(np.uint64)
    wide = [max(0, (int(high) - int(low)).bit_length()) for low, high in bounds]
    shift = [max(0, width + 1 - bits) for width in wide]
    return bounds[:, 0].copy(), np.array(shift, dtype=np.uint64)
