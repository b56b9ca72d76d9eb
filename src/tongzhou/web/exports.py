"""Tables that the command line gives out, in the columns that an import reads again."""

import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from django.conf import settings
from django.db.models import F, IntegerField, Q, QuerySet, Value

from tongzhou.campaigns.queries import export_needs
from tongzhou.delivery.models import Shipment
from tongzhou.delivery.queries import epcis
from tongzhou.interchange import geojson
from tongzhou.interchange.tables import Column, Kind, chunks
from tongzhou.places.models import Division, Place
from tongzhou.places.queries import division_by_code
from tongzhou.places.rules import Scope
from tongzhou.places.rules.columns import DIVISIONS, PLACES
from tongzhou.plans.models import Run
from tongzhou.plans.queries import allocation

CHUNK = 5_000
ALLOCATION = "allocation"
TABLES = ("csv", "xlsx", "parquet")
SHIPMENTS = (
    Column("shipment", ("Shipment", "运单"), Kind.CODE),
    Column("leg", ("Leg", "运输段")),
    Column("from", ("From", "发出地"), Kind.CODE),
    Column("to", ("To", "到达地"), Kind.CODE),
    Column("state", ("State", "状态")),
    Column("planned_on", ("Planned for", "计划日期"), Kind.DATE),
    Column("due_on", ("Due on", "应到日期"), Kind.DATE),
    Column("carrier", ("Carrier", "承运方")),
    Column("tracking_number", ("Tracking number", "物流号"), Kind.CODE),
)

Pieces = Iterator[bytes]
# The formats of a table, and what makes it.
Export = tuple[tuple[str, ...], Callable[[Division | None, str], Pieces]]


class NotGiven(ValueError):
    """An export that cannot be made; the text says what to choose instead."""


def give(kind: str, *, division: str = "", format: str = "csv", run: int | None = None) -> Pieces:
    """The table as bytes, piece by piece; with `division` (a code) only what lies in it. `run`: the
    number that a plan has in its address, for its allocation.

    Raises NotGiven.
    """
    formats, make = _export(kind, run)
    if format not in formats:
        raise NotGiven(f"{kind} come as {', '.join(formats)}; not as {format}.")
    within = division_by_code(division) if division else None
    if division and within is None:
        raise NotGiven(f"There is no division {division}. Search for its code in the tree.")
    return make(within, format)


def _export(kind: str, run: int | None) -> Export:
    if kind == ALLOCATION:
        return (*TABLES, "geojson"), partial(_allocation, _computed(run))
    if kind in EXPORTS:
        return EXPORTS[kind]
    known = ", ".join([*EXPORTS, ALLOCATION])
    raise NotGiven(f"There is no table of {kind} to give. Choose one of: {known}.")


def _inside(within: Division | None, path: str) -> Q:
    return Q(**{f"{path}first__range": (within.first, within.last)}) if within else Q()


def _divisions(within: Division | None, format: str) -> Pieces:
    rows = Division.objects.filter(_inside(within, "")).order_by("first")
    if format == "geojson":
        return _points(rows.annotate(place=F("parent__code")), "parent")
    names = (
        *("code", "name", "parent__code", "level", "kind", "lat", "lon"),
        *("valid_from", "valid_to", "successor__code"),
    )
    return _table(rows, names, DIVISIONS, format)


def _places(within: Division | None, format: str) -> Pieces:
    rows = Place.objects.filter(_inside(within, "division__")).order_by("division__first", "pk")
    if format == "geojson":
        return _points(rows.annotate(place=F("division__code")), "division")
    rows = rows.annotate(no_number=Value(None, IntegerField()), closed=Q(state="closed"))
    names = (
        *("code", "division__code", "no_number", "name", "kind", "lat", "lon"),
        *("people65", "risk_share", "remoteness", "growth", "closed"),
        *("source__name", "source__as_of"),
    )
    return _table(rows, names, PLACES, format)


def _needs(within: Division | None, format: str) -> Pieces:
    return export_needs(division=within, format=format)


def _shipments(within: Division | None, format: str) -> Pieces:
    rows = Shipment.objects.filter(_inside(within, "to_place__division__")).order_by("pk")
    if format == "epcis":
        return _documents(rows)
    names = (
        *("public_id", "leg", "from_place__code", "to_place__code", "state"),
        *("planned_on", "due_on", "carrier__name", "tracking_number"),
    )
    return _table(rows, names, SHIPMENTS, format)


def _computed(pk: int | None) -> Run:
    if pk is None:
        raise NotGiven(
            "Name the plan: --run with the number in its address, /desk/plans/<number>/."
        )
    run = Run.objects.select_related("campaign__division").filter(pk=pk).first()
    if run is None or run.computed_at is None:
        raise NotGiven(f"There is no computed plan {pk}. Take the number from its address.")
    return run


def _allocation(run: Run, within: Division | None, format: str) -> Pieces:
    seen = Scope.of(within or run.campaign.division)
    if format == "geojson":
        return geojson.chunks(allocation.place_points(run, seen))
    return chunks(allocation.place_rows(run, seen), allocation.place_columns(run), format=format)


def _table(
    rows: QuerySet[Any], names: Sequence[str], columns: Sequence[Column], format: str
) -> Pieces:
    headers = [column.name for column in columns]
    values = rows.values_list(*names).iterator(chunk_size=CHUNK)
    return chunks((dict(zip(headers, row, strict=True)) for row in values), columns, format=format)


def _points(rows: QuerySet[Any], above: str) -> Pieces:
    values = rows.values_list("code", "name", "place", "lat", "lon", "placed")
    return geojson.chunks(
        geojson.Point(
            id=code, lat=lat, lon=lon, properties={"name": name, above: place, "placed": placed}
        )
        for code, name, place, lat, lon, placed in values.iterator(chunk_size=CHUNK)
    )


def _documents(rows: QuerySet[Any]) -> Pieces:
    """One EPCIS 2.0 document a line."""
    base = settings.BASE_URL.rstrip("/") + "/"
    related = rows.select_related("from_place", "to_place")
    for shipment in related.iterator(chunk_size=CHUNK):
        yield json.dumps(epcis.document_of(shipment, base), ensure_ascii=False).encode() + b"\n"


EXPORTS: dict[str, Export] = {
    "divisions": ((*TABLES, "geojson"), _divisions),
    "places": ((*TABLES, "geojson"), _places),
    "needs": (TABLES, _needs),
    "shipments": ((*TABLES, "epcis"), _shipments),
}
