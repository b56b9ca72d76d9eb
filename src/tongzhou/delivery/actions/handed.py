"""Receive a parcel at its clinic: by the slip, by a driver or office with a witness, or claimed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from django.db import connection, transaction
from django.db.models import Count as CountRows
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from tongzhou.kit import clock
from tongzhou.kit.actions import record
from tongzhou.kit.rules import Actor
from tongzhou.places.queries import chain_of
from tongzhou.supplies.models import Bucket, Item

from ..models import Discrepancy, Parcel, Photo, Receipt, Shipment
from ..queries.parcels import parcel_lines, served
from ..rules import Count, Refused, Settlement, settle
from ..rules.reports import Report
from . import progress
from .arrivals import counts_as_json
from .differences import open_all
from .ledger import command, counted_in, post_all

Method = Receipt.Method


@dataclass(frozen=True, slots=True)
class Handed:
    """Somebody says what arrived in a parcel. `counts` None: everything, in good order."""

    command_id: str
    method: str
    counts: tuple[Count, ...] | None = None
    signed_by: str = ""
    signature: str = ""
    witness: str = ""
    photo: Photo | None = None
    note: str = ""
    at_device: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it. "duplicate": another command had this effect before, see its receipt."""

    status: Literal["done", "duplicate", "needs_decision"]
    receipt: Receipt
    parcel: Parcel
    differences: list[str] = field(default_factory=list)


def handed_from(
    report: Report,
    command_id: str,
    method: str,
    *,
    photo: Photo | None = None,
    at_device: datetime | None = None,
) -> Handed:
    """A checked report as the input of `receive_parcel`, its items looked up by code."""
    counts = None
    if report.counts is not None:
        codes = [one.item for one in report.counts]
        ids = dict(Item.objects.filter(code__in=codes).values_list("code", "pk"))
        counts = tuple(
            Count(ids[one.item], one.good, one.damaged, one.wrong) for one in report.counts
        )
    return Handed(
        command_id=command_id,
        method=method,
        counts=counts,
        signed_by=report.signed_by,
        signature=report.signature,
        witness=report.witness,
        photo=photo,
        note=report.note,
        at_device=at_device,
    )


@transaction.atomic
def receive_parcel(parcel: Parcel, handed: Handed, *, by: Actor) -> Outcome:
    """Receive a parcel once: on its way (or still reserved) -> on hand at the clinic.

    One event and one effect, whichever device is first and however often each sends. A parcel
    written off as lost that turns up needs an officer's decision. Raises Refused.
    """
    row = _locked(parcel.pk)
    if again := Receipt.objects.filter(command_id=handed.command_id).first():
        return _again(row, again)
    if row.state == Parcel.State.RECEIVED:
        return Outcome("duplicate", row.receipts.get(confirmed=True), row)
    lost = list(_open_losses(row)) if row.state == Parcel.State.LOST else []
    if row.state == Parcel.State.LOST and not lost:
        return Outcome("needs_decision", _unconfirmed(row, handed, by, "parcel.turned_up"), row)
    settled = settle(parcel_lines([row.pk])[row.pk], handed.counts)
    receipt = _receipt(row, handed, settled, by, confirmed=True)
    post_all(
        [
            command(
                handed.command_id,
                "receipt",
                counted_in(row.place_id, _bucket(row), Bucket.ON_HAND, settled.lines),
                by=by,
            )
        ]
    )
    _count(row, settled, lost)
    _store_lines(settled)
    before = row.state
    _arrive(row, receipt)
    _settle_losses(lost)
    differences = open_all(receipt, row.place, settled.found, handed.note)
    record(
        "parcel.received",
        row,
        by=by,
        chain=chain_of(row.depot.division),
        before={"state": before},
        after={
            "state": row.state,
            "receipt": receipt.pk,
            "method": receipt.method,
            "units": settled.good,
            "differences": differences,
        },
    )
    return Outcome("done", receipt, row, differences)


@transaction.atomic
def claim_parcel(parcel: Parcel, handed: Handed, *, by: Actor) -> Outcome:
    """Note that somebody with only the outer label says it came; nothing moves until confirmed."""
    row = _locked(parcel.pk)
    if again := Receipt.objects.filter(command_id=handed.command_id).first():
        return _again(row, again)
    if row.state == Parcel.State.RECEIVED:
        return Outcome("duplicate", row.receipts.get(confirmed=True), row)
    earlier = row.receipts.filter(confirmed=False, method=Method.LABEL).first()
    if earlier:
        return Outcome("duplicate", earlier, row)
    if row.state == Parcel.State.LOST:
        return Outcome("needs_decision", _unconfirmed(row, handed, by, "parcel.turned_up"), row)
    row.state = Parcel.State.CLAIMED
    row.save(update_fields=["state"])
    return Outcome("done", _unconfirmed(row, handed, by, "parcel.claimed"), row)


@transaction.atomic
def lose_parcel(parcel: Parcel, note: str, *, command_id: str, by: Actor) -> Outcome:
    """Say that a parcel is lost: all its units become a shortage with an owner and a due day."""
    if not note.strip():
        raise Refused("note.missing", _("Say what is known about the loss."))
    row = _locked(parcel.pk)
    if again := Receipt.objects.filter(command_id=command_id).first():
        return _again(row, again)
    if row.state in (Parcel.State.RECEIVED, Parcel.State.LOST):
        raise Refused("parcel.state", _("This parcel was received or declared lost before."))
    lines = parcel_lines([row.pk])[row.pk]
    settled = settle(lines, [Count(item, 0) for item in sorted({x.item_id for x in lines})])
    handed = Handed(command_id, Method.OFFICE, note=note)
    receipt = _receipt(row, handed, settled, by, confirmed=False)
    legs = counted_in(row.place_id, _bucket(row), Bucket.ON_HAND, settled.lines)
    post_all([command(command_id, "loss", legs, by=by)])
    deltas = progress.Deltas()
    for found in settled.found:
        deltas.add(row.place.division_id, found.item_id, trouble_units=found.units)
    progress.keep(row.campaign_id, deltas)
    before, row.state = row.state, Parcel.State.LOST
    row.save(update_fields=["state"])
    differences = open_all(receipt, row.place, settled.found, note)
    _close_shipment(row)
    record(
        "parcel.lost",
        row,
        by=by,
        chain=chain_of(row.depot.division),
        before={"state": before},
        after={"state": row.state, "receipt": receipt.pk, "differences": differences},
    )
    return Outcome("done", receipt, row, differences)


def _locked(parcel_id: int) -> Parcel:
    rows = Parcel.objects.select_for_update(of=("self",))
    row: Parcel = rows.select_related("place__division", "depot__division").get(pk=parcel_id)
    return row


def _again(row: Parcel, receipt: Receipt) -> Outcome:
    if receipt.parcel_id != row.pk:
        raise Refused("command.other", _("This command id was used for something else."))
    return Outcome("done", receipt, row)


def _bucket(row: Parcel) -> Bucket:
    """Where the units are now: a driver may hand over before the office has sent it out."""
    if row.state == Parcel.State.LOST:
        return Bucket.LOST
    return Bucket.IN_TRANSIT if row.dispatched_at else Bucket.RESERVED


def _open_losses(row: Parcel) -> QuerySet[Discrepancy]:
    return Discrepancy.objects.select_for_update(of=("self",)).filter(
        receipt__parcel=row,
        receipt__confirmed=False,
        kind=Discrepancy.Kind.SHORT,
        state__in=(Discrepancy.State.OPEN, Discrepancy.State.EXPLAINED),
    )


def _receipt(
    row: Parcel, handed: Handed, settled: Settlement, by: Actor, *, confirmed: bool
) -> Receipt:
    receipt: Receipt = Receipt.objects.create(
        command_id=handed.command_id,
        parcel=row,
        place=row.place,
        method=handed.method,
        confirmed=confirmed,
        counts=counts_as_json(handed.counts, settled),
        signed_by=handed.signed_by[:60],
        signature=handed.signature,
        witness=handed.witness[:60],
        photo=handed.photo,
        device=by.device,
        by=str(by),
        at_device=handed.at_device,
        at=clock.now(),
    )
    return receipt


def _unconfirmed(row: Parcel, handed: Handed, by: Actor, verb: str) -> Receipt:
    """Keep what was said without believing it, with one event."""
    settled = settle(parcel_lines([row.pk])[row.pk], handed.counts)
    receipt = _receipt(row, handed, settled, by, confirmed=False)
    record(
        verb,
        row,
        by=by,
        chain=chain_of(row.depot.division),
        after={"state": row.state, "receipt": receipt.pk, "method": receipt.method},
    )
    return receipt


def _count(row: Parcel, settled: Settlement, lost: Sequence[Discrepancy]) -> None:
    before = served(row.campaign_id, [row.place_id], received=True)
    good: Counter[int] = Counter()
    deltas = progress.Deltas()
    division = row.place.division_id
    for one in settled.lines:
        good[one.line.item_id] += one.good
        if not row.dispatched_at:
            deltas.add(division, one.line.item_id, last_mile_units=one.line.units)
    for item, units in good.items():
        new = units > 0 and (row.place_id, item) not in before
        deltas.add(division, item, received_units=units, received_places=int(new))
    for found in settled.found:
        deltas.add(division, found.item_id, trouble_units=found.units)
    for loss in lost:
        deltas.add(division, loss.item_id, trouble_units=-loss.units)
    progress.keep(row.campaign_id, deltas)


def _store_lines(settled: Settlement) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE delivery_parcelline SET received_units = %s WHERE id = %s",
            [(one.good, one.line.line_id) for one in settled.lines],
        )


def _arrive(row: Parcel, receipt: Receipt) -> None:
    row.state = Parcel.State.RECEIVED
    row.received_at = receipt.at
    row.dispatched_at = row.dispatched_at or receipt.at
    row.save(update_fields=["state", "received_at", "dispatched_at"])
    _close_shipment(row)


def _settle_losses(lost: Sequence[Discrepancy]) -> None:
    for loss in lost:
        loss.state = Discrepancy.State.RESOLVED
        loss.explanation = (loss.explanation or _("The parcel turned up."))[:500]
        loss.closed_at = clock.now()
        loss.save(update_fields=["state", "explanation", "closed_at"])


def _close_shipment(row: Parcel) -> None:
    """A last-mile shipment is closed when none of its parcels is on the way any more."""
    if row.shipment_id is None:
        return
    left = Parcel.objects.filter(shipment=row.shipment_id).aggregate(
        n=CountRows("pk", filter=~Q(state__in=(Parcel.State.RECEIVED, Parcel.State.LOST)))
    )["n"]
    state = Shipment.State.PART_RECEIVED if left else Shipment.State.CLOSED
    Shipment.objects.filter(pk=row.shipment_id).exclude(state=state).update(
        state=state, received_at=None if left else clock.now()
    )
