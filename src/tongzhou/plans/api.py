"""Plans for programs: the runs of campaigns in scope, their sums by division, their routes."""

from datetime import datetime
from typing import Any, Literal

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from ninja import Router, Schema
from ninja.security import django_auth

from tongzhou.people.queries import reader, scope
from tongzhou.places.models import Division
from tongzhou.places.rules import Scope

from .models import Run, RunDivision
from .queries.routes import document_of, latest_county_routes
from .queries.runs import runs_seen
from .views.allocation_files import places_file, sums_file

router = Router(tags=["plans"], auth=django_auth)
ROWS_AT_MOST = 5_000
Ending = Literal["csv", "geojson"]
FILES = {
    "responses": {
        200: {
            "description": "A file, streamed. CSV: UTF-8 without a mark, RFC 4180, one header row.",
            "content": {
                "text/csv": {"schema": {"type": "string"}},
                "application/geo+json": {"schema": {"type": "object"}},
            },
        }
    }
}


class RunOut(Schema):
    """One run with the figures that let it be computed again."""

    id: int
    campaign: str
    number: int
    state: str
    seed: str
    input_sha256: str
    engine_version: str
    computed_at: datetime | None
    published_at: datetime | None
    metrics: dict[str, Any]


class SumOut(Schema):
    """A run's units and places in one division."""

    division: str
    item: str
    places: int
    needed_units: int
    units: int
    places_served: int


@router.get("/plans", response=list[RunOut], summary="Runs, newest first")
def plans(request: HttpRequest) -> list[RunOut]:
    """The last hundred runs of campaigns that touch the reader's area."""
    seen = runs_seen(scope(reader(request, "plans.view"), "plans.view")).order_by("-pk")[:100]
    return [_run(run) for run in seen]


@router.get("/plans/{int:pk}", response=list[SumOut], summary="A run by division")
def plan(request: HttpRequest, pk: int) -> list[SumOut]:
    """The run's sums for the divisions inside the reader's area."""
    mine = scope(reader(request, "plans.view"), "plans.view")
    run = get_object_or_404(runs_seen(mine), pk=pk)
    rows = RunDivision.objects.filter(mine.q("division"), run=run).select_related(
        "division", "item"
    )
    return [
        SumOut(
            division=row.division.code,
            item=row.item.code,
            places=row.places,
            needed_units=row.need_units,
            units=row.units,
            places_served=row.places_served,
        )
        for row in rows.order_by("division__first", "item_id")[:ROWS_AT_MOST]
    ]


@router.get(
    "/plans/{int:pk}/places.{ending}",
    openapi_extra=FILES,
    summary="What each place gets, as a file",
)
def plan_places(request: HttpRequest, pk: int, ending: Ending) -> StreamingHttpResponse:
    """One row (or point) for each place inside the reader's area and each item: code, name, county,
    county_name, item, weight, rank (empty: it needs nothing), wave_1 and so on, units (their sum),
    given_before (by earlier plans), target and missing (what still misses). In GeoJSON the code
    is the feature's id, and `estimated` says that nobody surveyed the point.
    """
    mine = scope(reader(request, "plans.view"), "plans.view")
    return places_file(_computed_or_404(mine, pk), mine, ending)


@router.get(
    "/plans/{int:pk}/divisions.{ending}",
    openapi_extra=FILES,
    summary="What each division gets, as a file",
)
def plan_divisions(request: HttpRequest, pk: int, ending: Ending) -> StreamingHttpResponse:
    """The same summed for the nation, provinces and counties inside the reader's area: code, name,
    level, item, places, places_served, wave_1 and so on, units, given_before, target, missing.
    """
    mine = scope(reader(request, "plans.view"), "plans.view")
    return sums_file(_computed_or_404(mine, pk), mine, ending)


@router.get(
    "/plans/{int:pk}/routes/{code}",
    response=dict[str, Any],
    summary="The newest routes of a county, as a ROUTES document",
)
def routes(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Trips with vehicle, day, hours and stops, as docs/routes.md describes them."""
    mine = scope(reader(request, "plans.view"), "plans.view")
    run = get_object_or_404(runs_seen(mine), pk=pk)
    county = get_object_or_404(Division.objects.filter(mine.q()), code=code)
    row = latest_county_routes(run, county)
    if row is None:
        raise Http404
    return HttpResponse(document_of(row), content_type="application/json")


def _computed_or_404(mine: Scope, pk: int) -> Run:
    return get_object_or_404(runs_seen(mine), pk=pk, computed_at__isnull=False)


def _run(run: Run) -> RunOut:
    return RunOut(
        id=run.pk,
        campaign=run.campaign.public_id,
        number=run.number,
        state=run.state,
        seed=run.seed,
        input_sha256=run.input_sha256,
        engine_version=run.engine_version,
        computed_at=run.computed_at,
        published_at=run.published_at,
        metrics=run.metrics,
    )
