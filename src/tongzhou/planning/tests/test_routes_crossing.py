"""Crossing of routes: for hours, open routes, windows and kinds, as sound as annealing."""

import numpy as np
import pytest

from tongzhou.planning import RouteProblem, Vehicle, check_routes, route
from tongzhou.planning.routing import crossing
from tongzhou.planning.routing.annealing import Result, Search

from .test_routes_search import KINDS, county, slanted, windows

RULES = {
    "a working day": {"vehicles": [Vehicle("van", 400)], "due_s": 300, "service_s": 5},
    "open": {"open_routes": True},
    "windows": {"due_s": windows, "service_s": 5},
    "kinds": {"vehicles": [Vehicle("van", 9, cost=15), *KINDS]},
    "one way is not the other": {"travel_s": slanted, "due_s": 1000},
}
ENOUGH = 2 * crossing.SHARE.few  # steps a stop of which the half are crossings


@pytest.mark.parametrize("rule", RULES)
def test_what_is_crossed_keeps_the_rule_and_is_the_same_for_a_seed(rule):
    problem = county(3, 20, **RULES[rule])
    found = route(problem, iterations=ENOUGH * 20, seed=4)
    assert check_routes(problem, found) == []
    assert route(problem, iterations=ENOUGH * 20, seed=4).to_vrplib() == found.to_vrplib()


def test_crossing_makes_shorter_routes_than_one_annealing(monkeypatch):
    problem = county(5, 80, [Vehicle("van", 400)], due_s=400, service_s=10)
    crossed = route(problem, iterations=80 * 1_500)
    monkeypatch.setattr(crossing, "SHARE", crossing.SHARE._replace(few=1 << 40))
    annealed = route(problem, iterations=80 * 1_500)
    assert crossed.cost < annealed.cost


def parents(problem, one, other):
    search = Search(problem, 1)
    both = (Result(0, routes, (0,) * len(routes)) for routes in (one, other))
    return crossing.child_of(search, *both, np.random.default_rng(2))


def test_a_child_has_every_stop_once_and_whole_routes_of_both():
    problem = county(1, 8, [Vehicle("van", 100)])
    one = ((1, 2, 3), (4, 5), (6, 7, 8))
    other = ((3, 2), (1, 4), (5, 6), (7, 8))
    routes, out = parents(problem, one, other)
    assert sorted([stop for stops in routes for stop in stops] + out) == list(range(1, 9))
    assert set(routes) & set(one)
    assert set(routes) <= {*one, *other}


def test_a_route_that_lost_a_stop_is_kept_only_within_its_hours():
    """From 1 to 3 by way of 2 takes 20 s, straight 500 s: a road service may say so."""
    travel = np.full((4, 4), 10)
    travel[1, 3] = 500
    problem = RouteProblem.from_matrix(
        travel, [0, 1, 1, 1], [Vehicle("van", 3)], travel_s=travel, due_s=100
    )
    search = Search(problem, 1)
    assert crossing.in_time(search, (1, 2, 3))
    assert not crossing.in_time(search, (1, 3))


def test_stops_on_no_route_go_back_one_by_one():
    problem = county(2, 30, due_s=1000)
    search = Search(problem, 1)
    whole = search.result()
    search.restart(whole.routes[1:], whole.routes[0], crossing.WARM)
    again = search.result()
    assert sorted(stop for stops in again.routes for stop in stops) == list(range(1, 31))
    assert set(whole.routes[1:]) & set(again.routes)
