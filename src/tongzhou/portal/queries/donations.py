"""A donation's money and units, from pledge to clinic."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum

from tongzhou.campaigns.models import Campaign
from tongzhou.delivery.models import ParcelLine
from tongzhou.people.models import Organisation
from tongzhou.supplies.models import Balance, Bucket, Fund, OrderLine, ProcurementOrder
from tongzhou.supplies.queries import fund_money, fund_units


@dataclass(frozen=True, slots=True)
class Money:
    """RMB in fen; `committed` is what orders that stand have promised to producers."""

    pledged: int
    received: int
    committed: int
    delivered: int

    @property
    def uncommitted(self) -> int:
        return max(0, self.received - self.committed)


@dataclass(frozen=True, slots=True)
class Units:
    """Where the donation's units are now; their sum is what producers have handed over."""

    ordered: int
    produced: int
    at_docks: int
    reserved: int
    in_transit: int
    at_places: int
    quarantine: int
    lost: int


@dataclass(frozen=True, slots=True)
class Order:
    number: str
    producer: str
    units: int
    delivered: int
    fen: int


def money_of(fund: Fund) -> Money:
    money = fund_money(fund)
    return Money(money.pledged_fen, money.received_fen, money.committed_fen, money.spent_fen)


def units_of(fund: Fund) -> Units:
    """Sums by bucket from the ledger's roll-up; what lies at producers' docks is told apart."""
    ordered = (
        OrderLine.objects.filter(fund=fund)
        .exclude(order__state=ProcurementOrder.State.DRAFT)
        .aggregate(n=Sum("units"))["n"]
    )
    by_bucket = fund_units(fund)
    at_docks = _at_docks(fund)
    return Units(
        ordered=ordered or 0,
        produced=-by_bucket.get(Bucket.PRODUCER, 0) - by_bucket.get(Bucket.DONOR, 0),
        at_docks=at_docks,
        reserved=by_bucket.get(Bucket.RESERVED, 0),
        in_transit=by_bucket.get(Bucket.IN_TRANSIT, 0),
        at_places=by_bucket.get(Bucket.ON_HAND, 0)
        - at_docks
        + by_bucket.get(Bucket.HANDED_OVER, 0),
        quarantine=by_bucket.get(Bucket.QUARANTINE, 0),
        lost=by_bucket.get(Bucket.LOST, 0),
    )


def _at_docks(fund: Fund) -> int:
    docks = Organisation.objects.filter(dock__isnull=False).values_list("dock_id", flat=True)
    accounts = [dock * 8 + Bucket.ON_HAND for dock in docks if dock]
    rows = Balance.objects.filter(account_id__in=accounts, fund=fund)
    return rows.aggregate(n=Sum("units"))["n"] or 0


def orders_of(fund: Fund) -> list[Order]:
    """Orders that this donation pays, summed by order and producer."""
    lines = (
        OrderLine.objects.filter(fund=fund)
        .exclude(order__state=ProcurementOrder.State.DRAFT)
        .select_related("order__producer")
        .order_by("order__number")
    )
    orders: dict[str, Order] = {}
    for line in lines:
        number = line.order.number
        old = orders.get(number, Order(number, line.order.producer.name, 0, 0, 0))
        orders[number] = Order(
            number,
            old.producer,
            old.units + line.units,
            old.delivered + line.delivered_units,
            old.fen + line.units * line.unit_price_fen,
        )
    return list(orders.values())


def campaign_of(fund: Fund) -> Campaign | None:
    link = getattr(fund, "campaign_link", None)
    return link.campaign if link else None


@dataclass(frozen=True, slots=True)
class Reached:
    """A place that received units of the donation: the end of the trail."""

    code: str
    name: str
    units: int
    at: datetime


def last_reached(fund: Fund, *, count: int = 10) -> list[Reached]:
    """The places that received units of the donation last: proof that a unit can be followed."""
    lines = (
        ParcelLine.objects.filter(fund=fund, parcel__received_at__isnull=False)
        .select_related("parcel__place")
        .order_by("-parcel_id")[:count]
    )
    return [
        Reached(line.parcel.place.code, line.parcel.place.name, line.units, line.parcel.received_at)
        for line in lines
        if line.parcel.received_at
    ]
