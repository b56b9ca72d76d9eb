"""The nearest facilities are the nearest, on either database, for any point and any service."""

import random

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from tongzhou.finder.models import Facility
from tongzhou.finder.queries import nearest
from tongzhou.finder.queries.near import LAYERS, box_of
from tongzhou.finder.rules import distance_m, vector
from tongzhou.places.models import Division

pytestmark = pytest.mark.django_db
MANY = 300
SERVICES = LAYERS[1:]


def facility(pk: int, lat: float, lon: float, division: Division, **values: object) -> Facility:
    x, y, z = vector(lat, lon)
    return Facility(
        pk=pk, code=f"f{pk}", name=f"医院{pk}", kind="hospital", division=division,
        lat=lat, lon=lon, x=x, y=y, z=z, **values,
    )  # fmt: skip


@pytest.fixture
def nation(db: None) -> Division:
    return Division.objects.create(code="CN", name="中国", level=0, first=0, last=9)


@pytest.fixture
def facilities(nation: Division) -> list[Facility]:
    """Towns full of facilities, some far out, some at the very same spot, some near a pole."""
    rng = random.Random(20230108)
    towns = [(36.0, 103.8), (31.2, 121.5), (45.8, 126.5), (89.7, 10.0), (-16.5, 179.9)]
    made = []
    for pk in range(1, MANY + 1):
        lat, lon = rng.choice(towns)
        lat += rng.gauss(0, 0.1)
        lon = (lon + rng.gauss(0, 0.2) + 180) % 360 - 180
        lat = 36.0 if pk % 40 == 0 else max(-90.0, min(90.0, lat))
        held = {name: rng.random() < 0.2 for name in SERVICES}
        made.append(facility(pk, lat, lon, nation, **held))
    Facility.objects.bulk_create(made)
    return made


def brute(
    rows: list[Facility],
    lat: float,
    lon: float,
    services: tuple[str, ...],
    limit: int,
    radius: float,
) -> list[int]:
    """Every distance, sorted."""
    here = vector(lat, lon)
    found = []
    for row in rows:
        if row.state != "active" or not all(getattr(row, name) for name in services):
            continue
        square = sum((a - b) ** 2 for a, b in zip(here, (row.x, row.y, row.z), strict=True))
        if distance_m(square) <= radius:
            found.append((square, row.pk))
    return [pk for _, pk in sorted(found)[:limit]]


def test_the_nearest_are_the_same_as_by_comparing_all(facilities: list[Facility]) -> None:
    rng = random.Random(7)
    for _ in range(60):
        near = rng.choice(facilities)
        lat = max(-90.0, min(90.0, near.lat + rng.gauss(0, 0.3)))
        lon = (near.lon + rng.gauss(0, 0.3) + 180) % 360 - 180
        services = tuple(rng.sample(SERVICES, rng.choice((0, 0, 1, 2))))
        limit, radius = rng.choice((1, 5, 20, 100)), rng.choice((500.0, 20_000.0, 150_000.0))
        found = nearest(lat, lon, services=services, limit=limit, radius_m=radius)
        wanted = brute(facilities, lat, lon, services, limit, radius)
        assert [one.facility_id for one in found] == wanted, (lat, lon, services, limit, radius)


def test_distances_are_those_over_the_ground(facilities: list[Facility]) -> None:
    (one,) = nearest(facilities[0].lat, facilities[0].lon, limit=1)
    assert one.distance_m == pytest.approx(0, abs=0.2)
    assert distance_m(
        sum((a - b) ** 2 for a, b in zip(vector(36, 103), vector(37, 103), strict=True))
    ) == pytest.approx(111_195, abs=5)


def test_what_is_not_in_service_is_not_found(facilities: list[Facility]) -> None:
    first = facilities[0]
    for state in ("paused", "closed"):
        Facility.objects.filter(pk=first.pk).update(state=state)
        found = nearest(first.lat, first.lon, limit=100)
        assert first.pk not in [one.facility_id for one in found]
    Facility.objects.filter(pk=first.pk).update(state="active")
    assert nearest(first.lat, first.lon, limit=1)[0].facility_id == first.pk


def test_a_facility_that_moves_or_goes_is_found_where_it_is(nation: Division) -> None:
    one = facility(1, 36.0, 103.8, nation, has_emergency=True)
    one.save()
    one.lat, (one.x, one.y, one.z) = 30.0, vector(30.0, 103.8)
    one.save()
    assert nearest(36.0, 103.8, services=["has_emergency"], radius_m=50_000) == []
    assert nearest(30.0, 103.8, services=["has_emergency"])[0].facility_id == 1
    one.has_emergency = False
    one.save()
    assert nearest(30.0, 103.8, services=["has_emergency"]) == []
    one.delete()
    assert nearest(30.0, 103.8) == []


def test_a_facility_without_a_point_is_not_near_anything(nation: Division) -> None:
    Facility.objects.create(code="f", name="医院", kind="hospital", division=nation)
    assert nearest(36.0, 103.8) == []


def test_half_a_point_is_refused_by_the_database(nation: Division) -> None:
    row = facility(1, 36.0, 103.8, nation)
    row.z = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_a_search_has_limits(facilities: list[Facility]) -> None:
    assert nearest(36.0, 103.8, limit=0) == []
    assert len(nearest(36.0, 103.8, limit=10_000)) <= 100
    with pytest.raises(ValueError, match="no service"):
        nearest(36.0, 103.8, services=["state"])


def test_a_box_reaches_around_what_it_cannot_hold() -> None:
    assert (box_of(89.9, 0, 50_000).west, box_of(89.9, 0, 50_000).east) == (-180, 180)
    assert (box_of(0, 179.99, 50_000).west, box_of(0, 179.99, 50_000).east) == (-180, 180)
    box = box_of(36, 103, 10_000)
    assert box.east - box.west > box.north - box.south


def test_every_row_is_in_the_index_once_for_each_service(facilities: list[Facility]) -> None:
    """Or a migration rebuilt the table of SQLite and lost the triggers."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL keeps its indexes by itself.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM finder_near")
        (rows,) = cursor.fetchone()
    held = sum(getattr(row, name) for row in facilities for name in SERVICES)
    assert rows == len(facilities) + held
