"""Search: one tour that is annealed, and the best one it was."""

import itertools
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import kernel, tours
from .layout import ground_of, routes_of, scratch_of, short_leg, tour_of
from .problem import RouteProblem
from .start import savings

WIDTH = 30  # near stops beside which a stop is put back, where there is room
HOT, COLD = 4.0, 0.02  # first and last temperature, in mean lengths of a short leg
NEVER = np.uint32(1 << 31)  # a load above every capacity


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
        self.hot = HOT
        self.steps = 0
        joined = savings(self.ground, self._largest(), self.tour.stops, self.tour.windows)
        self.cost = self.best_cost = self._settle(joined)

    def restart(self, routes: Iterable[Sequence[int]], out: Iterable[int], hot: float) -> None:
        """Begin anew from these routes, each within a vehicle and its hours; `out` go back one by
        one. `hot` is the temperature at which it goes on, in mean lengths of a short leg."""
        self.tour = tour_of(self.problem)
        joined = self.tour.stops.copy()
        for stops in routes:
            for before, after in itertools.pairwise(stops):
                joined[before, tours.AFTER] = after
                joined[after, tours.BEFORE] = before
        for stop in out:
            joined[stop, tours.DEMAND] = NEVER
        self.hot = hot
        self.cost = self.best_cost = self._settle(joined)

    def _settle(self, joined: NDArray[np.uint32]) -> int:
        """Whole routes as far as vehicles are there; the other stops at their cheapest."""
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
        heats = tuple(self.leg * self.hot * (COLD / self.hot) ** at for at in (fraction, until))
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
