"""The lanes of a campaign: the list, one more, a change, what hubs take in; and those of a run."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from tongzhou.campaigns.models import Campaign
from tongzhou.interchange.tables import Column, Kind, chunks
from tongzhou.kit.access import requires
from tongzhou.people.queries import actor, scope
from tongzhou.plans import actions
from tongzhou.plans.forms import InboundForm, LaneForm
from tongzhou.plans.models import CampaignLane, Run, RunWays
from tongzhou.plans.queries.lane_use import sent_lines
from tongzhou.plans.queries.lanes import inbound_of, lanes_of, unreached
from tongzhou.plans.queries.ways import ways_of

from .lane_words import lane_context
from .pages import LINES_A_PAGE, campaign_within_or_404, run_crumbs, run_or_404, start_of

SENT = (
    Column("dock", kind=Kind.CODE),
    Column("dock_name"),
    Column("hub", kind=Kind.CODE),
    Column("recipient"),
    Column("item", kind=Kind.CODE),
    Column("leaves", kind=Kind.DATE),
    Column("arrives", kind=Kind.DATE),
    Column("units", kind=Kind.WHOLE),
)


@requires("plans.view")
def lanes(request: HttpRequest, campaign: str) -> HttpResponse:
    """The lanes of a campaign and what its hubs take in; for those who may, ways to change them."""
    found = campaign_within_or_404(request, campaign, "plans.view")
    rows = lanes_of(found)
    start = start_of(request)
    shown = list(rows[start : start + LINES_A_PAGE + 1])
    may_change = request.user.has_perm("plans.run", found.division)
    return render(
        request,
        "plans/lanes.html",
        {
            "campaign": found,
            "lanes": shown[:LINES_A_PAGE],
            "count": rows.count(),
            "inbound": inbound_of(found),
            "unreached": unreached(found),
            "may_change": may_change and found.state != Campaign.State.CLOSED,
            "closed": found.state == Campaign.State.CLOSED,
            "upload": _upload(found),
            "page": _pager(start, more=len(shown) > LINES_A_PAGE),
            "crumbs": [*_crumbs(found)[:-1], (_("Lanes"), "")],
        },
    )


@requires("plans.run")
def new_lane(request: HttpRequest, campaign: str) -> HttpResponse:
    """One lane more."""
    found = campaign_within_or_404(request, campaign, "plans.run")
    form = LaneForm(request.POST or None, campaign=found)

    def add() -> str:
        actions.add_lane(found, form.lane(), by=actor(request))
        return _("The lane was added. The next plan uses it.")

    return _kept(request, found, form, add) or _form(request, found, form, _("Add a lane"))


@requires("plans.run")
def change_lane(request: HttpRequest, campaign: str, pk: int) -> HttpResponse:
    """Change a lane."""
    found = campaign_within_or_404(request, campaign, "plans.run")
    row = _lane_or_404(found, pk)
    form = LaneForm(request.POST or None, campaign=found, initial=_initial(row))

    def change() -> str:
        actions.change_lane(row, form.lane(), by=actor(request))
        return _("The lane was changed. The next plan uses it.")

    return _kept(request, found, form, change) or _form(request, found, form, _("Change the lane"))


@requires("plans.run")
def remove_lane(request: HttpRequest, campaign: str, pk: int) -> HttpResponse:
    """What taking a lane out means, then the button."""
    found = campaign_within_or_404(request, campaign, "plans.run")
    row = _lane_or_404(found, pk)
    refused = ""
    if request.method == "POST":
        try:
            actions.remove_lane(row, by=actor(request))
        except actions.PlanRefused as refusal:
            refused = str(refusal)
        else:
            messages.success(request, _("The lane was taken out."))
            return redirect("lanes", campaign=campaign)
    return render(
        request,
        "plans/lane_remove.html",
        {
            "campaign": found,
            "lane": row,
            "last": lanes_of(found).count() == 1,
            "refused": refused,
            "crumbs": [*_crumbs(found), (_("Take out a lane"), "")],
        },
    )


@requires("plans.run")
def inbound(request: HttpRequest, campaign: str) -> HttpResponse:
    """What one hub can take in on a day."""
    found = campaign_within_or_404(request, campaign, "plans.run")
    chosen = request.GET.get("recipient", "")
    first = {"recipient": int(chosen)} if chosen.isdecimal() and len(chosen) < 12 else {}
    form = InboundForm(request.POST or None, campaign=found, initial=first)

    def keep() -> str:
        data = form.cleaned_data
        actions.set_inbound(found, data["recipient"], data["units_a_day"], by=actor(request))
        return _("The limit was kept. The next plan uses it.")

    return _kept(request, found, form, keep) or _form(
        request, found, form, _("What a hub takes in")
    )


@requires("plans.view")
def run_lanes(request: HttpRequest, pk: int) -> HttpResponse:
    """What a plan makes of its lanes: use, and what one unit more a day would change."""
    run = run_or_404(request, pk)
    ways = _ways_or_404(run)
    return render(
        request,
        "plans/run_lanes.html",
        {
            "run": run,
            **lane_context(scope(request.user, "plans.view"), ways),
            "crumbs": [*run_crumbs(run), (_("Lanes"), "")],
        },
    )


@requires("plans.view")
def shipments(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """What the plan sends by day as CSV, promised goods included."""
    run = run_or_404(request, pk)
    rows = sent_lines(_ways_or_404(run), scope(request.user, "plans.view"))
    lines = (
        {
            "dock": row.dock.code,
            "dock_name": row.dock.name,
            "hub": row.recipient.hub.code,
            "recipient": row.recipient.name,
            "item": row.item.code,
            "leaves": row.leaves,
            "arrives": row.arrives,
            "units": row.units,
        }
        for row in rows
    )
    answer = StreamingHttpResponse(
        chunks(lines, SENT, headings=_headings(), bom=True), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = f'attachment; filename="shipments-{run.pk}.csv"'
    return answer


def _ways_or_404(run: Run) -> RunWays:
    ways = ways_of(run)
    if ways is None or not ways.data:
        raise Http404
    return ways


def _lane_or_404(campaign: Campaign, pk: int) -> CampaignLane:
    return get_object_or_404(lanes_of(campaign), pk=pk)


def _initial(row: CampaignLane) -> dict[str, Any]:
    names = ("dock", "recipient", "lead_days", "units_a_day", "from_date", "until_date")
    return {**{name: getattr(row, name) for name in names}, "cost": row.cost_fen / 100}


def _kept(
    request: HttpRequest, campaign: Campaign, form: Any, change: Callable[[], str]
) -> HttpResponse | None:
    """Do what a sound form asks, say it and go back to the list; None where the form is to be shown
    (again), a refusal standing on it."""
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        messages.success(request, change())
    except actions.PlanRefused as refusal:
        form.add_error(None, str(refusal))
        return None
    return redirect("lanes", campaign=campaign.public_id)


def _form(request: HttpRequest, campaign: Campaign, form: Any, title: str) -> HttpResponse:
    return render(
        request,
        "form_page.html",
        {
            "form": form,
            "title": title,
            "button": _("Keep"),
            "cancel": reverse("lanes", args=[campaign.public_id]),
            "crumbs": [*_crumbs(campaign), (title, "")],
        },
    )


def _upload(campaign: Campaign) -> str:
    query = {"context": campaign.public_id, "division": campaign.division.code}
    return f"{reverse('import-lanes')}?{urlencode(query)}"


def _crumbs(campaign: Campaign) -> list[tuple[str, str]]:
    return [
        (_("Campaigns"), reverse("campaigns")),
        (campaign.name, reverse("campaign", args=[campaign.public_id])),
        (_("Plans"), reverse("runs", args=[campaign.public_id])),
        (_("Lanes"), reverse("lanes", args=[campaign.public_id])),
    ]


def _headings() -> dict[str, str]:
    return {
        "dock": _("Dock code"),
        "dock_name": _("Dock"),
        "hub": _("Hub code"),
        "recipient": _("Recipient"),
        "item": _("Item code"),
        "leaves": _("Leaves on"),
        "arrives": _("There on"),
        "units": _("Units"),
    }


def _pager(start: int, *, more: bool) -> dict[str, str]:
    return {
        "previous_url": f"?from={max(0, start - LINES_A_PAGE)}" if start else "",
        "next_url": f"?from={start + LINES_A_PAGE}" if more else "",
    }
