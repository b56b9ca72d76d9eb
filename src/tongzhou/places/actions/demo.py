"""Made-up places for the demo and for measurements: clinics, province hubs, county depots."""

import csv
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import polars as pl
from django.db import connection, transaction

from tongzhou.kit.actions import record
from tongzhou.kit.rules import SYSTEM, Actor, Json

from .. import queries
from ..data import CLINIC_RATIOS
from ..models import Division, Place, Source
from ..rules import made_up
from . import bulk

XPCC_HUB = "xpcc-hub"
XPCC_NAME = "新疆生产建设兵团"
XINJIANG = "65"
CENSUS_DAY = date(2020, 11, 1)
CENSUS = "Estimates from the Seventh National Population Census of China; see docs/places.md."
UNITS = """
    SELECT v.id, v.code, v.name, v.kind, v.lat, v.lon, v.first
    FROM places_division v WHERE v.level = %s AND v.first BETWEEN %s AND %s
    AND v.valid_to IS NULL ORDER BY v.first
"""


def make_demo_clinics(
    seed: int, *, nation: str = "cn", provinces: list[str] | None = None, by: Actor = SYSTEM
) -> Json:
    """Make the clinics of all provinces (or of those named by code) and the hubs and depots.

    Every place is marked `made_up`; the same seed gives the same places. Returns the counts:
    clinics, depots, hubs. Does nothing where made-up clinics are there already.
    """
    top = Division.objects.get(code=nation)
    chosen = queries.children(top)
    if provinces is not None:
        chosen = chosen.filter(code__in=provinces)
    with transaction.atomic():
        if not Place.objects.filter(made_up=True, kind=Place.Kind.CLINIC).exists():
            _write(list(chosen), seed)
            record(
                "places.made_up",
                top,
                by=by,
                chain=queries.chain_of(top),
                after={"seed": seed, **_counts()},
            )
    bulk.analyze("places_place")
    return _counts()


def _counts() -> Json:
    made = Place.objects.filter(made_up=True)
    return {f"{kind}s": made.filter(kind=kind).count() for kind in ("clinic", "depot", "hub")}


def _write(provinces: list[Division], seed: int) -> None:
    known = _known(CLINIC_RATIOS)
    source = _source(seed)
    next_id = bulk.next_id(Place)
    for frame in _frames(provinces, known, seed):
        rows = frame.with_columns(
            pl.int_range(next_id, next_id + pl.len()).alias("id"),
            pl.lit(True).alias("placed"),
            pl.lit(True).alias("made_up"),
            pl.lit(Place.State.ACTIVE.value).alias("state"),
            pl.lit(source.pk).alias("source_id"),
        )
        next_id += bulk.insert_frame("places_place", rows)
    bulk.keep_sequence(Place)


def _known(path: Path) -> dict[str, made_up.Province]:
    """What is known of each province, by code: clinics per village and people of 65 and over."""
    with path.open(encoding="utf-8", newline="") as handle:
        return {
            row["code"]: made_up.Province(row["code"], float(row["ratio"]), int(row["people65"]))
            for row in csv.DictReader(handle)
        }


def _source(seed: int) -> Source:
    source, _ = Source.objects.get_or_create(
        name=f"Made-up figures of the demo, seed {seed}",
        as_of=CENSUS_DAY,
        defaults={"note": CENSUS},
    )
    return source


def _frames(
    provinces: list[Division], known: Mapping[str, made_up.Province], seed: int
) -> Iterator[pl.DataFrame]:
    yield _hubs(provinces)
    for province in provinces:
        counties = _units(province, Division.Level.COUNTY)
        yield _depots(counties)
        units = _with_county(_units(province, Division.Level.VILLAGE), counties)
        about = known.get(province.code) or made_up.unknown(province.code, units.height)
        clinics = made_up.clinics(units, about, seed=seed)
        yield clinics.with_columns(pl.lit(Place.Kind.CLINIC.value).alias("kind"))


def _units(province: Division, level: int) -> pl.DataFrame:
    with connection.cursor() as cursor:
        cursor.execute(UNITS, [level, province.first, province.last])
        rows = cursor.fetchall()
    schema = {
        "id": pl.Int64,
        "code": pl.String,
        "name": pl.String,
        "kind": pl.String,
        "lat": pl.Float64,
        "lon": pl.Float64,
        "first": pl.Int64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _with_county(units: pl.DataFrame, counties: pl.DataFrame) -> pl.DataFrame:
    """Add the point of the county in which each unit lies: the last one that begins before it."""
    points = counties.select(
        "first", pl.col("lat").alias("county_lat"), pl.col("lon").alias("county_lon")
    )
    return units.join_asof(points, on="first")


def _depots(counties: pl.DataFrame) -> pl.DataFrame:
    return counties.select(
        (pl.col("code") + "-depot").alias("code"),
        (pl.col("name") + "物资站").alias("name"),
        pl.lit(Place.Kind.DEPOT.value).alias("kind"),
        pl.col("id").alias("division_id"),
        "lat",
        "lon",
    )


def _hubs(provinces: list[Division]) -> pl.DataFrame:
    """One for each province, and one for the Corps, at its first city, beside Xinjiang's."""
    rows = [(f"{p.code}-hub", f"{p.name}物资中心", p.pk, p.lat, p.lon) for p in provinces]
    for xinjiang in (p for p in provinces if p.code == XINJIANG):
        at = queries.xpcc_counties().first() or xinjiang
        rows.append((XPCC_HUB, f"{XPCC_NAME}物资中心", xinjiang.pk, at.lat, at.lon))
    schema = {"code": pl.String, "name": pl.String, "division_id": pl.Int64}
    frame = pl.DataFrame(
        rows, schema={**schema, "lat": pl.Float64, "lon": pl.Float64}, orient="row"
    )
    return frame.with_columns(pl.lit(Place.Kind.HUB.value).alias("kind"))
