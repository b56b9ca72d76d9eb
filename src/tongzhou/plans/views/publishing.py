"""How far a publishing has come by county; going on after a stop, and taking the rest back."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tongzhou.kit.access import requires
from tongzhou.people.queries import actor, scope
from tongzhou.plans import actions
from tongzhou.plans.forms import TakeBackForm
from tongzhou.plans.models import Run
from tongzhou.plans.queries.publishing import counties, missing_goods, posting_under_way, progress

from .pages import LINES_A_PAGE, run_crumbs, run_or_404, run_within_or_404, start_of

STATES = ("waiting", "taken_back", "posted")


@requires("plans.view")
def run_counties(request: HttpRequest, pk: int) -> HttpResponse:
    """The reader's counties of a run: those that are not posted first, 50 a page."""
    run = run_or_404(request, pk)
    asked = request.GET.get("state", "")
    chosen = asked if asked in STATES else ""
    rows = counties(run, scope(request.user, "plans.view"), state=chosen)
    start = start_of(request)

    def at(place: int) -> str:
        return "?" + urlencode({"state": chosen, "from": place})

    return render(
        request,
        "plans/counties.html",
        {
            "run": run,
            "chosen": chosen,
            "rows": rows[start : start + LINES_A_PAGE],
            "count": len(rows),
            "page": {
                "previous_url": at(max(0, start - LINES_A_PAGE)) if start else "",
                "next_url": at(start + LINES_A_PAGE) if start + LINES_A_PAGE < len(rows) else "",
            },
            "crumbs": [*run_crumbs(run), (_("Counties of the plan"), "")],
        },
    )


@require_POST
@requires("plans.publish")
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Go on with what is not posted; a refusal is said on the run's page."""
    run = run_within_or_404(request, pk, "plans.publish")
    try:
        job = actions.resume_publishing(run, by=actor(request))
    except actions.PlanRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("run", pk=run.pk)
    return redirect("job", pk=job.pk)


@requires("plans.publish")
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """One person asks with a reason; a second one sees the same figures and agrees."""
    run = run_within_or_404(request, pk, "plans.publish")
    form = TakeBackForm(request.POST if "ask" in request.POST else None)
    refused = ""
    if request.method == "POST":
        try:
            if "agree" in request.POST:
                actions.take_back(run, by=actor(request))
                return redirect("run", pk=run.pk)
            if form.is_valid():
                actions.ask_take_back(run, form.cleaned_data["note"], by=actor(request))
                return redirect("run-take-back", pk=run.pk)
        except actions.PlanRefused as refusal:
            refused = str(refusal)
    return render(
        request,
        "plans/take_back.html",
        {
            "run": run,
            "form": form,
            "refused": refused,
            "posting": progress(run),
            "stopped": run.state == Run.State.PUBLISHING and not posting_under_way(run),
            "missing": missing_goods(run) if run.state == Run.State.PUBLISHING else [],
            "own": run.take_back_by == str(actor(request)),
            "crumbs": [*run_crumbs(run), (_("Take back"), "")],
        },
    )
