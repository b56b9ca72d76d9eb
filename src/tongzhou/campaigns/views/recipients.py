"""Whom a campaign serves through which hub: the list, one more, all provinces at once, one less."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tongzhou.campaigns import actions, forms
from tongzhou.campaigns.models import Campaign
from tongzhou.campaigns.queries import hubs_for, is_planned, provinces_to_add, recipients_of
from tongzhou.kit.access import requires
from tongzhou.people.queries import actor
from tongzhou.places.models import Division
from tongzhou.places.queries import division_by_code, province_of, search, xpcc_counties
from tongzhou.places.rules import Scope

from .finding import campaign_within_or_404, crumbs

FOUND_AT_MOST = 10


@requires("campaigns.edit")
def recipients(request: HttpRequest, public_id: str) -> HttpResponse:
    """Who is served now, a search for one more, and all provinces that are still missing."""
    found = campaign_within_or_404(request, public_id, "campaigns.edit")
    candidates = provinces_to_add(found)
    refused = ""
    if request.method == "POST":
        new = [
            actions.NewRecipient(row.province.name, row.province, row.hub, [row.province])
            for row in candidates
            if row.hub is not None
        ]
        try:
            if new:
                actions.add_recipients(found, new, by=actor(request))
                messages.success(request, _added(len(new)))
            return redirect("recipients", public_id=public_id)
        except actions.CampaignRefused as refusal:
            refused = str(refusal)
    text = request.GET.get("q", "").strip()[:60]
    return render(
        request,
        "campaigns/recipients.html",
        {
            "campaign": found,
            "refused": refused,
            "rows": recipients_of(found).prefetch_related("areas__division"),
            "ready": [row for row in candidates if row.hub],
            "hubless": [row for row in candidates if not row.hub],
            "planned": is_planned(found),
            "open": found.state == Campaign.State.OPEN,
            "text": text,
            "found": _found(found, text),
            "corps": _corps(found),
            "crumbs": crumbs(found, _("Recipients")),
        },
    )


@requires("campaigns.edit")
def new(request: HttpRequest, public_id: str) -> HttpResponse:
    """One recipient: its name, the divisions of its area, its hub."""
    found = campaign_within_or_404(request, public_id, "campaigns.edit")
    form = forms.RecipientForm(
        request.POST or None, campaign=found, initial=_suggested(request, found)
    )
    if request.method == "POST" and form.is_valid():
        areas = form.cleaned_data.pop("areas")
        home = areas[0] if len(areas) == 1 else province_of(areas[0]) or areas[0]
        row = actions.NewRecipient(division=home, areas=areas, **form.cleaned_data)
        try:
            actions.add_recipients(found, [row], by=actor(request))
        except actions.CampaignRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _added(1))
            return redirect("recipients", public_id=public_id)
    title = _("Add a recipient")
    back = reverse("recipients", args=[public_id])
    return render(
        request,
        "form_page.html",
        {
            "form": form,
            "title": title,
            "button": title,
            "cancel": back,
            "crumbs": [*crumbs(found), (_("Recipients"), back), (title, "")],
        },
    )


@requires("campaigns.edit")
def remove(request: HttpRequest, public_id: str, pk: int) -> HttpResponse:
    """What taking a recipient out means, then the button; refused once a plan was run."""
    found = campaign_within_or_404(request, public_id, "campaigns.edit")
    row = get_object_or_404(recipients_of(found), pk=pk)
    refused = ""
    if request.method == "POST":
        try:
            actions.remove_recipient(row, by=actor(request))
        except actions.CampaignRefused as refusal:
            refused = str(refusal)
        else:
            messages.success(request, _("%(name)s is no recipient any more.") % {"name": row.name})
            return redirect("recipients", public_id=public_id)
    back = reverse("recipients", args=[public_id])
    return render(
        request,
        "campaigns/recipient_remove.html",
        {
            "campaign": found,
            "row": row,
            "areas": [area.division for area in row.areas.select_related("division")],
            "planned": is_planned(found),
            "refused": refused,
            "crumbs": [*crumbs(found), (_("Recipients"), back), (row.name, "")],
        },
    )


def _added(count: int) -> str:
    return ngettext("%(n)d recipient was added.", "%(n)d recipients were added.", count) % {
        "n": count
    }


def _found(campaign: Campaign, text: str) -> list[tuple[Division, str]]:
    """Provinces to counties of the campaign that answer a search, each with what is above it."""
    if not text:
        return []
    levels = range(Division.Level.PROVINCE, Division.Level.COUNTY + 1)
    within = Scope.of(campaign.division)
    rows = search(text, levels=levels, within=within, limit=FOUND_AT_MOST)
    return [(row, " › ".join(above.name for above in row.path)) for row in rows]


def _corps(campaign: Campaign) -> list[Division]:
    """The Corps' counties that lie in the campaign and belong to no recipient yet."""
    counties = xpcc_counties().filter(Scope.of(campaign.division).q())
    return list(counties.exclude(recipientarea__recipient__campaign=campaign))


def _suggested(request: HttpRequest, campaign: Campaign) -> dict[str, Any]:
    """The form filled in for a division that was found, or for the Corps with its whole area."""
    if request.GET.get("corps"):
        areas = _corps(campaign)
        suggested = {"name": "新疆生产建设兵团", "areas": " ".join(area.code for area in areas)}
        suggested["name_en"] = "Xinjiang Production and Construction Corps"
    else:
        division = division_by_code(request.GET.get("division", "")[:24])
        areas = [division] if division else []
        suggested = {"name": division.name, "areas": division.code} if division else {}
    hub = hubs_for(campaign).filter(division__in=areas).first()
    if hub is None and areas:
        hub = hubs_for(campaign).filter(Scope.of(areas[0]).q("division")).first()
    return {**suggested, "hub": hub}
