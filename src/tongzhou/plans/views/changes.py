"""Open a run, approve it, publish it: each a page that says what will happen before it does."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tongzhou.kit.access import requires
from tongzhou.people.queries import actor, scope
from tongzhou.plans.actions import PlanRefused, compute_again, open_run, publish_run, review_run
from tongzhou.plans.forms import RunForm
from tongzhou.plans.queries.lanes import names_ways
from tongzhou.plans.queries.publishing import posting_of
from tongzhou.plans.queries.runs import sums_at
from tongzhou.plans.queries.supply import on_hand

from .change_words import change_words
from .pages import campaign_within_or_404, run_within_or_404


@requires("plans.run")
def new_run(request: HttpRequest, campaign: str) -> HttpResponse:
    """What is on hand and promised, and a form that sets a run going."""
    found = campaign_within_or_404(request, campaign, "plans.run")
    form = RunForm(request.POST or None, campaign=found)
    if request.method == "POST" and form.is_valid():
        try:
            run = open_run(
                found,
                by=actor(request),
                directed=list(form.cleaned_data["directed"]),
                with_promises=form.cleaned_data["with_promises"],
                note=form.cleaned_data["note"],
            )
        except PlanRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("run", pk=run.pk)
    return render(
        request,
        "plans/new_run.html",
        {
            "campaign": found,
            "form": form,
            "on_hand": on_hand(found),
            "by_lane": names_ways(found),
            "crumbs": [
                (_("Campaigns"), reverse("campaigns")),
                (found.name, reverse("campaign", args=[found.public_id])),
                (_("Plans"), reverse("runs", args=[found.public_id])),
                (_("New plan"), ""),
            ],
        },
    )


@require_POST
@requires("plans.run")
def compute_anew(request: HttpRequest, pk: int) -> HttpResponse:
    """Compute a run whose computing has ended without a result; a refusal is said on its page."""
    run = run_within_or_404(request, pk, "plans.run")
    try:
        compute_again(run, by=actor(request))
    except PlanRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("run", pk=run.pk)


@requires("plans.publish")
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """The second person reads the figures and approves."""
    return _step(request, pk, "approve")


@requires("plans.publish")
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """What will be reserved, and the button that starts it."""
    return _step(request, pk, "publish")


def _step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    run = run_within_or_404(request, pk, "plans.publish")
    refused = ""
    if request.method == "POST":
        try:
            if step == "approve":
                review_run(run, by=actor(request))
                return redirect("run", pk=run.pk)
            publish_run(run, by=actor(request))
        except PlanRefused as refusal:
            refused = str(refusal)
        else:
            job = posting_of(run)
            return redirect("job", pk=job.pk) if job else redirect("run", pk=run.pk)
    return render(
        request,
        "plans/step.html",
        {
            "run": run,
            "step": step,
            "refused": refused,
            "top": sums_at(run, run.campaign.division),
            "waves": run.waves.order_by("number"),
            "changes": change_words(run.changes, scope(request.user, "plans.view")),
            "crumbs": [
                (_("Plans"), reverse("runs", args=[run.campaign.public_id])),
                (_("Plan %(number)d") % {"number": run.number}, reverse("run", args=[run.pk])),
                (_("Approve") if step == "approve" else _("Publish"), ""),
            ],
        },
    )
