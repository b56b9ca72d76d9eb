"""A county's routes as files: CSV for a spreadsheet, GeoJSON for a map."""

import json
from collections.abc import Iterator

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse

from tongzhou.interchange.tables import Column, Kind, chunks
from tongzhou.kit.access import requires
from tongzhou.planning.routing.answer import Answer, DriverTrip
from tongzhou.planning.routing.instance import Stop
from tongzhou.plans.models import CountyRoutes
from tongzhou.plans.queries.routes import answer_in

from .pages import run_or_404
from .route_words import clock_text
from .routes import county_or_404

DECIMALS = 6  # 0.1 m
COLUMNS = (
    Column("county", kind=Kind.CODE),
    Column("trip", kind=Kind.WHOLE),
    Column("day", kind=Kind.WHOLE),
    Column("vehicle"),
    Column("vehicle_number", kind=Kind.WHOLE),
    Column("order", kind=Kind.WHOLE),
    Column("stop", kind=Kind.CODE),
    Column("name"),
    Column("arrival"),
    Column("units", kind=Kind.WHOLE),
    Column("leg_km", kind=Kind.DECIMAL),
    Column("lon", kind=Kind.DECIMAL),
    Column("lat", kind=Kind.DECIMAL),
    Column("estimated", kind=Kind.YES_NO),
)


@requires("plans.view")
def county_csv(request: HttpRequest, pk: int, number: int, code: str) -> StreamingHttpResponse:
    """One row a stop, in the order of driving."""
    row = _done_or_404(request, pk, number, code)
    lines = chunks(_lines(code, answer_in(row)), COLUMNS, bom=True)
    kind = "text/csv; charset=utf-8"
    return StreamingHttpResponse(lines, content_type=kind, headers=_named(row, "csv"))


@requires("plans.view")
def county_geojson(request: HttpRequest, pk: int, number: int, code: str) -> HttpResponse:
    """A line for each trip, straight from stop to stop, a point for each stop and the depot."""
    row = _done_or_404(request, pk, number, code)
    collection = {"type": "FeatureCollection", "features": list(_features(code, answer_in(row)))}
    text = json.dumps(collection, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    kind = "application/geo+json"
    return HttpResponse(text, content_type=kind, headers=_named(row, "geojson"))


def _done_or_404(request: HttpRequest, pk: int, number: int, code: str) -> CountyRoutes:
    row = county_or_404(request, run_or_404(request, pk), number, code)
    if row.state != CountyRoutes.State.DONE:
        raise Http404
    return row


def _named(row: CountyRoutes, ending: str) -> dict[str, str]:
    name = f"routes-{row.route_run.run_id}-{row.route_run.number}-{row.county.code}.{ending}"
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def _lines(code: str, answer: Answer) -> Iterator[dict[str, object]]:
    for trip in answer.trips:
        for order, visit in enumerate(trip.visits, start=1):
            stop = visit.stop
            yield {
                "county": code,
                **_driven(trip),
                "order": order,
                "stop": stop.id,
                "name": stop.name,
                "arrival": clock_text(visit.arrive_s),
                "units": visit.units,
                "leg_km": round(visit.leg_m / 1_000, 3),
                "lon": stop.lon,
                "lat": stop.lat,
                "estimated": stop.estimated,
            }


def _features(code: str, answer: Answer) -> Iterator[dict[str, object]]:
    depot = answer.depot
    yield _feature(_point(depot), kind="depot", county=code, id=depot.id, name=depot.name)
    for trip in answer.trips:
        home = [depot] if trip.home_m else []
        path = [_degrees(at) for at in (depot, *(v.stop for v in trip.visits), *home)]
        known = [at for at in path if at]
        yield _feature(
            {"type": "LineString", "coordinates": known} if len(known) > 1 else None,
            kind="trip",
            county=code,
            **_driven(trip),
            leaves=clock_text(trip.start_s),
            back=clock_text(trip.finish_s),
            units=trip.units,
            km=round(trip.distance_m / 1_000, 1),
            roads=answer.roads.source,
        )
    stops = [visit.stop for trip in answer.trips for visit in trip.visits]
    for stop, line in zip(stops, _lines(code, answer), strict=True):
        about = {name: value for name, value in line.items() if name not in ("lon", "lat")}
        yield _feature(_point(stop), kind="stop", **about)


def _driven(trip: DriverTrip) -> dict[str, object]:
    return {
        "trip": trip.number,
        "day": trip.day,
        "vehicle": trip.vehicle,
        "vehicle_number": trip.vehicle_number,
    }


def _feature(geometry: object, **properties: object) -> dict[str, object]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _point(stop: Stop) -> dict[str, object] | None:
    at = _degrees(stop)
    return {"type": "Point", "coordinates": at} if at else None


def _degrees(stop: Stop) -> list[float] | None:
    if stop.lon is None or stop.lat is None:
        return None
    return [round(stop.lon, DECIMALS), round(stop.lat, DECIMALS)]
