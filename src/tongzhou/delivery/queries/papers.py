"""What stands on way-bills, labels and slips."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from tongzhou.places.models import Division

from ..models import Carton, Parcel, Shipment, ShipmentLine
from .answers import named
from .parcels import lines_of
from .tree import TOWN, lineages

MOST_ON_A_SHEET = 5_000


def parcels_to_print(depot_id: int, run_id: int | None = None) -> list[Parcel]:
    """Parcels of a depot that have not arrived yet, in the order of their labels."""
    rows = Parcel.objects.filter(depot=depot_id).exclude(state=Parcel.State.RECEIVED)
    if run_id is not None:
        rows = rows.filter(run=run_id)
    rows = rows.select_related("place__division", "depot__division").order_by("run", "sequence")
    return list(rows[:MOST_ON_A_SHEET])


def contents_by_parcel(parcels: Sequence[Parcel]) -> dict[int, str]:
    """Parcel id -> "oximeter 2 台", items in one order."""
    units: dict[int, Counter[int]] = defaultdict(Counter)
    items = {}
    for line in lines_of(parcels).select_related("item"):
        units[line.parcel_id][line.item_id] += line.units
        items[line.item_id] = line.item
    return {
        parcel: ", ".join(
            f"{named(items[item])} {count} {items[item].base_unit}"
            for item, count in sorted(of_parcel.items())
        )
        for parcel, of_parcel in units.items()
    }


def towns_of(parcels: Sequence[Parcel]) -> dict[int, str]:
    """Division id of a place -> the name of its town."""
    steps = lineages(parcel.place.division_id for parcel in parcels)
    town_of = {
        division: step.division_id
        for division, above in steps.items()
        for step in above
        if step.level == TOWN
    }
    names = dict(Division.objects.filter(pk__in=set(town_of.values())).values_list("pk", "name"))
    return {division: names[town] for division, town in town_of.items()}


def waybill_rows(shipment: Shipment) -> list[dict[str, Any]]:
    """Units and cartons by item and lot."""
    if shipment.leg == Shipment.Leg.LAST_MILE:
        return _parcel_rows(shipment)
    units: Counter[tuple[int, int]] = Counter()
    names = {}
    lines = ShipmentLine.objects.filter(shipment=shipment).select_related("item", "lot")
    for line in lines:
        units[line.item_id, line.lot_id] += line.units
        names[line.item_id, line.lot_id] = (named(line.item), line.lot.number)
    cartons = Counter(Carton.objects.filter(shipment=shipment).values_list("item_id", flat=True))
    return [
        {"item": names[key][0], "lot": names[key][1], "units": count, "cartons": cartons[key[0]]}
        for key, count in sorted(units.items())
    ]


def waybill_counties(shipment: Shipment) -> list[tuple[str, int]]:
    """Units for each county on board, in the order of codes."""
    units: Counter[tuple[str, str]] = Counter()
    rows = ShipmentLine.objects.filter(shipment=shipment)
    for code, name, count in rows.values_list("county__code", "county__name", "units"):
        units[code, name] += count
    return [(name, count) for (_code, name), count in sorted(units.items())]


def carton_list(shipment: Shipment) -> list[tuple[str, int]]:
    rows = Carton.objects.filter(shipment=shipment).order_by("pk")
    return list(rows.values_list("public_id", "units"))


def _parcel_rows(shipment: Shipment) -> list[dict[str, Any]]:
    parcels = list(Parcel.objects.filter(shipment=shipment))
    units: Counter[int] = Counter()
    names = {}
    for line in lines_of(parcels).select_related("item"):
        units[line.item_id] += line.units
        names[line.item_id] = named(line.item)
    return [
        {"item": names[item], "lot": "", "units": count, "cartons": len(parcels)}
        for item, count in sorted(units.items())
    ]
