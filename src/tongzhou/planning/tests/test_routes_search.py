"""route: as short as brute force finds it, the same for a seed, and sound by another's audit."""

import itertools
import time
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from tongzhou.planning import ProblemError, RouteProblem, Vehicle, check_routes, route
from tongzhou.planning.routing import breeding, descent, kernel, population, search
from tongzhou.planning.routing.layout import near_stops
from tongzhou.planning.routing.population import suits


def county(seed: int, stops: int, vehicles=None, **more) -> RouteProblem:
    """Stops strewn over a square of 100, one or two to four drops each."""
    draw = np.random.default_rng(seed)
    points = draw.integers(0, 100, (stops + 1, 2))
    x, y = points.T
    ways = np.rint(np.hypot(x[:, None] - x, y[:, None] - y)).astype(int)
    demand = [0, *draw.integers(1, 5, stops).tolist()]
    more = {name: value(draw, ways) if callable(value) else value for name, value in more.items()}
    return RouteProblem.from_matrix(ways, demand, vehicles or [Vehicle("van", 7)], **more)


def windows(draw, ways):
    """Due seconds that a vehicle can keep when it comes straight from the depot."""
    return [1000, *(ways[0, 1:] + draw.integers(0, 150, len(ways) - 1)).tolist()]


def slanted(draw, ways):
    return ways + draw.integers(0, 40, ways.shape)


def shortest(problem: RouteProblem) -> int:
    """The least cost of all sets of routes, from every order of every set of stops."""
    stops = range(1, problem.stops + 1)
    best = {}
    for size in range(1, problem.stops + 1):
        for order in itertools.permutations(stops, size):
            way = drive(problem, order)
            if way is not None:
                group = frozenset(order)
                best[group] = min(way, best.get(group, way))
    trips = problem.days * problem.trips_a_day
    left = tuple(
        v.count * trips if v.count is not None else problem.stops for v in problem.vehicles
    )

    @cache
    def rest(unserved: frozenset, left: tuple) -> float:
        if not unserved:
            return 0
        first, *others = sorted(unserved)
        costs = [float("inf")]
        for size in range(len(others) + 1):
            for more in itertools.combinations(others, size):
                group = frozenset((first, *more))
                load = sum(int(problem.demand[stop]) for stop in group)
                for kind, vehicle in enumerate(problem.vehicles):
                    if group in best and load <= vehicle.capacity and left[kind]:
                        after = tuple(n - (k == kind) for k, n in enumerate(left))
                        own = vehicle.cost + vehicle.rate * best[group]
                        costs.append(own + rest(unserved - group, after))
        return min(costs)

    return rest(frozenset(stops), left)


def drive(problem: RouteProblem, order: tuple[int, ...]) -> int | None:
    """How far it is to drive the stops in this order; None where a window is missed."""
    path = (0, *order) if problem.open_routes else (0, *order, 0)
    if problem.timed:
        now = int(problem.ready_s[0])
        for at, stop in itertools.pairwise(path):
            now = max(now + int(problem.travel_s[at, stop]), int(problem.ready_s[stop]))
            if now > problem.due_s[stop]:
                return None
            now += int(problem.service_s[stop])
        if now > problem.due_s[0]:
            return None
    return sum(int(problem.distance[at, stop]) for at, stop in itertools.pairwise(path))


KINDS = [Vehicle("van", 6, 2, cost=10), Vehicle("lorry", 11, 1, cost=40, rate=2)]
FAMILIES = {
    "plain": {},
    "one kind after another": {"vehicles": [Vehicle("van", 4, cost=15), *KINDS]},
    "a fleet that just does": {"vehicles": [Vehicle("van", 8, 2)], "days": 2},
    "open": {"open_routes": True},
    "windows": {"due_s": windows, "service_s": 5},
    "windows, open": {"due_s": windows, "service_s": 5, "open_routes": True},
    "one way is not the other": {"travel_s": slanted, "due_s": 1000},
}


@pytest.mark.parametrize("family", FAMILIES)
def test_no_set_of_routes_is_shorter(family):
    for seed in range(6):
        problem = county(seed, 4 + seed % 2, **FAMILIES[family])
        found = route(problem, iterations=400, seed=seed)
        assert found.cost == shortest(problem), seed
        assert check_routes(problem, found) == []


def test_six_stops_with_ways_that_differ_by_direction():
    draw = np.random.default_rng(3)
    ways = draw.integers(1, 100, (7, 7))
    problem = RouteProblem.from_matrix(ways, [0, 1, 2, 3, 1, 2, 3], [Vehicle("van", 6)])
    found = route(problem, iterations=1000)
    assert found.cost == shortest(problem)
    assert check_routes(problem, found) == []


def test_a_seed_and_a_number_of_iterations_decide_every_route():
    problem = county(1, 40)
    first = route(problem, iterations=3000, seed=7)
    again = route(problem, iterations=3000, seed=7)
    assert first.to_vrplib() == again.to_vrplib()
    assert first.iterations == 3000
    assert first.routes != route(problem, iterations=3000, seed=8).routes


def test_more_iterations_make_shorter_routes():
    problem = county(2, 60)
    costs = [route(problem, iterations=n).cost for n in (1, 2_000, 20_000)]
    assert costs[0] > costs[1] >= costs[2]


def test_the_clock_starts_when_the_kernels_are_there(monkeypatch):
    """With one second to search, compiling for ten is not in it."""
    began = []
    monkeypatch.setattr(search, "load", lambda timed, breeds: began.append(time.sleep(0.05)))
    found = route(county(2, 60), seconds=0.03)
    assert began == [None]
    assert found.seconds < 0.05


def test_kernels_are_loaded_by_searching_once_in_every_way():
    search.load.cache_clear()
    search.load(timed=False, breeds=True)
    search.load(timed=True, breeds=False)
    for compiled in (kernel.anneal, kernel.settle, descent.educate, breeding.crossover):
        assert compiled.signatures


def test_seconds_are_kept():
    found = route(county(2, 60), seconds=0.03)
    assert 0.02 < found.seconds < 0.3
    assert found.iterations > 1000


def test_a_fleet_too_small_is_one_vehicle_too_many_and_the_audit_says_so():
    problem = county(1, 12, [Vehicle("van", 8, 1), Vehicle("cart", 4, 2)])
    found = route(problem, iterations=500)
    assert sorted(itertools.chain(*found.routes)) == list(range(1, 13))
    assert any("for van; there can be 1" in fault for fault in check_routes(problem, found))


@pytest.mark.parametrize(
    "limits", [{"seconds": 1, "iterations": 1}, {"seconds": 0}, {"iterations": 0}]
)
def test_a_search_without_an_end_is_refused(limits):
    with pytest.raises(ProblemError):
        route(county(1, 4), **limits)


def planted(found, fault):
    routes = [list(stops) for stops in found.routes]
    if fault == "2 times":
        routes[0].append(routes[1][0])
    elif fault == "not visited":
        routes[0].pop()
    elif fault == "carries":
        routes[0] += routes.pop(1)
    elif fault == "after":
        routes[0].reverse()
        routes[1].reverse()
    return replace(
        found,
        routes=tuple(tuple(stops) for stops in routes),
        kinds=found.kinds[: len(routes)],
        cost=found.cost - 1 if fault == "answer says" else found.cost,
    )


@pytest.mark.parametrize("fault", ["2 times", "not visited", "carries", "after", "answer says"])
def test_the_audit_catches(fault):
    problem = county(4, 12, due_s=windows, service_s=5)
    found = route(problem, iterations=500)
    assert check_routes(problem, found) == []
    assert any(fault in said for said in check_routes(problem, planted(found, fault)))


def test_breeding_finds_nothing_dearer_than_brute_force():
    """Eight stops are the fewest that are bred; the vehicle's own cost lies on its ways."""
    problem = county(1, 8, [Vehicle("van", 9, cost=15, rate=2)])
    assert suits(problem)
    assert route(problem, iterations=4000).cost == shortest(problem)


def test_breeding_keeps_capacities_and_makes_shorter_routes():
    problem = county(5, 90, [Vehicle("van", 30)])
    bred = route(problem, iterations=60_000, seed=2)
    assert check_routes(problem, bred) == []
    again = route(problem, iterations=60_000, seed=2)
    assert bred.to_vrplib() == again.to_vrplib()
    annealed = route(problem, iterations=90 * 100 - 1, seed=2)
    assert bred.cost < annealed.cost


def test_breeding_keeps_to_the_vehicles_there_are():
    problem = county(6, 60, [Vehicle("van", 30, 6)])
    assert suits(problem)
    found = route(problem, iterations=30_000)
    assert check_routes(problem, found) == []
    assert len(found.routes) <= 6


@pytest.mark.parametrize(
    "more",
    [{"open_routes": True}, {"due_s": 1000}, {"vehicles": KINDS}],
    ids=lambda more: next(iter(more)),
)
def test_what_its_moves_do_not_know_is_not_bred(more):
    assert not suits(county(1, 20, **more))


def test_a_stale_population_begins_anew_and_forgets_nothing(monkeypatch):
    monkeypatch.setattr(population, "STALE", 20)
    problem = county(7, 20)
    found = route(problem, iterations=30_000)
    assert found.cost == route(problem, iterations=60_000, seed=3).cost
    assert check_routes(problem, found) == []


def test_a_giant_tour_is_cut_where_it_is_cheapest():
    problem = county(8, 8, [Vehicle("van", 9)])
    bred = population.Population(problem, near_stops(problem), seed=1, births=9)
    giant = bred.child.giant
    giant[:] = bred.draw.permutation(8) + 1
    bred.fine = 10**6
    ends = bred.child.ends[: bred._cut() + 1].tolist()
    cost = sum(drive(problem, tuple(giant[a:b].tolist())) for a, b in itertools.pairwise(ends))
    cuts = itertools.chain.from_iterable(
        itertools.combinations(range(1, 8), size) for size in range(8)
    )
    costs = []
    for cut in cuts:
        routes = [tuple(giant[a:b].tolist()) for a, b in itertools.pairwise((0, *cut, 8))]
        if all(problem.demand[list(stops)].sum() <= 9 for stops in routes):
            costs.append(sum(drive(problem, stops) for stops in routes))
    assert cost == min(costs)


def test_places_in_a_plane_are_as_far_apart_as_the_matrix_says():
    points = np.array([[0, 0], [300, 400], [-600, 80], [150, -720], [40, 910]])
    x, y = points.T
    ways = np.rint(np.hypot(x[:, None] - x, y[:, None] - y)).astype(np.int32)
    east, north = population.spots_of(ways).T
    found = np.hypot(east[:, None] - east, north[:, None] - north)
    assert np.abs(found - ways).max() < 2
    assert (population.spots_of(np.zeros((3, 3), dtype=np.int32)) == 0).all()


def test_routes_of_a_child_follow_each_other_round_the_depot():
    problem = county(9, 60, [Vehicle("van", 20)])
    bred = population.Population(problem, near_stops(problem), seed=1, births=9)
    bred.stray()
    spots = population.spots_of(problem.distance)
    giant, ends = bred.child.giant, bred.child.ends
    cuts = [0, *[end for end in ends.tolist() if end]]
    cuts = cuts[: cuts.index(60) + 1]
    middles = [spots[giant[a:b]].mean(axis=0) for a, b in itertools.pairwise(cuts)]
    angles = [float(np.arctan2(north, east)) for east, north in middles]
    assert len(angles) > 4
    assert angles == sorted(angles)
