"""route: the search for short routes, by iterations (the same for a seed) or by seconds."""

import itertools
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..problem.faults import ProblemError
from . import kernel
from .population import Population, suits
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
FEW, MANY = 100, 600  # steps a stop from which on children are bred, most steps before them
FIRST = 75  # per cent of the search before the first child, up to MANY
BIRTH = 2  # steps a stop that a birth counts as: about what it takes
STRAYS = 60  # founders by chance
PROBE = 500  # steps that measure the speed of the machine


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

    def result(self) -> "Result":
        """The best routes; what no vehicle was left for goes to the largest kind, one too many."""
        routes, kinds = routes_of(self.best)
        vehicles = self.problem.vehicles
        largest = max(range(len(vehicles)), key=lambda kind: vehicles[kind].capacity)
        kinds = tuple(kind if kind < len(vehicles) else largest for kind in kinds)
        return Result(cost_of(self.problem, routes, kinds), routes, kinds)


class Result(NamedTuple):
    """Routes of stops and the kind of vehicle of each; the cheaper of two compares as less."""

    cost: int
    routes: tuple[tuple[int, ...], ...]
    kinds: tuple[int, ...]


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
    pace = Steps(iterations or DEFAULT_ITERATIONS) if seconds is None else Clock(begun, seconds)
    best = min(_results(problem, pace, seed), key=lambda result: result.cost)
    spent = time.perf_counter() - begun
    return Routes(problem, best.routes, best.kinds, best.cost, seed, pace.steps, spent)


def _results(problem: RouteProblem, pace: "Steps | Clock", seed: int) -> Iterator[Result]:
    """Anneal once; where time is left and `descent` suits the problem, breed, at times anew."""
    search = Search(problem, seed)
    breeds = suits(problem)
    pace.anneal(search, breeds)
    yield search.result()
    if not breeds or not pace.births(problem):
        return
    population = Population(problem, search.ground.near, seed, pace.births(problem))
    population.admit(search.result().routes)
    strays = min(STRAYS, pace.births(problem) // 20)
    while pace.birth(problem):
        if population.stale:
            population.clear()
            search = Search(problem, seed + population.births)
            pace.anneal(search, breeds)
            population.admit(search.result().routes)
            strays = STRAYS
        elif strays:
            population.stray()
            strays -= 1
        else:
            population.breed()
    if population.best is not None:
        kinds = (0,) * len(population.best)
        yield Result(cost_of(problem, population.best, kinds), population.best, kinds)


def _refuse(seconds: float | None, iterations: int | None) -> None:
    if seconds is not None and iterations is not None:
        raise ProblemError(["Give seconds or iterations, not both."])
    if seconds is not None and not 0 < seconds <= MAX_SECONDS:
        raise ProblemError([f"seconds is above 0 and at most {MAX_SECONDS:,.0f}."])
    if iterations is not None and not 1 <= iterations <= MAX_ITERATIONS:
        raise ProblemError([f"iterations is 1 to {MAX_ITERATIONS:,}."])


class Steps:
    """A search of so many steps; a birth counts as two steps a stop."""

    def __init__(self, iterations: int) -> None:
        self.left = iterations
        self.steps = iterations

    def anneal(self, search: Search, breeds: bool) -> None:
        stops = search.problem.stops
        most = self.left
        if breeds and most >= FEW * stops:
            most = min(most * FIRST // 100, MANY * stops)
        rounds = min(ROUNDS, most)
        ends = [most * n // rounds for n in range(rounds + 1)]
        for begin, end in itertools.pairwise(ends):
            search.cool(end - begin, begin / most, end / most)
        self.left -= most

    def births(self, problem: RouteProblem) -> int:
        return self.left // (BIRTH * problem.stops)

    def birth(self, problem: RouteProblem) -> bool:
        """Whether one more is within the steps; it is counted."""
        if self.left < BIRTH * problem.stops:
            return False
        self.left -= BIRTH * problem.stops
        return True


class Clock:
    """A search of so many seconds; how long a step takes is measured as it goes."""

    def __init__(self, begun: float, seconds: float) -> None:
        self.end = begun + seconds
        self.steps = 0
        self.step_s = 0.0

    def anneal(self, search: Search, breeds: bool) -> None:
        """Pieces that each cool as far as the clock will have gone."""
        begun = now = time.perf_counter()
        done = search.steps
        steps = PROBE
        whole = self.end - begun
        while now < begun + whole:
            fraction = (now - begun) / whole
            search.cool(steps, fraction, min(1.0, fraction + 1.0 / ROUNDS))
            spent = time.perf_counter() - now
            now += spent
            self.step_s = (now - begun) / (search.steps - done)
            whole = self._whole(search.problem.stops, self.end - begun, breeds)
            piece = min(whole / ROUNDS, begun + whole - now)
            steps = max(1, int(steps * piece / max(spent, 1e-9)))
        self.steps += search.steps - done

    def _whole(self, stops: int, seconds: float, breeds: bool) -> float:
        if not breeds or seconds < FEW * stops * self.step_s:
            return seconds
        return min(seconds * FIRST / 100, MANY * stops * self.step_s)

    def births(self, problem: RouteProblem) -> int:
        left = self.end - time.perf_counter()
        return max(0, int(left / (BIRTH * problem.stops * self.step_s)))

    def birth(self, problem: RouteProblem) -> bool:
        """Whether there is time for one more."""
        self.steps += BIRTH * problem.stops
        return time.perf_counter() < self.end


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


def cost_of(
    problem: RouteProblem, routes: tuple[tuple[int, ...], ...], kinds: tuple[int, ...]
) -> int:
    """What the vehicles and their ways cost."""
    cost = 0
    for stops, kind in zip(routes, kinds, strict=True):
        way = problem.costs[(0, *stops), (*stops, 0)].sum(dtype=np.int64)
        cost += problem.vehicles[kind].cost + problem.vehicles[kind].rate * int(way)
    return cost


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
    return np.ascontiguousarray(np.take_along_axis(near, order, axis=1).astype(np.uint32))


def tour_of(problem: RouteProblem) -> kernel.Tour:
    """An empty tour: all stops out, all slots free; the last kind may be vehicles not there."""
    stops = np.zeros((len(problem.ids), 8), dtype=np.uint32)
    stops[:, kernel.DEMAND] = problem.demand
    slots, sizes = _slots(problem)
    stops[:, kernel.SLOT] = len(slots) - 1
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
        windows[:, kernel.READY] = problem.ready_s
        windows[:, kernel.DUE] = problem.due_s
        windows[:, kernel.SERVICE] = problem.service_s
    return kernel.Tour(stops, slots, free, np.array(sizes, dtype=np.int32), windows)


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
    nobody[kernel.ROOM] = -(1 << 40)
    return np.array([*rows, nobody], dtype=np.int64), sizes


def _slot(capacity: int, cost: int, rate: int, kind: int) -> list[int]:
    row = [0] * 8
    row[kernel.ROOM] = row[kernel.CAPACITY] = capacity
    row[kernel.OPENING] = cost
    row[kernel.RATE], row[kernel.KIND] = rate, kind
    return row


def _scratch(stops: int, slots: int) -> kernel.Scratch:
    return kernel.Scratch(
        np.zeros((4 * stops, 4), dtype=np.uint32),
        np.zeros(stops, dtype=np.uint32),
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
