"""RouteSettings: what an office decides once for the routes of all its counties."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..limits import MAX_VEHICLES
from ..problem.faults import ProblemError
from .instance import Instance, Roads, Stop
from .problem import Vehicle

UNITS, LITRES = "units", "litres"
PLAIN, HILLS, MOUNTAINS = 1.35, 1.5, 1.8  # road over straight line: a planning assumption
DAY_S = 86_400
ITERATIONS_AT_MOST = 100_000_000
SECONDS_AT_MOST = 3_600.0


@dataclass(frozen=True, slots=True)
class RouteSettings:
    """Vehicles of a county (capacity in units or in litres, as `measure` says), its working day
    (seconds from midnight), days, trips a day, and how long to search: iterations or seconds.

    ProblemError names what is out of range.
    """

    vehicles: tuple[Vehicle, ...] = (Vehicle("van", 2_000),)
    measure: str = UNITS
    days: int = 1
    trips_a_day: int = 1
    start_s: int = 8 * 3_600
    end_s: int = 18 * 3_600
    service_s: int = 600
    speed_kmh: float = 40.0
    circuity: float = PLAIN
    iterations: int | None = 100_000
    seconds: float | None = None

    def __post_init__(self) -> None:
        iterations, seconds = self.iterations, self.seconds
        limits = (
            (1 <= len(self.vehicles) <= MAX_VEHICLES, f"1 to {MAX_VEHICLES} kinds of vehicle"),
            (self.measure in (UNITS, LITRES), "measure is units or litres"),
            (1 <= self.days <= 60, "days is 1 to 60"),
            (1 <= self.trips_a_day <= 20, "trips_a_day is 1 to 20"),
            (0 <= self.start_s < self.end_s <= DAY_S, "the day starts before it ends"),
            (0 <= self.service_s <= 8 * 3_600, "service_s is 0 to 28,800"),
            (1 <= self.speed_kmh <= 200, "speed_kmh is 1 to 200"),
            (1 <= self.circuity <= 5, "circuity is 1 to 5"),
            ((iterations is None) != (seconds is None), "iterations or seconds, one of them"),
            (
                iterations is None or 1 <= iterations <= ITERATIONS_AT_MOST,
                "iterations is 1 to 100,000,000",
            ),
            (
                seconds is None or 0 < seconds <= SECONDS_AT_MOST,
                "seconds is above 0, at most 3,600",
            ),
        )
        if faults := [f"Settings of routes: {words}." for good, words in limits if not good]:
            raise ProblemError(faults)

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "vehicles": [asdict(vehicle) for vehicle in self.vehicles]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "RouteSettings":
        """What `to_json` wrote. ProblemError where it is something else."""
        try:
            vehicles = tuple(Vehicle(**vehicle) for vehicle in data["vehicles"])
            return cls(**{**data, "vehicles": vehicles})
        except (KeyError, TypeError) as fault:
            raise ProblemError([f"These are no settings of routes: {fault}."]) from fault

    def demand(self, units: int, litres: float) -> int:
        """What a stop takes of a vehicle's capacity: litres are rounded up."""
        return units if self.measure == UNITS else math.ceil(round(litres, 6))

    def instance(
        self, name: str, depot: Stop, stops: Sequence[Stop], circuity: float | None = None
    ) -> Instance:
        """The instance of one county; the working day and the time at a stop are set here."""
        return Instance(
            name=name,
            depot=_timed(depot, ready_s=self.start_s, due_s=self.end_s),
            stops=tuple(_timed(stop, service_s=self.service_s) for stop in stops),
            vehicles=self.vehicles,
            roads=Roads(circuity or self.circuity, self.speed_kmh),
            days=self.days,
            trips_a_day=self.trips_a_day,
        )


def _timed(stop: Stop, **times: int) -> Stop:
    return Stop(**{**asdict(stop), **times})
