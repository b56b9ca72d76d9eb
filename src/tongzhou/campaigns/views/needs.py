"""Statements of need: the list in scope, one of them with its judgement, and a new one."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from tongzhou.campaigns import actions, forms
from tongzhou.campaigns.actions.needs import NewNeed
from tongzhou.campaigns.models import NeedStatement
from tongzhou.campaigns.queries import needs_seen, recipient_of
from tongzhou.kit import clock
from tongzhou.kit.access import requires
from tongzhou.people.queries import actor, scope
from tongzhou.places.queries import place_by_code

from .finding import campaign_or_404, crumbs

ROWS_A_PAGE = 50


@requires("needs.view")
def need_list(request: HttpRequest, public_id: str) -> HttpResponse:
    """Live statements inside the scope, those that wait for a judgement first."""
    found = campaign_or_404(request, public_id, "needs.view")
    text = request.GET.get("from", "0")
    start = min(int(text), 100_000) if text.isdecimal() else 0
    rows = list(
        needs_seen(found, scope(request.user, "needs.view"))[start : start + ROWS_A_PAGE + 1]
    )
    return render(
        request,
        "campaigns/needs.html",
        {
            "campaign": found,
            "rows": rows[:ROWS_A_PAGE],
            "page": {
                "previous_url": f"?from={max(0, start - ROWS_A_PAGE)}" if start else "",
                "next_url": f"?from={start + ROWS_A_PAGE}" if len(rows) > ROWS_A_PAGE else "",
            },
            "may_state": request.user.has_perm("needs.import"),
            "crumbs": crumbs(found, _("Needs")),
        },
    )


@requires("needs.view")
def need(request: HttpRequest, public_id: str, pk: int) -> HttpResponse:
    """One statement; another office verifies it or asks back."""
    found = campaign_or_404(request, public_id, "needs.view")
    seen = needs_seen(found, scope(request.user, "needs.view"))
    row = get_object_or_404(seen, pk=pk)
    may_judge = request.user.has_perm("needs.verify", row.place.division)
    form = forms.QueryForm(request.POST if "question" in request.POST else None)
    refused = ""
    if request.method == "POST":
        if not may_judge:
            raise PermissionDenied("needs.verify")
        try:
            if "verify" in request.POST:
                actions.verify_need(row, by=actor(request))
                return redirect("needs", public_id=public_id)
            if form.is_valid():
                actions.query_need(row, form.cleaned_data["question"], by=actor(request))
                return redirect("needs", public_id=public_id)
        except actions.CampaignRefused as refusal:
            refused = str(refusal)
    return render(
        request,
        "campaigns/need.html",
        {
            "campaign": found,
            "need": row,
            "recipient": recipient_of(found, row.place.division),
            "form": form if may_judge else None,
            "refused": refused,
            "crumbs": [*crumbs(found), (row.place.name, "")],
        },
    )


@requires("needs.import")
def new_need(request: HttpRequest, public_id: str) -> HttpResponse:
    """State what one place asks for, or what was counted there."""
    found = campaign_or_404(request, public_id, "needs.import")
    form = forms.NeedForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        place = place_by_code(values["place"])
        if place is None or not scope(request.user, "needs.import").contains(place.division):
            form.add_error("place", _("There is no such place in your area."))
        else:
            need = NewNeed(**{**values, "place": place, "as_of": clock.today()})
            try:
                row: NeedStatement = actions.state_need(found, need, by=actor(request))
            except actions.CampaignRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                return redirect("need", public_id=public_id, pk=row.pk)
    title = _("State a need")
    return render(
        request,
        "form_page.html",
        {"form": form, "title": title, "button": title, "crumbs": crumbs(found, title)},
    )
