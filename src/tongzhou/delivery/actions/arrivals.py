"""Receive shipments at hubs and depots, and say that one is lost."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from tongzhou.interchange.trace_ids import TraceKind
from tongzhou.kit import clock
from tongzhou.kit.actions import Told, record_each
from tongzhou.kit.rules import Actor
from tongzhou.places.queries import chain_of
from tongzhou.supplies.models import Bucket, Item

from ..models import Photo, Receipt, Shipment, ShipmentLine
from ..queries import board
from ..queries.shipments import counties_of_lines, fresh_ids, held_lines, next_part
from ..rules import Count, Refused, Settlement, dates, settle
from . import progress
from .differences import open_all
from .hops import far_end, locked
from .ledger import command, counted_in, post_all
from .planned import rebuild_cartons


@dataclass(frozen=True, slots=True)
class Arrival:
    """A count at a hub or depot. `counts` None: everything arrived in good order. `lost` is for
    `lose_shipment` alone: nothing arrived, and nothing will."""

    shipment_id: int
    command_id: str
    counts: tuple[Count, ...] | None = None
    signed_by: str = ""
    note: str = ""
    photo: Photo | None = None
    lost: bool = False


def receive_shipment(arrival: Arrival, *, by: Actor) -> Receipt:
    """Receive one shipment; see `receive_shipments`."""
    return receive_shipments([arrival], by=by)[0]


@transaction.atomic
def receive_shipments(arrivals: Sequence[Arrival], *, by: Actor) -> list[Receipt]:
    """Receive shipments between hops: in transit -> reserved for the next hop, damaged units into
    quarantine, missing ones lost until their discrepancy is settled. One event for each.

    Raises Refused, and then nothing is received. The same command again gives the same receipt.
    """
    # Locked before asking what is known, so that the same command at once finds its receipt.
    shipments = locked([arrival.shipment_id for arrival in arrivals])
    known = _known(arrivals)
    fresh = [one for one in arrivals if one.command_id not in known]
    for arrival in fresh:
        _check_state(shipments[arrival.shipment_id])
    lines = held_lines(one.shipment_id for one in fresh)
    settled = {one.shipment_id: settle(lines[one.shipment_id], one.counts) for one in fresh}
    known |= _receipts(fresh, shipments, settled, by)
    _take_in([shipments[one.shipment_id] for one in fresh], fresh, settled, known, by)
    return [known[arrival.command_id] for arrival in arrivals]


@transaction.atomic
def lose_shipment(shipment: Shipment, note: str, *, command_id: str, by: Actor) -> Receipt:
    """Say that a shipment on its way is lost: every unit becomes a shortage with an owner."""
    if not note.strip():
        raise Refused("note.missing", _("Say what is known about the loss."))
    row = locked([shipment.pk])[shipment.pk]
    nothing = tuple(Count(item, 0) for item in sorted(_items(row.pk)))
    return receive_shipment(Arrival(row.pk, command_id, nothing, note=note, lost=True), by=by)


def follow_up(shipment: Shipment, arrived: dict[int, Counter[tuple[int, int, int]]]) -> None:
    """Plan the next part of each county's leg for what arrived after its shipment had left.

    `arrived`: by county, units of (item, lot, fund) that are now at the shipment's far end.
    """
    if shipment.leg != Shipment.Leg.DOCK_HUB or shipment.run_id is None:
        return
    legs = Shipment.objects.filter(
        run=shipment.run_id, from_place=shipment.to_place_id, to_place__division__in=arrived
    ).values_list("to_place__division_id", "to_place_id", "part", "state")
    # Where the first part still stands here, its lines have everything that was published.
    waits = {
        county for county, _to, part, state in legs if part == 1 and state in ("planned", "packed")
    }
    late = {county: depot for county, depot, _part, _state in legs if county not in waits}
    for county, depot in sorted(late.items()):
        _add_part(shipment, depot or 0, county, arrived[county])


def _known(arrivals: Sequence[Arrival]) -> dict[str, Receipt]:
    ids = {arrival.command_id: arrival.shipment_id for arrival in arrivals}
    found = {row.command_id: row for row in Receipt.objects.filter(command_id__in=ids)}
    mixed = any(row.shipment_id != ids[name] for name, row in found.items())
    if mixed or len(ids) != len(arrivals):
        raise Refused("command.other", _("This command id was used for something else."))
    return found


def _check_state(shipment: Shipment) -> None:
    if shipment.leg == Shipment.Leg.LAST_MILE:
        raise Refused("shipment.leg", _("On the last mile each parcel is received by itself."))
    if shipment.state != Shipment.State.DISPATCHED:
        raise Refused(
            "shipment.state",
            _("Shipment %(id)s is not on its way, so it cannot be received.")
            % {"id": shipment.public_id},
        )


def _receipts(
    arrivals: Sequence[Arrival],
    shipments: dict[int, Shipment],
    settled: dict[int, Settlement],
    by: Actor,
) -> dict[str, Receipt]:
    codes = item_codes(line.line.item_id for one in settled.values() for line in one.lines)
    now = clock.now()
    rows = [
        Receipt(
            command_id=arrival.command_id,
            shipment=shipments[arrival.shipment_id],
            place=far_end(shipments[arrival.shipment_id]),
            method=Receipt.Method.OFFICE,
            counts=counts_as_json(arrival.counts, settled[arrival.shipment_id], codes),
            signed_by=arrival.signed_by[:60],
            photo=arrival.photo,
            device=by.device,
            by=str(by),
            at=now,
        )
        for arrival in arrivals
    ]
    return {row.command_id: row for row in Receipt.objects.bulk_create(rows)}


def item_codes(items: Iterable[int]) -> dict[int, str]:
    """Item id -> code, under which receipts keep their counts."""
    return dict(Item.objects.filter(pk__in=set(items)).values_list("pk", "code"))


def counts_as_json(
    counts: Sequence[Count] | None, settled: Settlement, codes: dict[int, str]
) -> list[dict[str, int | str]]:
    """What was counted, as a receipt keeps it: one row for each item, by the item's code."""
    if counts is None:
        total: Counter[int] = Counter()
        for one in settled.lines:
            total[one.line.item_id] += one.line.units
        counts = [Count(item, units) for item, units in sorted(total.items())]
    return [
        {"item": codes[c.item_id], "good": c.good, "damaged": c.damaged, "wrong": c.wrong}
        for c in counts
    ]


def _take_in(
    shipments: Sequence[Shipment],
    arrivals: Sequence[Arrival],
    settled: dict[int, Settlement],
    receipts: dict[str, Receipt],
    by: Actor,
) -> None:
    post_all(
        [
            command(
                arrival.command_id,
                "receipt",
                counted_in(
                    far_end(shipment).pk,
                    Bucket.IN_TRANSIT,
                    Bucket.RESERVED,
                    settled[shipment.pk].lines,
                ),
                by=by,
            )
            for arrival, shipment in zip(arrivals, shipments, strict=True)
        ]
    )
    _store_lines([one for s in shipments for one in settled[s.pk].lines])
    _count_received(shipments, settled)
    _set_states(arrivals, shipments, settled)
    told: dict[str, list[Told]] = defaultdict(list)
    for arrival, shipment in zip(arrivals, shipments, strict=True):
        verb = "shipment.lost" if arrival.lost else "shipment.received"
        told[verb].append(
            _follow(shipment, arrival, settled[shipment.pk], receipts[arrival.command_id])
        )
    for verb, events in told.items():
        record_each(verb, events, by=by)


def _store_lines(lines: Sequence[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE delivery_shipmentline SET received_units = %s, damaged_units = %s,"
            " short_units = %s WHERE id = %s",
            [(one.good, one.damaged, one.missing, one.line.line_id) for one in lines],
        )


def _count_received(shipments: Sequence[Shipment], settled: dict[int, Settlement]) -> None:
    county_of = counties_of_lines(shipment.pk for shipment in shipments)
    deltas: dict[int, progress.Deltas] = defaultdict(progress.Deltas)
    for shipment in shipments:
        at_hub = shipment.leg == Shipment.Leg.DOCK_HUB
        field = "hub_units" if at_hub else "depot_units"
        changes = deltas[shipment.campaign_id]
        for one in settled[shipment.pk].lines:
            changes.add(county_of[one.line.line_id], one.line.item_id, **{field: one.good})
        division = far_end(shipment).division_id
        for found in settled[shipment.pk].found:
            changes.add(division, found.item_id, trouble_units=found.units)
    # Campaigns in the order of their ids, as everywhere: two receipts do not wait in a circle.
    for campaign, changes in sorted(deltas.items()):
        progress.keep(campaign, changes)


def _set_states(
    arrivals: Sequence[Arrival], shipments: Sequence[Shipment], settled: dict[int, Settlement]
) -> None:
    now = clock.now()
    by_state: dict[str, list[int]] = defaultdict(list)
    for arrival, shipment in zip(arrivals, shipments, strict=True):
        short = any(one.missing for one in settled[shipment.pk].lines)
        shipment.state = Shipment.State.PART_RECEIVED if short else Shipment.State.CLOSED
        if arrival.lost:
            shipment.state = Shipment.State.LOST
        shipment.received_at = now
        by_state[shipment.state].append(shipment.pk)
    for state, ids in by_state.items():
        Shipment.objects.filter(pk__in=ids).update(state=state, received_at=now)


def _follow(shipment: Shipment, arrival: Arrival, settled: Settlement, receipt: Receipt) -> Told:
    """Open the discrepancies, plan what travels on, and say what there is to tell."""
    place = far_end(shipment)
    differences = open_all(receipt, place, settled.found, arrival.note)
    follow_up(shipment, _arrived(shipment, settled))
    return Told(
        shipment,
        chain_of(place.division),
        before={"state": "dispatched"},
        after={
            "state": shipment.state,
            "receipt": receipt.pk,
            "units": settled.good,
            "differences": differences,
        },
    )


def _arrived(shipment: Shipment, settled: Settlement) -> dict[int, Counter[tuple[int, int, int]]]:
    if shipment.leg != Shipment.Leg.DOCK_HUB:
        return {}
    county_of = counties_of_lines([shipment.pk])
    arrived: dict[int, Counter[tuple[int, int, int]]] = defaultdict(Counter)
    for one in settled.lines:
        key = (one.line.item_id, one.line.lot_id, one.line.fund_id)
        arrived[county_of[one.line.line_id]][key] += one.good
    return arrived


def _items(shipment_id: int) -> set[int]:
    return set(ShipmentLine.objects.filter(shipment=shipment_id).values_list("item_id", flat=True))


def _add_part(
    inbound: Shipment, depot_id: int, county_id: int, units: Counter[tuple[int, int, int]]
) -> None:
    waiting, part = next_part(inbound.run_id or 0, inbound.to_place_id or 0, depot_id)
    today = clock.today()
    lead = board.lead_days(inbound.campaign_id)
    shipment = waiting or Shipment.objects.create(
        public_id=fresh_ids(TraceKind.SHIPMENT, 1)[0],
        campaign_id=inbound.campaign_id,
        run_id=inbound.run_id,
        leg=Shipment.Leg.HUB_DEPOT,
        from_place=far_end(inbound),
        to_place_id=depot_id,
        part=part,
        planned_on=today,
        due_on=dates.arrival("hub_depot", today, lead),
    )
    # A line has at least one unit by its constraint: for what did not arrive none is made.
    for (item, lot, fund), more in units.items():
        if more > 0:
            line, _new = ShipmentLine.objects.get_or_create(
                shipment=shipment,
                county_id=county_id,
                item_id=item,
                lot_id=lot,
                fund_id=fund,
                defaults={"units": 1},
            )
            line.units = more if _new else line.units + more
            line.save(update_fields=["units"])
    rebuild_cartons([shipment])
