"""Procurement orders: drafted, placed, followed, paid, closed."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tongzhou.kit import clock
from tongzhou.kit.actions import record, values_of
from tongzhou.kit.rules import Actor, Json
from tongzhou.people.models import Organisation
from tongzhou.places.models import Division

from .. import queries
from ..models import Fund, Item, OrderLine, Payment, ProcurementOrder
from ..rules import SupplyRefused, yuan
from ..rules.ledger import MOST_UNITS
from ..rules.money import MOST_FEN, refuse_over_commitment
from ..rules.orders import CONFIRMED, DRAFT, ORDERED, SHORT_CLOSED, refuse_future, refuse_step
from ..rules.words import ORDER_STATES

MOST_LINES = 200


@dataclass(frozen=True, slots=True)
class LineDraft:
    """Units of an item to buy from one fund at one price, promised for one day."""

    fund: Fund
    item: Item
    units: int
    unit_price_fen: int
    promised_on: date


@transaction.atomic
def create_order(
    *,
    producer: Organisation,
    lines: Sequence[LineDraft],
    by: Actor,
    division: Division | None = None,
    number: str = "",
) -> ProcurementOrder:
    """Draft an order to a producer; its lines may draw on several funds. Nothing is bound yet.

    `division` is the office that places it (None: the nation's). Raises SupplyRefused.
    """
    _refuse_lines(producer, lines)
    number = number or _next_number()
    if ProcurementOrder.objects.filter(number=number).exists():
        raise SupplyRefused(_("There is an order %(number)s already.") % {"number": number})
    order = ProcurementOrder.objects.create(number=number, producer=producer, division=division)
    _write_lines(order, lines)
    _tell("order.created", order, by, after=_in_words(order))
    return order


@transaction.atomic
def replace_lines(
    order: ProcurementOrder, lines: Sequence[LineDraft], *, by: Actor
) -> ProcurementOrder:
    """Change what a draft orders; a placed order is closed short and ordered anew instead."""
    row = _locked(order)
    if row.state != DRAFT:
        raise SupplyRefused(_("Only a draft can be changed. Close the order short and draft anew."))
    _refuse_lines(row.producer, lines)
    before = _in_words(row)
    row.lines.all().delete()
    _write_lines(row, lines)
    _tell("order.changed", row, by, before, _in_words(row))
    return row


@transaction.atomic
def place_order(order: ProcurementOrder, *, by: Actor) -> ProcurementOrder:
    """Send the order to the producer: its money is committed from here on.

    Raises SupplyRefused when a fund has not received what its lines need: money that is only
    pledged cannot be committed.
    """
    row = _locked(order)
    refuse_step(row.state, ORDERED, str(ORDER_STATES[row.state][1]))
    needed: dict[int, int] = defaultdict(int)
    for line in row.lines.all():
        needed[line.fund_id] += line.units * line.unit_price_fen
    # Locked in the order of their ids, so that two orders on the same funds never wait in a ring.
    funds = list(Fund.objects.select_for_update().filter(pk__in=needed).order_by("pk"))
    money = queries.money_of(funds)
    for fund in funds:
        if fund.state == Fund.State.WITHDRAWN:
            raise SupplyRefused(
                _("Fund %(fund)s was withdrawn. Choose another.") % {"fund": fund.public_id}
            )
        refuse_over_commitment(fund.public_id, money[fund.pk], needed[fund.pk])
    return _stepped(row, ORDERED, "order.placed", by, ordered_on=timezone.localdate(clock.now()))


@transaction.atomic
def confirm_order(order: ProcurementOrder, *, by: Actor) -> ProcurementOrder:
    """The producer has confirmed it."""
    return advance_order(order, CONFIRMED, by=by)


@transaction.atomic
def advance_order(order: ProcurementOrder, state: str, *, by: Actor) -> ProcurementOrder:
    """What the producer reports next: confirmed, producing or shipped."""
    row = _locked(order)
    if state in (ORDERED, SHORT_CLOSED):
        raise SupplyRefused(_("Placing and closing an order are steps of their own."))
    refuse_step(row.state, state, str(ORDER_STATES[row.state][1]))
    return _stepped(row, state, f"order.{state}", by)


@transaction.atomic
def close_short(order: ProcurementOrder, *, by: Actor, note: str) -> ProcurementOrder:
    """The rest will not come: the money of what is missing is free again."""
    row = _locked(order)
    refuse_step(row.state, SHORT_CLOSED, str(ORDER_STATES[row.state][1]))
    missing = sum(line.units - line.delivered_units for line in row.lines.all())
    return _stepped(row, SHORT_CLOSED, "order.short_closed", by, note=note, missing_units=missing)


@transaction.atomic
def pay_order(
    order: ProcurementOrder,
    fen: int,
    *,
    paid_on: date,
    command_id: str,
    by: Actor,
    reference: str = "",
) -> Payment:
    """Money has left for the producer; at most what the order costs. Idempotent by command id."""
    row = _locked(order)
    # Under the order's lock, so that the same form sent twice at once is paid once.
    if known := Payment.objects.filter(command_id=command_id).first():
        if (known.order_id, known.fen) != (row.pk, fen):
            raise SupplyRefused(
                _("This form was sent before with other numbers. Open the page again.")
            )
        return known
    refuse_future(paid_on, timezone.localdate(clock.now()))
    total = queries.order_total_fen(row)
    if row.state == DRAFT:
        raise SupplyRefused(_("A draft cannot be paid. Place the order first."))
    if not 1 <= fen <= MOST_FEN or row.paid_fen + fen > total:
        raise SupplyRefused(
            _("The order costs %(total)s yuan and %(paid)s are paid: enter at most %(left)s.")
            % {
                "total": yuan(total),
                "paid": yuan(row.paid_fen),
                "left": yuan(max(0, total - row.paid_fen)),
            }
        )
    payment = Payment.objects.create(
        order=row,
        fen=fen,
        paid_on=paid_on,
        reference=reference,
        command_id=command_id,
        by=str(by),
        recorded_at=clock.now(),
    )
    before = values_of(row, "paid_fen")
    row.paid_fen += fen
    row.save(update_fields=["paid_fen"])
    after = values_of(row, "paid_fen") | {"fen": fen, "payment": payment.pk}
    _tell("order.paid", row, by, before, after)
    return payment


def _refuse_lines(producer: Organisation, lines: Sequence[LineDraft]) -> None:
    if producer.kind != Organisation.Kind.PRODUCER:
        raise SupplyRefused(_("An order goes to a producer. Choose another organisation."))
    if not 1 <= len(lines) <= MOST_LINES:
        raise SupplyRefused(_("An order has 1 to %(most)d lines.") % {"most": MOST_LINES})
    for number, line in enumerate(lines, 1):
        if line.fund.kind != Fund.Kind.CASH:
            raise SupplyRefused(
                _("Line %(line)d: fund %(fund)s is in kind and pays nothing. Choose money.")
                % {"line": number, "fund": line.fund.public_id}
            )
        fits = 1 <= line.units <= MOST_UNITS and 0 <= line.unit_price_fen <= MOST_FEN
        if not fits or line.units * line.unit_price_fen > MOST_FEN:
            raise SupplyRefused(
                _("Line %(line)d: check the units and the price.") % {"line": number}
            )


def _write_lines(order: ProcurementOrder, lines: Sequence[LineDraft]) -> None:
    OrderLine.objects.bulk_create(
        [
            OrderLine(
                order=order,
                fund=line.fund,
                item=line.item,
                units=line.units,
                unit_price_fen=line.unit_price_fen,
                promised_on=line.promised_on,
            )
            for line in lines
        ]
    )


def _next_number() -> str:
    """PO and a running number; a number somebody typed is skipped."""
    last = ProcurementOrder.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    while ProcurementOrder.objects.filter(number=f"PO{last + 1:06d}").exists():
        last += 1
    return f"PO{last + 1:06d}"


def _locked(order: ProcurementOrder) -> ProcurementOrder:
    rows = ProcurementOrder.objects.select_for_update(of=("self",)).select_related("producer")
    return rows.get(pk=order.pk)


def _stepped(
    order: ProcurementOrder,
    state: str,
    verb: str,
    by: Actor,
    *,
    ordered_on: date | None = None,
    **told: object,
) -> ProcurementOrder:
    before = values_of(order, "state")
    order.state = state
    order.ordered_on = ordered_on or order.ordered_on
    order.save(update_fields=["state", "ordered_on"])
    _tell(verb, order, by, before, values_of(order, "state", "number") | told)
    return order


def _in_words(order: ProcurementOrder) -> Json:
    lines = [
        values_of(line, "fund_id", "item_id", "units", "unit_price_fen", "promised_on")
        for line in order.lines.order_by("pk")
    ]
    return values_of(order, "number", "producer_id", "division_id") | {"lines": lines}


def _tell(
    verb: str,
    order: ProcurementOrder,
    by: Actor,
    before: Json | None = None,
    after: Json | None = None,
) -> None:
    record(verb, order, by=by, chain=queries.chain_for(order), before=before, after=after)
