"""Whether anything on the way can limit who gets what; where nothing can, one list does for all."""

import numpy as np

from ..problem import Problem


def binds(problem: Problem) -> bool:
    """Whether a lane, an inbound limit, a kit or a carton could change the plan.

    Limits so wide that all that could ever pass on one day passes do not: then the plan is the one
    without them, to the unit.
    """
    cartons = problem.lanes and any(item.whole_cartons for item in problem.items)
    return bool(cartons or _kits(problem) or _lanes(problem) or _inbound(problem))


def _lanes(problem: Problem) -> bool:
    offered: dict[str, int] = {}
    for row in problem.supply:
        offered[row.producer] = offered.get(row.producer, 0) + row.units
    for lane in problem.lanes:
        if lane.lead_days or lane.from_day or lane.until_day is not None:
            return True
        # The most that could ever pass on one day; a lane as wide as that limits nothing.
        most = min(offered.get(lane.source, 0), _room_under(problem, lane.target))
        if lane.units_a_day is not None and lane.units_a_day < most:
            return True
    return bool(problem.lanes) and _gaps(problem, [name for name, n in offered.items() if n])


def _gaps(problem: Problem, producers: list[str]) -> bool:
    """Whether a producer cannot reach every node: with lanes given, there is no other way."""
    needs = problem.needs
    wanting = needs.node[needs.room >= needs.drop]
    for producer in producers:
        targets = [lane.target for lane in problem.lanes if lane.source == producer]
        reached = problem.under(targets) if targets else np.zeros(len(problem.node_ids), dtype=bool)
        if not reached[wanting].all():
            return True
    return False


def _inbound(problem: Problem) -> bool:
    total = sum(row.units for row in problem.supply)
    return any(
        row.units_a_day < min(total, _room_under(problem, row.node)) for row in problem.inbound
    )


def _kits(problem: Problem) -> bool:
    if not problem.kits:
        return False
    needed = {problem.items[item].id for item in np.unique(problem.needs.item).tolist()}
    return any(kit.id in needed for kit in problem.kits)


def _room_under(problem: Problem, node: str) -> int:
    return int(problem.needs.room[problem.under([node])[problem.needs.node]].sum())
