"""Make the shipments, lines and cartons of a published run, one recipient after the other."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction
from django.db.models import Min

from tongzhou.campaigns.models import CampaignItem, Recipient
from tongzhou.interchange.trace_ids import TraceKind
from tongzhou.kit import clock
from tongzhou.kit.actions import record
from tongzhou.kit.rules import Actor
from tongzhou.places.models import Division, Place
from tongzhou.places.queries import chain_of, depots_of
from tongzhou.plans.models import PublishPart, Run
from tongzhou.supplies.models import PackLevel

from ..models import Carton, Shipment, ShipmentLine
from ..queries import board
from ..queries.moments import as_stored
from ..queries.shipments import fresh_ids
from ..rules import dates
from . import progress

BATCH = 500


@dataclass(frozen=True, slots=True)
class Part:
    """Published units of one dock, county, item, lot and fund; `ready` is when they are there."""

    dock_id: int
    county_id: int
    item_id: int
    lot_id: int
    fund_id: int
    units: int
    ready: date


def plan_shipments(run: Run, *, by: Actor) -> int:
    """Make what a published run needs to travel; a second call changes nothing.

    Returns the number of shipments made. Each recipient is one transaction and one event, so that
    a nation never holds the database for longer than its largest province takes.
    """
    set_needs(run)
    recipients = Recipient.objects.filter(
        pk__in=PublishPart.objects.filter(run=run).values("recipient")
    ).select_related("hub", "division")
    return sum(plan_recipient(run, recipient, by=by) for recipient in recipients)


@transaction.atomic
def plan_recipient(run: Run, recipient: Recipient, *, by: Actor) -> int:
    """Shipments from the docks to the recipient's hub, and from there to each county's depot."""
    # Of two who plan at once the second waits here, and then finds the hub's shipments.
    Run.objects.select_for_update().get(pk=run.pk)
    hub = recipient.hub
    if Shipment.objects.filter(run=run, to_place=hub).exists():
        return 0
    parts = _published(run, recipient)
    if not parts:
        return 0
    shipments = _shipments(run, hub, parts)
    cartons = rebuild_cartons([s for s in shipments if s.leg == Shipment.Leg.HUB_DEPOT])
    progress.keep(run.campaign_id, _allocated(run, recipient, parts))
    record(
        "shipments.planned",
        recipient,
        by=by,
        chain=chain_of(recipient.division),
        after={
            "run": run.pk,
            "shipments": len(shipments),
            "cartons": cartons,
            "units": sum(part.units for part in parts),
        },
    )
    return len(shipments)


def rebuild_cartons(shipments: Sequence[Shipment]) -> int:
    """Full cartons of each item and one for the rest, from the lines as they are now."""
    ids = [shipment.pk for shipment in shipments]
    if not ids:
        return 0
    Carton.objects.filter(shipment__in=ids).delete()
    sizes = _carton_sizes(shipments[0].campaign_id)
    units: Counter[tuple[int, int]] = Counter()
    for shipment, item, count in ShipmentLine.objects.filter(shipment__in=ids).values_list(
        "shipment_id", "item_id", "units"
    ):
        units[shipment, item] += count
    rows = [
        (shipment, item, count)
        for (shipment, item), total in sorted(units.items())
        for count in _cartons(total, sizes.get(item, total))
    ]
    public_ids = fresh_ids(TraceKind.CARTON, len(rows))
    with connection.cursor() as cursor:
        cursor.executemany(
            _CARTON,
            [
                (*row, one, Carton.State.CLOSED.value)
                for row, one in zip(rows, public_ids, strict=True)
            ],
        )
    return len(rows)


def set_needs(run: Run) -> None:
    """Take over each division's places and need from the run, as the pages show them."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_NEEDS, [run.campaign_id, as_stored(clock.now()), run.pk])


def _published(run: Run, recipient: Recipient) -> list[Part]:
    with connection.cursor() as cursor:
        cursor.execute(_PUBLISHED, [run.pk, recipient.pk])
        return [_part(*row) for row in cursor.fetchall()]


def _part(
    dock: int, county: int, item: int, lot: int, fund: int, units: int, day: date | str
) -> Part:
    """SQLite gives a day as text."""
    ready = date.fromisoformat(day) if isinstance(day, str) else day
    return Part(dock, county, item, lot, fund, int(units), ready)


def _shipments(run: Run, hub: Place, parts: Sequence[Part]) -> list[Shipment]:
    lead = board.lead_days(run.campaign_id)
    by_dock: dict[int, list[Part]] = defaultdict(list)
    by_county: dict[int, list[Part]] = defaultdict(list)
    for part in parts:
        by_dock[part.dock_id].append(part)
        by_county[part.county_id].append(part)
    depots = _depots(by_county)
    made: list[tuple[Shipment, list[Part]]] = []
    reach_hub: dict[int, date] = {}
    for dock, of_dock in sorted(by_dock.items()):
        leaves = max(clock.today(), *(part.ready for part in of_dock))
        reach_hub[dock] = dates.arrival("dock_hub", leaves, lead)
        made.append((_shipment(run, "dock_hub", dock, hub.pk, leaves, lead), of_dock))
    for county, of_county in sorted(by_county.items()):
        leaves = max(reach_hub[part.dock_id] for part in of_county)
        depot = depots[county].pk
        made.append((_shipment(run, "hub_depot", hub.pk, depot, leaves, lead), of_county))
    return _stored(made)


def _shipment(
    run: Run, leg: str, from_place: int, to_place: int, leaves: date, lead: dict[str, int]
) -> Shipment:
    return Shipment(
        campaign_id=run.campaign_id,
        run=run,
        leg=leg,
        from_place_id=from_place,
        to_place_id=to_place,
        planned_on=leaves,
        due_on=dates.arrival(leg, leaves, lead),
    )


def _stored(made: list[tuple[Shipment, list[Part]]]) -> list[Shipment]:
    shipments = [shipment for shipment, _ in made]
    ids = fresh_ids(TraceKind.SHIPMENT, len(shipments))
    for shipment, public_id in zip(shipments, ids, strict=True):
        shipment.public_id = public_id
    Shipment.objects.bulk_create(shipments, batch_size=BATCH)
    lines: Counter[tuple[int, int, int, int, int]] = Counter()
    for shipment, parts in made:
        for part in parts:
            key = (shipment.pk, part.county_id, part.item_id, part.lot_id, part.fund_id)
            lines[key] += part.units
    with connection.cursor() as cursor:
        cursor.executemany(_LINE, [(*key, units) for key, units in lines.items()])
    return shipments


def _depots(counties: Iterable[int]) -> dict[int, Place]:
    """The depot of each county; one without gets a receiving point at its office, named as such."""
    wanted = sorted(counties)
    found = depots_of(wanted)
    for county in Division.objects.filter(pk__in=[pk for pk in wanted if pk not in found]):
        found[county.pk] = Place.objects.create(
            code=f"{county.code}-depot",
            name=f"{county.name}收货点",
            kind=Place.Kind.DEPOT,
            division=county,
        )
    return found


def _carton_sizes(campaign_id: int) -> dict[int, int]:
    packs = PackLevel.objects.filter(level=PackLevel.Level.CARTON)
    sizes: dict[int, int] = dict(packs.values_list("item_id", "units"))
    own = CampaignItem.objects.filter(campaign=campaign_id, carton_units__gt=1)
    sizes.update(own.values_list("item_id").annotate(size=Min("carton_units")))
    return sizes


def _cartons(total: int, size: int) -> list[int]:
    full, rest = divmod(total, size)
    return [size] * full + ([rest] if rest else [])


def _allocated(run: Run, recipient: Recipient, parts: Sequence[Part]) -> progress.Deltas:
    deltas = progress.Deltas()
    for part in parts:
        deltas.add(part.county_id, part.item_id, allocated_units=part.units)
    # A campaign publishes one run at a time, so an earlier run's places were counted with it.
    since = as_stored(run.published_at or clock.now())
    with connection.cursor() as cursor:
        cursor.execute(_NEW_PLACES, [run.pk, recipient.pk, run.campaign_id, since, since, run.pk])
        for county, item, places in cursor.fetchall():
            deltas.add(county, item, allocated_places=places)
    return deltas


_PUBLISHED = """
    SELECT s.dock_id, p.county_id, s.item_id, s.lot_id, s.fund_id, SUM(l.units), MAX(s.day)
    FROM plans_publishpart p
    JOIN plans_allocationline l ON l.part_id = p.id
    JOIN plans_runsupply s ON s.id = l.supply_id
    WHERE p.run_id = %s AND p.recipient_id = %s
    GROUP BY s.dock_id, p.county_id, s.item_id, s.lot_id, s.fund_id
    ORDER BY s.dock_id, p.county_id, s.item_id, s.lot_id, s.fund_id
"""
_NEW_PLACES = """
    SELECT p.county_id, s.item_id, COUNT(DISTINCT l.place_id)
    FROM plans_publishpart p
    JOIN plans_allocationline l ON l.part_id = p.id
    JOIN plans_runsupply s ON s.id = l.supply_id
    WHERE p.run_id = %s AND p.recipient_id = %s AND NOT EXISTS (
        SELECT 1 FROM plans_allocationline other
        JOIN plans_runsupply os ON os.id = other.supply_id
        JOIN plans_run r ON r.id = other.run_id
        WHERE other.place_id = l.place_id AND os.item_id = s.item_id AND r.campaign_id = %s
            AND (r.published_at < %s OR (r.published_at = %s AND r.id < %s))
    )
    GROUP BY p.county_id, s.item_id
"""
_LINE = """
    INSERT INTO delivery_shipmentline (shipment_id, county_id, item_id, lot_id, fund_id, units,
        received_units, damaged_units, short_units)
    VALUES (%s, %s, %s, %s, %s, %s, 0, 0, 0)
"""
_CARTON = """
    INSERT INTO delivery_carton (shipment_id, item_id, units, public_id, state)
    VALUES (%s, %s, %s, %s, %s)
"""
_NEEDS = """
    INSERT INTO delivery_divisionprogress (campaign_id, division_id, item_id, places, need_units,
        allocated_units, allocated_places, sent_units, hub_units, depot_units, last_mile_units,
        received_units, received_places, trouble_units, updated_at)
    SELECT %s, division_id, item_id, places, need_units, 0, 0, 0, 0, 0, 0, 0, 0, 0, %s
    FROM plans_rundivision WHERE run_id = %s
    ON CONFLICT (campaign_id, division_id, item_id)
    DO UPDATE SET places = excluded.places, need_units = excluded.need_units
"""
