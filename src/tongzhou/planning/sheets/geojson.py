"""Rounds as GeoJSON (RFC 7946): a line for each trip, a point for each stop and depot."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from ..routing.answer import DriverTrip
from ..routing.instance import Stop
from .rounds import Call, Round, clock_text, point_of

DECIMALS = 6  # 0.1 m

Feature = dict[str, Any]


def geojson(rounds: Iterable[Round]) -> Iterator[bytes]:
    """UTF-8 bytes of one FeatureCollection, a piece for each round.

    A line goes straight from stop to stop. What has no point is a feature with null geometry.
    """
    yield b'{"type":"FeatureCollection","features":['
    between = ""
    for round_ in rounds:
        text = ",".join(
            json.dumps(one, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
            for one in _features(round_)
        )
        yield (between + text).encode()
        between = ","
    yield b"]}"


def _features(round_: Round) -> Iterator[Feature]:
    frame = {"county": round_.county, "day": round_.day, "vehicle": round_.vehicle_id}
    yield _at(round_.depot, {"kind": "depot", **frame})
    for number, trip in enumerate(round_.trips, start=1):
        yield _feature(_line(round_, trip), {"kind": "trip", **frame, **_trip(number, trip)})
    for call in round_.calls():
        yield _at(call.visit.stop, {"kind": "stop", **frame, **_visit(round_, call)})


def _trip(number: int, trip: DriverTrip) -> dict[str, Any]:
    return {
        "trip": number,
        "stops": len(trip.visits),
        "units": trip.units,
        "km": km(trip.distance_m),
        "leaves": clock_text(trip.start_s),
        "back": clock_text(trip.finish_s),
        "path": "straight lines between stops",
    }


def _visit(round_: Round, call: Call) -> dict[str, Any]:
    visit = call.visit
    items = round_.items_of(visit.stop)
    return {
        "trip": call.trip,
        "order": call.order,
        "arrival": clock_text(visit.arrive_s),
        "units": visit.units,
        "leg_km": km(visit.leg_m),
        **({"items": dict(items)} if items else {}),
    }


def km(metres: int) -> float:
    """Kilometres with one decimal."""
    return round(metres / 1_000, 1)


def _at(stop: Stop, properties: dict[str, Any]) -> Feature:
    point = point_of(stop)
    geometry = {"type": "Point", "coordinates": _position(point)} if point else None
    known = {"name": stop.name, "estimated": stop.estimated}
    return {"id": stop.id, **_feature(geometry, {**properties, **known})}


def _line(round_: Round, trip: DriverTrip) -> dict[str, Any] | None:
    points = [point for stop in round_.path(trip) if (point := point_of(stop))]
    if len(points) < 2 or not any(point_of(visit.stop) for visit in trip.visits):
        return None
    return {"type": "LineString", "coordinates": [_position(point) for point in points]}


def _feature(geometry: dict[str, Any] | None, properties: dict[str, Any]) -> Feature:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _position(point: tuple[float, float]) -> list[float]:
    return [round(point[0], DECIMALS), round(point[1], DECIMALS)]
