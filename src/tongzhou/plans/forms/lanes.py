"""A lane, and what a hub takes in."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tongzhou.campaigns.models import Campaign, Recipient
from tongzhou.places.models import Place
from tongzhou.plans.actions import NewLane
from tongzhou.plans.queries.lanes import docks_for
from tongzhou.plans.rules import LEAD_DAYS_AT_MOST

LANE_UNITS_AT_MOST = 10**9
DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class LaneForm(forms.Form):
    """A way from a dock to a recipient."""

    dock = forms.ModelChoiceField(label=_("From the dock"), queryset=Place.objects.none())
    recipient = forms.ModelChoiceField(label=_("To"), queryset=Recipient.objects.none())
    lead_days = forms.IntegerField(
        label=_("Days on the way"),
        help_text=_("0 if it is there on the day it leaves."),
        min_value=0,
        max_value=LEAD_DAYS_AT_MOST,
    )
    units_a_day = forms.IntegerField(
        label=_("Units a day"),
        help_text=_("What it carries on one day, of all items together. Empty: no limit."),
        required=False,
        min_value=0,
        max_value=LANE_UNITS_AT_MOST,
    )
    cost = forms.DecimalField(
        label=_("Cost of a unit, yuan"),
        required=False,
        min_value=0,
        max_value=10**6,
        decimal_places=2,
    )
    from_date = forms.DateField(
        label=_("First day"),
        help_text=_("The first day on which goods leave. Empty: from the beginning."),
        required=False,
        widget=DAY,
    )
    until_date = forms.DateField(
        label=_("Last day"), help_text=_("Empty: to the end."), required=False, widget=DAY
    )

    def __init__(self, *args: Any, campaign: Campaign, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["dock"].queryset = docks_for(campaign)  # type: ignore[attr-defined]
        self.fields["dock"].label_from_instance = _named  # type: ignore[attr-defined]
        self.fields["recipient"].queryset = campaign.recipients.order_by("division__first")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("from_date"), data.get("until_date")
        if first and last and last < first:
            self.add_error("until_date", _("Choose a day after the first one."))
        return data

    def lane(self) -> NewLane:
        """The lane of a valid form."""
        data = dict(self.cleaned_data)
        cost = data.pop("cost")
        return NewLane(**data, cost_fen=int((cost or 0) * 100))


class InboundForm(forms.Form):
    """What one hub takes in on a day."""

    recipient = forms.ModelChoiceField(label=_("Recipient"), queryset=Recipient.objects.none())
    units_a_day = forms.IntegerField(
        label=_("Units a day"),
        help_text=_("From all docks together. Empty: no limit."),
        required=False,
        min_value=1,
        max_value=LANE_UNITS_AT_MOST,
    )

    def __init__(self, *args: Any, campaign: Campaign, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["recipient"].queryset = campaign.recipients.order_by("division__first")  # type: ignore[attr-defined]


def _named(place: Place) -> str:
    return f"{place.name} ({place.code})"
