"""Look at runs: the list, one run with its map, a division."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from tongzhou.campaigns.models import Campaign
from tongzhou.campaigns.queries import campaigns_seen
from tongzhou.kit.access import requires
from tongzhou.kit.models import Job
from tongzhou.people.queries import actor, scope
from tongzhou.places.models import Division
from tongzhou.places.queries import ancestors
from tongzhou.places.rules import Scope
from tongzhou.plans.models import Run, RunWave
from tongzhou.plans.queries.publishing import (
    missing_goods,
    posting_of,
    posting_under_way,
    progress,
)
from tongzhou.plans.queries.runs import (
    computing_of,
    divisions_below,
    place_lines,
    reviewer_named_by_runner,
    runs_of,
    runs_seen,
    sums_at,
    sums_below,
)
from tongzhou.plans.queries.summary import standings, summary
from tongzhou.plans.queries.ways import ways_of

from .change_words import change_words
from .lane_words import lane_context
from .pictures import (
    Coverage,
    coverage,
    coverage_curve,
    days_of,
    finding,
    received_so_far,
    wave_maps,
)

LINES_A_PAGE = 50
RUNS_SHOWN = 100
LANES_ON_RUN = 8


def campaign_or_404(request: HttpRequest, public_id: str, permission: str) -> Campaign:
    seen = campaigns_seen(scope(request.user, permission))
    return get_object_or_404(seen, public_id=public_id)


def run_or_404(request: HttpRequest, pk: int, permission: str = "plans.view") -> Run:
    return get_object_or_404(runs_seen(scope(request.user, permission)), pk=pk)


def campaign_within_or_404(request: HttpRequest, public_id: str, permission: str) -> Campaign:
    """For what acts on a whole campaign: seeing its frame from a county is not enough."""
    within = scope(request.user, permission).q("division")
    rows = Campaign.objects.filter(within).select_related("division", "policy")
    return get_object_or_404(rows, public_id=public_id)


def run_within_or_404(request: HttpRequest, pk: int, permission: str) -> Run:
    within = scope(request.user, permission).q("campaign__division")
    return get_object_or_404(Run.objects.filter(within).select_related("campaign__division"), pk=pk)


@requires("plans.view")
def run_list(request: HttpRequest, campaign: str) -> HttpResponse:
    """All runs of a campaign, the newest first."""
    found = campaign_or_404(request, campaign, "plans.view")
    return render(
        request,
        "plans/run_list.html",
        {
            "campaign": found,
            "runs": runs_of(found)[:RUNS_SHOWN],
            "may_run": request.user.has_perm("plans.run", found.division),
            "sees_all": request.user.has_perm("plans.view", found.division),
            "crumbs": [*_campaign_crumbs(found), (_("Plans"), "")],
        },
    )


@requires("plans.view")
def run_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One run: what it gives, on a map and by wave; for those who may, what to do next."""
    run = run_or_404(request, pk)
    seen = scope(request.user, "plans.view")
    top = run.campaign.division
    waves = list(run.waves.order_by("number").prefetch_related("hubs__division"))
    context: dict[str, Any] = {
        "run": run,
        "campaign": run.campaign,
        "top": sums_at(run, top),
        "waves": waves,
        "overrides": run.overrides.filter(seen.q("place__division"))
        .select_related("place__division")
        .order_by("-at")[:20],
        **_work_of(request, run),
        "named": reviewer_named_by_runner(run),
        "changes": change_words(run.changes, seen),
        "others": runs_of(run.campaign).exclude(pk=pk).filter(computed_at__isnull=False)[:20],
        "may_run": request.user.has_perm("plans.run", top),
        "may_publish": request.user.has_perm("plans.publish", top),
        "crumbs": [*run_crumbs(run)[:-1], (_run_name(run), "")],
    }
    if run.state in (Run.State.PUBLISHING, Run.State.PARTLY, Run.State.WITHDRAWN):
        context["posting"] = progress(run)
    if run.state == Run.State.PUBLISHING and not posting_under_way(run):
        context |= {"stopped": True, "missing": missing_goods(run)}
    if run.computed_at:
        context |= _coverage_context(run, waves, seen)
        ways = ways_of(run)
        if ways is not None and ways.data:
            context |= lane_context(seen, ways, LANES_ON_RUN)
    return render(request, "plans/run.html", context)


def _coverage_context(run: Run, waves: list[RunWave], seen: Scope) -> dict[str, Any]:
    """By day for the whole campaign; by wave for the reader's provinces on a map, or, for whoever
    sees one province or less, for its counties. Whoever is served least comes first."""
    planned = coverage(run, waves)
    fact = received_so_far(planned)
    top = run.campaign.division
    rows = [
        s for s in standings(run, divisions_below(run, top, level=1)) if seen.contains(s.division)
    ]
    if len(rows) < 2:
        counties = [d for d in divisions_below(run, top, level=3) if seen.contains(d)]
        rows = standings(run, counties)
    return {
        "finding": finding(planned, fact),
        "curve": coverage_curve([(_("Plan"), planned)], _curve_name(fact), fact=fact),
        "fact": fact,
        "days": [
            (at, planned.on(at), fact.on(at) if fact and at <= fact.steps[-1][0] else None)
            for at in days_of(planned, fact=fact)
        ],
        "maps": wave_maps(waves, rows, summary(run).shares()),
        "rows": sorted(rows, key=lambda s: (s.share, s.division.first)),
    }


def _curve_name(fact: Coverage | None) -> str:
    if fact:
        return _("Share of places served by day, planned and received")
    return _("Share of places served by day, planned")


@requires("plans.view")
def run_division(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """What a run gives one division: its children, or a county's places with their units."""
    run = run_or_404(request, pk)
    division = _division_or_404(request, code)
    level = _level_below(run, division)
    start = start_of(request)
    lines = (
        place_lines(run, division, start=start, count=LINES_A_PAGE + 1)
        if division.level == Division.Level.COUNTY
        else []
    )
    return render(
        request,
        "plans/division.html",
        {
            "run": run,
            "division": division,
            "sums": sums_at(run, division),
            "children": sums_below(run, division, level=level) if level else [],
            "lines": lines[:LINES_A_PAGE],
            "page": _pager(request, start, len(lines) > LINES_A_PAGE),
            "crumbs": [*run_crumbs(run), *division_crumbs(run, division)],
        },
    )


def _touches(seen: Any, division: Division) -> bool:
    return any(first <= division.last and division.first <= last for first, last in seen.intervals)


def _division_or_404(request: HttpRequest, code: str) -> Division:
    """Inside the scope; what lies above it only frames it and is not shown."""
    seen = scope(request.user, "plans.view")
    return get_object_or_404(Division.objects.filter(seen.q()), code=code)


def _level_below(run: Run, division: Division) -> int | None:
    """Runs are summed for nation, province and county: the next of these below a division."""
    if division.level >= Division.Level.COUNTY:
        return None
    return Division.Level.PROVINCE if division.level == 0 else Division.Level.COUNTY


def _work_of(request: HttpRequest, run: Run) -> dict[str, Any]:
    """The work under way for a run, with its progress for whoever started it; where the computing
    has ended without a result, `unfinished` and how. What a publishing that stopped needs, its own
    part of the page says."""
    if run.state == Run.State.PUBLISHING:
        job = posting_of(run) if posting_under_way(run) else None
    elif run.state in (Run.State.DRAFT, Run.State.FAILED):
        job = computing_of(run)
    else:
        job = None
    if job is not None and job.state in (Job.State.WAITING, Job.State.RUNNING):
        return {"job": job, "own": job.by == str(actor(request))}
    unfinished = run.state in (Run.State.DRAFT, Run.State.FAILED)
    return {"unfinished": unfinished, "ended": job if unfinished else None}


def _run_name(run: Run) -> str:
    return _("Plan %(number)d") % {"number": run.number}


def _campaign_crumbs(campaign: Campaign) -> list[tuple[str, str]]:
    return [
        (_("Campaigns"), reverse("campaigns")),
        (campaign.name, reverse("campaign", args=[campaign.public_id])),
    ]


def run_crumbs(run: Run) -> list[tuple[str, str]]:
    return [
        *_campaign_crumbs(run.campaign),
        (_("Plans"), reverse("runs", args=[run.campaign.public_id])),
        (_run_name(run), reverse("run", args=[run.pk])),
    ]


def division_crumbs(run: Run, division: Division) -> list[tuple[str, str]]:
    chain = [d for d in [*ancestors(division), division] if 0 < d.level <= 3]
    return [(d.name, reverse("run-division", args=[run.pk, d.code])) for d in chain]


def start_of(request: HttpRequest) -> int:
    text = request.GET.get("from", "0")
    return min(int(text), 10_000) if text.isdecimal() else 0


def _pager(request: HttpRequest, start: int, more: bool) -> dict[str, str]:
    before = f"?from={max(0, start - LINES_A_PAGE)}" if start else ""
    after = f"?from={start + LINES_A_PAGE}" if more else ""
    return {"previous_url": before, "next_url": after}
