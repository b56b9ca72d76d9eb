"""Settle what was short, over, damaged or wrong: explained, resolved by a move, or written off."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Literal

from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from tongzhou.kit import clock
from tongzhou.kit.actions import record
from tongzhou.kit.rules import Actor
from tongzhou.places.models import Place
from tongzhou.places.queries import chain_of
from tongzhou.supplies.models import Bucket

from ..models import Discrepancy, Parcel, ParcelLine, Shipment, ShipmentLine
from ..queries.parcels import served
from ..queries.shipments import Key, counties_of_lines
from ..rules import Refused
from . import progress
from .arrivals import follow_up
from .ledger import Quantity, command, moved, post_all

Outcome = Literal["arrived", "with_sender", "usable", "returned", "from_other"]
State = Discrepancy.State
STILL_OPEN = (State.OPEN, State.EXPLAINED)
# What can come of each kind.
OUTCOMES: Mapping[str, tuple[Outcome, ...]] = {
    "short": ("arrived", "with_sender"),
    "wrong": ("arrived", "with_sender", "returned"),
    "damaged": ("usable",),
    "over": ("returned", "from_other"),
}


@transaction.atomic
def explain(discrepancy: Discrepancy, text: str, *, by: Actor) -> Discrepancy:
    """Note why it differs; somebody still has to settle it."""
    row = _open(discrepancy)
    row.explanation = _said(text)
    return _moved_on(row, State.EXPLAINED, by)


@transaction.atomic
def resolve(
    discrepancy: Discrepancy,
    outcome: Outcome,
    text: str,
    *,
    command_id: str,
    by: Actor,
    other: Discrepancy | None = None,
) -> Discrepancy:
    """Settle a difference by what turned out, with the move that puts the ledger right.

    arrived: the units came after all. with_sender: they never left and are free stock there.
    usable: damaged units are good. returned: what was too much or wrong went back.
    from_other: what is over here is what is short in `other`. Raises Refused.
    """
    row = _open(discrepancy)
    if outcome not in OUTCOMES[row.kind]:
        raise Refused("outcome", _("This outcome does not fit what was found."))
    row.explanation = _said(text)
    if outcome in ("arrived", "usable"):
        _take_in(row, command_id, by)
    elif outcome == "with_sender":
        _give_back(row, command_id, by)
    elif outcome == "from_other":
        _cover(row, other, command_id, by)
    return _moved_on(row, State.RESOLVED, by, outcome)


@transaction.atomic
def write_off(discrepancy: Discrepancy, text: str, *, command_id: str, by: Actor) -> Discrepancy:
    """Give up units for good. Who received them cannot write them off: it takes a second person."""
    row = _open(discrepancy)
    if row.receipt.by == str(by):
        raise Refused(
            "second_person",
            _("You counted this yourself. A second person has to write it off."),
        )
    row.explanation = _said(text)
    if row.kind == Discrepancy.Kind.DAMAGED:
        source, target = (row.place_id, Bucket.QUARANTINE), (row.place_id, Bucket.LOST)
        post_all([command(command_id, "write_off", moved(source, target, _quantities(row)), by=by)])
    return _moved_on(row, State.WRITTEN_OFF, by)


def _open(discrepancy: Discrepancy) -> Discrepancy:
    row: Discrepancy = (
        Discrepancy.objects.select_for_update(of=("self",))
        .select_related("receipt__shipment", "receipt__parcel", "place__division")
        .get(pk=discrepancy.pk)
    )
    if row.state not in STILL_OPEN:
        raise Refused("discrepancy.closed", _("This discrepancy was settled before."))
    return row


def _said(text: str) -> str:
    if not text.strip():
        raise Refused("text.missing", _("Say what happened, in a sentence."))
    return text.strip()[:500]


def _moved_on(row: Discrepancy, state: State, by: Actor, outcome: str = "") -> Discrepancy:
    before, row.state = row.state, state
    closed = state not in STILL_OPEN
    row.closed_at = clock.now() if closed else None
    row.save(update_fields=["state", "explanation", "closed_at"])
    if closed:
        deltas = progress.Deltas()
        deltas.add(row.place.division_id, row.item_id, trouble_units=-row.units)
        progress.keep(_campaign(row), deltas)
        _close_shipment(row)
    record(
        f"discrepancy.{state.value}",
        row,
        by=by,
        chain=chain_of(row.place.division),
        before={"state": before},
        after={"state": state.value, "outcome": outcome, "explanation": row.explanation},
    )
    return row


def _campaign(row: Discrepancy) -> int:
    of = row.receipt.shipment or row.receipt.parcel
    assert of is not None  # a receipt is always of one of the two
    return of.campaign_id


def _parcel(row: Discrepancy) -> Parcel:
    parcel = row.receipt.parcel
    assert parcel is not None  # a receipt without a shipment is of a parcel
    return parcel


def _quantities(row: Discrepancy) -> list[Quantity]:
    return [(row.item_id, part["lot"], part["fund"], part["units"]) for part in row.parts]


def _kept_in(row: Discrepancy) -> Bucket:
    return Bucket.QUARANTINE if row.kind == Discrepancy.Kind.DAMAGED else Bucket.LOST


def _good(place: Place) -> Bucket:
    """At a hop good units wait for the next leg; a clinic has them on hand."""
    return Bucket.RESERVED if place.kind in (Place.Kind.HUB, Place.Kind.DEPOT) else Bucket.ON_HAND


def _take_in(row: Discrepancy, command_id: str, by: Actor) -> None:
    source, target = (row.place_id, _kept_in(row)), (row.place_id, _good(row.place))
    post_all([command(command_id, "resolve", moved(source, target, _quantities(row)), by=by)])
    if row.receipt.shipment:
        _hop_took_in(row, row.receipt.shipment)
    else:
        _clinic_took_in(row, [(part["line"], part["units"]) for part in row.parts])


def _hop_took_in(row: Discrepancy, shipment: Shipment) -> None:
    """Units that came late count for their counties and travel on as the next part."""
    field = "damaged_units" if row.kind == Discrepancy.Kind.DAMAGED else "short_units"
    at_hub = shipment.leg == Shipment.Leg.DOCK_HUB
    county_of = counties_of_lines([shipment.pk])
    arrived: dict[int, Counter[Key]] = defaultdict(Counter)
    deltas = progress.Deltas()
    for part in row.parts:
        ShipmentLine.objects.filter(pk=part["line"]).update(
            received_units=F("received_units") + part["units"],
            **{field: F(field) - part["units"]},
        )
        county = county_of[part["line"]]
        arrived[county][row.item_id, part["lot"], part["fund"]] += part["units"]
        name = "hub_units" if at_hub else "depot_units"
        deltas.add(county, row.item_id, **{name: part["units"]})
    progress.keep(shipment.campaign_id, deltas)
    follow_up(shipment, arrived)


def _clinic_took_in(row: Discrepancy, lines: Sequence[tuple[int, int]]) -> None:
    campaign = _campaign(row)
    before = served(campaign, [row.place_id], received=True)
    units = sum(more for _line, more in lines)
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE delivery_parcelline SET received_units = received_units + %s WHERE id = %s",
            [(more, line) for line, more in lines],
        )
    deltas = progress.Deltas()
    new = (row.place_id, row.item_id) not in before
    deltas.add(row.place.division_id, row.item_id, received_units=units, received_places=int(new))
    progress.keep(campaign, deltas)


def _give_back(row: Discrepancy, command_id: str, by: Actor) -> None:
    of = row.receipt.shipment or row.receipt.parcel
    sender = of.from_place_id if isinstance(of, Shipment) else _parcel(row).depot_id
    source, target = (row.place_id, Bucket.LOST), (sender, Bucket.ON_HAND)
    post_all([command(command_id, "resolve", moved(source, target, _quantities(row)), by=by)])


def _cover(row: Discrepancy, other: Discrepancy | None, command_id: str, by: Actor) -> None:
    """What is short elsewhere lies here: it becomes stock on hand here, and is found there."""
    if other is None or other.pk == row.pk:
        raise Refused("other.missing", _("Choose the shortage that these units explain."))
    short = _open(other)
    if short.kind != Discrepancy.Kind.SHORT or short.item_id != row.item_id:
        raise Refused("other.kind", _("Choose an open shortage of the same item."))
    if short.units != row.units:
        raise Refused(
            "other.units",
            _("The shortage has %(short)d units, %(over)d are over here. They must be the same.")
            % {"short": short.units, "over": row.units},
        )
    source, target = (short.place_id, Bucket.LOST), (row.place_id, Bucket.ON_HAND)
    post_all([command(command_id, "resolve", moved(source, target, _quantities(short)), by=by)])
    if row.receipt.parcel_id:
        _clinic_took_in(row, _extra_lines(row, short))
    short.explanation = row.explanation
    _settle_quietly(short)


def _extra_lines(row: Discrepancy, short: Discrepancy) -> list[tuple[int, int]]:
    """Lines of the parcel for units that were never meant for it."""
    parcel = _parcel(row)
    made: list[tuple[int, int]] = []
    for part in short.parts:
        line, _new = ParcelLine.objects.get_or_create(
            parcel=parcel,
            item_id=row.item_id,
            lot_id=part["lot"],
            fund_id=part["fund"],
            defaults={"units": 0},
        )
        made.append((line.pk, part["units"]))
    return made


def _settle_quietly(short: Discrepancy) -> None:
    """Close the other side; the event of this side names both."""
    short.state = State.RESOLVED
    short.closed_at = clock.now()
    short.save(update_fields=["state", "explanation", "closed_at"])
    deltas = progress.Deltas()
    deltas.add(short.place.division_id, short.item_id, trouble_units=-short.units)
    progress.keep(_campaign(short), deltas)
    _close_shipment(short)


def _close_shipment(row: Discrepancy) -> None:
    """A shipment received in part is closed with its last shortage."""
    shipment = row.receipt.shipment_id
    if shipment is None:
        return
    left = Discrepancy.objects.filter(
        receipt__shipment=shipment, kind__in=("short", "wrong"), state__in=STILL_OPEN
    ).exclude(pk=row.pk)
    if not left.exists():
        Shipment.objects.filter(pk=shipment, state=Shipment.State.PART_RECEIVED).update(
            state=Shipment.State.CLOSED
        )
