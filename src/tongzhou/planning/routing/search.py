"""route: the search for short routes, by iterations (the same for a seed) or by seconds."""

import itertools
import time
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import numpy as np

from ..limits import MAX_TIME_S
from ..problem.faults import ProblemError
from . import kernel
from .layout import ground_of, routes_of, scratch_of, short_leg, tour_of
from .population import Population, suits
from .problem import RouteProblem, Vehicle
from .solution import Routes
from .start import savings

MAX_ITERATIONS = 10_000_000_000
MAX_SECONDS = 86_400.0
DEFAULT_ITERATIONS = 300_000
ROUNDS = 100  # pieces of the cooling; after each the clock and the caller are asked
WIDTH = 30  # near stops beside which a stop is put back, where there is room
HOT, COLD = 4.0, 0.02  # first and last temperature, in mean lengths of a short leg
FEW, MANY = 100, 600  # steps a stop from which on children are bred, most steps before them
FIRST = 75  # per cent of the search before the first child, up to MANY
BIRTH = 2  # steps a stop that a birth counts as: about what it takes
STRAYS = 60  # founders by chance
PROBE = 500  # steps that measure the speed of the machine
TRIAL = 9  # stops of the problem for which the kernels are loaded


class Search:
    """One search: the tour as it stands, the best one, and the state of chance."""

    def __init__(self, problem: RouteProblem, seed: int) -> None:
        self.problem = problem
        self.ground = ground_of(problem)
        self.tour = tour_of(problem)
        self.best = tour_of(problem)
        self.scratch = scratch_of(len(problem.ids), len(self.tour.slots))
        self.state = np.array([_first_state(seed)], dtype=np.uint64)
        self.leg = short_leg(problem, self.ground.near)
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
    the first call ever compiles it (some seconds, kept beside the module or in the user's cache
    folder); the clock starts after that. ProblemError where both are given or one is out of range.
    """
    _refuse(seconds, iterations)
    load(problem.timed, suits(problem))
    begun = time.perf_counter()
    pace = Steps(iterations or DEFAULT_ITERATIONS) if seconds is None else Clock(begun, seconds)
    best = min(_results(problem, pace, seed), key=lambda result: result.cost)
    spent = time.perf_counter() - begun
    return Routes(problem, best.routes, best.kinds, best.cost, seed, pace.steps, spent)


@cache
def load(timed: bool, breeds: bool) -> None:
    """Load the kernels that such problems need, compile them where nothing is kept yet."""
    place = np.arange(TRIAL + 1)
    due = MAX_TIME_S if timed else None
    problem = RouteProblem.from_matrix(
        abs(place[:, None] - place), np.minimum(place, 1), [Vehicle("van", 3)], due_s=due
    )
    assert suits(problem) >= breeds
    for _ in _results(problem, Steps(10 * FEW * TRIAL), seed=0):
        pass


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


def cost_of(
    problem: RouteProblem, routes: tuple[tuple[int, ...], ...], kinds: tuple[int, ...]
) -> int:
    """What the vehicles and their ways cost."""
    cost = 0
    for stops, kind in zip(routes, kinds, strict=True):
        way = problem.costs[(0, *stops), (*stops, 0)].sum(dtype=np.int64)
        cost += problem.vehicles[kind].cost + problem.vehicles[kind].rate * int(way)
    return cost


def _first_state(seed: int) -> int:
    """A start of xorshift that is never 0, well apart for neighbouring seeds (SplitMix64)."""
    mask = (1 << 64) - 1
    z = (seed + 1) * 0x9E3779B97F4A7C15 & mask
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & mask
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB & mask
    return (z ^ (z >> 31)) or 1
