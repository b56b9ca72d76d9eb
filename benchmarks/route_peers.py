"""The sides of the measurement of routes: each takes an instance and gives a cost and its routes.

A peer is imported when it is first asked for; the model is built before the clock starts. Costs are
added up by the measurement itself, from the routes.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from importlib.util import find_spec
from typing import Any, NamedTuple

import numpy as np

from benchmarks.route_instances import Instance
from tongzhou.planning import route


class Found(NamedTuple):
    """Routes of stops (positions in the instance; [] where none were found) and seconds taken."""

    routes: list[list[int]]
    seconds: float


Side = Callable[[Instance, float, int], Found]


def ours(instance: Instance, seconds: float, seed: int) -> Found:
    found = route(instance.problem, seconds=seconds, seed=seed)
    return Found([list(stops) for stops in found.routes], found.seconds)


def pyvrp(instance: Instance, seconds: float, seed: int) -> Found:
    import pyvrp as solver
    from pyvrp.stop import MaxRuntime

    model = solver.Model()
    places = [model.add_location(float(x), float(y)) for x, y in instance.points]
    timed = instance.windows is not None
    day = {"tw_late": int(instance.windows[0, 1])} if timed else {}
    model.add_depot(places[0], **day)
    for stop in range(1, instance.stops + 1):
        window: dict[str, int] = {}
        if timed:
            ready, due, service = instance.windows[stop].tolist()
            window = {"tw_early": ready, "tw_late": due, "service_duration": service}
        model.add_client(places[stop], delivery=[int(instance.demand[stop])], **window)
    model.add_vehicle_type(num_available=instance.stops, capacity=[instance.capacity])
    for i, here in enumerate(places):
        for j, there in enumerate(places):
            if i != j:
                way = int(instance.distance[i, j])
                model.add_edge(here, there, distance=way, duration=way if timed else 0)
    data = model.data()
    begun = time.perf_counter()
    found = solver.solve(data, stop=MaxRuntime(seconds), seed=seed, display=False)
    took = time.perf_counter() - begun
    if not found.best.is_feasible():
        return Found([], took)
    # Its clients are numbered from 0 in the order in which they were added.
    stops = [[visit.idx + 1 for visit in one if visit.is_client()] for one in found.best.routes()]
    return Found(stops, took)


def hgs(instance: Instance, seconds: float, seed: int) -> Found:
    import hygese

    if instance.windows is not None:
        raise ValueError("HGS-CVRP has no time windows")
    options = hygese.AlgorithmParameters(timeLimit=seconds, seed=seed, nbIter=2_000_000_000)
    solver = hygese.Solver(parameters=options, verbose=False)
    least = int(np.ceil(instance.demand.sum() / instance.capacity))
    data = {
        "x_coordinates": instance.points[:, 0].astype(float),
        "y_coordinates": instance.points[:, 1].astype(float),
        "distance_matrix": instance.distance.astype(float),
        "service_times": np.zeros(instance.stops + 1),
        "demands": instance.demand.astype(float),
        "vehicle_capacity": instance.capacity,
        "num_vehicles": int(np.ceil(1.3 * least)) + 3,
        "depot": 0,
    }
    begun = time.perf_counter()
    found = solver.solve_cvrp(data)
    return Found([list(stops) for stops in found.routes or []], time.perf_counter() - begun)


def ortools(instance: Instance, seconds: float, seed: int) -> Found:
    """Guided local search from the cheapest-arc start, what its own guide advises for routes."""
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    del seed  # its search has none
    least = int(np.ceil(instance.demand.sum() / instance.capacity))
    vehicles = instance.stops if instance.windows is not None else int(1.3 * least) + 3
    manager = pywrapcp.RoutingIndexManager(instance.stops + 1, vehicles, 0)
    model = pywrapcp.RoutingModel(manager)
    ways = model.RegisterTransitMatrix(instance.distance.tolist())
    model.SetArcCostEvaluatorOfAllVehicles(ways)
    loads = model.RegisterUnaryTransitVector(instance.demand.tolist())
    model.AddDimension(loads, 0, instance.capacity, True, "load")
    if instance.windows is not None:
        times = instance.distance + instance.windows[:, 2][:, None]
        horizon = int(instance.windows[0, 1])
        model.AddDimension(
            model.RegisterTransitMatrix(times.tolist()), horizon, horizon, False, "time"
        )
        clock = model.GetDimensionOrDie("time")
        for stop in range(1, instance.stops + 1):
            ready, due, _ = instance.windows[stop].tolist()
            clock.CumulVar(manager.NodeToIndex(stop)).SetRange(ready, due)
    options = pywrapcp.DefaultRoutingSearchParameters()
    options.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PATH_CHEAPEST_ARC
    options.local_search_metaheuristic = (
        routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    )
    options.time_limit.FromMilliseconds(int(seconds * 1000))
    begun = time.perf_counter()
    found = model.SolveWithParameters(options)
    took = time.perf_counter() - begun
    if found is None:
        return Found([], took)
    return Found([_path(manager, model, found, v) for v in range(vehicles)], took)


def _path(manager: Any, model: Any, found: Any, vehicle: int) -> list[int]:
    index, stops = found.Value(model.NextVar(model.Start(vehicle))), []
    while not model.IsEnd(index):
        stops.append(manager.IndexToNode(index))
        index = found.Value(model.NextVar(index))
    return stops


def vroom(instance: Instance, seconds: float, seed: int) -> Found:
    """The highest exploration level within the time; it has no other way of using more of it."""
    import vroom as solver

    del seed
    problem = solver.Input()
    ways = instance.distance.astype(np.uint32)
    problem.set_durations_matrix("car", ways)
    problem.set_costs_matrix("car", ways)
    least = int(np.ceil(instance.demand.sum() / instance.capacity))
    timed = instance.windows is not None
    day = {"time_window": solver.TimeWindow(0, int(instance.windows[0, 1]))} if timed else {}
    for number in range(instance.stops if timed else int(1.3 * least) + 3):
        problem.add_vehicle(
            solver.Vehicle(number, start=0, end=0, capacity=[instance.capacity], **day)
        )
    for stop in range(1, instance.stops + 1):
        more: dict[str, Any] = {}
        if timed:
            ready, due, service = instance.windows[stop].tolist()
            more = {"default_service": service, "time_windows": [solver.TimeWindow(ready, due)]}
        amount = solver.Amount([int(instance.demand[stop])])
        problem.add_job(solver.Job(stop, location=stop, delivery=amount, **more))
    begun = time.perf_counter()
    found = problem.solve(5, nb_threads=1, timeout=timedelta(seconds=seconds))
    took = time.perf_counter() - begun
    if found.summary.unassigned:
        return Found([], took)
    routes: dict[int, list[int]] = {}
    for row in found.routes[found.routes["type"] == "job"].itertuples():
        routes.setdefault(row.vehicle_id, []).append(int(row.id))
    return Found(list(routes.values()), took)


SIDES: dict[str, Side] = {
    "ours": ours,
    "pyvrp": pyvrp,
    "hgs": hgs,
    "ortools": ortools,
    "vroom": vroom,
}
# What Python calls the package of each peer.
PACKAGES = {"pyvrp": "pyvrp", "hgs": "hygese", "ortools": "ortools", "vroom": "vroom"}


def missing(sides: list[str]) -> list[str]:
    """Packages that the chosen sides need and this interpreter has not."""
    return [PACKAGES[s] for s in sides if s in PACKAGES and find_spec(PACKAGES[s]) is None]
