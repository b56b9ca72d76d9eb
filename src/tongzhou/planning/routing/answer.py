"""Answer: routes as drivers and their office read them, with places, hours, units and metres."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from .instance import Instance, LeftOut, Roads, Stop
from .problem import Vehicle
from .solution import Routes


@dataclass(frozen=True, slots=True)
class Visit:
    """One stop of a trip. `arrive_s`: when service begins, None where time does not matter;
    `leg_m`: metres from the stop before."""

    stop: Stop
    arrive_s: int | None
    leg_m: int

    @property
    def units(self) -> int:
        return self.stop.pieces


@dataclass(frozen=True, slots=True)
class DriverTrip:
    """One route in the hands of one vehicle, `number` 1 and up in the order of days and hours.

    `vehicle` is the id of its kind, `vehicle_number` which one of the kind. `home_m`: metres from
    the last stop back to the depot, 0 on open routes.
    """

    number: int
    vehicle: str
    vehicle_number: int
    day: int
    start_s: int | None
    finish_s: int | None
    visits: tuple[Visit, ...]
    home_m: int

    @property
    def units(self) -> int:
        return sum(visit.units for visit in self.visits)

    @property
    def load(self) -> int:
        """What it takes of the vehicle's capacity."""
        return sum(visit.stop.demand for visit in self.visits)

    @property
    def distance_m(self) -> int:
        return sum(visit.leg_m for visit in self.visits) + self.home_m

    @property
    def road_s(self) -> int | None:
        """Seconds from leaving to coming back."""
        if self.start_s is None or self.finish_s is None:
            return None
        return self.finish_s - self.start_s


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums of an answer. `vehicle_days`: how many vehicles go out, summed over the days;
    `longest_s`: the longest day of one vehicle, None where time does not matter."""

    stops: int
    units: int
    trips: int
    distance_m: int
    vehicle_days: int
    days: int
    longest_s: int | None


@dataclass(frozen=True, eq=False)
class Answer:
    """What `route` found for an instance. `stops` are those that trips visit, `left_out` the rest.

    `days` are those that the instance gives; where `totals.days` is more, the fleet is too small.
    `cost` and `iterations` are the engine's; `roads` is without its matrices.
    """

    name: str
    depot: Stop
    stops: tuple[Stop, ...]
    vehicles: tuple[Vehicle, ...]
    trips: tuple[DriverTrip, ...]
    left_out: tuple[LeftOut, ...]
    roads: Roads
    days: int
    open_routes: bool
    seed: int
    iterations: int
    cost: int

    @property
    def totals(self) -> Totals:
        spans = [end - begin for begin, end in self._shifts()]
        return Totals(
            stops=len(self.stops),
            units=sum(stop.pieces for stop in self.stops),
            trips=len(self.trips),
            distance_m=sum(trip.distance_m for trip in self.trips),
            vehicle_days=len({(t.day, t.vehicle, t.vehicle_number) for t in self.trips}),
            days=max((trip.day for trip in self.trips), default=0),
            longest_s=max(spans, default=None),
        )

    def _shifts(self) -> Iterator[tuple[int, int]]:
        """(first start, last finish) of each vehicle on each day."""
        shifts: dict[tuple[int, str, int], tuple[int, int]] = {}
        for trip in self.trips:
            if trip.start_s is None or trip.finish_s is None:
                continue
            key = (trip.day, trip.vehicle, trip.vehicle_number)
            begin, end = shifts.get(key, (trip.start_s, trip.finish_s))
            shifts[key] = (min(begin, trip.start_s), max(end, trip.finish_s))
        yield from shifts.values()


def answer_of(instance: Instance, routes: Routes, left_out: tuple[LeftOut, ...] = ()) -> Answer:
    """The routes of an instance with its places. `routes` must come from `instance.problem()`."""
    roads = instance.roads
    return Answer(
        name=instance.name,
        depot=instance.depot,
        stops=instance.stops,
        vehicles=instance.vehicles,
        trips=tuple(_trips(instance, routes)),
        left_out=left_out,
        roads=Roads(roads.circuity, roads.speed_kmh, roads.source, roads.note),
        days=instance.days,
        open_routes=instance.open_routes,
        seed=routes.seed,
        iterations=routes.iterations,
        cost=routes.cost,
    )


def _trips(instance: Instance, routes: Routes) -> Iterator[DriverTrip]:
    stops, problem = instance.all_stops, routes.problem
    for number, trip in enumerate(routes.trips, start=1):
        order = routes.routes[trip.route]
        clock = dict(routes.arrivals(trip))
        legs = [
            int(problem.distance[here, there])
            for here, there in zip((0, *order), order, strict=False)
        ]
        home = 0 if problem.open_routes else int(problem.distance[order[-1], 0])
        yield DriverTrip(
            number=number,
            vehicle=instance.vehicles[trip.kind].id,
            vehicle_number=trip.vehicle,
            day=trip.day,
            start_s=trip.start_s if problem.timed else None,
            finish_s=trip.finish_s if problem.timed else None,
            visits=tuple(
                Visit(stops[at], clock.get(at), leg) for at, leg in zip(order, legs, strict=True)
            ),
            home_m=home,
        )


def faults_of(answer: Answer) -> list[str]:
    """What does not fit together in an answer that was read from a file; [] when it is sound."""
    known = {vehicle.id: vehicle for vehicle in answer.vehicles}
    visits = Counter(visit.stop.id for trip in answer.trips for visit in trip.visits)
    faults = [f"{name} is visited {n} times." for name, n in visits.items() if n > 1]
    faults += [f"{stop.id} is not visited." for stop in answer.stops if not visits[stop.id]]
    for trip in answer.trips:
        vehicle = known.get(trip.vehicle)
        if vehicle is None:
            faults.append(f"Trip {trip.number} is driven by {trip.vehicle}, which is no vehicle.")
        elif trip.load > vehicle.capacity:
            faults.append(
                f"Trip {trip.number} carries {trip.load:,}; {vehicle.id} holds"
                f" {vehicle.capacity:,}."
            )
    return faults
