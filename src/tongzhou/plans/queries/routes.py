"""Computed routes in somebody's scope: of a run, of its counties, of one county."""

import zlib
from dataclasses import dataclass

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Sum, Value, When

from tongzhou.kit.models import Job
from tongzhou.places.models import Division
from tongzhou.places.rules import Scope
from tongzhou.planning.routing.answer import Answer
from tongzhou.planning.routing.documents import answer_from_bytes
from tongzhou.plans.models import CountyRoutes, RouteRun, Run

LARGEST_DOCUMENT_BYTES = 64 * 2**20
JOB = "plans.route"


@dataclass(frozen=True, slots=True)
class RouteSums:
    """A route run, or somebody's part of it, in figures. `late_counties`: those whose fleet needs
    more days than there are."""

    counties: int
    waiting: int
    done: int
    failed: int
    places: int
    units: int
    stops: int
    left_out: int
    estimated: int
    trips: int
    vehicle_days: int
    distance_m: int


def route_runs_of(run: Run) -> QuerySet[RouteRun]:
    """The newest first."""
    return RouteRun.objects.filter(run=run).order_by("-number")


def counties_of(route_run: RouteRun, scope: Scope) -> QuerySet[CountyRoutes]:
    """The counties of a scope: failed ones first, then those with clinics on no route, then those
    that wait; each in tree order."""
    rank = Case(
        When(state=CountyRoutes.State.FAILED, then=Value(0)),
        When(left_out__gt=0, then=Value(1)),
        When(state=CountyRoutes.State.WAITING, then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    )
    rows = CountyRoutes.objects.filter(scope.q("county"), route_run=route_run)
    # The document is megabytes for a nation; lists do not need it.
    return (
        rows.defer("data")
        .select_related("county")
        .annotate(rank=rank)
        .order_by("rank", "county__first")
    )


def county_routes(route_run: RouteRun, county: Division) -> CountyRoutes | None:
    rows = CountyRoutes.objects.filter(route_run=route_run, county=county)
    return rows.select_related("county", "route_run__run").first()


def latest_county_routes(run: Run, county: Division) -> CountyRoutes | None:
    """The newest routes of a county that are computed."""
    rows = CountyRoutes.objects.filter(
        route_run__run=run, county=county, state=CountyRoutes.State.DONE
    )
    return rows.select_related("county", "route_run__run").order_by("-route_run__number").first()


def sums_of(route_run: RouteRun, scope: Scope) -> RouteSums:
    """Figures of the counties of a scope."""
    names = ("places", "units", "stops", "left_out", "estimated", "trips", "vehicle_days")
    row = CountyRoutes.objects.filter(scope.q("county"), route_run=route_run).aggregate(
        counties=Count("pk"),
        **{f"is_{state}": Count("pk", filter=Q(state=state)) for state in CountyRoutes.State},
        **{f"sum_{name}": Sum(name) for name in (*names, "distance_m")},
    )
    return RouteSums(
        counties=row["counties"],
        **{str(state): row[f"is_{state}"] for state in CountyRoutes.State},
        **{name: row[f"sum_{name}"] or 0 for name in (*names, "distance_m")},
    )


def document_of(row: CountyRoutes) -> bytes:
    """The ROUTES document as it was made. ValueError where it was not made by this program."""
    reader = zlib.decompressobj()
    data = reader.decompress(bytes(row.data), LARGEST_DOCUMENT_BYTES)
    if reader.unconsumed_tail:
        raise ValueError("A county's routes unpack to more than 64 MiB.")
    return data


def answer_in(row: CountyRoutes) -> Answer:
    """The routes of a county that is done."""
    return answer_from_bytes(document_of(row))


def routing_job(route_run: RouteRun) -> Job | None:
    """The newest job that computes a route run."""
    return Job.objects.filter(kind=JOB, payload__route_run=route_run.pk).order_by("pk").last()


def routing_under_way(route_run: RouteRun) -> bool:
    job = routing_job(route_run)
    return job is not None and job.state in (Job.State.WAITING, Job.State.RUNNING)
