"""The call-down: take the next site, call it, write down what it says; review what was sampled."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tongzhou.kit.access import requires
from tongzhou.kit.rules import SYSTEM
from tongzhou.people.queries import actor, scope

from .. import actions, queries
from ..forms import CallForm
from ..models import Call
from ..rules.fields import FieldRefused

REVIEWS_SHOWN = 50


@require_http_methods(["GET", "HEAD", "POST"])
@requires("calls.make")
def queue(request: HttpRequest) -> HttpResponse:
    """One's own call or a button for the next one; and the calls that wait for a review."""
    actions.release_overdue(by=SYSTEM)
    within, who = scope(request.user, "calls.make"), actor(request)
    if request.method == "POST":
        try:
            taken = actions.claim_call(within, by=who)
        except actions.CallRefused as refused:
            messages.error(request, str(refused))
            return redirect("calls")
        return redirect("call", pk=taken.pk) if taken else redirect("calls")
    reviews = queries.calls_to_review(scope(request.user, "calls.review"), by=str(who))
    context = {
        "mine": queries.call_of(str(who)),
        "waiting": queries.waiting_for_call(within).count(),
        "reviews": reviews[:REVIEWS_SHOWN],
        "crumbs": [(_("Calls"), "")],
    }
    return render(request, "finder/calls.html", context)


@requires("calls.make")
def call(request: HttpRequest, pk: int) -> HttpResponse:
    """The number to call and the questions to ask; whoever does not hold it only looks."""
    found = _in_scope(request, pk)
    form = CallForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.finish_call(
                found, form.cleaned_data["result"], form.facts(),
                note=form.cleaned_data["note"], by=actor(request),
            )  # fmt: skip
            messages.success(request, _("Saved: %(name)s") % {"name": found.facility.name})
            return redirect("calls")
        except (actions.CallRefused, actions.FacilityRefused, FieldRefused) as refused:
            form.add_error(None, str(refused))
    context = {
        "call": found,
        "facility": found.facility,
        "phones": found.facility.phone_list,
        "form": form,
        "is_mine": found.by == str(actor(request)) and found.state == Call.State.CLAIMED,
        "crumbs": [(_("Calls"), reverse("calls")), (found.facility.name, "")],
    }
    return render(request, "finder/call.html", context, status=422 if form.errors else 200)


@require_POST
@requires("calls.make")
def give_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody else may call."""
    try:
        actions.give_back(_in_scope(request, pk), by=actor(request))
    except actions.CallRefused as refused:
        messages.error(request, str(refused))
    return redirect("calls")


@require_POST
@requires("calls.review")
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """What a second person found when hearing of a sampled call."""
    rows = Call.objects.filter(scope(request.user, "calls.review").q("facility__division"))
    try:
        actions.review_call(
            get_object_or_404(rows, pk=pk),
            agreed=request.POST.get("agreed") == "yes",
            by=actor(request),
        )
    except actions.CallRefused as refused:
        messages.error(request, str(refused))
    return redirect("calls")


def _in_scope(request: HttpRequest, pk: int) -> Call:
    rows = Call.objects.select_related("facility__division").filter(
        scope(request.user, "calls.make").q("facility__division")
    )
    return get_object_or_404(rows, pk=pk)
