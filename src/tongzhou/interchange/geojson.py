"""Points with properties as a GeoJSON FeatureCollection (RFC 7946), written by the piece.

Coordinates are WGS-84 in degrees, longitude first. Six decimals are 0.1 m; fewer may be asked for
where a place must not be known exactly.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

DECIMALS = 6
_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Point:
    """A feature: `lat` and `lon` in degrees, None where the place is not known."""

    lat: float | None
    lon: float | None
    properties: Mapping[str, object] = field(default_factory=dict)
    id: str | None = None


def chunks(points: Iterable[Point], *, decimals: int = DECIMALS) -> Iterator[bytes]:
    """UTF-8 bytes of a FeatureCollection. Raises ValueError for a point that is not on Earth.

    A point without a place is a feature with null geometry, as the standard asks.
    """
    yield b'{"type":"FeatureCollection","features":['
    given = iter(points)
    separator = ""
    while batch := list(islice(given, _BATCH)):
        text = ",".join(_feature(point, decimals) for point in batch)
        yield (separator + text).encode()
        separator = ","
    yield b"]}"


def _feature(point: Point, decimals: int) -> str:
    feature: dict[str, object] = {"type": "Feature"}
    if point.id is not None:
        feature["id"] = point.id
    feature["geometry"] = _geometry(point, decimals)
    feature["properties"] = dict(point.properties)
    return json.dumps(feature, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _geometry(point: Point, decimals: int) -> dict[str, object] | None:
    if point.lat is None or point.lon is None:
        return None
    if not (-90 <= point.lat <= 90 and -180 <= point.lon <= 180):
        raise ValueError(f"Not a place on Earth: latitude {point.lat}, longitude {point.lon}.")
    return {
        "type": "Point",
        "coordinates": [round(point.lon, decimals), round(point.lat, decimals)],
    }
