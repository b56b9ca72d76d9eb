"""Receive parcels at their clinics: by the slip, or by a driver or office with a witness."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from django.db import connection, transaction
from django.db.models import Count as CountRows
from django.db.models import Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from tongzhou.kit import clock
from tongzhou.kit.actions import record
from tongzhou.kit.rules import Actor
from tongzhou.places.queries import chain_of
from tongzhou.supplies.actions import Command
from tongzhou.supplies.models import Bucket, Item

from ..models import Discrepancy, Parcel, Photo, Receipt, Shipment
from ..queries.parcels import parcel_lines, served
from ..rules import Count, Held, Refused, Settlement, settle
from ..rules.reports import Report
from . import progress
from .arrivals import counts_as_json, item_codes
from .differences import open_all
from .ledger import command, counted_in, post_all

MOST_AT_ONCE = 500


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


def receive_parcel(parcel: Parcel, handed: Handed, *, by: Actor) -> Outcome:
    """Receive one parcel; see `receive_parcels`."""
    return receive_parcels([(parcel, handed)], by=by)[0]


@transaction.atomic
def receive_parcels(given: Sequence[tuple[Parcel, Handed]], *, by: Actor) -> list[Outcome]:
    """Receive parcels, each once: on its way (or still reserved) -> on hand at the clinic.

    One event and one effect for each, whichever device is first and however often each sends. A
    parcel written off as lost that turns up needs an officer's decision. At most 500 together, no
    parcel twice. Raises Refused, and then none is received.
    """
    rows = locked([parcel.pk for parcel, _handed in given])
    known = _known(rows, given)
    outcomes: dict[int, Outcome] = {}
    taking: list[_Taking] = []
    for parcel, handed in given:
        row = rows[parcel.pk]
        # The phone, the driver and the office may all say it; the first has the effect.
        before = known.get(handed.command_id) or _received(row)
        lost = open_losses(row) if row.state == Parcel.State.LOST else []
        if before is not None:
            same = before.command_id == handed.command_id
            outcomes[row.pk] = Outcome("done" if same else "duplicate", before, row)
        elif row.state == Parcel.State.LOST and not lost:
            receipt = unconfirmed(row, handed, by, "parcel.turned_up")
            outcomes[row.pk] = Outcome("needs_decision", receipt, row)
        else:
            taking.append(_Taking(row, handed, lost))
    if taking:
        outcomes |= {one.row.pk: one.outcome for one in _take(taking, by)}
    return [outcomes[parcel.pk] for parcel, _handed in given]


@dataclass(slots=True)
class _Taking:
    """A parcel that is being received: its lines set against what was counted."""

    row: Parcel
    handed: Handed
    lost: list[Discrepancy]
    settled: Settlement = field(default_factory=lambda: Settlement((), ()))
    receipt: Receipt = field(default_factory=Receipt)
    differences: list[str] = field(default_factory=list)

    @property
    def outcome(self) -> Outcome:
        return Outcome("done", self.receipt, self.row, self.differences)


def _take(taking: list[_Taking], by: Actor) -> list[_Taking]:
    """The effects of all of them, in as few statements as there are kinds of rows."""
    lines = parcel_lines(one.row.pk for one in taking)
    for one in taking:
        one.settled = settle(lines[one.row.pk], one.handed.counts)
    _store_receipts(taking, by)
    post_all([_posting(one, by) for one in taking])
    _count(taking)
    _store_lines(one.settled for one in taking)
    # Kept for the event: `_arrive` sets the state on the same objects.
    before = {one.row.pk: one.row.state for one in taking}
    _arrive(taking)
    for one in taking:
        _settle_losses(one.lost)
        one.differences = open_all(one.receipt, one.row.place, one.settled.found, one.handed.note)
        _tell(one, before[one.row.pk], by)
    return taking


def _store_receipts(taking: list[_Taking], by: Actor) -> None:
    codes = item_codes(line.item_id for one in taking for line in _held(one.settled))
    rows = [
        receipt_of(one.row, one.handed, one.settled, codes, by, confirmed=True) for one in taking
    ]
    for one, receipt in zip(taking, Receipt.objects.bulk_create(rows), strict=True):
        one.receipt = receipt


def _posting(one: _Taking, by: Actor) -> Command:
    legs = counted_in(one.row.place_id, bucket_of(one.row), Bucket.ON_HAND, one.settled.lines)
    return command(one.handed.command_id, "receipt", legs, by=by)


def _tell(one: _Taking, before: str, by: Actor) -> None:
    record(
        "parcel.received",
        one.row,
        by=by,
        chain=chain_of(one.row.depot.division),
        before={"state": before},
        after={
            "state": one.row.state,
            "receipt": one.receipt.pk,
            "method": one.receipt.method,
            "units": one.settled.good,
            "differences": one.differences,
        },
    )


def locked(ids: Sequence[int]) -> dict[int, Parcel]:
    """The parcels, locked in the order of their ids. Raises Refused over 500 or for a repeat."""
    if len(ids) > MOST_AT_ONCE or len(set(ids)) != len(ids):
        raise Refused(
            "parcel.many",
            _("At most %(n)d parcels are received at once, each of them once.")
            % {"n": MOST_AT_ONCE},
        )
    # In one order for all, else two phones with the same two parcels could block each other.
    rows = (
        Parcel.objects.select_for_update(of=("self",))
        .filter(pk__in=ids)
        .select_related("place__division", "depot__division")
        .order_by("pk")
    )
    return {row.pk: row for row in rows}


def _known(rows: dict[int, Parcel], given: Sequence[tuple[Parcel, Handed]]) -> dict[str, Receipt]:
    """The receipts that these very commands made before. Raises Refused for another parcel's."""
    parcel_of = {handed.command_id: parcel.pk for parcel, handed in given}
    found = {row.command_id: row for row in Receipt.objects.filter(command_id__in=parcel_of)}
    mixed = any(row.parcel_id != parcel_of[name] for name, row in found.items())
    if mixed or len(parcel_of) != len(given):
        raise Refused("command.other", _("This command id was used for something else."))
    return found


def _received(row: Parcel) -> Receipt | None:
    if row.state != Parcel.State.RECEIVED:
        return None
    return row.receipts.get(confirmed=True)


def bucket_of(row: Parcel) -> Bucket:
    """Where the units are now: a driver may hand over before the office has sent it out."""
    if row.state == Parcel.State.LOST:
        return Bucket.LOST
    return Bucket.IN_TRANSIT if row.dispatched_at else Bucket.RESERVED


def open_losses(row: Parcel) -> list[Discrepancy]:
    """What a lost parcel is short of; [] once any of it was settled, because the units of that are
    no more where the receipt of the whole parcel would take them from."""
    losses = Discrepancy.objects.select_for_update(of=("self",)).filter(
        receipt__parcel=row, receipt__confirmed=False, kind=Discrepancy.Kind.SHORT
    )
    found = list(losses.order_by("pk"))
    still_open = (Discrepancy.State.OPEN, Discrepancy.State.EXPLAINED)
    return found if all(one.state in still_open for one in found) else []


def receipt_of(
    row: Parcel,
    handed: Handed,
    settled: Settlement,
    codes: dict[int, str],
    by: Actor,
    *,
    confirmed: bool,
) -> Receipt:
    """What was said, as a row that is not stored yet."""
    return Receipt(
        command_id=handed.command_id,
        parcel=row,
        place=row.place,
        method=handed.method,
        confirmed=confirmed,
        counts=counts_as_json(handed.counts, settled, codes),
        signed_by=handed.signed_by[:60],
        signature=handed.signature,
        witness=handed.witness[:60],
        photo=handed.photo,
        device=by.device,
        by=str(by),
        at_device=handed.at_device,
        at=clock.now(),
    )


def unconfirmed(row: Parcel, handed: Handed, by: Actor, verb: str) -> Receipt:
    """Keep what was said without believing it, with one event."""
    settled = settle(parcel_lines([row.pk])[row.pk], handed.counts)
    codes = item_codes(line.item_id for line in _held(settled))
    receipt = receipt_of(row, handed, settled, codes, by, confirmed=False)
    receipt.save(force_insert=True)
    record(
        verb,
        row,
        by=by,
        chain=chain_of(row.depot.division),
        after={"state": row.state, "receipt": receipt.pk, "method": receipt.method},
    )
    return receipt


def _held(settled: Settlement) -> Iterable[Held]:
    return (one.line for one in settled.lines)


def _count(taking: list[_Taking]) -> None:
    by_campaign: dict[int, list[_Taking]] = defaultdict(list)
    for one in taking:
        by_campaign[one.row.campaign_id].append(one)
    for campaign, of_campaign in sorted(by_campaign.items()):
        places = [one.row.place_id for one in of_campaign]
        before = served(campaign, places, received=True)
        deltas = progress.Deltas()
        for one in of_campaign:
            _count_one(one, before, deltas)
        progress.keep(campaign, deltas)


def _count_one(one: _Taking, before: set[tuple[int, int]], deltas: progress.Deltas) -> None:
    """`before`: (place, item) that had units before; what this parcel brings is added to it."""
    row, division = one.row, one.row.place.division_id
    good: Counter[int] = Counter()
    for settled in one.settled.lines:
        item = settled.line.item_id
        good[item] += settled.good
        # Handed over before it was sent out: it passes the last mile in the same moment.
        if not row.dispatched_at:
            deltas.add(division, item, last_mile_units=settled.line.units)
    for item, units in good.items():
        new = units > 0 and (row.place_id, item) not in before
        deltas.add(division, item, received_units=units, received_places=int(new))
        if new:
            before.add((row.place_id, item))
    for found in one.settled.found:
        deltas.add(division, found.item_id, trouble_units=found.units)
    # What was missing has turned up, so it is no trouble any more.
    for loss in one.lost:
        deltas.add(division, loss.item_id, trouble_units=-loss.units)


def _store_lines(settled: Iterable[Settlement]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE delivery_parcelline SET received_units = %s WHERE id = %s",
            [(line.good, line.line.line_id) for one in settled for line in one.lines],
        )


def _arrive(taking: list[_Taking]) -> None:
    now = clock.now()
    for one in taking:
        one.row.state = Parcel.State.RECEIVED
        one.row.received_at = now
        one.row.dispatched_at = one.row.dispatched_at or now
    Parcel.objects.filter(pk__in=[one.row.pk for one in taking]).update(
        state=Parcel.State.RECEIVED,
        received_at=now,
        dispatched_at=Coalesce("dispatched_at", Value(now)),
    )
    close_rounds({one.row.shipment_id for one in taking if one.row.shipment_id})


def _settle_losses(lost: Sequence[Discrepancy]) -> None:
    for loss in lost:
        loss.state = Discrepancy.State.RESOLVED
        loss.explanation = (loss.explanation or _("The parcel turned up."))[:500]
        loss.closed_at = clock.now()
        loss.save(update_fields=["state", "explanation", "closed_at"])


def close_rounds(shipments: Iterable[int]) -> None:
    """A last-mile shipment is closed when none of its parcels is on the way any more."""
    ids = sorted(shipments)
    over = Q(state__in=(Parcel.State.RECEIVED, Parcel.State.LOST))
    left = dict(
        Parcel.objects.filter(shipment__in=ids)
        .values_list("shipment")
        .annotate(n=CountRows("pk", filter=~over))
    )
    for shipment in ids:
        some = bool(left.get(shipment))
        state = Shipment.State.PART_RECEIVED if some else Shipment.State.CLOSED
        Shipment.objects.filter(pk=shipment).exclude(state=state).update(
            state=state, received_at=None if some else clock.now()
        )
