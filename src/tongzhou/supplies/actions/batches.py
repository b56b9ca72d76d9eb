"""A batch of an order stands ready at the producer's dock: its units come on hand, once."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tongzhou.kit import clock
from tongzhou.kit.actions import record, values_of
from tongzhou.kit.rules import Actor
from tongzhou.places.models import Place

from .. import queries
from ..models import Batch, BatchLine, Bucket, Lot, OrderLine, ProcurementOrder
from ..rules import SupplyRefused
from ..rules.ledger import Command, Leg, Status
from ..rules.orders import PRODUCING, RECEIVED, refuse_batch, refuse_future, refuse_over_delivery
from ..rules.words import ORDER_STATES
from .ledger import reverse
from .lots import lot_of
from .posting import post_or_refuse


@dataclass(frozen=True, slots=True)
class ReadyLine:
    """Units of one lot that are ready for one line of an order."""

    line: OrderLine
    units: int
    lot_number: str = ""
    expires_on: date | None = None


@transaction.atomic
def receive_batch(
    order: ProcurementOrder,
    ready: Sequence[ReadyLine],
    *,
    command_id: str,
    by: Actor,
    dock: Place | None = None,
    ready_on: date | None = None,
) -> Batch:
    """Post producer -> on hand at the dock for units of an order's lines, in one or several lots.

    The dock is the producer's unless another is named. The same `command_id` again returns the
    first batch. Fewer units than ordered leave the line open; more are refused. Raises
    SupplyRefused.
    """
    row = _locked(order)
    place = dock or row.producer.dock
    if place is None:
        raise SupplyRefused(
            _("%(producer)s has no dock. Name the producer's dock first.")
            % {"producer": row.producer.name}
        )
    refuse_future(ready_on, timezone.localdate(clock.now()))
    lots = _lots(row, ready)
    result = post_or_refuse(_command(place, lots, command_id, by, ready_on))
    if result.status == Status.DUPLICATE:
        return _sent_before(row, command_id)
    # Asked after the posting: the last batch sent again finds its order received, and is no fault.
    assert result.move_id is not None
    refuse_batch(row.state, str(ORDER_STATES[row.state][1]))
    units = _deliver(row, lots)
    batch = Batch.objects.create(
        order=row,
        move_id=result.move_id,
        command_id=command_id,
        ready_on=ready_on or timezone.localdate(clock.now()),
        by=str(by),
        recorded_at=clock.now(),
    )
    BatchLine.objects.bulk_create(
        BatchLine(batch=batch, line=line, lot=lot, units=count)
        for (line, lot), count in lots.items()
    )
    _settle(row)
    after = {"units": units, "dock": place.code, "move": result.move_id, "state": row.state}
    record(
        "order.batch_received",
        row,
        by=by,
        chain=queries.chain_for(row),
        before=values_of(order, "state"),
        after=after,
    )
    return batch


@transaction.atomic
def undo_batch(batch: Batch, *, command_id: str, by: Actor, note: str) -> Batch:
    """A batch was entered wrongly: its move is reversed and its lines are open again.

    Refused once its units have left the dock's free stock. Idempotent by command id.
    """
    row = _locked(batch.order)
    result = reverse(batch.move, by=by, command_id=command_id)
    if result.status == Status.DUPLICATE:
        return batch
    if result.status != Status.DONE:
        raise SupplyRefused(result.reason)
    for line in batch.lines.select_related("line"):
        line.line.delivered_units -= line.units
        line.line.save(update_fields=["delivered_units"])
    before = values_of(row, "state")
    if row.state == RECEIVED:
        row.state = PRODUCING
        row.save(update_fields=["state"])
    after = values_of(row, "state") | {"batch": batch.pk, "move": result.move_id, "note": note}
    record(
        "order.batch_undone",
        row,
        by=by,
        chain=queries.chain_for(row),
        before=before,
        after=after,
    )
    return batch


def _sent_before(order: ProcurementOrder, command_id: str) -> Batch:
    """The batch that this command made; the same units of another order are not this one's."""
    if (batch := order.batches.filter(command_id=command_id).first()) is None:
        raise SupplyRefused(
            _("This form was sent before with other numbers. Open the page again to enter more.")
        )
    return batch


Lots = dict[tuple[OrderLine, Lot], int]


def _lots(order: ProcurementOrder, ready: Sequence[ReadyLine]) -> Lots:
    """The units by line and lot; a lot that is new is recorded."""
    if not ready:
        raise SupplyRefused(_("Enter the units of at least one line."))
    lines = {line.pk: line for line in order.lines.select_related("item", "fund")}
    lots: Lots = defaultdict(int)
    for one in ready:
        line = lines.get(one.line.pk)
        if line is None:
            raise SupplyRefused(_("A line of this batch belongs to another order."))
        if one.units < 1:
            raise SupplyRefused(_("A batch brings at least 1 unit a line; leave out the others."))
        lots[line, lot_of(line.item, one.lot_number.strip(), one.expires_on)] += one.units
    return lots


def _command(
    place: Place, lots: Lots, command_id: str, by: Actor, ready_on: date | None
) -> Command:
    legs = []
    for (line, lot), units in lots.items():
        for bucket, signed in ((Bucket.PRODUCER, -units), (Bucket.ON_HAND, units)):
            legs.append(Leg(place.pk, bucket, line.item_id, lot.pk, line.fund_id, signed))
    at = clock.now()
    if ready_on is not None:
        at = min(at, timezone.make_aware(datetime.combine(ready_on, time(12))))
    return Command(command_id, "batch", at, by, legs)


def _deliver(order: ProcurementOrder, lots: Lots) -> int:
    """Add the units to their lines; refuse what was not ordered."""
    by_line: dict[OrderLine, int] = defaultdict(int)
    for (line, _lot), units in lots.items():
        by_line[line] += units
    for line, units in by_line.items():
        words = f"{line.item.name} ({line.fund.public_id})"
        refuse_over_delivery(words, units, line.units, line.delivered_units)
        line.delivered_units += units
        line.save(update_fields=["delivered_units"])
    return sum(by_line.values())


def _settle(order: ProcurementOrder) -> None:
    """An order whose lines are all delivered is received."""
    if all(line.delivered_units >= line.units for line in order.lines.all()):
        order.state = RECEIVED
        order.save(update_fields=["state"])


def _locked(order: ProcurementOrder) -> ProcurementOrder:
    rows = ProcurementOrder.objects.select_for_update(of=("self",))
    return rows.select_related("producer__dock").get(pk=order.pk)
