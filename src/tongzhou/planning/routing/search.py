"""route: the search for short routes, by iterations (the same for a seed) or by seconds."""

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..problem.faults import ProblemError
from . import kernel
from .problem import RouteProblem
from .solution import Routes
from .start import savings

MAX_ITERATIONS = 10_000_000_000
MAX_SECONDS = 86_400.0
DEFAULT_ITERATIONS = 300_000
ROUNDS = 100  # pieces of the cooling; after each the clock and the caller are asked
NEAR = 100  # near stops kept for each stop
WIDTH = 30  # near stops beside which a stop is put back, where there is room
HOT, COLD = 4.0, 0.02  # first and last temperature, in mean lengths of a short leg
FINE = 1.0
PROBE = 500  # steps that measure the speed of the machine


@dataclass(frozen=True, slots=True)
class _Pace:
    """How long to go on: steps or seconds, never both."""

    iterations: int | None
    seconds: float | None


class Search:
    """One search: the tour as it stands, the best one, and the state of chance."""

    def __init__(self, problem: RouteProblem, seed: int) -> None:
        self.problem = problem
        self.ground = ground_of(problem)
        self.tour = tour_of(problem)
        self.best = tour_of(problem)
        self.scratch = _scratch(len(problem.ids), len(self.tour.slots))
        self.state = np.array([_first_state(seed)], dtype=np.uint64)
        self.leg = _short_leg(problem)
        self.shape = (10.0, 10.0, min(WIDTH, self.ground.near.shape[1]))
        self.steps = 0
        self.cost = self._start()
        self.best_cost = self.cost

    def _start(self) -> int:
        """Savings routes as far as vehicles are there; the other stops at their cheapest."""
        joined = savings(self.ground, self._largest(), self.tour.stops, self.tour.windows)
        cost, whole = kernel.settle(
            *(self.ground, self.tour, self.best, joined),
            *(self.scratch, self.state, self.shape[2]),
        )
        assert whole, "slots without a vehicle take what the fleet cannot"
        return int(cost)

    def _largest(self) -> int:
        return max(vehicle.capacity for vehicle in self.problem.vehicles)

    def cool(self, steps: int, fraction: float, until: float) -> None:
        """`steps` steps while the temperature falls from one share of the way to another."""
        heats = tuple(self.leg * HOT * (COLD / HOT) ** at for at in (fraction, until))
        cost, best_cost = kernel.anneal(
            self.ground,
            self.tour,
            self.best,
            self.scratch,
            self.state,
            self.cost,
            self.best_cost,
            self.steps,
            steps,
            heats,
            self.shape,
        )
        self.cost, self.best_cost = int(cost), int(best_cost)
        self.steps += steps
        self._set_fine(until)

    def _set_fine(self, until: float) -> None:
        """Raise the fine while routes are too full, lower it while none is."""
        fine = self.tour.fine
        if FINE == 0:
            return
        old = int(fine[kernel.PRICE])
        if until >= 0.97:
            new = old * 2
        elif old == 0:
            new = max(1, int(FINE * self.leg / max(1.0, float(self.problem.demand[1:].mean()))))
        elif fine[kernel.EXCESS] > 0:
            new = max(old + 1, int(old * 1.15))
        else:
            new = max(1, int(old / 1.15))
        self.cost += (new - old) * int(fine[kernel.EXCESS])
        fine[kernel.PRICE] = new

    def answer(self, seed: int, seconds: float) -> Routes:
        """The best routes; what no vehicle was left for goes to the largest kind, one too many."""
        routes, kinds = routes_of(self.best)
        vehicles = self.problem.vehicles
        largest = max(range(len(vehicles)), key=lambda kind: vehicles[kind].capacity)
        kinds = tuple(kind if kind < len(vehicles) else largest for kind in kinds)
        cost = sum(
            vehicles[kind].cost + vehicles[kind].rate * _way(self.problem.costs, stops)
            for stops, kind in zip(routes, kinds, strict=True)
        )
        return Routes(self.problem, routes, kinds, cost, seed, self.steps, seconds)


def route(
    problem: RouteProblem,
    *,
    seconds: float | None = None,
    iterations: int | None = None,
    seed: int = 0,
) -> Routes:
    """Short routes for the problem: by `iterations` the same answer for a seed, or by `seconds`.

    With neither, 300,000 iterations. The first call of a process also loads the compiled kernel,
    the first call ever compiles it (some seconds, kept beside the module). ProblemError where both
    are given or one is out of range.
    """
    _refuse(seconds, iterations)
    begun = time.perf_counter()
    search = Search(problem, seed)
    if seconds is None:
        for steps, fraction, until in _rounds(iterations or DEFAULT_ITERATIONS):
            search.cool(steps, fraction, until)
    else:
        _until(search, begun + seconds, begun)
    return search.answer(seed, time.perf_counter() - begun)


def _refuse(seconds: float | None, iterations: int | None) -> None:
    if seconds is not None and iterations is not None:
        raise ProblemError(["Give seconds or iterations, not both."])
    if seconds is not None and not 0 < seconds <= MAX_SECONDS:
        raise ProblemError([f"seconds is above 0 and at most {MAX_SECONDS:,.0f}."])
    if iterations is not None and not 1 <= iterations <= MAX_ITERATIONS:
        raise ProblemError([f"iterations is 1 to {MAX_ITERATIONS:,}."])


def _rounds(iterations: int) -> Iterator[tuple[int, float, float]]:
    """(steps, from, until) of each piece of a search of known length."""
    rounds = min(ROUNDS, iterations)
    ends = [iterations * n // rounds for n in range(rounds + 1)]
    for begin, end in itertools.pairwise(ends):
        yield end - begin, begin / iterations, end / iterations


def _until(search: Search, deadline: float, begun: float) -> None:
    """Pieces of a search of known time: each cools as far as the clock will have gone."""
    whole = deadline - begun
    now = time.perf_counter()
    steps = PROBE
    while now < deadline:
        fraction = (now - begun) / whole
        until = min(1.0, fraction + 1.0 / ROUNDS)
        search.cool(steps, fraction, until)
        spent = time.perf_counter() - now
        now += spent
        piece = min(whole / ROUNDS, deadline - now)
        steps = max(1, int(steps * piece / max(spent, 1e-9)))


def routes_of(tour: kernel.Tour) -> tuple[tuple[tuple[int, ...], ...], tuple[int, ...]]:
    """Routes and kinds of a tour, in the order of their first stops."""
    found = []
    for slot in np.flatnonzero(tour.slots[:, kernel.COUNT]).tolist():
        stops = []
        stop = int(tour.slots[slot, kernel.HEAD])
        while stop:
            stops.append(stop)
            stop = int(tour.stops[stop, kernel.AFTER])
        found.append((tuple(stops), int(tour.slots[slot, kernel.KIND])))
    found.sort()
    return tuple(stops for stops, _ in found), tuple(kind for _, kind in found)


def _way(costs: NDArray[np.int32], stops: tuple[int, ...]) -> int:
    return int(costs[(0, *stops), (*stops, 0)].sum(dtype=np.int64))


def ground_of(problem: RouteProblem) -> kernel.Ground:
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
    return kernel.Ground(costs, back, near_stops(problem), travel)


def near_stops(problem: RouteProblem) -> NDArray[np.int32]:
    """int32[S, K]: the stops to stand beside, best first.

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
    return np.ascontiguousarray(np.take_along_axis(near, order, axis=1).astype(np.int32))


def tour_of(problem: RouteProblem) -> kernel.Tour:
    """An empty tour: all stops out, all slots free; the last kind may be vehicles not there."""
    stops = np.zeros((len(problem.ids), 4), dtype=np.int32)
    stops[:, kernel.SLOT] = -1
    stops[:, kernel.DEMAND] = problem.demand
    slots, sizes = _slots(problem)
    free = np.zeros((len(sizes), max(sizes)), dtype=np.int32)
    first = 0
    for kind, size in enumerate(sizes):
        free[kind, :size] = np.arange(first + size - 1, first - 1, -1)
        first += size
    windows = np.zeros((len(problem.ids), 5), dtype=np.int64)
    if problem.timed:
        assert problem.ready_s is not None
        assert problem.due_s is not None
        assert problem.service_s is not None
        windows[:, kernel.READY] = problem.ready_s
        windows[:, kernel.DUE] = problem.due_s
        windows[:, kernel.SERVICE] = problem.service_s
    fine = np.zeros(2, dtype=np.int64)
    return kernel.Tour(stops, slots, free, np.array(sizes, dtype=np.int32), windows, fine)


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
    return np.array(rows, dtype=np.int64), sizes


def _slot(capacity: int, cost: int, rate: int, kind: int) -> list[int]:
    row = [0] * 8
    row[kernel.CAPACITY], row[kernel.OPENING] = capacity, cost
    row[kernel.RATE], row[kernel.KIND] = rate, kind
    return row


def _scratch(stops: int, slots: int) -> kernel.Scratch:
    return kernel.Scratch(
        np.zeros((4 * stops, 4), dtype=np.int32),
        np.zeros(stops, dtype=np.int32),
        np.zeros(stops, dtype=np.float64),
        np.full(slots, -1, dtype=np.int64),
    )


def _first_state(seed: int) -> int:
    """A start of xorshift that is never 0, well apart for neighbouring seeds (SplitMix64)."""
    mask = (1 << 64) - 1
    z = (seed + 1) * 0x9E3779B97F4A7C15 & mask
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & mask
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB & mask
    return (z ^ (z >> 31)) or 1


def _short_leg(problem: RouteProblem) -> float:
    """Mean cost of going to one of the ten nearest stops: the scale of the temperatures."""
    near = near_stops(problem)[1:, :10]
    if near.size == 0:
        return 1.0
    return max(1.0, float(np.take_along_axis(problem.distance[1:], near, axis=1).mean()))
