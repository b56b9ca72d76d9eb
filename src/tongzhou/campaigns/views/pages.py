"""Look at campaigns: the list, and one with its demand, supply and what it waits for."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from tongzhou.campaigns.models import Promise
from tongzhou.campaigns.queries import (
    campaigns_seen,
    demand_in,
    gap_of,
    is_planned,
    promised_units,
    recipients_of,
)
from tongzhou.kit.access import requires
from tongzhou.people.queries import scope

from .finding import campaign_or_404, crumbs

CAMPAIGNS_SHOWN = 100


@requires("campaigns.view")
def campaign_list(request: HttpRequest) -> HttpResponse:
    """Every campaign that touches the scope, the newest first."""
    seen = campaigns_seen(scope(request.user, "campaigns.view")).order_by("-opened_on", "-pk")
    return render(
        request,
        "campaigns/list.html",
        {
            "campaigns": seen[:CAMPAIGNS_SHOWN],
            "may_open": request.user.has_perm("campaigns.edit"),
            "crumbs": [(_("Campaigns"), "")],
        },
    )


@requires("campaigns.view")
def campaign(request: HttpRequest, public_id: str) -> HttpResponse:
    """One campaign: what it wants, what is promised and asked, the gap, and the next step."""
    found = campaign_or_404(request, public_id, "campaigns.view")
    rows = [
        (demand, promised := promised_units(found, demand.item), gap_of(demand, promised))
        for demand in demand_in(found, found.division)
    ]
    may_edit = request.user.has_perm("campaigns.edit", found.division)
    promises = Promise.objects.filter(campaign=found).select_related("producer", "item")
    return render(
        request,
        "campaigns/campaign.html",
        {
            "campaign": found,
            "rows": rows,
            "recipients": recipients_of(found),
            "funds": found.funds.select_related("fund"),
            "promises": promises.order_by("day", "batch", "producer_id")[:200],
            "may_edit": may_edit,
            "open": found.state == found.State.OPEN,
            "planned": is_planned(found),
            "next": _next_steps(found, rows, may_edit),
            "links": _links(found),
            "crumbs": [*crumbs(found)[:-1], (found.name, "")],
        },
    )


def _next_steps(found: Any, rows: list[Any], may_edit: bool) -> list[tuple[str, str]]:
    """What is missing before a plan can be run, the first thing first."""
    if not may_edit or found.state != found.State.OPEN:
        return []
    steps = []
    if not rows:
        steps.append(
            (_("Say what each place is to get"), reverse("campaign-item", args=[found.public_id]))
        )
    if not found.recipients.exists():
        steps.append(
            (
                _("Say who is served through which hub"),
                reverse("recipients", args=[found.public_id]),
            )
        )
    if not found.funds.exists():
        steps.append(
            (_("Name the donation that pays"), reverse("campaign-fund", args=[found.public_id]))
        )
    if not found.promises.exists():
        steps.append(
            (_("Record what producers promise"), reverse("promises", args=[found.public_id]))
        )
    return steps


def _links(found: Any) -> list[tuple[str, str]]:
    """Pages of the apps above that belong to a campaign, where this installation has them."""
    links = []
    for name, words in (
        ("runs", _("Plans")),
        ("needs", _("Needs")),
        ("trace-campaign", _("Public page")),
    ):
        try:
            links.append((words, reverse(name, args=[found.public_id])))
        except NoReverseMatch:
            continue
    return links
