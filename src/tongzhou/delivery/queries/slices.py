"""What a phone takes along: the stops of a round or county, kilobytes, never a nation."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from tongzhou.places.models import Place

from ..models import Parcel, Shipment
from .answers import named
from .papers import towns_of
from .parcels import lines_of

MOST_STOPS = 3_000
WAITS = (Parcel.State.PACKED, Parcel.State.DISPATCHED, Parcel.State.CLAIMED)


def stops_of_county(depot: Place) -> dict[str, Any]:
    """Every parcel of a county that has not arrived."""
    rows = Parcel.objects.filter(depot=depot, state__in=WAITS)
    return _slice(_loaded(rows))


def stops_of_shipment(shipment: Shipment) -> dict[str, Any]:
    """Every parcel of a round, those that have arrived included, in the order of the labels."""
    return _slice(_loaded(shipment.parcels.all()))


def _loaded(rows: Any) -> list[Parcel]:
    found = rows.select_related("place__division").order_by("run_id", "sequence")
    return list(found[:MOST_STOPS])


def _slice(parcels: Sequence[Parcel]) -> dict[str, Any]:
    """Items and towns once, then one short row for each parcel:
    [public id, number, place, town, state, [[item, units], ...]] with positions in the lists."""
    towns = towns_of(parcels)
    town_list = sorted(set(towns.values()))
    town_at = {name: n for n, name in enumerate(town_list)}
    items, contents = _contents(parcels)
    return {
        "items": items,
        "towns": town_list,
        "parcels": [
            [
                parcel.public_id,
                parcel.sequence,
                parcel.place.name,
                town_at.get(towns.get(parcel.place.division_id, ""), -1),
                parcel.state,
                contents.get(parcel.pk, []),
            ]
            for parcel in parcels
        ],
    }


def _contents(parcels: Iterable[Parcel]) -> tuple[list[list[str]], dict[int, list[list[int]]]]:
    units: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    items: dict[int, list[str]] = {}
    for line in lines_of(parcels).select_related("item"):
        units[line.parcel_id][line.item_id] += line.units
        items.setdefault(line.item_id, [line.item.code, named(line.item), line.item.base_unit])
    order = {pk: n for n, pk in enumerate(sorted(items))}
    rows = {
        parcel: [[order[item], count] for item, count in sorted(of_parcel.items())]
        for parcel, of_parcel in units.items()
    }
    return [items[pk] for pk in sorted(items)], rows
