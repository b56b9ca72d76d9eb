"""Funds and orders: their money, their units, and who may see them."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import BigIntegerField, Case, F, Q, QuerySet, Sum, When
from django.db.models.functions import Coalesce

from tongzhou.people.models import Account
from tongzhou.people.queries import reach
from tongzhou.places.models import Division
from tongzhou.places.queries import chain_of

from ..models import Fund, FundFlow, OrderLine, ProcurementOrder
from ..rules import FundMoney
from ..rules.orders import DRAFT, OPEN, SHORT_CLOSED

Whoever = Account | AnonymousUser

_WHOLE = BigIntegerField()
# Of a line closed short only what came stays bound; the rest is free again.
BINDING_UNITS = Case(When(order__state=SHORT_CLOSED, then=F("delivered_units")), default=F("units"))


def funds_in(account: Whoever, permission: str) -> QuerySet[Fund]:
    """Funds for which the account holds the permission: those of its divisions, and for a partner
    those its own organisation gave. A fund without a division is the nation's."""
    return Fund.objects.filter(_reached(account, permission, "donor"))


def orders_in(account: Whoever, permission: str) -> QuerySet[ProcurementOrder]:
    """Orders for which the account holds the permission, by the office that placed them."""
    return ProcurementOrder.objects.filter(_reached(account, permission, "producer"))


def home_of(row: Fund | ProcurementOrder) -> Division | None:
    """The division that answers for a fund or an order; the top of the tree where none is named."""
    return row.division or Division.objects.filter(parent=None).order_by("first").first()


def chain_for(row: Fund | ProcurementOrder) -> str:
    """The event chain of a fund or an order."""
    home = home_of(row)
    return chain_of(home) if home else "division:0"


def fund_money(fund: Fund) -> FundMoney:
    """What a fund pledged, received, committed and spent, in fen, at this moment."""
    return money_of([fund])[fund.pk]


def money_of(funds: Iterable[Fund]) -> dict[int, FundMoney]:
    """The money of many funds by their id, in one query."""
    funds = list(funds)
    rows = (
        OrderLine.objects.filter(fund__in=funds)
        .exclude(order__state=DRAFT)
        .values("fund")
        .annotate(
            committed=Sum(BINDING_UNITS * F("unit_price_fen"), output_field=_WHOLE),
            spent=Sum(F("delivered_units") * F("unit_price_fen"), output_field=_WHOLE),
        )
    )
    bound = {row["fund"]: (row["committed"], row["spent"]) for row in rows}
    return {
        fund.pk: FundMoney(fund.pledged_fen, fund.received_fen, *bound.get(fund.pk, (0, 0)))
        for fund in funds
    }


def fund_units(fund: Fund) -> dict[int, int]:
    """Units of a fund in each bucket, all items together; external buckets are what was given,
    negative. Buckets that hold nothing are left out."""
    return units_of([fund]).get(fund.pk, {})


def units_of(funds: Iterable[Fund]) -> dict[int, dict[int, int]]:
    """Units of many funds by fund id and bucket, read from the roll-up of the ledger."""
    found: dict[int, dict[int, int]] = {}
    rows = FundFlow.objects.filter(fund__in=list(funds)).values_list("fund", "bucket")
    for fund, bucket, units in rows.annotate(units=Sum("units")).order_by("fund", "bucket"):
        if units:
            found.setdefault(fund, {})[bucket] = units
    return found


def order_total_fen(order: ProcurementOrder) -> int:
    """What an order costs: the sum of its lines; of one closed short, of what came."""
    total = order.lines.aggregate(
        fen=Coalesce(Sum(BINDING_UNITS * F("unit_price_fen"), output_field=_WHOLE), 0)
    )
    return int(total["fen"])


def with_totals(orders: QuerySet[ProcurementOrder]) -> QuerySet[ProcurementOrder]:
    """Each order with `ordered_units`, `arrived_units` and `fen` of its lines."""
    return orders.annotate(
        ordered_units=Coalesce(Sum("lines__units"), 0),
        arrived_units=Coalesce(Sum("lines__delivered_units"), 0),
        fen=Coalesce(Sum(F("lines__units") * F("lines__unit_price_fen"), output_field=_WHOLE), 0),
    )


def open_lines(**narrowed: Any) -> QuerySet[OrderLine]:
    """Lines still to come, soonest promised first."""
    return (
        OrderLine.objects.filter(order__state__in=OPEN, delivered_units__lt=F("units"), **narrowed)
        .select_related("order__producer", "fund", "item")
        .order_by("promised_on", "pk")
    )


def _reached(account: Whoever, permission: str, organisation: str) -> Q:
    there = reach(account, permission)
    mine = there.q("division", organisation)
    for top in Division.objects.filter(parent=None):
        if there.scope.contains(top):
            mine |= Q(division=None)
        for own, scope in there.by_organisation.items():
            if scope.contains(top):
                mine |= Q(**{organisation: own}, division=None)
    return mine
