"""check_routes: an audit of routes that shares no code with the search."""

from collections import Counter

from .problem import RouteProblem
from .solution import Routes

SHOWN = 20


def check_routes(problem: RouteProblem, answer: Routes) -> list[str]:
    """What is wrong with the routes, one sentence each, the first 20; [] when they are sound.

    Each stop once, loads, windows and the working day, the fleet, and the cost added up anew.
    """
    faults = [*_visits(problem, answer)]
    if faults:
        return faults[:SHOWN]
    if len(answer.kinds) != len(answer.routes):
        return [f"{len(answer.kinds)} kinds of vehicle for {len(answer.routes)} routes."]
    faults += _loads(problem, answer)
    faults += _clocks(problem, answer)
    faults += _fleet(problem, answer)
    cost = sum(
        _cost(problem, route, kind) for route, kind in zip(answer.routes, answer.kinds, strict=True)
    )
    if cost != answer.cost:
        faults.append(f"The routes cost {cost:,}; the answer says {answer.cost:,}.")
    return faults[:SHOWN]


def _visits(problem: RouteProblem, answer: Routes) -> list[str]:
    visits = Counter(stop for route in answer.routes for stop in route)
    known = range(1, len(problem.ids))
    faults = [f"Stop {stop} does not exist." for stop in visits if stop not in known]
    faults += [f"{problem.ids[stop]} is not visited." for stop in known if not visits[stop]]
    faults += [
        f"{problem.ids[stop]} is visited {times} times."
        for stop, times in visits.items()
        if stop in known and times > 1
    ]
    return faults


def _loads(problem: RouteProblem, answer: Routes) -> list[str]:
    faults = []
    for number, (route, kind) in enumerate(zip(answer.routes, answer.kinds, strict=True), 1):
        if not 0 <= kind < len(problem.vehicles):
            faults.append(f"Route {number} has no vehicle.")
            continue
        vehicle = problem.vehicles[kind]
        load = sum(int(problem.demand[stop]) for stop in route)
        if load > vehicle.capacity:
            faults.append(
                f"Route {number} carries {load:,}; {vehicle.id} holds {vehicle.capacity:,}."
            )
    return faults


def _clocks(problem: RouteProblem, answer: Routes) -> list[str]:
    travel, ready, due, service = (
        problem.travel_s,
        problem.ready_s,
        problem.due_s,
        problem.service_s,
    )
    if travel is None or ready is None or due is None or service is None:
        return []
    faults = []
    for number, route in enumerate(answer.routes, start=1):
        now, at = int(ready[0]), 0
        for stop in route:
            now = max(now + int(travel[at, stop]), int(ready[stop]))
            if now > due[stop]:
                faults.append(
                    f"Route {number} reaches {problem.ids[stop]} at {now} s, after {due[stop]} s."
                )
            now += int(service[stop])
            at = stop
        home = now if problem.open_routes else now + int(travel[at, 0])
        if home > due[0]:
            faults.append(f"Route {number} ends at {home} s, after the working day ({due[0]} s).")
    return faults


def _fleet(problem: RouteProblem, answer: Routes) -> list[str]:
    faults = []
    if problem.days < answer.days_needed:
        faults.append(f"{answer.days_needed} days are needed; the problem gives {problem.days}.")
    for kind, vehicle in enumerate(problem.vehicles):
        routes = answer.kinds.count(kind)
        most = None if vehicle.count is None else vehicle.count * problem.days * problem.trips_a_day
        if most is not None and routes > most:
            faults.append(f"{routes} routes for {vehicle.id}; there can be {most}.")
    return faults


def _cost(problem: RouteProblem, route: tuple[int, ...], kind: int) -> int:
    if not 0 <= kind < len(problem.vehicles):
        return 0
    vehicle = problem.vehicles[kind]
    way = 0
    for here, there in zip((0, *route), (*route, 0), strict=True):
        if there or not problem.open_routes:
            way += int(problem.distance[here, there])
    return vehicle.cost + vehicle.rate * way
