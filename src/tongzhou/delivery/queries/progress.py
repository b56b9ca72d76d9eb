"""What each division's sums must be, worked out from the facts, to compare with what is kept."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from django.db import connection

from tongzhou.campaigns.models import Campaign

from ..models import DivisionProgress
from .tree import TOWN, lineages

FIELDS = (
    "allocated_units",
    "allocated_places",
    "sent_units",
    "hub_units",
    "depot_units",
    "last_mile_units",
    "received_units",
    "received_places",
    "trouble_units",
)
Sums = dict[tuple[int, int], Counter[str]]
MOST_FAULTS = 20


def facts(campaign: Campaign) -> Sums:
    """(division, item) -> sums, from allocation lines, shipments, parcels and discrepancies."""
    lowest: Sums = defaultdict(Counter)
    for sql, fields in _COUNTY_SUMS:
        for division, item, *values in _rows(sql, campaign.pk):
            lowest[division, item].update(dict(zip(fields, map(int, values), strict=True)))
    sums = _rolled_up(lowest)
    _add_towns(sums, campaign)
    return sums


def faults(campaign: Campaign) -> list[str]:
    """Where the kept sums differ from the facts, in words, at most 20; [] when they are right."""
    sums = facts(campaign)
    kept = {
        (row.division_id, row.item_id): Counter({name: getattr(row, name) for name in FIELDS})
        for row in DivisionProgress.objects.filter(campaign=campaign)
    }
    found = []
    for key in sorted(sums.keys() | kept.keys()):
        for name in FIELDS:
            fact, is_kept = sums.get(key, Counter())[name], kept.get(key, Counter())[name]
            if fact != is_kept:
                found.append(f"division {key[0]} item {key[1]}: {name} {is_kept}, should be {fact}")
    return found[:MOST_FAULTS]


def _rows(sql: str, campaign_id: int) -> list[tuple[int, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [campaign_id])
        return list(cursor.fetchall())


def _rolled_up(lowest: Sums) -> Sums:
    above = lineages(division for division, _ in lowest)
    sums: Sums = defaultdict(Counter)
    for (division, item), values in lowest.items():
        for step in above[division]:
            if step.level <= TOWN:
                sums[step.division_id, item].update(values)
    return sums


def _add_towns(sums: Sums, campaign: Campaign) -> None:
    """A town's sums before the last mile are those of the parcels packed for it."""
    rows = _rows(_PACKED, campaign.pk)
    town_of = _towns(division for division, *_ in rows)
    places: dict[tuple[int, int], set[int]] = defaultdict(set)
    for division, item, place, units in rows:
        town = town_of.get(division)
        if town is None:
            continue
        places[town, item].add(place)
        for name in ("allocated_units", "sent_units", "hub_units", "depot_units"):
            sums[town, item][name] += units
    for key, of_town in places.items():
        sums[key]["allocated_places"] += len(of_town)


def _towns(divisions: Iterable[int]) -> dict[int, int]:
    return {
        division: step.division_id
        for division, steps in lineages(divisions).items()
        for step in steps
        if step.level == TOWN
    }


# Each sum by the lowest division it is known for: county, depot or hub, village.
_COUNTY_SUMS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        """
        SELECT p.county_id, s.item_id, SUM(l.units), COUNT(DISTINCT l.place_id)
        FROM plans_run r
        JOIN plans_publishpart p ON p.run_id = r.id
        JOIN plans_allocationline l ON l.part_id = p.id
        JOIN plans_runsupply s ON s.id = l.supply_id
        JOIN campaigns_recipient c ON c.id = p.recipient_id
        WHERE r.campaign_id = %s AND EXISTS (
            SELECT 1 FROM delivery_shipment d WHERE d.run_id = r.id AND d.to_place_id = c.hub_id)
        GROUP BY p.county_id, s.item_id
        """,
        ("allocated_units", "allocated_places"),
    ),
    (
        """
        SELECT l.county_id, l.item_id,
            SUM(CASE WHEN s.leg = 'dock_hub' THEN l.units ELSE 0 END),
            SUM(CASE WHEN s.leg = 'dock_hub' THEN l.received_units ELSE 0 END),
            SUM(CASE WHEN s.leg = 'hub_depot' THEN l.received_units ELSE 0 END)
        FROM delivery_shipment s
        JOIN delivery_shipmentline l ON l.shipment_id = s.id
        WHERE s.campaign_id = %s AND s.dispatched_at IS NOT NULL
        GROUP BY l.county_id, l.item_id
        """,
        ("sent_units", "hub_units", "depot_units"),
    ),
    (
        """
        SELECT c.division_id, l.item_id,
            SUM(CASE WHEN p.dispatched_at IS NULL THEN 0 ELSE l.units END),
            SUM(l.received_units),
            COUNT(DISTINCT CASE WHEN l.received_units > 0 THEN p.place_id END)
        FROM delivery_parcel p
        JOIN delivery_parcelline l ON l.parcel_id = p.id
        JOIN places_place c ON c.id = p.place_id
        WHERE p.campaign_id = %s
        GROUP BY c.division_id, l.item_id
        """,
        ("last_mile_units", "received_units", "received_places"),
    ),
    (
        """
        SELECT c.division_id, d.item_id, SUM(d.units)
        FROM delivery_discrepancy d
        JOIN delivery_receipt r ON r.id = d.receipt_id
        JOIN places_place c ON c.id = d.place_id
        LEFT JOIN delivery_shipment s ON s.id = r.shipment_id
        LEFT JOIN delivery_parcel p ON p.id = r.parcel_id
        WHERE COALESCE(s.campaign_id, p.campaign_id) = %s AND d.state IN ('open', 'explained')
        GROUP BY c.division_id, d.item_id
        """,
        ("trouble_units",),
    ),
)
_PACKED = """
    SELECT c.division_id, l.item_id, p.place_id, l.units
    FROM delivery_parcel p
    JOIN delivery_parcelline l ON l.parcel_id = p.id
    JOIN places_place c ON c.id = p.place_id
    WHERE p.campaign_id = %s
"""
