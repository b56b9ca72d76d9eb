"""A population of solutions that breeds better ones: for budgets at which annealing stands still.

Method: hybrid genetic search, Vidal et al., Operations Research 60(3), 2012, and Vidal, Computers &
Operations Research 140, 2022: solutions within and above the capacities, parents by rank of cost
and of difference, ordered crossover, local search, and a fine that keeps about a fifth of the
children within the capacities. Ours differs in that annealed solutions are among the founders.
"""

import itertools
import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import breeding, descent, rings
from .problem import RouteProblem

# Survivors of a herd, and how many more before the next survival: a small one gains sooner, a large
# one longer. From so many births on it is large.
SMALL, LARGE, LONG = (12, 20), (25, 40), 5_000
ELITE, CLOSE = 4, 5
NEAR = 20
TARGET, BAND = 0.2, 0.05  # share of children within the capacities
WINDOW = 100
STALE = 20_000  # births without a better solution before all begins anew
MAX_PLACES = 1_000_000  # cells of the table of best places: 48 MB
NEVER = 1 << 40
Giant = NDArray[np.uint32]


class Found(NamedTuple):
    """A solution's cost without fines, units above the capacities, routes."""

    cost: int
    excess: int
    routes: int


class Herd:
    """Solutions of one sort, within or above the capacities, and how they differ."""

    def __init__(self, stops: int, size: tuple[int, int]) -> None:
        self.least, brood = size
        self.most = self.least + brood
        rows = self.most + 1
        self.giants = np.zeros((rows, stops - 1), dtype=np.uint32)
        self.links = np.zeros((rows, 2, stops), dtype=np.uint32)
        self.costs = np.zeros(rows, dtype=np.int64)
        self.excess = np.zeros(rows, dtype=np.int64)
        self.apart = np.full((rows, rows), NEVER, dtype=np.int64)
        self.away = np.zeros(rows, dtype=np.int64)
        self.size = 0
        self.rank = np.zeros(0)

    def add(self, child: rings.Child, found: Found, fine: int) -> None:
        k = self.size
        breeding.apart(child.links, self.links, k, self.away)
        self.giants[k], self.links[k] = child.giant, child.links
        self.costs[k], self.excess[k] = found.cost, found.excess
        self.apart[k, :k] = self.apart[:k, k] = self.away[:k]
        self.size += 1
        if self.size > self.most:
            while self.size > self.least:
                self._drop(fine)
        self.order(fine)

    def order(self, fine: int) -> None:
        """Rank all: by cost with fines, and by how far the nearest solutions are."""
        n = self.size
        by_cost = _places(self.costs[:n] + fine * self.excess[:n])
        self.rank = by_cost
        if n > 1:
            close = min(CLOSE, n - 1)
            near = np.partition(self.apart[:n, :n], close - 1, axis=1)[:, :close].mean(axis=1)
            self.rank = by_cost + (1.0 - min(1.0, ELITE / n)) * _places(-near)

    def _drop(self, fine: int) -> None:
        """Let the worst go, a double before any other, the cheapest never."""
        n = self.size
        self.order(fine)
        doubles = self.apart[:n, :n].min(axis=1) == 0
        score = self.rank + np.where(doubles, 1e6, 0.0)
        score[np.argmin(self.costs[:n] + fine * self.excess[:n])] = -1.0
        gone, last = int(np.argmax(score)), n - 1
        for rows in (self.giants, self.links, self.costs, self.excess, self.apart):
            rows[gone] = rows[last]
        self.apart[:, gone] = self.apart[:, last]
        self.apart[gone, gone] = NEVER
        self.size = last


class Population:
    """Two herds of one problem. `best` is the cheapest within the capacities, None at first."""

    def __init__(
        self, problem: RouteProblem, near: NDArray[np.uint32], seed: int, births: int
    ) -> None:
        self.sort = SMALL if births < LONG else LARGE
        stops = len(problem.ids)
        self.dist = _doubled(problem)
        self.demand = problem.demand
        self.capacity = problem.vehicles[0].capacity
        self.rings = _rings(problem, self.dist, near)
        self.draw = np.random.default_rng(seed)
        self.state = self.draw.integers(1, 1 << 63, 1, dtype=np.uint64)
        self.child = rings.Child(
            np.zeros(stops - 1, dtype=np.uint32),
            np.zeros(stops + 1, dtype=np.uint32),
            np.zeros((2, stops), dtype=np.uint32),
        )
        self.room = np.zeros(stops, dtype=np.int64), np.zeros(stops, dtype=np.uint32)
        self.best: tuple[tuple[int, ...], ...] | None = None
        self.best_cost = 1 << 62
        self.births = 0
        self.clear()

    def clear(self) -> None:
        """Begin anew; only the best is remembered."""
        stops = len(self.demand)
        self.good, self.bad = Herd(stops, self.sort), Herd(stops, self.sort)
        self.fine = max(1, int(self.dist.max()) // max(1, int(self.demand.max())))
        self.fits: list[bool] = [True] * WINDOW
        self.last_better = self.births

    @property
    def stale(self) -> bool:
        return self.births - self.last_better >= STALE

    def admit(self, routes: tuple[tuple[int, ...], ...]) -> None:
        """Improve a solution found elsewhere and let it in."""
        giant, ends = self.child.giant, self.child.ends
        most = len(self.rings.routes)
        giant[:] = [stop for route in routes for stop in route]
        ends[: len(routes) + 1] = np.cumsum([0, *(len(route) for route in routes)])
        count = min(len(routes), most)
        ends[count] = len(giant)
        self._raise(count)

    def stray(self) -> None:
        """A solution by chance."""
        self.child.giant[:] = 1 + self.draw.permutation(len(self.child.giant))
        self._raise(self._cut())

    def breed(self) -> None:
        """A child of two parents."""
        breeding.crossover(
            self.state, self._parent(), self._parent(), self.child.giant, self.room[1]
        )
        self._raise(self._cut())

    def _cut(self) -> int:
        count = breeding.split(
            self.dist, self.demand, self.capacity, self.fine, self.child, *self.room
        )
        most = min(int(count), len(self.rings.routes))
        self.child.ends[most] = len(self.child.giant)
        return most

    def _raise(self, count: int) -> None:
        """Improve what lies in `child` and let it in; above the capacities, try to mend it."""
        found = self._educate(count, self.fine)
        self.fits.append(found.excess == 0)
        self._keep(found)
        if found.excess and self.draw.random() < 0.5:
            mended = self._educate(found.routes, 10 * self.fine)
            if not mended.excess:
                self._keep(mended)
        self.births += 1
        if self.births % WINDOW == 0:
            self._set_fine()

    def _educate(self, count: int, fine: int) -> Found:
        self.rings.rule[rings.FINE] = fine
        descent.educate(self.rings, self.child, count, self.state)
        cost, excess, routes = breeding.gather(self.rings, self.child)
        return Found(int(cost), int(excess), int(routes))

    def _keep(self, found: Found) -> None:
        herd = self.bad if found.excess else self.good
        herd.add(self.child, found, self.fine)
        if not found.excess and found.cost < self.best_cost:
            giant, ends = self.child.giant.tolist(), self.child.ends[: found.routes + 1].tolist()
            self.best_cost = found.cost
            self.best = tuple(tuple(giant[a:b]) for a, b in itertools.pairwise(ends))
            self.last_better = self.births

    def _set_fine(self) -> None:
        del self.fits[:-WINDOW]
        share = sum(self.fits) / WINDOW
        if share < TARGET - BAND:
            self.fine = math.ceil(self.fine * 1.2)
        elif share > TARGET + BAND:
            self.fine = max(1, int(self.fine * 0.85))
        self.bad.order(self.fine)

    def _parent(self) -> Giant:
        """The better of two of either herd."""
        picked: list[tuple[float, int, Giant]] = []
        for _ in range(2):
            k = int(self.draw.integers(self.good.size + self.bad.size))
            herd, k = (self.good, k) if k < self.good.size else (self.bad, k - self.good.size)
            picked.append((float(herd.rank[k]), len(picked), herd.giants[k]))
        return min(picked, key=lambda one: one[:2])[2]


def suits(problem: RouteProblem) -> bool:
    """Whether the moves of `descent` hold: one kind, no clock, both ways alike, ways back home."""
    if len(problem.vehicles) > 1 or problem.timed or problem.open_routes or problem.stops < 8:
        return False
    if _most(problem) * len(problem.ids) > MAX_PLACES:
        return False
    vehicle = problem.vehicles[0]
    if 4 * (vehicle.rate * int(problem.distance.max()) + vehicle.cost) > np.iinfo(np.int32).max:
        return False
    return bool((problem.distance == problem.distance.T).all())


def _most(problem: RouteProblem) -> int:
    """Routes that rings are laid for: some more than the loads need, no more than there can be."""
    vehicle = problem.vehicles[0]
    least = math.ceil(int(problem.demand.sum()) / max(1, vehicle.capacity))
    most = min(problem.stops, int(1.3 * least) + 4)
    if vehicle.count is not None:
        most = min(most, vehicle.count * problem.days * problem.trips_a_day)
    return most


def _doubled(problem: RouteProblem) -> NDArray[np.int32]:
    """Costs of ways times two; half a vehicle's cost lies on each way from or to the depot."""
    vehicle = problem.vehicles[0]
    dist = 2 * vehicle.rate * problem.distance.astype(np.int64)
    dist[0, 1:] += vehicle.cost
    dist[1:, 0] += vehicle.cost
    return dist.astype(np.int32)


def _rings(problem: RouteProblem, dist: NDArray[np.int32], near: NDArray[np.uint32]) -> rings.Rings:
    stops, most = len(problem.ids), _most(problem)
    nodes = np.zeros((stops + most, 8), dtype=np.uint32)
    nodes[:stops, rings.AT] = np.arange(stops)
    nodes[:stops, rings.DEMAND] = problem.demand
    nodes[stops:, rings.ROUTE] = np.arange(most)
    return rings.Rings(
        dist=dist,
        near=np.ascontiguousarray(near[:, :NEAR]),
        nodes=nodes,
        routes=np.zeros((most, 4), dtype=np.int64),
        rule=np.array([problem.vehicles[0].capacity, 1, 0], dtype=np.int64),
        line=np.zeros(2 * stops, dtype=np.uint32),
        order=np.arange(1, stops, dtype=np.uint32),
        places=np.zeros((most, stops, 6), dtype=np.int64),
        placed=np.zeros((most, stops), dtype=np.int64),
        pairs=np.zeros((most, most), dtype=np.int64),
        gains=np.zeros(stops, dtype=np.int64),
        beside=np.zeros(most, dtype=np.int64),
        spots=spots_of(problem.distance),
        angles=np.zeros(most),
    )


def _places(values: NDArray[np.number]) -> NDArray[np.float64]:
    """float64[N]: the place of each value in ascending order, equal ones as they stand."""
    places = np.empty(len(values))
    places[np.argsort(values, kind="stable")] = np.arange(len(values))
    return places


def spots_of(distance: NDArray[np.int32]) -> NDArray[np.float64]:
    """float64[S, 2]: places in a plane that are about as far apart as the matrix says, depot at 0.

    Method: FastMap, Faloutsos and Lin, SIGMOD 1995: along the line between two far places, then
    once more in what is left. Exact where the matrix is of straight lines.
    """
    squares = distance.astype(np.float64) ** 2
    spots = np.zeros((len(distance), 2))
    for axis in range(2):
        one = int(np.argmax(squares[0]))
        two = int(np.argmax(squares[one]))
        between = squares[one, two]
        if between <= 0:
            break
        along = (squares[one] + between - squares[two]) / (2.0 * np.sqrt(between))
        spots[:, axis] = along - along[0]
        squares = np.maximum(0.0, squares - (along[:, None] - along) ** 2)
    return spots
