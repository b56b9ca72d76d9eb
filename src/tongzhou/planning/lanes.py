"""Limits on the way: this version carries lanes, inbound limits and kits, and plans none of them.

A problem is solved only where they provably cannot bind; otherwise `solve` says which one does.
"""

from collections.abc import Iterator

import numpy as np

from .problem import Problem

HELP = "This version does not plan it: leave it out and look after it by hand, or widen it."


def binding(problem: Problem) -> list[str]:
    """One sentence for each lane, inbound limit or kit that could change the plan."""
    return [*_lanes(problem), *_inbound(problem), *_kits(problem)]


def _lanes(problem: Problem) -> Iterator[str]:
    offered: dict[str, int] = {}
    for row in problem.supply:
        offered[row.producer] = offered.get(row.producer, 0) + row.units
    for lane in problem.lanes:
        name = f'Lane "{lane.source}" to "{lane.target}"'
        if lane.lead_days:
            yield f"{name} takes {lane.lead_days} days, which moves every wave. {HELP}"
        # The most that could ever pass on one day; a lane as wide as that limits nothing.
        most = min(offered.get(lane.source, 0), _room_under(problem, lane.target))
        if lane.units_a_day is not None and lane.units_a_day < most:
            yield (
                f"{name} carries {lane.units_a_day:,} units a day; up to {most:,} may have to "
                f"pass on one. {HELP}"
            )
    if problem.lanes:
        yield from _gaps(problem, [name for name, units in offered.items() if units])


def _gaps(problem: Problem, producers: list[str]) -> Iterator[str]:
    """Producers that cannot reach every node: with lanes given, there is no other way."""
    needs = problem.needs
    wanting = needs.node[needs.room >= needs.drop]
    for producer in producers:
        targets = [lane.target for lane in problem.lanes if lane.source == producer]
        reached = problem.under(targets) if targets else np.zeros(len(problem.node_ids), dtype=bool)
        missed = wanting[~reached[wanting]]
        if len(missed):
            node = problem.node_ids[int(missed[0])]
            yield (
                f'Producer "{producer}" has no lane to node "{node}" and {len(missed) - 1:,} '
                f"others, which limits who gets its units. {HELP}"
            )


def _inbound(problem: Problem) -> Iterator[str]:
    total = sum(row.units for row in problem.supply)
    for row in problem.inbound:
        most = min(total, _room_under(problem, row.node))
        if row.units_a_day < most:
            yield (
                f'Node "{row.node}" takes {row.units_a_day:,} units a day; up to {most:,} may have '
                f"to arrive on one. {HELP}"
            )


def _kits(problem: Problem) -> Iterator[str]:
    needed = {problem.items[item].id for item in np.unique(problem.needs.item).tolist()}
    for kit in problem.kits:
        if kit.id in needed:
            yield f'Kit "{kit.id}" is needed and would have to be put together. {HELP}'


def _room_under(problem: Problem, node: str) -> int:
    return int(problem.needs.room[problem.under([node])[problem.needs.node]].sum())
