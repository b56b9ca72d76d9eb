"""Which vehicle drives which route on which day: routes packed into working days."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .problem import RouteProblem


class Span(NamedTuple):
    """A route in time: seconds on the road with the least waiting, first and last good start."""

    seconds: int
    early: int
    late: int


@dataclass(frozen=True, slots=True)
class Trip:
    """One route in the hands of one vehicle. `day` counts from 1, `start_s` from midnight."""

    route: int
    kind: int
    vehicle: int
    day: int
    start_s: int
    finish_s: int


def span_of(problem: RouteProblem, route: Sequence[int]) -> Span:
    """Seconds and start times of a route; (0, 0, 0) where time does not matter.

    Joins the stops from the front, as segments of (duration, earliest, latest start): Vidal et al.,
    Operations Research 60(3), 2012, without time warp, for the route is known to fit.
    """
    travel, service = problem.travel_s, problem.service_s
    ready, due = problem.ready_s, problem.due_s
    if travel is None or service is None or ready is None or due is None:
        return Span(0, 0, 0)
    seconds, early, late = 0, int(ready[0]), int(due[0])
    at = 0
    ends = () if problem.open_routes else (0,)
    for stop in (*route, *ends):
        # Leaving at `early` at the least, one is at the stop `seconds` later, plus the way there.
        ahead = seconds + int(travel[at, stop])
        wait = max(0, int(ready[stop]) - (late + ahead)) if stop else 0
        early = max(early, int(ready[stop]) - ahead) if stop else early
        late = min(late, int(due[stop]) - ahead)
        early = min(early, late)
        seconds = ahead + wait + int(service[stop])
        at = stop
    return Span(seconds, early, late)


def pack(
    problem: RouteProblem, routes: Sequence[Sequence[int]], kinds: Sequence[int]
) -> list[Trip]:
    """Trips for the routes, by day and vehicle; a kind without a count gets what it needs.

    Longest first, into the first vehicle and day that can still drive it between its other trips.
    Where the fleet is too small the days go on beyond `problem.days`: the caller sees how many are
    needed, nothing is left behind in silence.
    """
    spans = [span_of(problem, route) for route in routes]
    shifts: dict[tuple[int, int, int], list[int]] = {}
    for route in sorted(range(len(routes)), key=lambda r: (-spans[r].seconds, r)):
        _place(problem, spans, shifts, route, kinds[route])
    trips = [
        Trip(route, kind, vehicle, day, start, finish)
        for (day, kind, vehicle), shift in shifts.items()
        for route, start, finish in _times(problem, spans, shift)
    ]
    return sorted(trips, key=lambda t: (t.day, t.kind, t.vehicle, t.start_s, t.route))


def _place(
    problem: RouteProblem,
    spans: Sequence[Span],
    shifts: dict[tuple[int, int, int], list[int]],
    route: int,
    kind: int,
) -> None:
    count = problem.vehicles[kind].count
    vehicles = len(spans) if count is None else count
    days = problem.days if count is None else max(problem.days, len(spans))
    for day in range(1, days + 1):
        for vehicle in range(1, vehicles + 1):
            key = (day, kind, vehicle)
            shift = sorted([*shifts.get(key, ()), route], key=lambda r: (spans[r].late, r))
            if len(shift) > problem.trips_a_day:
                continue
            if len(shift) == 1 or len(_times(problem, spans, shift)) == len(shift):
                shifts[key] = shift
                return
    raise AssertionError("a route alone fits into a day of its own")


def _times(
    problem: RouteProblem, spans: Sequence[Span], shift: Sequence[int]
) -> list[tuple[int, int, int]]:
    """(route, start, finish) of the routes one after the other, as far as they fit."""
    now = 0 if problem.ready_s is None else int(problem.ready_s[0])
    done = []
    for route in shift:
        start = max(now, spans[route].early)
        if now > spans[route].late:
            break
        now = start + spans[route].seconds
        done.append((route, start, now))
    return done
