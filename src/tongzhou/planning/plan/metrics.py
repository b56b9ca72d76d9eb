"""Figures of a plan: who is served by when, how even it is, and what is left over."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..problem import Lane, Problem
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
    validated cap; gini: of units held for each unit of weight, weighted by weight, 0 being even;
    by_day: share of nodes served by each day from 0 to the horizon; units_withdrawn: published and
    taken back by `replan`, because their goods do not exist.
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
        "by_day": _by_day(coverage, problem.horizon_days),
        "units_withdrawn": sum(
            line.units for forced in plan.forced for line in forced.withdrawn if line.item == named
        ),
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


def _by_day(coverage: list[dict[str, Any]], horizon: int) -> list[float]:
    """Share of nodes served by each day, 0 before the first wave."""
    days = [line["day"] for line in coverage]
    shares = [0.0, *(line["share"] for line in coverage)]
    until = np.searchsorted(days, np.arange(max(horizon, days[-1]) + 1), side="right")
    return [float(shares[at]) for at in until]


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


def overall(plan: "Plan") -> dict[str, Any]:
    """Figures of the whole plan.

    cost: of all shipments; cost_a_unit: of what is shipped, None when nothing is; lanes: units of
    each lane and, where it has a limit, their share of what it could carry on its days up to the
    last wave; price_of_fairness: the share of unit-days (units given, times the days from their
    wave to the horizon) that a plan which looks at nothing else would have more: Bertsimas, Farias
    and Trichakis, Operations Research 59(1), 2011.
    """
    problem = plan.need_problem()
    lines = list(_lane_use(plan))
    cost = sum(line["cost"] for line in lines)
    shipped = sum(line["units"] for line in lines)
    given = _unit_days(plan, plan.units)
    # Not above: HiGHS is only loaded where lanes are planned.
    from ..lanes import most_unit_days

    most = most_unit_days(problem, plan.seed, plan.by_hub)
    return {
        "cost": cost,
        "cost_a_unit": cost / shipped if shipped else None,
        "price_of_fairness": max(0.0, 1.0 - given / most) if most else 0.0,
        "lanes": lines,
    }


def days_counted(problem: Problem) -> Floats:
    """float64[W]: days from each wave to the horizon, the last day of it included."""
    last = max(problem.horizon_days, problem.waves[-1].day) + 1
    return np.array([last - wave.day for wave in problem.waves], dtype=np.float64)


def _unit_days(plan: "Plan", units: Ints) -> float:
    return float(units.sum(axis=0) @ days_counted(plan.need_problem()))


def _lane_use(plan: "Plan") -> Iterator[dict[str, Any]]:
    sent: dict[tuple[str, str], int] = {}
    for row in plan.shipments:
        sent[row.source, row.target] = sent.get((row.source, row.target), 0) + row.units
    problem = plan.need_problem()
    end = problem.waves[-1].day
    by_pair: dict[tuple[str, str], list[Lane]] = {}
    for lane in problem.lanes:
        by_pair.setdefault((lane.source, lane.target), []).append(lane)
    for pair, lanes in by_pair.items():
        most: int | None = 0
        for lane in lanes:
            last = end - lane.lead_days
            last = last if lane.until_day is None else min(last, lane.until_day)
            days = max(0, last - lane.from_day + 1)
            most = (
                None if most is None or lane.units_a_day is None else most + days * lane.units_a_day
            )
        units = sent.get(pair, 0)
        yield {
            "from": pair[0],
            "to": pair[1],
            "units": units,
            "cost": _cost(plan, pair, lanes),
            "use": units / most if most else None,
        }


def _cost(plan: "Plan", pair: tuple[str, str], lanes: Sequence[Lane]) -> float:
    total = 0.0
    for row in plan.shipments:
        if (row.source, row.target) == pair:
            open_ = [lane for lane in lanes if lane.from_day <= row.ship_day]
            total += row.units * max(open_, key=lambda lane: lane.from_day).cost
    return total
