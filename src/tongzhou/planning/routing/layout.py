"""How a problem lies in the arrays of the kernels, and routes are read out of them again."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import tours
from .problem import RouteProblem

NEAR = 100  # near stops kept for each stop


def ground_of(problem: RouteProblem) -> tours.Ground:
    costs = problem.costs
    back = costs
    if not (costs == costs.T).all():
        back = np.ascontiguousarray(costs.T)
        back.flags.writeable = False
    travel = problem.travel_s
    if travel is not None and problem.open_routes:
        travel = travel.copy()
        travel[:, 0] = 0
        # The kernel is compiled once for arrays that nobody may write, and only for them.
        travel.flags.writeable = False
    return tours.Ground(costs, back, near_stops(problem), travel)


def near_stops(problem: RouteProblem) -> NDArray[np.uint32]:
    """uint32[S, K]: the stops to stand beside, best first.

    Nearness is distance; where there are windows, also the waiting and the lateness of going from
    one to the other, weighted as in Vidal et al., Computers & Operations Research 40(1), 2013.
    """
    way = problem.distance.astype(np.float64)
    if problem.travel_s is not None:
        assert problem.ready_s is not None
        assert problem.due_s is not None
        assert problem.service_s is not None
        ahead = problem.service_s[:, None] + problem.travel_s
        wait = np.maximum(0, problem.ready_s - ahead - problem.due_s[:, None])
        late = np.maximum(0, problem.ready_s[:, None] + ahead - problem.due_s)
        way = way + 0.2 * wait + 1.0 * late
    way = np.minimum(way, way.T)
    np.fill_diagonal(way, np.inf)
    way[:, 0] = np.inf
    count = min(NEAR, max(1, len(way) - 2))
    near = np.argpartition(way, count - 1, axis=1)[:, :count]
    order = np.argsort(np.take_along_axis(way, near, axis=1), axis=1, kind="stable")
    return np.ascontiguousarray(np.take_along_axis(near, order, axis=1).astype(np.uint32))


def short_leg(problem: RouteProblem, near: NDArray[np.uint32]) -> float:
    """Mean cost of going to one of the ten nearest stops: the scale of the temperatures."""
    near = near[1:, :10]
    if near.size == 0:
        return 1.0
    return max(1.0, float(np.take_along_axis(problem.distance[1:], near, axis=1).mean()))


def tour_of(problem: RouteProblem) -> tours.Tour:
    """An empty tour: all stops out, all slots free; the last kind may be vehicles not there."""
    stops = np.zeros((len(problem.ids), 8), dtype=np.uint32)
    stops[:, tours.DEMAND] = problem.demand
    slots, sizes = _slots(problem)
    stops[:, tours.SLOT] = len(slots) - 1
    free = np.zeros((len(sizes), max(sizes)), dtype=np.uint32)
    first = 0
    for kind, size in enumerate(sizes):
        free[kind, :size] = np.arange(first + size - 1, first - 1, -1)
        first += size
    windows = np.zeros((len(problem.ids), 5), dtype=np.int64)
    if problem.timed:
        assert problem.ready_s is not None
        assert problem.due_s is not None
        assert problem.service_s is not None
        windows[:, tours.READY] = problem.ready_s
        windows[:, tours.DUE] = problem.due_s
        windows[:, tours.SERVICE] = problem.service_s
    return tours.Tour(stops, slots, free, np.array(sizes, dtype=np.int32), windows)


def _slots(problem: RouteProblem) -> tuple[NDArray[np.int64], list[int]]:
    """int64[R, 8] and how many of each kind.

    Where the largest vehicles are counted, slots of one more kind stand for those not there; each
    costs more than all the roads, so they are left only where the fleet cannot do the work.
    """
    rows: list[list[int]] = []
    sizes = []
    kinds: list[Any] = list(problem.vehicles)
    for kind, vehicle in enumerate(kinds):
        most = problem.stops
        if vehicle.count is not None:
            most = min(most, vehicle.count * problem.days * problem.trips_a_day)
        rows += [_slot(vehicle.capacity, vehicle.cost, vehicle.rate, kind)] * most
        sizes.append(most)
    largest = max(vehicle.capacity for vehicle in problem.vehicles)
    if all(v.count is not None for v in problem.vehicles if v.capacity == largest):
        rate = max(1, *(vehicle.rate for vehicle in problem.vehicles))
        dear = 2 * rate * int(problem.distance.max(axis=1).astype(np.int64).sum())
        rows += [_slot(largest, dear, rate, len(kinds))] * problem.stops
        sizes.append(problem.stops)
    nobody = [0] * 8
    nobody[tours.ROOM] = -(1 << 40)
    return np.array([*rows, nobody], dtype=np.int64), sizes


def _slot(capacity: int, cost: int, rate: int, kind: int) -> list[int]:
    row = [0] * 8
    row[tours.ROOM] = row[tours.CAPACITY] = capacity
    row[tours.OPENING] = cost
    row[tours.RATE], row[tours.KIND] = rate, kind
    return row


def scratch_of(stops: int, slots: int) -> tours.Scratch:
    return tours.Scratch(
        np.zeros((4 * stops, 4), dtype=np.uint32),
        np.zeros(stops, dtype=np.uint32),
        np.zeros(stops, dtype=np.float64),
        np.full(slots, -1, dtype=np.int64),
    )


def routes_of(tour: tours.Tour) -> tuple[tuple[tuple[int, ...], ...], tuple[int, ...]]:
    """Routes and kinds of a tour, in the order of their first stops."""
    found = []
    for slot in np.flatnonzero(tour.slots[:, tours.COUNT]).tolist():
        stops = []
        stop = int(tour.slots[slot, tours.HEAD])
        while stop:
            stops.append(stop)
            stop = int(tour.stops[stop, tours.AFTER])
        found.append((tuple(stops), int(tour.slots[slot, tours.KIND])))
    found.sort()
    return tuple(stops for stops, _ in found), tuple(kind for _, kind in found)
