"""What a run brings to which place of which county, and from where: what its routes are made of.

Of a published run it is what was posted; of a run that is only computed, what is on hand now: what
is still promised is not driven anywhere.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np
from django.db.models import Count, Sum

from tongzhou.places.models import Division, Place
from tongzhou.places.queries import depots_of
from tongzhou.planning.routing.instance import Instance, Stop
from tongzhou.planning.routing.settings import RouteSettings
from tongzhou.plans.models import AllocationLine, CountyRoutes, Run
from tongzhou.plans.rules import Ints
from tongzhou.supplies.models import Item

from .results import Result, read_result
from .ways import on_hand_units

POSTED = (Run.State.PUBLISHED, Run.State.PARTLY)
ROUTABLE = (*POSTED, Run.State.COMPUTED, Run.State.REVIEWED)
Units = dict[int, Counter[int]]  # place id -> units by item id


@dataclass(frozen=True, slots=True)
class CountyLoad:
    """How many places of a county get how many units."""

    county_id: int
    places: int
    units: int


def loads(run: Run) -> list[CountyLoad]:
    """What the run brings to each county that gets anything, in tree order."""
    found = _posted_loads(run) if run.state in POSTED else _computed_loads(run)
    order = Division.objects.filter(pk__in=found).order_by("first").values_list("pk", flat=True)
    return [found[pk] for pk in order]


def units_in(run: Run, county_id: int) -> Units:
    """Units by item for each place of a county that gets anything."""
    if run.state in POSTED:
        return _posted_units(run, county_id)
    units: Units = defaultdict(Counter)
    for result in read_result(run):
        rows = np.flatnonzero(result.county == county_id)
        given = _on_hand(run, result, rows)
        for place, count in zip(result.place[rows].tolist(), given.tolist(), strict=True):
            if count:
                units[place][result.item_id] += count
    return units


def items_by_stop(run: Run, county_id: int, *, english: bool = False) -> dict[str, dict[str, int]]:
    """Units by name of item for each place of a county, by the place's code; `english`: by its
    English name, where it has one."""
    units = units_in(run, county_id)
    names = {item.pk: (english and item.name_en) or item.name for item in items_of(run)}
    codes = Place.objects.filter(pk__in=units).values_list("pk", "code")
    return {
        code: {names[item]: count for item, count in sorted(units[pk].items())}
        for pk, code in codes
    }


def items_of(run: Run) -> list[Item]:
    """The items that the run gives."""
    return list(Item.objects.filter(runsupply__run=run).distinct().order_by("pk"))


def instance_of(run: Run, row: CountyRoutes, settings: RouteSettings) -> tuple[Instance, str]:
    """The instance of one county, and where its routes begin (CountyRoutes.Depot)."""
    units = units_in(run, row.county_id)
    volumes = {item.pk: item.volume_l or 0.0 for item in items_of(run)}
    places = Place.objects.filter(pk__in=units).select_related("division")
    stops = [
        _stop(place, units[place.pk], volumes, settings)
        for place in places.order_by("division__first", "pk")
    ]
    depot, kind = start_of(row.county, stops)
    return settings.instance(row.county.code, depot, stops, row.circuity), kind


def start_of(county: Division, stops: Sequence[Stop]) -> tuple[Stop, str]:
    """Where a county's routes begin: at its oldest active depot; where that has no point, or there
    is none, at the county's seat; where nobody knows that either, in the middle of its stops."""
    depot = depots_of([county.pk], with_point=True).get(county.pk)
    if depot is not None:
        return _start(depot.code, depot, estimated=depot.placed), CountyRoutes.Depot.DEPOT
    if county.lat is not None:
        return _start(county.code, county, estimated=True), CountyRoutes.Depot.SEAT
    points = [(s.lon, s.lat) for s in stops if s.lon is not None and s.lat is not None]
    lon, lat = (fmean(axis) for axis in zip(*points, strict=True)) if points else (None, None)
    middle = Stop(county.code, name=county.name, lon=lon, lat=lat, estimated=True)
    return middle, CountyRoutes.Depot.MIDDLE


def _start(code: str, at: Place | Division, *, estimated: bool) -> Stop:
    return Stop(code, name=at.name, lon=at.lon, lat=at.lat, estimated=estimated)


def _stop(
    place: Place, units: Counter[int], volumes: Mapping[int, float], settings: RouteSettings
) -> Stop:
    """A place without a point of its own stands at its division's, which is an estimate."""
    pieces = units.total()
    litres = sum(count * volumes[item] for item, count in units.items())
    known = place.lat is not None
    at = place if known else place.division
    return Stop(
        id=place.code,
        name=place.name,
        demand=settings.demand(pieces, litres),
        units=pieces,
        lon=at.lon,
        lat=at.lat,
        estimated=place.placed or not known,
    )


def _posted_loads(run: Run) -> dict[int, CountyLoad]:
    rows = AllocationLine.objects.filter(part__run=run).values_list("part__county").order_by()
    summed = rows.annotate(places=Count("place", distinct=True), sum=Sum("units"))
    return {county: CountyLoad(county, places, units) for county, places, units in summed}


def _posted_units(run: Run, county_id: int) -> Units:
    units: Units = defaultdict(Counter)
    lines = AllocationLine.objects.filter(part__run=run, part__county=county_id)
    for place, item, count in lines.values_list("place", "supply__item", "units"):
        units[place][item] += count
    return units


def _computed_loads(run: Run) -> dict[int, CountyLoad]:
    """Places are counted once, though several items may go there."""
    places: dict[int, set[int]] = defaultdict(set)
    units: Counter[int] = Counter()
    for result in read_result(run):
        given = _on_hand(run, result, np.arange(len(result.place)))
        for row in np.flatnonzero(given).tolist():
            county = int(result.county[row])
            places[county].add(int(result.place[row]))
            units[county] += int(given[row])
    return {pk: CountyLoad(pk, len(found), units[pk]) for pk, found in places.items()}


def _on_hand(run: Run, result: Result, rows: Ints) -> Ints:
    """Units that come out of goods on hand, for some of a result's rows."""
    return on_hand_units(run, result)[rows]
