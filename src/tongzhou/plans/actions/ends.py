"""Where a plan's ranked lists end: how far each wave came, and what stands before the next drop.

Kept with the result when it is computed, so that an explanation months later reads them and plans
nothing again.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np

from tongzhou.planning import Plan
from tongzhou.planning.ledger import Ledger, by_group
from tongzhou.planning.plan.whole import whole
from tongzhou.plans.queries.results import NO_NEXT, CutRow, Result
from tongzhou.plans.rules import Ints


def ended(result: Result, plan: Plan, item: int, first: int) -> Result:
    """The result with the ends of its lists: `ahead` of each place and `cuts` by wave.

    `item`: the engine's number of the result's item; `first`: where its places begin among the
    needs of the problem.
    """
    size = len(result.place)
    known = plan.standing(item).ledger
    full = whole(plan, item)
    cuts = list(_cuts(result, plan, item, first))
    if full is None:
        return replace(result, ahead=np.full(size, NO_NEXT, dtype=np.int64), cuts=cuts)
    rank = result.rank if full is known else _ranks(full, first, size)
    return replace(result, rank=rank, ahead=_ahead(plan, full, first, size), cuts=cuts)


def _ahead(plan: Plan, ledger: Ledger, first: int, size: int) -> Ints:
    """int64[size]: units of drops not given that come before the next drop of each place, in its
    hub's list where lanes limit; NO_NEXT where it has none. All of them are other places' drops:
    those of a place are given in their order."""
    given = plan.units[ledger.rows].sum(axis=1, dtype=np.int64) // ledger.drop
    ranks, starts = by_group(ledger, *_groups(plan))
    rows = ledger.row_of[ranks]
    open_ = (ledger.order[ranks] - ledger.offset[rows]) >= given[rows]
    waits = np.where(open_, ledger.drop[rows], 0)
    before = np.cumsum(waits) - waits
    for start, end in pairwise(starts.tolist()):
        before[start:end] -= before[start] if end > start else 0
    by_row = np.full(len(ledger.rows), NO_NEXT, dtype=np.int64)
    # Written from the end, so that of a place's drops the first one stays.
    by_row[rows[open_][::-1]] = before[open_][::-1]
    return _by_place(ledger, by_row, NO_NEXT, first, size)


def _groups(plan: Plan) -> tuple[Ints, int]:
    """Which list each needs row stands in (-1: no lane leads to it), and how many lists are."""
    needs = plan.need_problem().needs
    if not plan.by_hub:
        return np.zeros(len(needs), dtype=np.int64), 1
    return plan.hubs.of_node[needs.node], len(plan.hubs.labels)


def _ranks(ledger: Ledger, first: int, size: int) -> Ints:
    """int64[size]: place of each row's first drop in the list, 1 first; 0 where it has none."""
    by_row = np.zeros(len(ledger.rows), dtype=np.int64)
    has = ledger.offset[:-1] < ledger.offset[1:]
    by_row[has] = ledger.rank[ledger.offset[:-1][has]] + 1
    return _by_place(ledger, by_row, 0, first, size)


def _by_place(ledger: Ledger, by_row: Ints, none: int, first: int, size: int) -> Ints:
    found = np.full(size, none, dtype=np.int64)
    mine = (ledger.rows >= first) & (ledger.rows < first + size)
    found[ledger.rows[mine] - first] = by_row[mine]
    return found


def _cuts(result: Result, plan: Plan, item: int, first: int) -> Iterator[list[CutRow]]:
    """By wave: for each list where the wave ended."""
    standing, needs = plan.standing(item), plan.need_problem().needs
    ledger, held = standing.ledger, result.given
    for wave in range(len(plan.waves)):
        now = result.units[:, wave]
        held = held + now
        rows: list[CutRow] = []
        for cut in (cut for cut in plan.cuts if (cut.item, cut.wave) == (item, wave)):
            hub = int(cut.hub.removeprefix("hub:")) if cut.hub else None
            mine = result.recipient == hub if hub else result.recipient != 0
            row = CutRow(
                item=result.item_id,
                hub=hub,
                units=int(now[mine].sum()),
                places=int(np.count_nonzero(now[mine])),
                left=cut.left,
                waiting=int(np.maximum(result.cap - held, 0)[mine].sum()),
            )
            last = cut.last if plan.by_hub else standing.last.get(wave)
            if last is not None:
                at = int(ledger.rows[ledger.row_of[last]])
                stock = int(needs.stock[at] - result.given[at - first])
                row |= {"weight": float(needs.weight[at]), "held": stock + int(held[at - first])}
            rows.append(row)
        yield rows
