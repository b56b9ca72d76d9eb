"""Last-mile routes: set them going, watch them come county by county, look at one county."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tongzhou.kit import clock
from tongzhou.kit.access import requires
from tongzhou.people.queries import actor, scope
from tongzhou.places.models import Division
from tongzhou.planning.routing.answer import Answer
from tongzhou.plans import actions
from tongzhou.plans.forms import RouteForm, TerrainForm
from tongzhou.plans.models import CountyRoutes, RouteRun, Run
from tongzhou.plans.queries.deliveries import ROUTABLE
from tongzhou.plans.queries.routes import (
    answer_in,
    counties_of,
    county_routes,
    route_runs_of,
    routing_job,
    routing_under_way,
    sums_of,
)

from .pages import LINES_A_PAGE, run_crumbs, run_or_404, run_within_or_404, start_of
from .route_pictures import county_map
from .route_words import FAILURES, clock_text, duration_text, left_out_words, road_notes

RUNS_SHOWN = 20
LEFT_OUT = "left_out"
GOING = RouteRun.State.GOING


@requires("plans.view")
def run_routes(request: HttpRequest, pk: int) -> HttpResponse:
    """The route runs of a plan, newest first, each with the figures of the reader's counties."""
    run = run_or_404(request, pk)
    seen = scope(request.user, "plans.view")
    rows = [(row, sums_of(row, seen), _stopped(row)) for row in route_runs_of(run)[:RUNS_SHOWN]]
    return render(
        request,
        "plans/routes.html",
        {
            "run": run,
            "rows": rows,
            "may_run": request.user.has_perm("plans.run", run.campaign.division),
            "routable": run.state in ROUTABLE,
            "crumbs": [*run_crumbs(run), (_("Routes"), "")],
        },
    )


@requires("plans.run")
def new_routes(request: HttpRequest, pk: int) -> HttpResponse:
    """Vehicles and working day, then a button that sets the work going."""
    run = run_within_or_404(request, pk, "plans.run")
    form = RouteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            route_run = actions.start_routes(
                run, form.settings(), by=actor(request), circuity=form.cleaned_data["terrains"]
            )
        except actions.PlanRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("route-run", pk=run.pk, number=route_run.number)
    crumbs = [*run_crumbs(run), (_("Routes"), reverse("run-routes", args=[run.pk]))]
    return render(
        request,
        "plans/new_routes.html",
        {"run": run, "form": form, "crumbs": [*crumbs, (_("Find routes"), "")]},
    )


@requires("plans.view")
def route_run(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """How far the work has come, and the reader's counties: failed ones first, 50 a page."""
    run = run_or_404(request, pk)
    found = _route_run_or_404(run, number)
    seen = scope(request.user, "plans.view")
    asked = request.GET.get("state", "")
    chosen = asked if asked in (*CountyRoutes.State.values, LEFT_OUT) else ""
    rows = counties_of(found, seen)
    if chosen:
        rows = rows.filter(left_out__gt=0) if chosen == LEFT_OUT else rows.filter(state=chosen)
    start = start_of(request)
    shown = list(rows[start : start + LINES_A_PAGE + 1])
    sums = sums_of(found, seen)
    stopped = _stopped(found)
    return render(
        request,
        "plans/route_run.html",
        {
            "run": run,
            "route_run": found,
            "sums": sums,
            "ended": sums.done + sums.failed,
            "settings": found.settings,
            "hours": [clock_text(found.settings[name]) for name in ("start_s", "end_s")],
            "rows": [_listed(row) for row in shown[:LINES_A_PAGE]],
            "chosen": chosen,
            "job": routing_job(found) if found.state == GOING and not stopped else None,
            "stopped": stopped,
            "may_run": request.user.has_perm("plans.run", run.campaign.division),
            "page": _pager(start, chosen, more=len(shown) > LINES_A_PAGE),
            "crumbs": [*_crumbs(run), (_name(found), "")],
        },
    )


@requires("plans.view")
def county_page(request: HttpRequest, pk: int, number: int, code: str) -> HttpResponse:
    """The routes of one county on a map and as a table; for those who may, a way to try again."""
    run = run_or_404(request, pk)
    row = county_or_404(request, run, number, code)
    may_run = request.user.has_perm("plans.run", run.campaign.division)
    form = TerrainForm(now=row.circuity, initial={"circuity": str(row.circuity)})
    context: dict[str, Any] = {
        "run": run,
        "route_run": row.route_run,
        "row": row,
        "listed": _listed(row),
        "form": form if may_run and not routing_under_way(row.route_run) else None,
        "crumbs": [
            *_crumbs(run),
            (_name(row.route_run), reverse("route-run", args=[run.pk, number])),
            (row.county.name, ""),
        ],
    }
    if row.state == CountyRoutes.State.DONE:
        context |= _routes(request, row, answer_in(row))
    return render(request, "plans/county_routes.html", context)


@require_POST
@requires("plans.run")
def resume_routes(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Go on after the work was cancelled or has failed."""
    run = run_within_or_404(request, pk, "plans.run")
    found = _route_run_or_404(run, number)
    try:
        actions.resume_routes(found, by=actor(request))
    except actions.PlanRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("route-run", pk=pk, number=number)


@require_POST
@requires("plans.run")
def retry_county(request: HttpRequest, pk: int, number: int, code: str) -> HttpResponse:
    """Compute one county again, with the terrain that the form names."""
    run = run_within_or_404(request, pk, "plans.run")
    row = county_or_404(request, run, number, code)
    form = TerrainForm(request.POST, now=row.circuity)
    circuity = float(form.cleaned_data["circuity"]) if form.is_valid() else None
    try:
        job = actions.retry_county(row, by=actor(request), circuity=circuity)
    except actions.PlanRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("county-routes", pk=pk, number=number, code=code)
    return redirect("job", pk=job.pk)


def county_or_404(request: HttpRequest, run: Run, number: int, code: str) -> CountyRoutes:
    """The routes of a county inside the reader's area; anywhere else they are not there."""
    seen = scope(request.user, "plans.view")
    county = get_object_or_404(Division.objects.filter(seen.q()), code=code)
    found = county_routes(_route_run_or_404(run, number), county)
    if found is None:
        raise Http404
    return found


def _routes(request: HttpRequest, row: CountyRoutes, answer: Answer) -> dict[str, Any]:
    """What the page shows of a county that is done."""
    asked = request.GET.get("trip", "")
    chosen = int(asked) if asked.isdecimal() and len(asked) < 6 else 0
    trips = [
        {
            "trip": trip,
            "km": trip.distance_m / 1_000,
            "start": clock_text(trip.start_s),
            "finish": clock_text(trip.finish_s),
            "road": duration_text(trip.road_s),
            "first": trip.visits[0].stop,
            "last": trip.visits[-1].stop,
        }
        for trip in answer.trips
    ]
    return {
        "answer": answer,
        "totals": answer.totals,
        "trips": trips,
        "chosen": next((trip for trip in answer.trips if trip.number == chosen), None),
        "visits": [
            (visit, clock_text(visit.arrive_s), visit.leg_m / 1_000)
            for trip in answer.trips
            if trip.number == chosen
            for visit in trip.visits
        ],
        "map": county_map(row, answer, chosen),
        "first_day": clock.today() + timedelta(days=1),
        "notes": road_notes(row, answer),
        "left_out": [(one.stop, left_out_words(one.why)) for one in answer.left_out],
    }


def _listed(row: CountyRoutes) -> dict[str, Any]:
    given = row.route_run.settings["days"]
    return {
        "row": row,
        "km": row.distance_m / 1_000,
        "longest": duration_text(row.longest_s) if row.longest_s else "—",
        "why": FAILURES[row.reason]() if row.reason else "",
        "more_days": row.state == CountyRoutes.State.DONE and row.days > given,
    }


def _route_run_or_404(run: Run, number: int) -> RouteRun:
    rows = RouteRun.objects.filter(run=run).select_related("run__campaign__division")
    return get_object_or_404(rows, number=number)


def _crumbs(run: Run) -> list[tuple[str, str]]:
    return [*run_crumbs(run), (_("Routes"), reverse("run-routes", args=[run.pk]))]


def _stopped(found: RouteRun) -> bool:
    """Not done, and nobody works on it."""
    return found.state == GOING and not routing_under_way(found)


def _name(found: RouteRun) -> str:
    return _("Routes %(number)d") % {"number": found.number}


def _pager(start: int, chosen: str, *, more: bool) -> dict[str, str]:
    def at(place: int) -> str:
        return "?" + urlencode({"state": chosen, "from": place})

    return {
        "previous_url": at(max(0, start - LINES_A_PAGE)) if start else "",
        "next_url": at(start + LINES_A_PAGE) if more else "",
    }
