"""Shipments, their lines, and what has arrived at a hop and not left it again."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q, QuerySet, Sum

from tongzhou.interchange.trace_ids import TraceKind, new_trace_ids
from tongzhou.places.models import Place

from ..models import Carton, Parcel, ParcelLine, Shipment, ShipmentLine
from ..rules import Held

Key = tuple[int, int, int]  # item, lot, fund

PUBLIC_IDS: dict[TraceKind, QuerySet[Any]] = {
    TraceKind.SHIPMENT: Shipment.objects.all(),
    TraceKind.CARTON: Carton.objects.all(),
    TraceKind.PARCEL: Parcel.objects.all(),
}
GONE = (Shipment.State.DISPATCHED, Shipment.State.PART_RECEIVED, Shipment.State.CLOSED)
OPEN = (Shipment.State.PLANNED, Shipment.State.PACKED, Shipment.State.DISPATCHED)

_CHUNK = 500


def fresh_ids(kind: TraceKind, count: int) -> list[str]:
    """`count` public ids that no row has yet."""
    rows = PUBLIC_IDS[kind]
    fresh: list[str] = []
    while len(fresh) < count:
        ids = new_trace_ids(kind, min(_CHUNK, count - len(fresh)))
        taken = set(rows.filter(public_id__in=ids).values_list("public_id", flat=True))
        fresh += [one for one in ids if one not in taken]
    return fresh


def held_lines(shipments: Iterable[int]) -> dict[int, list[Held]]:
    """The lines of shipments in one order for ever, so that shares fall the same each time."""
    rows = ShipmentLine.objects.filter(shipment__in=list(shipments)).order_by("id")
    found: dict[int, list[Held]] = defaultdict(list)
    for row in rows.values_list("shipment_id", "id", "item_id", "lot_id", "fund_id", "units"):
        found[row[0]].append(Held(*row[1:]))
    return found


def counties_of_lines(shipments: Iterable[int]) -> dict[int, int]:
    """Line id -> county id."""
    rows = ShipmentLine.objects.filter(shipment__in=list(shipments))
    return dict(rows.values_list("id", "county_id"))


def at_hop(run_id: int, place_id: int, counties: Sequence[int]) -> dict[int, Counter[Key]]:
    """By county: units received here for it and not sent on, in good order."""
    lines = ShipmentLine.objects.filter(shipment__run=run_id, county__in=counties)
    came = _sums(lines.filter(shipment__to_place=place_id), "received_units")
    left = _sums(
        lines.filter(shipment__from_place=place_id, shipment__state__in=(*GONE, "lost")), "units"
    )
    for county, units in left.items():
        came[county].subtract(units)
    return came


def at_depot(run_id: int, depot_id: int, county_id: int) -> Counter[Key]:
    """Units received at a county's depot for a run and not packed into parcels yet."""
    came = at_hop(run_id, depot_id, [county_id])[county_id]
    packed = ParcelLine.objects.filter(parcel__depot=depot_id, parcel__run=run_id)
    for item, lot, fund, units in packed.values_list("item_id", "lot_id", "fund_id").annotate(
        packed=Sum("units")
    ):
        came[item, lot, fund] -= units
    return came


def next_part(run_id: int, from_place_id: int, to_place_id: int) -> tuple[Shipment | None, int]:
    """The follow-up of a leg that has not left yet, if there is one, and its next number."""
    parts = list(
        Shipment.objects.filter(
            run=run_id, from_place=from_place_id, to_place=to_place_id
        ).order_by("part")
    )
    waiting = [one for one in parts if one.state in ("planned", "packed")]
    return (waiting[-1] if waiting else None), len(parts) + 1


def touching(places: Q) -> Q:
    """Shipments that leave or reach one of the places that the condition on Place describes."""
    inside = Place.objects.filter(places).exclude(kind=Place.Kind.CLINIC).values("pk")
    return Q(from_place__in=inside) | Q(to_place__in=inside)


def _sums(lines: QuerySet[ShipmentLine], field: str) -> dict[int, Counter[Key]]:
    found: dict[int, Counter[Key]] = defaultdict(Counter)
    rows = lines.values_list("county_id", "item_id", "lot_id", "fund_id").annotate(total=Sum(field))
    for county, item, lot, fund, units in rows:
        found[county][item, lot, fund] += units
    return found
