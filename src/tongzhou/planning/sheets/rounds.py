"""What drivers drive: the routes of a county as rounds, one for each vehicle and day."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ..routing.answer import Answer, DriverTrip, Visit
from ..routing.instance import Stop

HOUR_S, MINUTE_S = 3_600, 60

Items = Mapping[str, int]


class Call(NamedTuple):
    """A visit in its place: `trip` and `order` count from 1 within the round."""

    trip: int
    order: int
    visit: Visit


@dataclass(frozen=True, eq=False)
class Round:
    """All trips of one vehicle on one day, in the order of the day.

    `items` holds units by item for stops of which they are known, by the id of the stop.
    """

    county: str
    depot: Stop
    vehicle: str
    vehicle_number: int
    day: int
    trips: tuple[DriverTrip, ...]
    open_routes: bool = False
    items: Mapping[str, Items] = field(default_factory=dict)
    called: str = ""

    @property
    def driver(self) -> str:
        """Who drives it, for people: as the office calls it, else as files do."""
        return self.called or self.vehicle_id

    @property
    def vehicle_id(self) -> str:
        """The kind of vehicle and which one of it, the same in every language."""
        return f"{self.vehicle} {self.vehicle_number}"

    @property
    def units(self) -> int:
        return sum(trip.units for trip in self.trips)

    @property
    def distance_m(self) -> int:
        return sum(trip.distance_m for trip in self.trips)

    @property
    def stops(self) -> list[Stop]:
        return [call.visit.stop for call in self.calls()]

    def calls(self) -> Iterator[Call]:
        """Every visit of the round, numbered through its trips."""
        order = 0
        for number, trip in enumerate(self.trips, start=1):
            for visit in trip.visits:
                order += 1
                yield Call(number, order, visit)

    def path(self, trip: DriverTrip) -> list[Stop]:
        """The stops of a trip, from the depot and, unless routes are open, back to it."""
        home = () if self.open_routes else (self.depot,)
        return [self.depot, *(visit.stop for visit in trip.visits), *home]

    def items_of(self, stop: Stop) -> Items:
        return self.items.get(stop.id, {})

    def load(self, trip: DriverTrip) -> dict[str, int]:
        """Units to load by item, {} where the items are not known."""
        found: dict[str, int] = defaultdict(int)
        for visit in trip.visits:
            for item, units in self.items_of(visit.stop).items():
                found[item] += units
        return dict(found)


def rounds_of(
    answer: Answer, items: Mapping[str, Items] | None = None, *, county: str = ""
) -> list[Round]:
    """The rounds of a county by day and vehicle; `items` as in Round, `county` a name for people
    where the answer has only a code."""
    together: dict[tuple[int, str, int], list[DriverTrip]] = defaultdict(list)
    for trip in answer.trips:
        together[trip.day, trip.vehicle, trip.vehicle_number].append(trip)
    return [
        Round(
            county=county or answer.name,
            depot=answer.depot,
            vehicle=vehicle,
            vehicle_number=number,
            day=day,
            trips=tuple(sorted(trips, key=lambda trip: (trip.start_s or 0, trip.number))),
            open_routes=answer.open_routes,
            items=items or {},
        )
        for (day, vehicle, number), trips in sorted(together.items())
    ]


def point_of(stop: Stop) -> tuple[float, float] | None:
    """Longitude and latitude in degrees, None where nobody knows them."""
    return None if stop.lon is None or stop.lat is None else (stop.lon, stop.lat)


def clock_text(second: int | None) -> str:
    """'08:05' from seconds since midnight, rounded down to the minute; '' for None. After midnight
    the hours go on: 25:30 is half past one of the next day."""
    if second is None:
        return ""
    return f"{second // HOUR_S:02d}:{second % HOUR_S // MINUTE_S:02d}"


def kilometres(metres: int) -> str:
    """'4.2', and whole kilometres from 100 on."""
    return f"{metres / 1_000:,.1f}" if metres < 100_000 else f"{metres / 1_000:,.0f}"
