"""Instance: what a county's routes are made from, as its office would say it, and as the engine
needs it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..limits import MAX_TIME_S
from ..problem.faults import ProblemError
from .problem import Matrix, RouteProblem, Vehicle, great_circle_m

NO_POINT, TOO_LARGE, TOO_FAR = "no_point", "too_large", "too_far"
LEFT_OUT_REASONS = (NO_POINT, TOO_LARGE, TOO_FAR)


@dataclass(frozen=True, slots=True)
class Stop:
    """A place that is visited, or the depot, whose `ready_s` to `due_s` is the working day.

    `lon`, `lat` in degrees, WGS-84; None only where a matrix of roads is given. `estimated`: the
    point was set near its village, nobody surveyed it. Seconds count from midnight. `units` are the
    pieces handed over, where demand is counted in something else (litres).
    """

    id: str
    demand: int = 0
    name: str = ""
    lon: float | None = None
    lat: float | None = None
    ready_s: int = 0
    due_s: int | None = None
    service_s: int = 0
    estimated: bool = False
    units: int | None = None

    @property
    def pieces(self) -> int:
        return self.demand if self.units is None else self.units


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A stop that no route serves, and why: one of LEFT_OUT_REASONS."""

    stop: Stop
    why: str


@dataclass(frozen=True, eq=False)
class Roads:
    """How far it is: straight line x `circuity` at `speed_kmh`, or matrices (int32[S, S], the depot
    first) from `source`. `note` says what went wrong on the way to them."""

    circuity: float = 1.35
    speed_kmh: float = 40.0
    source: str = "straight"
    note: str = ""
    distance_m: Matrix | None = None
    travel_s: Matrix | None = None


@dataclass(frozen=True, eq=False)
class Instance:
    """One depot, its stops, its vehicles, its roads. Small enough to be sent to another machine."""

    name: str
    depot: Stop
    stops: tuple[Stop, ...]
    vehicles: tuple[Vehicle, ...]
    roads: Roads = Roads()
    days: int = 1
    trips_a_day: int = 1
    open_routes: bool = False

    @property
    def all_stops(self) -> tuple[Stop, ...]:
        """The depot, then the stops: the order of the engine's arrays."""
        return (self.depot, *self.stops)

    def problem(self) -> RouteProblem:
        """The arrays of the engine. ProblemError names what cannot be routed."""
        stops = self.all_stops
        close = MAX_TIME_S if self.depot.due_s is None else self.depot.due_s
        more: dict[str, Any] = {
            "ids": [stop.id for stop in stops],
            "ready_s": np.array([stop.ready_s for stop in stops], dtype=np.int64),
            "service_s": np.array([stop.service_s for stop in stops], dtype=np.int64),
            "days": self.days,
            "trips_a_day": self.trips_a_day,
            "open_routes": self.open_routes,
            "name": self.name,
        }
        due = np.array([close if s.due_s is None else s.due_s for s in stops], dtype=np.int64)
        demand = np.array([stop.demand for stop in stops], dtype=np.int64)
        if self.roads.distance_m is None:
            return RouteProblem.from_places(
                self.points(),
                demand,
                self.vehicles,
                circuity=self.roads.circuity,
                speed_kmh=self.roads.speed_kmh,
                due_s=due,
                **more,
            )
        timed = self.roads.travel_s is not None
        return RouteProblem.from_matrix(
            self.roads.distance_m,
            demand,
            self.vehicles,
            travel_s=self.roads.travel_s,
            due_s=due if timed else None,
            **more,
        )

    def servable(self) -> tuple["Instance", tuple[LeftOut, ...]]:
        """The instance without the stops that no vehicle can serve, and these with the reason.

        One clinic at the end of the world must not leave its whole county without routes.
        """
        largest = max((vehicle.capacity for vehicle in self.vehicles), default=0)
        reasons = [self._reason(stop, largest) for stop in self.stops]
        first = self._without(reasons)
        if not first.stops:
            return first, self._named(reasons)
        near = iter(first._reached().tolist())
        reasons = [reason or ("" if next(near) else TOO_FAR) for reason in reasons]
        return self._without(reasons), self._named(reasons)

    def _reason(self, stop: Stop, largest: int) -> str:
        if self.roads.distance_m is None and (stop.lon is None or stop.lat is None):
            return NO_POINT
        return TOO_LARGE if stop.demand > largest else ""

    def _reached(self) -> NDArray[np.bool_]:
        """bool[stops]: there within the window, and back within the working day."""
        out, home = self._first_legs_s()
        begin = np.array([stop.ready_s for stop in self.stops], dtype=np.int64)
        begin = np.maximum(begin, self.depot.ready_s + out)
        close = MAX_TIME_S if self.depot.due_s is None else self.depot.due_s
        due = np.array([close if s.due_s is None else s.due_s for s in self.stops], dtype=np.int64)
        service = np.array([stop.service_s for stop in self.stops], dtype=np.int64)
        end = begin + service + (0 if self.open_routes else home)
        return np.asarray((begin <= due) & (end <= close))

    def _first_legs_s(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """int64[stops] twice: seconds from the depot to each stop, and back."""
        roads = self.roads
        if roads.distance_m is not None:
            if roads.travel_s is None:
                return (np.zeros(len(self.stops), dtype=np.int64),) * 2
            wide = roads.travel_s.astype(np.int64)
            return wide[0, 1:], wide[1:, 0]
        points = self.points()
        metres = [great_circle_m(points[[0, i]])[0, 1] for i in range(1, len(points))]
        seconds = np.ceil(np.array(metres) * roads.circuity * 3.6 / roads.speed_kmh)
        return seconds.astype(np.int64), seconds.astype(np.int64)

    def points(self) -> NDArray[np.float64]:
        """float64[S, 2]: longitude, latitude; ProblemError names a stop without them."""
        unknown = [stop.id for stop in self.all_stops if stop.lon is None or stop.lat is None]
        if unknown:
            raise ProblemError([f"{name} has no lon and lat; give both." for name in unknown])
        return np.array([(stop.lon, stop.lat) for stop in self.all_stops], dtype=np.float64)

    def _without(self, reasons: Sequence[str]) -> "Instance":
        kept = [at for at, reason in enumerate(reasons) if not reason]
        rows = np.array([0, *(at + 1 for at in kept)])
        roads = self.roads
        if roads.distance_m is not None:
            square = np.ix_(rows, rows)
            travel = None if roads.travel_s is None else roads.travel_s[square]
            roads = replace(roads, distance_m=roads.distance_m[square], travel_s=travel)
        return replace(self, stops=tuple(self.stops[at] for at in kept), roads=roads)

    def _named(self, reasons: Sequence[str]) -> tuple[LeftOut, ...]:
        return tuple(
            LeftOut(stop, reason)
            for stop, reason in zip(self.stops, reasons, strict=True)
            if reason
        )
