"""Let shipments leave docks and hubs, many of them in one transaction."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from tongzhou.kit import clock
from tongzhou.kit.actions import Told, record, record_each
from tongzhou.kit.rules import Actor
from tongzhou.people.models import Organisation
from tongzhou.places.models import Place
from tongzhou.places.queries import chain_of
from tongzhou.plans.models import AllocationLine
from tongzhou.supplies.actions import Command, Leg, ManyLegs
from tongzhou.supplies.models import Bucket

from ..models import Shipment, ShipmentLine
from ..queries import board
from ..queries.moments import as_stored
from ..queries.shipments import Key, at_hop, counties_of_lines, held_lines
from ..rules import Held, Refused, dates
from . import progress
from .ledger import command, moved, post_all
from .planned import rebuild_cartons

MOST_AT_ONCE = 500
MOST_DAYS_AHEAD = 60

_LEFT = """
    UPDATE delivery_shipment SET state = 'dispatched', dispatched_at = %s, dispatch_command = %s,
        due_on = %s, carrier_id = %s, tracking_number = %s, driver = %s, driver_phone = %s
    WHERE id = %s
"""


@dataclass(frozen=True, slots=True)
class Dispatch:
    """One shipment that leaves. `command_id` has one effect, however often it is sent."""

    shipment_id: int
    command_id: str
    carrier: Organisation | None = None
    tracking_number: str = ""
    driver: str = ""
    driver_phone: str = ""


def dispatch_shipment(order: Dispatch, *, by: Actor) -> Shipment:
    """Let one shipment leave; see `dispatch_shipments`."""
    return dispatch_shipments([order], by=by)[0]


@transaction.atomic
def dispatch_shipments(orders: Sequence[Dispatch], *, by: Actor) -> list[Shipment]:
    """Let shipments of one leg and campaign leave: reserved -> in transit, one event for each.

    From a hub only what it received for the county goes; the rest follows as the leg's next part
    when it arrives. Raises Refused, and then nothing has left.
    """
    shipments = locked([order.shipment_id for order in orders])
    leaving = [order for order in orders if _may_leave(shipments[order.shipment_id], order)]
    going = [shipments[order.shipment_id] for order in leaving]
    if going:
        _clip([one for one in going if one.leg == Shipment.Leg.HUB_DEPOT])
        lines = held_lines(one.pk for one in going if one.leg != Shipment.Leg.DOCK_HUB)
        post_all([c for order in leaving for c in _postings(order, shipments, lines, by)])
        _leave(leaving, shipments)
        _count_sent([one for one in going if one.leg == Shipment.Leg.DOCK_HUB])
        record_each(
            "shipment.dispatched",
            [_told(order, shipments[order.shipment_id]) for order in leaving],
            by=by,
        )
    return [shipments[order.shipment_id] for order in orders]


@transaction.atomic
def pack_shipment(shipment: Shipment, *, by: Actor) -> Shipment:
    """Say that the cartons of a planned shipment stand ready."""
    row = locked([shipment.pk])[shipment.pk]
    if row.state != Shipment.State.PLANNED:
        raise Refused("shipment.state", _("Only a planned shipment can be packed."))
    row.state = Shipment.State.PACKED
    row.save(update_fields=["state"])
    record(
        "shipment.packed",
        row,
        by=by,
        chain=chain_of(far_end(row).division),
        before={"state": "planned"},
        after={"state": "packed"},
    )
    return row


@transaction.atomic
def postpone_shipment(shipment: Shipment, leaves_on: date, note: str, *, by: Actor) -> Shipment:
    """Say on which day a shipment that waits can leave, and why; the board reckons from it.

    Said again the same way, it changes nothing. Raises Refused where it has left, without a reason,
    or for a day that is past or more than MOST_DAYS_AHEAD days away.
    """
    row = locked([shipment.pk])[shipment.pk]
    if row.state not in (Shipment.State.PLANNED, Shipment.State.PACKED):
        raise Refused("shipment.state", _("Only a shipment that waits can leave on another day."))
    ahead = (leaves_on - clock.today()).days
    if not 0 <= ahead <= MOST_DAYS_AHEAD:
        raise Refused(
            "postpone.day",
            _("Choose a day from today on, at most %(most)d days ahead.")
            % {"most": MOST_DAYS_AHEAD},
        )
    if not note.strip():
        raise Refused("note.missing", _("Say why it leaves on that day."))
    if row.planned_on == leaves_on:
        return row
    planned, row.planned_on = row.planned_on, leaves_on
    row.save(update_fields=["planned_on"])
    record(
        "shipment.postponed",
        row,
        by=by,
        chain=chain_of(far_end(row).division),
        before={"planned_on": planned.isoformat()},
        after={"planned_on": leaves_on.isoformat(), "note": note.strip()},
    )
    return row


def locked(ids: Sequence[int]) -> dict[int, Shipment]:
    """The shipments, locked in the order of their ids. Raises Refused when one is missing."""
    if len(ids) > MOST_AT_ONCE:
        raise Refused(
            "shipment.many",
            _("At most %(most)d shipments go at once. Choose fewer.") % {"most": MOST_AT_ONCE},
        )
    rows = (
        Shipment.objects.select_for_update(of=("self",))
        .filter(pk__in=ids)
        .select_related("run", "from_place__division", "to_place__division")
        .order_by("pk")
    )
    found = {row.pk: row for row in rows}
    if len(found) != len(set(ids)):
        raise Refused("shipment.missing", _("A shipment of the list does not exist any more."))
    return found


def far_end(shipment: Shipment) -> Place:
    """Where the shipment goes; for the last mile, whose parcels go to many, where it comes from."""
    return shipment.to_place or shipment.from_place


def _may_leave(shipment: Shipment, order: Dispatch) -> bool:
    """False when this very command did it before. Raises Refused when something else did."""
    if shipment.state in (Shipment.State.PLANNED, Shipment.State.PACKED):
        return True
    if shipment.dispatch_command == order.command_id:
        return False
    raise Refused(
        "shipment.state",
        _("Shipment %(id)s has left already or was cancelled.") % {"id": shipment.public_id},
    )


def _clip(shipments: Sequence[Shipment]) -> None:
    """Cut the lines of shipments from a hub to what the hub has for each county."""
    by_leg: dict[tuple[int, int], list[Shipment]] = defaultdict(list)
    for shipment in shipments:
        if shipment.run_id is not None:
            by_leg[shipment.run_id, shipment.from_place_id].append(shipment)
    for (run_id, hub_id), of_leg in by_leg.items():
        _clip_leg(run_id, hub_id, of_leg)


def _clip_leg(run_id: int, hub_id: int, shipments: Sequence[Shipment]) -> None:
    lines = held_lines(shipment.pk for shipment in shipments)
    county_of = counties_of_lines(shipment.pk for shipment in shipments)
    there = at_hop(run_id, hub_id, sorted(set(county_of.values())))
    changed: list[Shipment] = []
    for shipment in shipments:
        cut = [
            (line.line_id, max(0, there[county_of[line.line_id]][_key(line)]))
            for line in lines[shipment.pk]
            if line.units > there[county_of[line.line_id]][_key(line)]
        ]
        if len(cut) == len(lines[shipment.pk]) and not any(units for _line, units in cut):
            raise Refused(
                "shipment.nothing",
                _("Nothing of shipment %(id)s has arrived here yet.") % {"id": shipment.public_id},
            )
        if cut:
            changed.append(shipment)
            _cut_lines(cut)
    rebuild_cartons(changed)


def _cut_lines(cut: Sequence[tuple[int, int]]) -> None:
    ShipmentLine.objects.filter(pk__in=[pk for pk, units in cut if not units]).delete()
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE delivery_shipmentline SET units = %s WHERE id = %s",
            [(units, pk) for pk, units in cut if units],
        )


def _key(line: Held) -> Key:
    return line.item_id, line.lot_id, line.fund_id


def _postings(
    order: Dispatch, shipments: dict[int, Shipment], lines: dict[int, list[Held]], by: Actor
) -> list[Command]:
    """What is reserved where the shipment stands goes on its way to where it is bound."""
    shipment = shipments[order.shipment_id]
    if shipment.leg == Shipment.Leg.DOCK_HUB:
        return _from_dock(order, shipment, by)
    quantities = [(*_key(line), line.units) for line in lines[shipment.pk]]
    source = (shipment.from_place_id, Bucket.RESERVED)
    target = (far_end(shipment).pk, Bucket.IN_TRANSIT)
    return [command(order.command_id, "dispatch", moved(source, target, quantities), by=by)]


def _from_dock(order: Dispatch, shipment: Shipment, by: Actor) -> list[Command]:
    """At a dock units are reserved for the clinics themselves: one move for each published part."""
    rows = AllocationLine.objects.filter(
        part__run=shipment.run_id,
        part__recipient__hub=shipment.to_place_id,
        supply__dock=shipment.from_place_id,
    ).values_list(
        "part_id", "supply__item_id", "supply__lot_id", "supply__fund_id", "place_id", "units"
    )
    taken: dict[int, dict[Key, tuple[list[int], list[int]]]] = defaultdict(dict)
    for part, item, lot, fund, place, units in rows:
        places, minus = taken[part].setdefault((item, lot or 0, fund or 0), ([], []))
        places.append(place)
        minus.append(-units)
    target = (far_end(shipment).pk, Bucket.IN_TRANSIT)
    return [
        command(f"{order.command_id}/{number}", "dispatch", _carried(taken[part], target), by=by)
        for number, part in enumerate(sorted(taken))
    ]


def _carried(
    taken: dict[Key, tuple[list[int], list[int]]], target: tuple[int, Bucket]
) -> list[Leg | ManyLegs]:
    """What a part's clinics had reserved goes on its way as one sum for each item, lot and fund."""
    legs: list[Leg | ManyLegs] = []
    for key, (places, minus) in sorted(taken.items()):
        legs.append(ManyLegs(places, Bucket.RESERVED, *key, units=minus))
        legs.append(Leg(*target, *key, units=-sum(minus)))
    return legs


def _leave(orders: Sequence[Dispatch], shipments: dict[int, Shipment]) -> None:
    now, today = clock.now(), clock.today()
    lead_of = cache(board.lead_days)
    rows: list[tuple[Any, ...]] = []
    for order in orders:
        row = shipments[order.shipment_id]
        row.due_on = dates.arrival(row.leg, today, lead_of(row.campaign_id))
        row.state = Shipment.State.DISPATCHED
        row.dispatched_at = now
        row.dispatch_command = order.command_id
        row.carrier = order.carrier or row.carrier
        row.tracking_number = order.tracking_number or row.tracking_number
        row.driver = order.driver or row.driver
        row.driver_phone = order.driver_phone or row.driver_phone
        carried = (row.carrier_id, row.tracking_number, row.driver, row.driver_phone)
        rows.append((as_stored(now), order.command_id, row.due_on, *carried, row.pk))
    with connection.cursor() as cursor:
        cursor.executemany(_LEFT, rows)


def _count_sent(shipments: Sequence[Shipment]) -> None:
    deltas: dict[int, progress.Deltas] = defaultdict(progress.Deltas)
    lines = ShipmentLine.objects.filter(shipment__in=shipments)
    for campaign, county, item, units in lines.values_list(
        "shipment__campaign_id", "county_id", "item_id", "units"
    ):
        deltas[campaign].add(county, item, sent_units=units)
    for campaign, changes in sorted(deltas.items()):
        progress.keep(campaign, changes)


def _told(order: Dispatch, shipment: Shipment) -> Told:
    return Told(
        shipment,
        chain_of(far_end(shipment).division),
        after={
            "command": order.command_id,
            "carrier": shipment.carrier_id,
            "tracking_number": shipment.tracking_number,
            "driver": shipment.driver,
            "driver_phone": shipment.driver_phone,
        },
    )
