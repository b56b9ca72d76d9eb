"""Open a campaign and give it items, donations and promises."""

from collections.abc import Callable

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from tongzhou.campaigns import actions, forms
from tongzhou.campaigns.actions.promises import NewPromise
from tongzhou.campaigns.models import Campaign
from tongzhou.campaigns.queries import open_steps
from tongzhou.kit.access import requires
from tongzhou.people.queries import actor, scope
from tongzhou.places.queries import division_by_code
from tongzhou.supplies.queries import funds_in

from .finding import campaign_within_or_404, crumbs


@requires("campaigns.edit")
def new_campaign(request: HttpRequest) -> HttpResponse:
    """Open a campaign for a division inside the scope."""
    form = forms.CampaignForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        division = division_by_code(values.pop("division"))
        if division is None or not scope(request.user, "campaigns.edit").contains(division):
            form.add_error("division", _("There is no such division in your area."))
        else:
            try:
                opened = actions.open_campaign(
                    actions.NewCampaign(division=division, **values), by=actor(request)
                )
            except actions.CampaignRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                return redirect("campaign", public_id=opened.public_id)
    title = _("Open a campaign")
    return render(
        request,
        "form_page.html",
        {"form": form, "title": title, "button": title, "crumbs": [(title, "")]},
    )


@requires("campaigns.edit")
def add_item(request: HttpRequest, public_id: str) -> HttpResponse:
    """What each place of a kind is to get."""

    def act(campaign: Campaign, form: Form) -> None:
        actions.add_item(campaign, actions.NewItem(**form.cleaned_data), by=actor(request))

    return _page(request, public_id, forms.ItemForm(request.POST or None), _("Add an item"), act)


@requires("campaigns.edit")
def change_item(request: HttpRequest, public_id: str, pk: int) -> HttpResponse:
    """Amounts of one line; once a plan was run the page says why they stay."""
    found = campaign_within_or_404(request, public_id, "campaigns.edit")
    row = get_object_or_404(found.items.select_related("item"), pk=pk)
    names = ("target_units", "drop_units", "floor_units", "carton_units")
    form = forms.AmountsForm(
        request.POST or None, initial={name: getattr(row, name) for name in names}
    )

    def act(campaign: Campaign, form: Form) -> None:
        new = actions.NewItem(row.item, row.place_kind, **form.cleaned_data)
        actions.change_item(row, new, by=actor(request))

    title = _("What a place gets of %(item)s") % {"item": row.item.name}
    return _page(request, public_id, form, title, act, button=_("Save"))


@requires("campaigns.edit")
def change_frame(request: HttpRequest, public_id: str) -> HttpResponse:
    """Name, purpose and deadline, as long as the campaign is open."""
    found = campaign_within_or_404(request, public_id, "campaigns.edit")
    names = ("name", "name_en", "purpose", "purpose_en", "deadline")
    form = forms.FrameForm(
        request.POST or None, initial={name: getattr(found, name) for name in names}
    )

    def act(campaign: Campaign, form: Form) -> None:
        actions.change_frame(campaign, actions.Frame(**form.cleaned_data), by=actor(request))

    return _page(request, public_id, form, _("Change the campaign"), act, button=_("Save"))


@requires("campaigns.edit")
def change_state(request: HttpRequest, public_id: str) -> HttpResponse:
    """What closing (or opening again) means, how many steps are open, and then the button."""
    found = campaign_within_or_404(request, public_id, "campaigns.edit")
    closes = found.state == Campaign.State.OPEN
    if request.method == "POST":
        wanted = request.POST.get("state", "")
        if wanted in (Campaign.State.OPEN, Campaign.State.CLOSED):
            actions.change_state(found, wanted, by=actor(request))
        return redirect("campaign", public_id=public_id)
    title = _("Close the campaign") if closes else _("Open the campaign again")
    return render(
        request,
        "campaigns/state.html",
        {
            "campaign": found,
            "closes": closes,
            "steps": open_steps(found) if closes else [],
            "title": title,
            "crumbs": crumbs(found, title),
        },
    )


@requires("campaigns.edit")
def add_fund(request: HttpRequest, public_id: str) -> HttpResponse:
    """A donation that pays for the campaign."""

    def act(campaign: Campaign, form: Form) -> None:
        actions.add_fund(campaign, form.cleaned_data["fund"], by=actor(request))

    form = forms.FundForm(request.POST or None, funds=funds_in(request.user, "funds.view"))
    return _page(request, public_id, form, _("Add a donation"), act)


@requires("promises.edit")
def promises(request: HttpRequest, public_id: str) -> HttpResponse:
    """Units that a producer promises for a day; the same producer, item and batch is a change."""

    def act(campaign: Campaign, form: Form) -> None:
        actions.record_promise(campaign, NewPromise(**form.cleaned_data), by=actor(request))

    form = forms.PromiseForm(request.POST or None)
    return _page(request, public_id, form, _("Record a promise"), act, "promises.edit")


def _page(
    request: HttpRequest,
    public_id: str,
    form: Form,
    title: str,
    act: Callable[[Campaign, Form], None],
    permission: str = "campaigns.edit",
    button: str = "",
) -> HttpResponse:
    """One plain form of a campaign: done leads back to the campaign, a refusal stays with words."""
    found = campaign_within_or_404(request, public_id, permission)
    if request.method == "POST" and form.is_valid():
        try:
            act(found, form)
        except actions.CampaignRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("campaign", public_id=public_id)
    return render(
        request,
        "form_page.html",
        {
            "form": form,
            "title": title,
            "button": button or title,
            "cancel": reverse("campaign", args=[public_id]),
            "crumbs": crumbs(found, title),
        },
    )
