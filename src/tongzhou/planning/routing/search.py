"""route: the search for short routes, by iterations (the same for a seed) or by seconds."""

import time
from collections.abc import Iterator
from functools import cache

import numpy as np

from ..limits import MAX_TIME_S
from ..problem.faults import ProblemError
from . import crossing
from .annealing import Result, Search, cost_of
from .pace import Clock, Share, Steps
from .population import Population, suits
from .problem import RouteProblem, Vehicle
from .solution import Routes

MAX_ITERATIONS = 10_000_000_000
MAX_SECONDS = 86_400.0
DEFAULT_ITERATIONS = 300_000
BREEDING = Share(few=100, first=75, many=600)  # what is annealed before the first child
STRAYS = 60  # founders by chance
TRIAL = 9  # stops of the problem for which the kernels are loaded


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
    for _ in _results(problem, Steps(10 * BREEDING.few * TRIAL), seed=0):
        pass


def _results(problem: RouteProblem, pace: Steps | Clock, seed: int) -> Iterator[Result]:
    """Anneal; where time is left, breed if `descent` suits the problem, or else cross routes."""
    search = Search(problem, seed)
    breeds = suits(problem)
    pace.anneal(search, BREEDING if breeds else crossing.SHARE)
    yield search.result()
    if not pace.births(problem):
        return
    if breeds:
        yield from _bred(problem, search, pace, seed)
    else:
        yield from crossing.crossed(problem, search, pace, seed)


def _bred(
    problem: RouteProblem, search: Search, pace: Steps | Clock, seed: int
) -> Iterator[Result]:
    """Breed from what was annealed and some by chance, at times anew."""
    population = Population(problem, search.ground.near, seed, pace.births(problem))
    population.admit(search.result().routes)
    strays = min(STRAYS, pace.births(problem) // 20)
    while pace.birth(problem):
        if population.stale:
            population.clear()
            search = Search(problem, seed + population.births)
            pace.anneal(search, BREEDING)
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
