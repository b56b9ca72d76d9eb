"""Instances for the measurement of routes, drawn by recipe: nothing published is in them.

`county` is ours: towns strewn over a county, clinics around them, a depot in or near the seat.
`uchoa` follows Uchoa et al., European Journal of Operational Research 257(3), 2017. `windows` is in
the manner of Solomon (Operations Research 35(2), 1987; 100 stops) and of Gehring and Homberger
(1999; 200 stops). A family and a number name an instance for ever.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tongzhou.planning import RouteProblem, Vehicle

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Instance:
    """Row 0 is the depot. `windows` is int64[S, 3] of ready, due and service, or None."""

    name: str
    points: Ints
    demand: Ints
    capacity: int
    distance: Ints
    windows: Ints | None = None

    @property
    def stops(self) -> int:
        return len(self.demand) - 1

    @cached_property
    def problem(self) -> RouteProblem:
        times = {}
        if self.windows is not None:
            ready, due, service = self.windows.T
            times = {"ready_s": ready, "due_s": due, "service_s": service}
        return RouteProblem.from_matrix(
            self.distance, self.demand, [Vehicle("vehicle", self.capacity)], name=self.name, **times
        )


def county(number: int, stops: int | None = None) -> Instance:
    """90 to 400 clinics of one to four drops, 8 to 28 clinics a vehicle; 1 unit is 10 m.

    Every other county is tight: the fewest vehicles that can do the work are as full as whole drops
    allow, or up to 1 % less. In the rest the load of a vehicle falls as it falls.
    """
    draw = np.random.default_rng([7, number])
    n = stops or int(draw.integers(90, 401))
    towns = max(3, n // 15)
    radius = draw.uniform(2000, 4500)
    angle = draw.uniform(0, 2 * np.pi, towns)
    way = radius * np.sqrt(draw.uniform(0, 1, towns))
    seats = np.column_stack([way * np.cos(angle) * draw.uniform(0.6, 1.4), way * np.sin(angle)])
    town = draw.choice(towns, n, p=draw.dirichlet(np.full(towns, 4.0)))
    clinics = seats[town] + draw.normal(0, draw.uniform(150, 450), (n, 2))
    depot = seats[0] * (0.2 if draw.random() < 0.7 else 1.0)
    points = np.vstack([depot, clinics])
    points = np.rint(points - points.min(axis=0)).astype(np.int64)
    demand = np.concatenate([[0], draw.integers(1, 5, n)])
    load = draw.uniform(8, 28) * demand.sum() / n
    if number % 2:
        load = demand.sum() / max(1, round(demand.sum() / load)) * draw.uniform(1.0, 1.01)
    return Instance(f"county-{number}", points, demand, int(np.ceil(load)), straight(points))


def uchoa(number: int, stops: int | None = None) -> Instance:
    """100 to 1,000 stops on a grid of 1,000: depot, positions, demands and loads all drawn."""
    draw = np.random.default_rng([11, number])
    n = stops or int(draw.integers(100, 1001))
    depot = [(500, 500), (0, 0), tuple(draw.integers(0, 1001, 2).tolist())][draw.integers(3)]
    points = np.array([depot, *_positions(draw, n, depot)], dtype=np.int64)
    demand = _demands(draw, points[1:])
    load = np.ceil(draw.triangular(3, 6, 25) * demand.sum() / n)
    capacity = max(int(load), int(demand.max()))
    return Instance(
        f"uchoa-{number}", points, np.concatenate([[0], demand]), capacity, straight(points)
    )


def _positions(draw: np.random.Generator, n: int, depot: tuple[int, int]) -> list[tuple[int, int]]:
    """Strewn, clustered round 3 to 8 seeds, or half and half; no two at one place."""
    strewn = (n, 0, n // 2)[draw.integers(3)]
    seeds = int(draw.integers(3, 9))
    found: dict[tuple[int, int], None] = {}
    centres: list[tuple[int, int]] = []
    while len(found) < n:
        x, y = draw.integers(0, 1001, 2).tolist()
        if (x, y) == depot or (x, y) in found:
            continue
        if len(found) >= strewn:
            if len(centres) < seeds:
                centres.append((x, y))
            else:
                away = np.hypot(*(np.array(centres) - (x, y)).T)
                if draw.random() > np.exp(-away / 40).sum():
                    continue
        found[x, y] = None
    return list(found)


def _demands(draw: np.random.Generator, points: Ints) -> Ints:
    """One of the seven classes of the recipe."""
    n = len(points)
    kind = int(draw.integers(7))
    if kind < 5:
        low, high = [(1, 1), (1, 10), (5, 10), (1, 100), (50, 100)][kind]
        return draw.integers(low, high + 1, n)
    if kind == 5:
        low_quadrant = (points[:, 0] > 500) == (points[:, 1] > 500)
        return np.where(low_quadrant, draw.integers(1, 51, n), draw.integers(51, 101, n))
    large = draw.random(n) < draw.uniform(0.05, 0.3)
    return np.where(large, draw.integers(50, 101, n), draw.integers(1, 11, n))


def windows(number: int, stops: int = 100) -> Instance:
    """Strewn, clustered or mixed by number; small and large vehicles; a decimal is one unit."""
    draw = np.random.default_rng([13, number, stops])
    kind, wide = ("R", "C", "RC")[number % 3], bool(number // 3 % 2)
    size = 100 if stops <= 100 else 140
    points = np.vstack([[size // 2, size // 2], _places(draw, kind, stops, size)])
    x, y = points.T.astype(float)
    distance = np.floor(10 * np.hypot(x[:, None] - x, y[:, None] - y)).astype(np.int64)
    drops = draw.choice([10, 20, 30, 40], stops) if kind == "C" else draw.integers(1, 40, stops)
    horizon = {"C": (12_400, 34_000)}.get(kind, (2_300, 10_000))[wide] * (1 if size == 100 else 2)
    service = np.full(stops + 1, 900 if kind == "C" else 100)
    service[0] = 0
    half = draw.uniform(300, 1200) if wide else draw.uniform(50, 300)
    half *= draw.uniform(0.7, 1.3, stops + 1) * (3 if kind == "C" else 1)
    last = horizon - distance[:, 0] - service
    centre = draw.uniform(distance[0], np.maximum(last, distance[0] + 1))
    ready = np.maximum(distance[0], np.floor(centre - half)).astype(np.int64)
    due = np.minimum(last, np.ceil(centre + half)).astype(np.int64)
    free = draw.random(stops + 1) > (1.0, 0.75, 0.5, 0.25)[draw.integers(4)]
    ready[free], due[free] = 0, last[free]
    due = np.maximum(due, np.maximum(ready, distance[0]))
    ready[0], due[0] = 0, horizon
    return Instance(
        f"windows-{kind}{1 + wide}-{number}-{stops}",
        points,
        np.concatenate([[0], drops]),
        1000 if wide else 200,
        distance,
        np.column_stack([ready, due, service]),
    )


def _places(draw: np.random.Generator, kind: str, stops: int, size: int) -> Ints:
    clustered = {"R": 0, "C": stops, "RC": stops // 2}[kind]
    centres = draw.integers(5, size - 4, (max(4, clustered // 10), 2))
    near = centres[draw.integers(0, len(centres), clustered)] + draw.normal(0, 3, (clustered, 2))
    strewn = draw.integers(0, size + 1, (stops - clustered, 2))
    return np.vstack([np.rint(near).astype(np.int64), strewn])


def straight(points: Ints) -> Ints:
    """int64[S, S]: EUC_2D of TSPLIB, the straight line to the nearest whole number."""
    x, y = points.T.astype(float)
    return np.floor(np.hypot(x[:, None] - x, y[:, None] - y) + 0.5).astype(np.int64)
