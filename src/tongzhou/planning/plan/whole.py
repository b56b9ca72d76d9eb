"""The list of an item with every drop that its nodes may still get.

The engine leaves out of its own list what all supply together could not fill. More supply would
fill it, and some of it comes before the next drop of others: whoever says how many units must still
come counts it too.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..ledger import Ledger, build
from ..ties import Ties

if TYPE_CHECKING:
    from .model import Plan

# A list that the supply cut short is ranked once more up to this size: 0.2 s.
DROPS_AT_MOST = 2_000_000


def whole(plan: "Plan", item: int) -> Ledger | None:
    """The plan's own list where nothing was left out of it; None where the whole one would have
    more than 2,000,000 drops. Its rows are those of the plan's list, in the same order."""
    standing = plan.standing(item)
    kept: dict[str, Ledger | None] = vars(standing)
    if "whole" not in kept:
        kept["whole"] = _ranked(plan, standing.ledger)
    return kept["whole"]


def _ranked(plan: "Plan", ledger: Ledger) -> Ledger | None:
    problem = plan.need_problem()
    needs, rows = problem.needs, ledger.rows
    closed: NDArray[np.bool_] = np.zeros(len(needs), dtype=bool)
    closed[[problem.row_of(*pair) for pair in plan.fixed]] = True
    room = np.where(closed[rows], 0, needs.validated[rows] - ledger.base)
    drops = np.maximum(room, 0) // ledger.drop
    if (drops <= np.diff(ledger.offset)).all():
        return ledger
    if int(drops.sum()) > DROPS_AT_MOST:
        return None
    settled: NDArray[np.int64] = np.zeros(len(needs), dtype=np.int64)
    settled[rows] = ledger.base - needs.stock[rows]
    ties = Ties(plan.seed, problem.node_ids)
    return build(problem, ledger.item, ties, settled, closed, int(room.max()))
