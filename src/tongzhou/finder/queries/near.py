"""The nearest facilities to a point, out of any number of them, within a radius and a cap.

Distances are compared by the straight line between points of the unit sphere, which is in the order
of the way over the ground. SQLite: a box around the point is doubled until it holds enough, which
bounds how far the farthest of them can be; then one look at that radius. PostgreSQL: the nearest in
degrees (GiST, `<->`) give the bound. Either way the second look is exact, whatever the first found.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from ..rules import distance_m, vector
from ..rules.ranking import EARTH_RADIUS_M

MOST_FOUND = 100
FARTHEST_M = 200_000.0
FIRST_BOX_M = 100.0
NARROWED = 3
# The layers of the index in the order of migration 0002; the service is a column of Facility.
LAYERS = ("", "sees_fever", "sees_children", "has_oxygen", "has_emergency", "all_day")
# The index of SQLite keeps 32-bit floats, up to this much (in degrees) outside of a point.
SLACK = 1e-4

SQUARE = "(x - %s) * (x - %s) + (y - %s) * (y - %s) + (z - %s) * (z - %s)"
IN_TREE = (
    "FROM finder_near WHERE layer0 <= %s AND layer1 >= %s"
    " AND lat1 >= %s AND lat0 <= %s AND lon1 >= %s AND lon0 <= %s AND (marks & %s) = %s"
)
IN_TABLE = (
    "FROM finder_facility WHERE state = 'active' AND lat IS NOT NULL"
    " AND point(lon, lat) <@ box(point(%s, %s), point(%s, %s))"
)


@dataclass(frozen=True, slots=True)
class Near:
    """A facility's id and its distance over the ground."""

    facility_id: int
    distance_m: float


@dataclass(frozen=True, slots=True)
class Box:
    """A part of the map in degrees."""

    south: float
    north: float
    west: float
    east: float


def nearest(
    lat: float,
    lon: float,
    *,
    services: Sequence[str] = (),
    limit: int = 20,
    radius_m: float = FARTHEST_M,
) -> list[Near]:
    """At most `limit` (100) active facilities with all of these services, nearest first.

    `services` are of LAYERS; an unknown one raises ValueError. Equal distances go by id.
    """
    if unknown := set(services) - set(LAYERS[1:]):
        raise ValueError(f"There is no service {sorted(unknown)}. There are: {LAYERS[1:]}.")
    limit = max(0, min(limit, MOST_FOUND))
    radius_m = min(radius_m, FARTHEST_M)
    if not limit:
        return []
    search = _Tree if connection.vendor == "sqlite" else _Table
    return search(lat, lon, services, limit).found(radius_m)


class _Search(ABC):
    """One search; `bound` gives a radius that is sure to hold the nearest, `within` looks there."""

    def __init__(self, lat: float, lon: float, services: Sequence[str], limit: int) -> None:
        self.lat, self.lon = lat, lon
        self.services = tuple(services)
        self.limit = limit
        x, y, z = vector(lat, lon)
        self.point = [x, x, y, y, z, z]

    def found(self, radius_m: float) -> list[Near]:
        return self.within(self.bound(radius_m))

    @abstractmethod
    def bound(self, radius_m: float) -> float:
        """Metres within which the nearest are sure to lie, `radius_m` at most."""

    @abstractmethod
    def within(self, radius_m: float) -> list[Near]:
        """The nearest of that circle, nearest first."""

    def near(self, rows: Sequence[tuple[int, float]], radius_m: float) -> list[Near]:
        found = (Near(pk, distance_m(square)) for pk, square in rows)
        # A millionth: the bound itself was rounded.
        return [one for one in found if one.distance_m <= radius_m * (1 + 1e-6)]

    def rows(self, sql: str, values: Sequence[float]) -> list[tuple[int, float]]:
        with connection.cursor() as cursor:
            cursor.execute(sql, list(values))
            return list(cursor.fetchall())


class _Tree(_Search):
    """SQLite's R*Tree."""

    def bound(self, radius_m: float) -> float:
        low, size = 0.0, FIRST_BOX_M
        while size < radius_m:
            count, farthest = self._probe(size)
            if count == self.limit:
                return min(radius_m, self._narrowed(low, size, farthest))
            # The fuller the box, the smaller the next step.
            low, size = size, size * (2 if count else 4)
        return radius_m

    def _narrowed(self, low: float, high: float, farthest: float) -> float:
        """From the desert a step may end in the middle of a town: go back by halves of it."""
        for _step in range(NARROWED if low else 0):
            middle = (low * high) ** 0.5
            count, distance = self._probe(middle)
            if count == self.limit:
                high, farthest = middle, distance
            else:
                low = middle
        return farthest

    def _probe(self, size: float) -> tuple[int, float]:
        """How many a box holds, up to the limit, and how far the farthest of these is."""
        sql = (
            f"SELECT count(*), max(square) FROM (SELECT {SQUARE} AS square {IN_TREE}"
            f" LIMIT {self.limit})"
        )
        ((count, square),) = self.rows(sql, [*self.point, *self._in(size)])
        return count, distance_m(square) if count else 0.0

    def within(self, radius_m: float) -> list[Near]:
        sql = (
            f"SELECT facility_id, {SQUARE} AS square {IN_TREE}"
            f" ORDER BY square, facility_id LIMIT {self.limit}"
        )
        return self.near(self.rows(sql, [*self.point, *self._in(radius_m)]), radius_m)

    def _in(self, radius_m: float) -> list[float]:
        box = box_of(self.lat, self.lon, radius_m)
        layer = 1000 * LAYERS.index(self.services[0]) if self.services else 0
        marks = sum(2 ** (LAYERS.index(name) - 1) for name in self.services)
        edges = [box.south - SLACK, box.north + SLACK, box.west - SLACK, box.east + SLACK]
        return [layer, layer, *edges, marks, marks]


class _Table(_Search):
    """PostgreSQL's GiST indexes on points."""

    @property
    def source(self) -> str:
        return IN_TABLE + "".join(f" AND {name}" for name in self.services)

    def bound(self, radius_m: float) -> float:
        sql = (
            f"SELECT count(*), max(square) FROM (SELECT {SQUARE} AS square {self.source}"
            f" ORDER BY point(lon, lat) <-> point(%s, %s) LIMIT {self.limit}) AS close_by"
        )
        values = [*self.point, *self._in(radius_m), self.lon, self.lat]
        ((count, farthest),) = self.rows(sql, values)
        return min(radius_m, distance_m(farthest)) if count == self.limit else radius_m

    def within(self, radius_m: float) -> list[Near]:
        sql = f"SELECT id, {SQUARE} AS square {self.source} ORDER BY square, id LIMIT {self.limit}"
        return self.near(self.rows(sql, [*self.point, *self._in(radius_m)]), radius_m)

    def _in(self, radius_m: float) -> list[float]:
        box = box_of(self.lat, self.lon, radius_m)
        return [box.west, box.south, box.east, box.north]


def box_of(lat: float, lon: float, radius_m: float) -> Box:
    """The smallest box in degrees around all that is within a radius; all longitudes where it
    touches a pole or the date line."""
    angle = radius_m / EARTH_RADIUS_M * (1 + 1e-9) + 1e-12
    south, north = lat - math.degrees(angle), lat + math.degrees(angle)
    if south <= -90 or north >= 90:
        return Box(max(south, -90.0), min(north, 90.0), -180.0, 180.0)
    half = math.degrees(math.asin(min(1.0, math.sin(angle) / math.cos(math.radians(lat)))))
    if lon - half < -180 or lon + half > 180:
        return Box(south, north, -180.0, 180.0)
    return Box(south, north, lon - half, lon + half)
