"""Shipments, parcels and receipts for programs: read in scope by cursor, and carriers' reports."""

from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema
from ninja.errors import HttpError
from ninja.security import django_auth

from tongzhou.kit.api import Paging, page_of
from tongzhou.people.models import Account
from tongzhou.people.queries import actor, reach, reader

from ..actions.tracking import MOST_ROWS, TrackingRefused, Word, import_tracking
from ..models import Parcel, Receipt, Shipment
from ..queries import desk
from ..queries.epcis import document_of
from ..queries.parcels import lines_of

router = Router(tags=["delivery"], auth=django_auth)


class ShipmentFilters(Paging):
    state: str = ""
    leg: str = ""


class ParcelFilters(Paging):
    county: str = ""
    state: str = ""


class ShipmentOut(Schema):
    """Goods on one leg. `to` is empty on the last mile, whose parcels go to many places."""

    id: str
    campaign: str
    leg: str
    part: int
    sender: str
    to: str | None
    carrier: str | None
    tracking_number: str
    state: str
    planned_on: date
    due_on: date
    dispatched_at: datetime | None
    received_at: datetime | None
    units: int


class LineOut(Schema):
    item: str
    units: int
    received_units: int


class ParcelOut(Schema):
    """What one place gets in one drop."""

    id: str
    campaign: str
    run: int
    place: str
    county: str
    shipment: str | None
    state: str
    packed_at: datetime
    dispatched_at: datetime | None
    received_at: datetime | None
    lines: list[LineOut]


class ReceiptOut(Schema):
    """What was counted; nobody is named."""

    number: int
    parcel: str | None
    shipment: str | None
    place: str
    method: str
    confirmed: bool
    counts: list[dict[str, Any]]
    at: datetime


class ShipmentPage(Schema):
    items: list[ShipmentOut]
    next: str


class ParcelPage(Schema):
    items: list[ParcelOut]
    next: str


class ReceiptPage(Schema):
    items: list[ReceiptOut]
    next: str


class WordIn(Schema):
    """What a carrier saw: shipment id or tracking number, EPCIS business step, when, where."""

    shipment: str = Field(max_length=60)
    event: str = Field(max_length=30)
    at: str = Field(max_length=40)
    where: str = Field("", max_length=120)


class TrackingIn(Schema):
    events: list[WordIn] = Field(max_length=MOST_ROWS)


class TrackingOut(Schema):
    """How many were new; the same word sent again has no effect."""

    new: int


@router.get("/shipments", response=ShipmentPage, summary="Shipments in scope, oldest first")
def shipments(request: HttpRequest, asked: Query[ShipmentFilters]) -> dict[str, Any]:
    rows = desk.shipments_in(reader(request, "shipments.view"))
    rows = rows.filter(state=asked.state) if asked.state else rows
    rows = rows.filter(leg=asked.leg) if asked.leg else rows
    found = page_of(rows, "pk", asked)
    units = desk.units_of(found.rows)
    return {"items": [_shipment(row, units) for row in found.rows], "next": found.next}


@router.get("/shipments/{public_id}", response=ShipmentOut, summary="One shipment")
def shipment(request: HttpRequest, public_id: str) -> dict[str, Any]:
    row = _one_shipment(request, public_id)
    return _shipment(row, desk.units_of([row]))


@router.get("/shipments/{public_id}/epcis", summary="A shipment's events as EPCIS 2.0 (JSON-LD)")
def epcis(request: HttpRequest, public_id: str) -> dict[str, Any]:
    return document_of(_one_shipment(request, public_id), request.build_absolute_uri("/"))


@router.get("/parcels", response=ParcelPage, summary="Parcels in scope, oldest first")
def parcels(request: HttpRequest, asked: Query[ParcelFilters]) -> dict[str, Any]:
    rows = _parcels(request)
    rows = rows.filter(depot__division__code=asked.county) if asked.county else rows
    rows = rows.filter(state=asked.state) if asked.state else rows
    found = page_of(rows, "pk", asked)
    return {"items": _parcel_rows(found.rows), "next": found.next}


@router.get("/parcels/{public_id}", response=ParcelOut, summary="One parcel")
def parcel(request: HttpRequest, public_id: str) -> dict[str, Any]:
    row = _parcels(request).filter(public_id=public_id).first()
    if row is None:
        raise Http404
    return _parcel_rows([row])[0]


@router.get("/receipts", response=ReceiptPage, summary="Receipts in scope, oldest first")
def receipts(request: HttpRequest, asked: Query[Paging]) -> dict[str, Any]:
    account = reader(request, "parcels.view")
    held = reach(account, "parcels.view")
    mine = held.q("place__division", "parcel__shipment__carrier")
    rows = Receipt.objects.filter(mine).select_related("parcel", "shipment", "place")
    found = page_of(rows, "pk", asked)
    return {"items": [_receipt(row) for row in found.rows], "next": found.next}


@router.post("/tracking", response=TrackingOut, summary="Take in a carrier's reports")
def tracking(request: HttpRequest, body: TrackingIn) -> dict[str, int]:
    """All of them or, where one is wrong, none."""
    account = request.user
    assert isinstance(account, Account)
    if not account.has_perm("shipments.report"):
        raise HttpError(403, _("Your role does not allow this."))
    words = [
        Word(n, one.shipment, one.event, one.at, one.where) for n, one in enumerate(body.events, 1)
    ]
    among = desk.shipments_in(account, "shipments.report")
    try:
        return {"new": import_tracking(words, among, by=actor(request))}
    except TrackingRefused as refused:
        raise HttpError(422, refused.text) from refused


def _one_shipment(request: HttpRequest, public_id: str) -> Shipment:
    row = desk.shipment_in(reader(request, "shipments.view"), public_id)
    if row is None:
        raise Http404
    return row


def _parcels(request: HttpRequest) -> QuerySet[Parcel]:
    held = reach(reader(request, "parcels.view"), "parcels.view")
    mine: Q = held.q("depot__division", "shipment__carrier")
    related = ("campaign", "run", "place", "depot__division", "shipment")
    return Parcel.objects.filter(mine).select_related(*related)


def _shipment(row: Shipment, units: dict[int, int]) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "campaign": row.campaign.public_id,
        "leg": row.leg,
        "part": row.part,
        "sender": row.from_place.code,
        "to": row.to_place.code if row.to_place else None,
        "carrier": row.carrier.code if row.carrier else None,
        "tracking_number": row.tracking_number,
        "state": row.state,
        "planned_on": row.planned_on,
        "due_on": row.due_on,
        "dispatched_at": row.dispatched_at,
        "received_at": row.received_at,
        "units": units.get(row.pk, 0),
    }


def _parcel_rows(rows: list[Parcel]) -> list[dict[str, Any]]:
    lines: dict[int, list[dict[str, Any]]] = {row.pk: [] for row in rows}
    for line in lines_of(rows).select_related("item"):
        lines[line.parcel_id].append(
            {"item": line.item.code, "units": line.units, "received_units": line.received_units}
        )
    return [
        {
            "id": row.public_id,
            "campaign": row.campaign.public_id,
            "run": row.run.number,
            "place": row.place.code,
            "county": row.depot.division.code,
            "shipment": row.shipment.public_id if row.shipment else None,
            "state": row.state,
            "packed_at": row.packed_at,
            "dispatched_at": row.dispatched_at,
            "received_at": row.received_at,
            "lines": lines[row.pk],
        }
        for row in rows
    ]


def _receipt(row: Receipt) -> dict[str, Any]:
    return {
        "number": row.pk,
        "parcel": row.parcel.public_id if row.parcel else None,
        "shipment": row.shipment.public_id if row.shipment else None,
        "place": row.place.code,
        "method": row.method,
        "confirmed": row.confirmed,
        "counts": row.counts,
        "at": row.at,
    }
