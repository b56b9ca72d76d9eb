"""RouteProblem: one depot, its stops, the vehicles, and how far and how long it is between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..limits import MAX_DISTANCE, MAX_STOPS, MAX_TIME_S, MAX_VEHICLES
from ..problem.faults import ProblemError, whole_number, whole_numbers

Ints = NDArray[np.int64]
Matrix = NDArray[np.int32]

EARTH_RADIUS_M = 6_371_008.8  # mean radius, IUGG 1980


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A kind of vehicle. `count` None means as many as the routes need, each driving once.

    `cost` is charged for each use of it on a route, `rate` for each unit of distance.
    """

    id: str
    capacity: int
    count: int | None = None
    cost: int = 0
    rate: int = 1

    def __post_init__(self) -> None:
        for name in ("capacity", "cost", "rate"):
            object.__setattr__(self, name, whole_number(f"Vehicle.{name}", getattr(self, name)))
        if self.count is not None:
            object.__setattr__(self, "count", whole_number("Vehicle.count", self.count))


@dataclass(frozen=True)
class RouteProblem:
    """Stop 0 is the depot. Arrays are read-only and have one row a stop, the depot included.

    distance: int32[S, S], from the row to the column, in any one unit (metres in a county).
    demand: int64[S], 0 at the depot; a stop is served by one visit.
    travel_s: int32[S, S] seconds, None where time does not matter.
    ready_s, due_s: int64[S], begin of service at the earliest and latest; of the depot: the working
    day. service_s: int64[S], seconds at the stop.
    points: float64[S, 2], longitude and latitude or x and y; only for pictures and files.
    """

    ids: tuple[str, ...]
    demand: Ints
    distance: Matrix
    vehicles: tuple[Vehicle, ...]
    travel_s: Matrix | None = None
    ready_s: Ints | None = None
    due_s: Ints | None = None
    service_s: Ints | None = None
    days: int = 1
    trips_a_day: int = 1
    open_routes: bool = False
    points: NDArray[np.float64] | None = None
    name: str = "routes"

    @classmethod
    def from_matrix(
        cls,
        distance: ArrayLike,
        demand: ArrayLike,
        vehicles: Sequence[Vehicle],
        *,
        ids: Sequence[str] | None = None,
        travel_s: ArrayLike | None = None,
        ready_s: ArrayLike = 0,
        due_s: ArrayLike | None = None,
        service_s: ArrayLike = 0,
        days: int = 1,
        trips_a_day: int = 1,
        open_routes: bool = False,
        points: ArrayLike | None = None,
        name: str = "routes",
    ) -> "RouteProblem":
        """A problem from a matrix of S x S distances; ProblemError names what cannot be routed.

        Time matters where `travel_s` or `due_s` is given; without `travel_s` a unit of distance
        takes a second.
        """
        ways = _matrix("distance", distance)
        stops = len(ways)
        timed = travel_s is not None or due_s is not None
        times: dict[str, Any] = {}
        if timed:
            times["travel_s"] = ways if travel_s is None else _matrix("travel_s", travel_s)
            times["ready_s"] = whole_numbers("ready_s", ready_s, stops)
            due = MAX_TIME_S if due_s is None else due_s
            times["due_s"] = whole_numbers("due_s", due, stops)
            times["service_s"] = whole_numbers("service_s", service_s, stops)
        problem = cls(
            ids=tuple(ids) if ids is not None else tuple(str(i) for i in range(stops)),
            demand=whole_numbers("demand", demand, stops),
            distance=ways,
            vehicles=tuple(vehicles),
            days=whole_number("days", days),
            trips_a_day=whole_number("trips_a_day", trips_a_day),
            open_routes=open_routes,
            points=None if points is None else np.asarray(points, dtype=np.float64),
            name=name,
            **times,
        )
        problem._refuse_faults()
        problem._freeze()
        return problem

    @classmethod
    def from_places(
        cls,
        lon_lat: ArrayLike,
        demand: ArrayLike,
        vehicles: Sequence[Vehicle],
        *,
        circuity: float = 1.35,
        speed_kmh: float = 40.0,
        **more: Any,
    ) -> "RouteProblem":
        """A problem from points: metres = great circle x circuity, seconds = metres / speed.

        Circuity is how much longer the road is than the straight line: about 1.35 on plains, 1.5 in
        hills, 1.8 in mountains (planning assumption, set per county).
        """
        points = np.asarray(lon_lat, dtype=np.float64)
        if points.ndim != 2 or points.shape[1:] != (2,) or not np.isfinite(points).all():
            raise ProblemError(["lon_lat needs one row a stop: longitude, latitude in degrees."])
        if not (1 <= circuity <= 5) or not (1 <= speed_kmh <= 200):
            raise ProblemError(["circuity is 1 to 5, speed_kmh 1 to 200; check the county's row."])
        metres = great_circle_m(points) * circuity
        seconds = metres * 3.6 / speed_kmh
        return cls.from_matrix(
            np.rint(metres).astype(np.int64),
            demand,
            vehicles,
            travel_s=np.ceil(seconds).astype(np.int64),
            points=points,
            **more,
        )

    @classmethod
    def from_vrplib(cls, path: str | Path) -> "RouteProblem":
        """The problem in a VRPLIB file (CVRP or VRPTW; EUC_2D or EXPLICIT)."""
        from .vrplib import read_vrplib

        return read_vrplib(Path(path))

    @property
    def stops(self) -> int:
        """Stops to serve, without the depot."""
        return len(self.ids) - 1

    @property
    def timed(self) -> bool:
        return self.travel_s is not None

    @cached_property
    def costs(self) -> Matrix:
        """int32[S, S]: what the search adds up; on open routes the way home costs nothing."""
        if not self.open_routes:
            return self.distance
        costs = self.distance.copy()
        costs[:, 0] = 0
        costs.flags.writeable = False
        return costs

    def _refuse_faults(self) -> None:
        faults = [*self._faults_of_sizes()]
        if not faults:
            faults += [*self._faults_of_stops(), *self._faults_of_times()]
        if faults:
            raise ProblemError(faults)

    def _faults_of_sizes(self) -> list[str]:
        faults = []
        stops = len(self.distance)
        if not 2 <= stops <= MAX_STOPS + 1:
            faults.append(f"{stops - 1:,} stops; 1 to {MAX_STOPS:,} can be routed at once.")
        if len(self.ids) != stops or len(set(self.ids)) != stops:
            faults.append(f"{len(self.ids)} ids for {stops} stops; each needs its own.")
        if not self.vehicles or len(self.vehicles) > MAX_VEHICLES:
            faults.append(f"{len(self.vehicles)} kinds of vehicle; 1 to {MAX_VEHICLES} are needed.")
        if not (1 <= self.days <= 366 and 1 <= self.trips_a_day <= 100):
            faults.append("days is 1 to 366, trips_a_day 1 to 100.")
        if self.points is not None and self.points.shape != (stops, 2):
            faults.append(f"points has shape {self.points.shape}; ({stops}, 2) is needed.")
        return faults

    def _faults_of_stops(self) -> list[str]:
        faults = [
            f"{kind.id}: capacity, cost and rate are 0 or more, count 1 or more."
            for kind in self.vehicles
            if min(kind.capacity, kind.cost, kind.rate, (kind.count or 1) - 1) < 0
            or kind.count == 0
        ]
        largest = max(kind.capacity for kind in self.vehicles)
        if largest > np.iinfo(np.int32).max:
            faults.append(f"Capacity {largest:,} is above {np.iinfo(np.int32).max:,}.")
        if self.demand[0] != 0:
            faults.append(f"The depot {self.ids[0]} has a demand of {self.demand[0]}; it is 0.")
        bad = np.flatnonzero((self.demand < 0) | (self.demand > largest))
        faults += [
            f"{self.ids[i]} needs {self.demand[i]:,}; the largest vehicle holds {largest:,}."
            for i in bad.tolist()
        ]
        return faults

    def _faults_of_times(self) -> list[str]:
        if self.travel_s is None:
            return []
        assert self.ready_s is not None
        assert self.due_s is not None
        assert self.service_s is not None
        faults = []
        for name, values in (("ready_s", self.ready_s), ("service_s", self.service_s)):
            if values.min() < 0 or values.max() > MAX_TIME_S:
                faults.append(f"{name} is 0 to {MAX_TIME_S:,} seconds.")
        home = 0 if self.open_routes else self.travel_s[:, 0]
        arrive = np.maximum(self.ready_s, self.ready_s[0] + self.travel_s[0])
        late = arrive > self.due_s
        back_late = arrive + self.service_s + home > self.due_s[0]
        faults += [
            f"{self.ids[i]} cannot be reached and left within its window and the working day."
            for i in np.flatnonzero(late | back_late).tolist()
            if i
        ]
        return faults

    def _freeze(self) -> None:
        for array in (
            *(self.demand, self.distance, self.travel_s, self.ready_s, self.due_s),
            *(self.service_s, self.points),
        ):
            if array is not None:
                array.flags.writeable = False


def great_circle_m(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64[S, S] metres between points of (longitude, latitude), by the haversine formula."""
    lon, lat = np.radians(points).T
    half = (
        np.sin((lat[:, None] - lat) / 2) ** 2
        + np.cos(lat[:, None]) * np.cos(lat) * np.sin((lon[:, None] - lon) / 2) ** 2
    )
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(1.0, half))))


def _matrix(name: str, values: ArrayLike) -> Matrix:
    """int32[S, S] of `values`; ProblemError where it is not square, whole and in range."""
    given = np.asarray(values)
    if given.ndim != 2 or given.shape[0] != given.shape[1]:
        raise ProblemError([f"{name} has shape {given.shape}; one row and column a stop."])
    numbers = whole_numbers(name, given.ravel(), given.size)
    if numbers.size and (numbers.min() < 0 or numbers.max() > MAX_DISTANCE):
        raise ProblemError([f"{name} is 0 to {MAX_DISTANCE:,} between any two stops."])
    square = numbers.reshape(given.shape).astype(np.int32)
    np.fill_diagonal(square, 0)
    return np.ascontiguousarray(square)
