"""Crossing of whole routes, where the local search of `descent` does not know the rules.

A child takes neighbouring routes of one parent and what is then left of the routes of the other;
the other stops go back one by one, and it is annealed for a while from a low temperature. Hours,
open routes, windows and kinds of vehicle hold as in any annealing. In the manner of the exchange of
routes of Nagata and Kobayashi, Parallel Problem Solving from Nature XI, 2010.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from .annealing import Result, Search
from .pace import Clock, Share, Steps
from .problem import RouteProblem

FOUNDERS, ELDERS = 4, 8  # solutions annealed apart, most solutions kept
SHARE = Share(few=1_000, first=75, many=100)  # the first founder; the others are as long
WARM = 1.0  # temperature from which a child is annealed
LONG, LEAST = 60, 2_000  # for how many steps a stop, and at least

Stops = tuple[int, ...]


def crossed(
    problem: RouteProblem, search: Search, pace: Steps | Clock, seed: int
) -> Iterator[Result]:
    """Solutions as they are found, after `search` was annealed, till the pace ends."""
    draw = np.random.default_rng(seed)
    elders = [search.result()]
    for founder in range(1, FOUNDERS):
        search = Search(problem, seed + founder * 1_000_003)
        if not pace.cool(search, SHARE.many * problem.stops):
            return
        elders.append(search.result())
        yield elders[-1]
    while True:
        one, other = (elders[k] for k in draw.choice(len(elders), 2, replace=False).tolist())
        routes, out = child_of(search, one, other, draw)
        search.restart(routes, out, WARM)
        if not pace.cool(search, max(LEAST, LONG * problem.stops)):
            return
        found = search.result()
        yield found
        if all(found.cost != elder.cost for elder in elders):
            elders = sorted([*elders, found], key=lambda result: result.cost)[:ELDERS]
        if len(elders) < 2:
            return


def child_of(
    search: Search, one: Result, other: Result, draw: np.random.Generator
) -> tuple[list[Stops], list[int]]:
    """(routes, stops on none): some of the first parent, of the other what is mostly left."""
    problem = search.problem
    seed = int(draw.integers(1, problem.stops + 1))
    near = sorted(one.routes, key=lambda stops: float(problem.distance[seed, list(stops)].mean()))
    routes = near[: int(draw.integers(1, max(2, len(near))))]
    there = {stop for stops in routes for stop in stops}
    out: list[int] = []
    for stops in other.routes:
        rest = tuple(stop for stop in stops if stop not in there)
        if rest == stops or (2 * len(rest) > len(stops) and in_time(search, rest)):
            routes.append(rest)
        else:
            out += rest
    return routes, out


def in_time(search: Search, stops: Sequence[int]) -> bool:
    """Whether a route keeps its hours: one that lost stops may not, where a detour is shorter."""
    problem, travel = search.problem, search.ground.travel
    if travel is None:
        return True
    assert problem.ready_s is not None
    assert problem.due_s is not None
    assert problem.service_s is not None
    now, at = int(problem.ready_s[0]), 0
    for stop in (*stops, 0):
        now += int(travel[at, stop])
        if stop:
            now = max(now, int(problem.ready_s[stop]))
        if now > problem.due_s[stop]:
            return False
        now += int(problem.service_s[stop])
        at = stop
    return True
