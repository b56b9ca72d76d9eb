"""What is said of a parcel without its slip: somebody claims it came, an office that it is lost."""

from django.db import transaction
from django.utils.translation import gettext as _

from tongzhou.kit.actions import record
from tongzhou.kit.rules import Actor
from tongzhou.places.queries import chain_of
from tongzhou.supplies.models import Bucket

from ..models import Parcel, Receipt
from ..queries.parcels import parcel_lines
from ..rules import Count, Refused, settle
from . import progress
from .arrivals import item_codes
from .differences import open_all
from .handed import Handed, Outcome, bucket_of, close_rounds, locked, receipt_of, unconfirmed
from .ledger import command, counted_in, post_all


@transaction.atomic
def claim_parcel(parcel: Parcel, handed: Handed, *, by: Actor) -> Outcome:
    """Note that somebody with only the outer label says it came; nothing moves until confirmed.

    The label's number is public: of a parcel that has not left, a claim changes nothing at all.
    """
    row = locked([parcel.pk])[parcel.pk]
    if again := Receipt.objects.filter(command_id=handed.command_id).first():
        return _again(row, again)
    if row.state == Parcel.State.RECEIVED:
        return Outcome("duplicate", row.receipts.get(confirmed=True), row)
    earlier = row.receipts.filter(confirmed=False, method=Receipt.Method.LABEL)
    if row.dispatched_at:
        earlier = earlier.filter(at__gte=row.dispatched_at)
    if before := earlier.first():
        return Outcome("duplicate", before, row)
    if row.state == Parcel.State.LOST:
        return Outcome("needs_decision", unconfirmed(row, handed, by, "parcel.turned_up"), row)
    if row.dispatched_at:
        row.state = Parcel.State.CLAIMED
        row.save(update_fields=["state"])
    return Outcome("done", unconfirmed(row, handed, by, "parcel.claimed"), row)


@transaction.atomic
def lose_parcel(parcel: Parcel, note: str, *, command_id: str, by: Actor) -> Outcome:
    """Say that a parcel is lost: all its units become a shortage with an owner and a due day."""
    if not note.strip():
        raise Refused("note.missing", _("Say what is known about the loss."))
    row = locked([parcel.pk])[parcel.pk]
    # Before the state: the same command again finds the parcel lost, by its own doing.
    if again := Receipt.objects.filter(command_id=command_id).first():
        return _again(row, again)
    if row.state in (Parcel.State.RECEIVED, Parcel.State.LOST):
        raise Refused("parcel.state", _("This parcel was received or declared lost before."))
    lines = parcel_lines([row.pk])[row.pk]
    settled = settle(lines, [Count(item, 0) for item in sorted({x.item_id for x in lines})])
    handed = Handed(command_id, Receipt.Method.OFFICE, note=note)
    codes = item_codes(line.item_id for line in lines)
    receipt = receipt_of(row, handed, settled, codes, by, confirmed=False)
    receipt.save(force_insert=True)
    legs = counted_in(row.place_id, bucket_of(row), Bucket.ON_HAND, settled.lines)
    post_all([command(command_id, "loss", legs, by=by)])
    deltas = progress.Deltas()
    for found in settled.found:
        deltas.add(row.place.division_id, found.item_id, trouble_units=found.units)
    progress.keep(row.campaign_id, deltas)
    before, row.state = row.state, Parcel.State.LOST
    row.save(update_fields=["state"])
    differences = open_all(receipt, row.place, settled.found, note)
    close_rounds({row.shipment_id} if row.shipment_id else ())
    record(
        "parcel.lost",
        row,
        by=by,
        chain=chain_of(row.depot.division),
        before={"state": before},
        after={"state": row.state, "receipt": receipt.pk, "differences": differences},
    )
    return Outcome("done", receipt, row, differences)


def _again(row: Parcel, receipt: Receipt) -> Outcome:
    if receipt.parcel_id != row.pk:
        raise Refused("command.other", _("This command id was used for something else."))
    return Outcome("done", receipt, row)
