"""A county's routes as files: CSV for a spreadsheet, GeoJSON for a map."""

from django.http import Http404, HttpRequest, StreamingHttpResponse

from tongzhou.kit.access import requires
from tongzhou.planning.sheets import geojson, table
from tongzhou.plans.models import CountyRoutes
from tongzhou.plans.queries.rounds import rounds_in

from .pages import run_or_404
from .routes import county_or_404


@requires("plans.view")
def county_csv(request: HttpRequest, pk: int, number: int, code: str) -> StreamingHttpResponse:
    """One row a stop, in the order of driving."""
    row = done_or_404(request, pk, number, code)
    kind = "text/csv; charset=utf-8"
    lines = table(rounds_in(row), bom=True)
    return StreamingHttpResponse(lines, content_type=kind, headers=named(row, "csv"))


@requires("plans.view")
def county_geojson(request: HttpRequest, pk: int, number: int, code: str) -> StreamingHttpResponse:
    """A line for each trip, straight from stop to stop, a point for each stop and the depot."""
    row = done_or_404(request, pk, number, code)
    kind = "application/geo+json"
    features = geojson(rounds_in(row))
    return StreamingHttpResponse(features, content_type=kind, headers=named(row, "geojson"))


def done_or_404(request: HttpRequest, pk: int, number: int, code: str) -> CountyRoutes:
    """The routes of a county inside the reader's area, once they are there."""
    row = county_or_404(request, run_or_404(request, pk), number, code)
    if row.state != CountyRoutes.State.DONE:
        raise Http404
    return row


def named(row: CountyRoutes, ending: str) -> dict[str, str]:
    name = f"routes-{row.route_run.run_id}-{row.route_run.number}-{row.county.code}.{ending}"
    return {"Content-Disposition": f'attachment; filename="{name}"'}
