"""The map of a county's routes."""

from django.utils.formats import number_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from tongzhou.kit.pictures import Path, paths
from tongzhou.planning.routing.answer import Answer, DriverTrip
from tongzhou.planning.routing.instance import Stop
from tongzhou.plans.models import CountyRoutes


def county_map(row: CountyRoutes, answer: Answer, chosen: int) -> SafeString:
    """One line a trip with its number; with `chosen`, the other trips are pale.

    Empty where no trip has a point.
    """
    start = _at(answer.depot)
    drawn = [path for trip in answer.trips if (path := _path(trip, start, chosen))]
    if start is None or not drawn:
        return SafeString("")
    name = _("Routes of %(county)s on a map") % {"county": row.county.name}
    return paths(name, start, answer.depot.name or answer.depot.id, drawn)


def _path(trip: DriverTrip, start: tuple[float, float] | None, chosen: int) -> Path | None:
    stops = [at for visit in trip.visits if (at := _at(visit.stop))]
    if start is None or not stops:
        return None
    return Path(
        points=[start, *stops, *([start] if trip.home_m else [])],
        label=str(trip.number),
        title=_("Trip %(number)s: %(stops)s stops, %(units)s units, %(km)s km")
        % {
            "number": trip.number,
            "stops": number_format(len(trip.visits), force_grouping=True),
            "units": number_format(trip.units, force_grouping=True),
            "km": number_format(round(trip.distance_m / 1_000), force_grouping=True),
        },
        style=trip.number - 1,
        muted=bool(chosen) and chosen != trip.number,
    )


def _at(stop: Stop) -> tuple[float, float] | None:
    if stop.lat is None or stop.lon is None:
        return None
    return stop.lat, stop.lon
