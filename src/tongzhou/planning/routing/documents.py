"""Routes as JSON: an instance in, an answer ("ROUTES") out.

Both are read strictly (ProblemError names every place at fault) and written in one fixed form: what
was written, read and written again has the same bytes. docs/routes.md shows both.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from ..problem.faults import ProblemError
from .answer import Answer, DriverTrip, Visit, faults_of
from .instance import LEFT_OUT_REASONS, Instance, LeftOut, Roads, Stop
from .problem import Matrix, Vehicle
from .reading import MAX_NAME_LENGTH, Reader, parsed, parsed_bytes

FORMAT = "tongzhou-routes-1"
_STOP = (
    *("id", "name", "lon", "lat", "demand", "units"),
    *("ready_s", "due_s", "service_s", "estimated"),
)
_VEHICLE = ("id", "capacity", "count", "cost", "rate")
_ROADS = ("circuity", "speed_kmh", "source", "note", "distance_m", "travel_s")
_INSTANCE = {
    *("name", "depot", "stops", "vehicles", "roads"),
    *("days", "trips_a_day", "open_routes", "note"),
}
_TRIP = {
    *("number", "vehicle", "vehicle_number", "day", "start_s", "finish_s"),
    *("units", "distance_m", "stops", "home_m"),
}
_ANSWER = {
    *("format", "name", "depot", "stops", "vehicles", "trips", "left_out", "roads"),
    *("days", "open_routes", "totals", "seed", "iterations", "cost"),
}


# ------------------------------------------------------------------------------ instance


def read_instance(path: Path) -> Instance:
    """The instance in a JSON file. ProblemError says what is wrong; OSError: it cannot be read."""
    return instance_from(parsed(path))


def instance_from(data: Any) -> Instance:
    """The instance of parsed JSON; ProblemError names every place at fault."""
    reader = _Reader()
    if not reader.is_object(data, "the file", _INSTANCE):
        reader.stop()
    instance = Instance(
        name=reader.text(data, "name", "the file", "routes", longest=MAX_NAME_LENGTH),
        depot=reader.stop_at(data.get("depot"), "depot"),
        stops=tuple(reader.rows(data, "stops", reader.stop_at)),
        vehicles=tuple(reader.rows(data, "vehicles", reader.vehicle)),
        roads=reader.roads(data.get("roads", {}), "roads"),
        days=reader.whole(data, "days", "the file", 1, least=1),
        trips_a_day=reader.whole(data, "trips_a_day", "the file", 1, least=1),
        open_routes=reader.truth(data, "open_routes", "the file"),
    )
    reader.stop()
    return instance


def instance_to(instance: Instance) -> dict[str, Any]:
    """The JSON form; reading it gives the same instance."""
    return {
        "name": instance.name,
        "depot": _stop_to(instance.depot),
        "stops": [_stop_to(stop) for stop in instance.stops],
        "vehicles": [asdict(vehicle) for vehicle in instance.vehicles],
        "roads": _roads_to(instance.roads),
        "days": instance.days,
        "trips_a_day": instance.trips_a_day,
        "open_routes": instance.open_routes,
    }


def write_instance(instance: Instance, path: Path) -> None:
    path.write_bytes(_bytes(instance_to(instance)))


# ------------------------------------------------------------------------------ answer


def read_answer(path: Path) -> Answer:
    """The answer in a JSON file. ProblemError says what is wrong; OSError: it cannot be read."""
    return answer_from(parsed(path))


def answer_from_bytes(data: bytes) -> Answer:
    """The answer that `answer_bytes` wrote."""
    return answer_from(parsed_bytes(data, "The routes"))


def answer_from(data: Any) -> Answer:
    """The answer of parsed JSON; ProblemError names every place at fault."""
    reader = _Reader()
    if not reader.is_object(data, "the file", _ANSWER):
        reader.stop()
    if data.get("format") != FORMAT:
        raise ProblemError([f"format: {data.get('format')!r}; {FORMAT!r} is read here."])
    stops = reader.rows(data, "stops", reader.stop_at)
    reader.known = {stop.id: stop for stop in stops}
    answer = Answer(
        name=reader.text(data, "name", "the file", "routes", longest=MAX_NAME_LENGTH),
        depot=reader.stop_at(data.get("depot"), "depot"),
        stops=tuple(stops),
        vehicles=tuple(reader.rows(data, "vehicles", reader.vehicle)),
        trips=tuple(reader.rows(data, "trips", reader.trip)),
        left_out=tuple(reader.rows(data, "left_out", reader.left_out)),
        roads=reader.roads(data.get("roads", {}), "roads"),
        days=reader.whole(data, "days", "the file", least=1),
        open_routes=reader.truth(data, "open_routes", "the file"),
        seed=reader.whole(data, "seed", "the file"),
        iterations=reader.whole(data, "iterations", "the file"),
        cost=reader.whole(data, "cost", "the file"),
    )
    reader.stop()
    _refuse_what_does_not_add_up(answer, data)
    return answer


def answer_to(answer: Answer) -> dict[str, Any]:
    """The JSON form; reading it gives the same answer."""
    return {
        "format": FORMAT,
        "name": answer.name,
        "depot": _stop_to(answer.depot),
        "stops": [_stop_to(stop) for stop in answer.stops],
        "vehicles": [asdict(vehicle) for vehicle in answer.vehicles],
        "trips": [_trip_to(trip) for trip in answer.trips],
        "left_out": [{"stop": _stop_to(one.stop), "why": one.why} for one in answer.left_out],
        "roads": _roads_to(answer.roads),
        "days": answer.days,
        "open_routes": answer.open_routes,
        "totals": asdict(answer.totals),
        "seed": answer.seed,
        "iterations": answer.iterations,
        "cost": answer.cost,
    }


def answer_bytes(answer: Answer) -> bytes:
    """UTF-8 JSON with one line end; the same answer, the same bytes."""
    return _bytes(answer_to(answer))


def write_answer(answer: Answer, path: Path) -> None:
    path.write_bytes(answer_bytes(answer))


# ------------------------------------------------------------------------------ writing


def _bytes(data: Mapping[str, Any]) -> bytes:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return (text + "\n").encode()


def _stop_to(stop: Stop) -> dict[str, Any]:
    """What goes without saying is left out."""
    stated: dict[str, Any] = {"id": stop.id}
    plain = Stop(stop.id)
    for name in _STOP[1:]:
        value = getattr(stop, name)
        if value != getattr(plain, name):
            # A whole number of degrees is written as it will be read again.
            stated[name] = float(value) if name in ("lon", "lat") else value
    return stated


def _roads_to(roads: Roads) -> dict[str, Any]:
    stated: dict[str, Any] = {
        "circuity": float(roads.circuity),
        "speed_kmh": float(roads.speed_kmh),
        "source": roads.source,
    }
    if roads.note:
        stated["note"] = roads.note
    for name in ("distance_m", "travel_s"):
        matrix = getattr(roads, name)
        if matrix is not None:
            stated[name] = matrix.tolist()
    return stated


def _trip_to(trip: DriverTrip) -> dict[str, Any]:
    return {
        "number": trip.number,
        "vehicle": trip.vehicle,
        "vehicle_number": trip.vehicle_number,
        "day": trip.day,
        "start_s": trip.start_s,
        "finish_s": trip.finish_s,
        "units": trip.units,
        "distance_m": trip.distance_m,
        "stops": [
            {"id": v.stop.id, "arrive_s": v.arrive_s, "units": v.units, "leg_m": v.leg_m}
            for v in trip.visits
        ],
        "home_m": trip.home_m,
    }


# ------------------------------------------------------------------------------ reading


def _refuse_what_does_not_add_up(answer: Answer, data: Mapping[str, Any]) -> None:
    faults = faults_of(answer)
    if data.get("totals") != asdict(answer.totals):
        faults.append("totals: they are not the sums of the trips.")
    for at, (trip, stated) in enumerate(zip(answer.trips, data["trips"], strict=True)):
        if (stated.get("units"), stated.get("distance_m")) != (trip.units, trip.distance_m):
            faults.append(f"trips[{at}]: units or distance_m are not the sums of its stops.")
    if faults:
        raise ProblemError(faults)


class _Reader(Reader):
    """The pieces of instances and answers."""

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[str, Stop] = {}

    def stop_at(self, value: Any, at: str) -> Stop:
        if not self.is_object(value, at, _STOP):
            return Stop("")
        lon, lat = (self._degrees(value, name, at) for name in ("lon", "lat"))
        if (lon is None) != (lat is None):
            self.note(at, "lon and lat go together")
        return Stop(
            id=self.text(value, "id", at),
            demand=self.whole(value, "demand", at, 0),
            name=self.text(value, "name", at, "", longest=MAX_NAME_LENGTH),
            lon=lon,
            lat=lat,
            ready_s=self.whole(value, "ready_s", at, 0),
            due_s=self.whole_or_none(value, "due_s", at),
            service_s=self.whole(value, "service_s", at, 0),
            estimated=self.truth(value, "estimated", at),
            units=self.whole_or_none(value, "units", at),
        )

    def _degrees(self, value: Mapping[str, Any], name: str, at: str) -> float | None:
        if value.get(name) is None:
            return None
        degrees, most = self.number(value, name, at), 180 if name == "lon" else 90
        if abs(degrees) > most:
            self.note(f"{at}.{name}", f"{degrees} is not on Earth; -{most} to {most}")
        return degrees

    def vehicle(self, value: Any, at: str) -> Vehicle:
        if not self.is_object(value, at, _VEHICLE):
            return Vehicle("", 0)
        return Vehicle(
            id=self.text(value, "id", at),
            capacity=self.whole(value, "capacity", at),
            count=self.whole_or_none(value, "count", at),
            cost=self.whole(value, "cost", at, 0),
            rate=self.whole(value, "rate", at, 1),
        )

    def roads(self, value: Any, at: str) -> Roads:
        if not self.is_object(value, at, _ROADS):
            return Roads()
        distance = self._matrix(value, "distance_m", at)
        for name, most in (("circuity", 5), ("speed_kmh", 200)):
            if name in value and not 1 <= self.number(value, name, at) <= most:
                self.note(f"{at}.{name}", f"1 to {most}")
        return Roads(
            circuity=self.number(value, "circuity", at, 1.35),
            speed_kmh=self.number(value, "speed_kmh", at, 40.0),
            source=self.text(value, "source", at, "straight" if distance is None else "given"),
            note=self.text(value, "note", at, "", longest=1_000),
            distance_m=distance,
            travel_s=self._matrix(value, "travel_s", at),
        )

    def _matrix(self, value: Mapping[str, Any], name: str, at: str) -> Matrix | None:
        """int32[S, S]; whether it fits the stops is for RouteProblem to say."""
        rows = value.get(name)
        if rows is None:
            return None
        square = isinstance(rows, list) and all(
            isinstance(row, list) and len(row) == len(rows) for row in rows
        )
        most = np.iinfo(np.int32).max
        if not square or not all(type(x) is int and 0 <= x <= most for row in rows for x in row):
            self.note(f"{at}.{name}", "as many rows as columns are needed, of whole numbers")
            return None
        return np.array(rows, dtype=np.int32).reshape(len(rows), len(rows))

    def trip(self, value: Any, at: str) -> DriverTrip:
        if not self.is_object(value, at, _TRIP):
            return DriverTrip(0, "", 0, 0, None, None, (), 0)
        return DriverTrip(
            number=self.whole(value, "number", at, least=1),
            vehicle=self.text(value, "vehicle", at),
            vehicle_number=self.whole(value, "vehicle_number", at, least=1),
            day=self.whole(value, "day", at, least=1),
            start_s=self.whole_or_none(value, "start_s", at),
            finish_s=self.whole_or_none(value, "finish_s", at),
            visits=tuple(self._visits(value.get("stops"), f"{at}.stops")),
            home_m=self.whole(value, "home_m", at),
        )

    def _visits(self, values: Any, at: str) -> Sequence[Visit]:
        if not isinstance(values, list) or not values:
            self.note(at, "a list of stops is needed")
            return []
        return [self._visit(value, f"{at}[{i}]") for i, value in enumerate(values)]

    def _visit(self, value: Any, at: str) -> Visit:
        if not self.is_object(value, at, ("id", "arrive_s", "units", "leg_m")):
            return Visit(Stop(""), None, 0)
        name = self.text(value, "id", at)
        stop = self.known.get(name, Stop(""))
        if name not in self.known:
            self.note(f"{at}.id", f"{name} is not in stops")
        elif self.whole(value, "units", at) != stop.pieces:
            self.note(f"{at}.units", f"{stop.pieces} are needed at {name}")
        return Visit(
            stop, self.whole_or_none(value, "arrive_s", at), self.whole(value, "leg_m", at)
        )

    def left_out(self, value: Any, at: str) -> LeftOut:
        if not self.is_object(value, at, ("stop", "why")):
            return LeftOut(Stop(""), "")
        why = self.text(value, "why", at)
        if why not in LEFT_OUT_REASONS:
            self.note(f"{at}.why", f"{why!r}; one of {', '.join(LEFT_OUT_REASONS)}")
        return LeftOut(self.stop_at(value.get("stop"), f"{at}.stop"), why)
