"""Donations and orders for programs: read, in scope, by cursor."""

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Query, Router, Schema
from ninja.security import django_auth

from tongzhou.kit.api import Paging, page_of
from tongzhou.people.queries import reader

from . import queries
from .models import Fund, OrderLine, ProcurementOrder

router = Router(auth=django_auth)

BUCKET_NAMES = (
    "producer",
    "donor",
    "on_hand",
    "reserved",
    "in_transit",
    "quarantine",
    "handed_over",
    "lost",
)


class Donation(Schema):
    """A fund: amounts in RMB fen, units by bucket (producer, donor: what was given, negative)."""

    id: str
    name: str
    kind: str
    state: str
    donor: str | None
    given_on: date
    made_up: bool
    pledged_fen: int
    received_fen: int
    committed_fen: int
    spent_fen: int
    unspent_fen: int
    item: str | None
    pledged_units: int
    units: dict[str, int]
    restricted_to: list[str]


class Line(Schema):
    """A line of an order: units of one item from one fund at one price."""

    donation: str
    item: str
    units: int
    delivered_units: int
    unit_price_fen: int
    promised_on: date


class Order(Schema):
    """A procurement order with its lines."""

    number: str
    producer: str
    state: str
    ordered_on: date | None
    paid_fen: int
    lines: list[Line]


class DonationPage(Schema):
    """Some donations and the cursor of those that follow, empty at the end."""

    items: list[Donation]
    next: str


class OrderPage(Schema):
    """Some orders and the cursor of those that follow, empty at the end."""

    items: list[Order]
    next: str


@router.get("/donations", response=DonationPage, summary="Donations in scope, oldest first")
def donations(request: HttpRequest, paged: Query[Paging]) -> dict[str, Any]:
    seen = queries.funds_in(reader(request, "funds.view"), "funds.view")
    seen = seen.select_related("donor", "item").prefetch_related("restrictions__division")
    found = page_of(seen, "pk", paged)
    return {"items": _donations(found.rows), "next": found.next}


@router.get("/donations/{public_id}", response=Donation, summary="One donation")
def donation(request: HttpRequest, public_id: str) -> dict[str, Any]:
    seen = queries.funds_in(reader(request, "funds.view"), "funds.view")
    row = seen.select_related("donor", "item").filter(public_id=public_id).first()
    if row is None:
        raise Http404
    return _donations([row])[0]


@router.get("/orders", response=OrderPage, summary="Procurement orders in scope, oldest first")
def orders(request: HttpRequest, paged: Query[Paging]) -> dict[str, Any]:
    found = page_of(_orders(request), "pk", paged)
    return {"items": [_order(row) for row in found.rows], "next": found.next}


@router.get("/orders/{number}", response=Order, summary="One procurement order")
def order(request: HttpRequest, number: str) -> dict[str, Any]:
    row = _orders(request).filter(number=number).first()
    if row is None:
        raise Http404
    return _order(row)


def _orders(request: HttpRequest) -> Any:
    seen = queries.orders_in(reader(request, "orders.view"), "orders.view")
    return seen.select_related("producer").prefetch_related("lines__fund", "lines__item")


def _donations(rows: list[Fund]) -> list[dict[str, Any]]:
    money, units = queries.money_of(rows), queries.units_of(rows)
    return [
        {
            "id": row.public_id,
            "name": row.name,
            "kind": row.kind,
            "state": row.state,
            "donor": row.donor.code if row.donor else None,
            "given_on": row.given_on,
            "made_up": row.made_up,
            "pledged_fen": money[row.pk].pledged_fen,
            "received_fen": money[row.pk].received_fen,
            "committed_fen": money[row.pk].committed_fen,
            "spent_fen": money[row.pk].spent_fen,
            "unspent_fen": money[row.pk].unspent_fen,
            "item": row.item.code if row.item else None,
            "pledged_units": row.pledged_units,
            "units": {BUCKET_NAMES[b]: n for b, n in units.get(row.pk, {}).items()},
            "restricted_to": sorted(one.division.code for one in row.restrictions.all()),
        }
        for row in rows
    ]


def _order(row: ProcurementOrder) -> dict[str, Any]:
    return {
        "number": row.number,
        "producer": row.producer.code,
        "state": row.state,
        "ordered_on": row.ordered_on,
        "paid_fen": row.paid_fen,
        "lines": [_line(line) for line in row.lines.all()],
    }


def _line(line: OrderLine) -> dict[str, Any]:
    return {
        "donation": line.fund.public_id,
        "item": line.item.code,
        "units": line.units,
        "delivered_units": line.delivered_units,
        "unit_price_fen": line.unit_price_fen,
        "promised_on": line.promised_on,
    }
