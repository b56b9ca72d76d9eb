"""Figures of a plan: who is served by when, how even it is, and what is left over."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..waves import arrivals

if TYPE_CHECKING:
    from .model import Plan

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

SHARES = (50, 95, 99)


def measure(plan: "Plan") -> dict[str, dict[str, Any]]:
    """Figures by item id.

    nodes: those that could take a drop or were given one; served: given at least one drop;
    waiting: could take a drop and were given none; fill: what a node holds as a share of its
    validated cap; gini: of units held for each unit of weight, weighted by weight, 0 being even.
    """
    problem = plan.need_problem()
    return {item.id: _of_item(plan, k) for k, item in enumerate(problem.items)}


def _of_item(plan: "Plan", item: int) -> dict[str, Any]:
    problem = plan.need_problem()
    # In the order of nodes, so that sums of doubles do not depend on the order of the input.
    order = np.arange(len(problem.needs)) if problem.by_node is None else problem.by_node
    rows = order[problem.needs.item[order] == item]
    needs, units = problem.needs, plan.units[rows]
    total, _ = arrivals(problem, item)
    given = units.sum(axis=1)
    held = needs.stock[rows] + given
    validated = needs.validated[rows]
    wanting = (needs.room[rows] >= needs.drop[rows]) | (given > 0)
    fill = np.minimum(held[validated > 0] / validated[validated > 0], 1.0)
    coverage = _coverage(plan, units, int(wanting.sum()))
    named = problem.items[item].id
    offered = sum(row.units for row in problem.supply if row.item == named)
    return {
        "nodes": int(wanting.sum()),
        "nodes_served": int((given > 0).sum()),
        "nodes_waiting": int((wanting & (given == 0)).sum()),
        "nodes_below_floor": int((held < np.minimum(needs.floor[rows], validated)).sum()),
        "units_arrived": int(total[-1]),
        "units_given": int(given.sum()),
        "units_left": int(total[-1] - given.sum()),
        "units_after_last_wave": int(offered - total[-1]),
        "units_expected": sum(cut.expected for cut in plan.cuts if cut.item == item),
        "units_unserved": int(np.maximum(validated - held, 0).sum()),
        "fill_min": float(fill.min()) if len(fill) else None,
        "fill_p5": float(np.percentile(fill, 5)) if len(fill) else None,
        "gini": _gini(held, needs.weight[rows]),
        "coverage": coverage,
        "day_of_share": {str(share): _day(coverage, share / 100) for share in SHARES},
    }


def _coverage(plan: "Plan", units: Ints, nodes: int) -> list[dict[str, Any]]:
    """After each wave: its day, its units, nodes served so far and their share."""
    served = (np.cumsum(units, axis=1) > 0).sum(axis=0).tolist()
    given = units.sum(axis=0).tolist()
    return [
        {
            "wave": i,
            "day": wave.day,
            "units": given[i],
            "nodes_served": served[i],
            "share": served[i] / nodes if nodes else 0.0,
        }
        for i, wave in enumerate(plan.waves)
    ]


def _day(coverage: list[dict[str, Any]], share: float) -> int | None:
    """Day of the first wave by which this share of nodes is served, None when none is."""
    return next((int(line["day"]) for line in coverage if line["share"] >= share), None)


def _gini(held: Ints, weight: Floats) -> float | None:
    """Weighted Gini of held / weight by the area under the Lorenz curve; None without weight."""
    counted = weight > 0
    held, weight = held[counted], weight[counted]
    if not len(held) or not held.sum():
        return None
    order = np.argsort(held / weight, kind="stable")
    people = weight[order] / weight.sum()
    units = np.cumsum(held[order]) / held.sum()
    below = np.concatenate(([0.0], units[:-1]))
    return float(max(0.0, 1 - (people * (units + below)).sum()))
