"""What a coordinator types about a run: one to open, a line to override, two to compare."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tongzhou.campaigns.models import Campaign, Recipient

UNITS_AT_MOST = 1_000_000


class RunForm(forms.Form):
    """Open a run: where the goods on hand may go, and whether promises are planned with them."""

    directed = forms.ModelMultipleChoiceField(
        label=_("Send what is on hand only to"),
        help_text=_("Leave all unmarked to serve every recipient."),
        queryset=Recipient.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    with_promises = forms.BooleanField(
        label=_("Plan the promised batches too"),
        help_text=_("They show when those who wait will be served. Only goods on hand go out."),
        required=False,
        initial=True,
    )
    note = forms.CharField(
        label=_("Note"),
        help_text=_("Why this run: it stands in the list of runs."),
        required=False,
        max_length=300,
    )

    def __init__(self, *args: Any, campaign: Campaign, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["directed"].queryset = campaign.recipients.order_by("division__first")  # type: ignore[attr-defined]


class OverrideForm(forms.Form):
    """Change one line, with the reason."""

    units = forms.IntegerField(label=_("Units"), min_value=0, max_value=UNITS_AT_MOST)
    note = forms.CharField(
        label=_("Reason"),
        help_text=_("It is kept with your name and shown beside the line."),
        max_length=300,
    )


class TakeBackForm(forms.Form):
    """Ask to take back what is not posted."""

    note = forms.CharField(
        label=_("Reason"),
        help_text=_("The second person reads it, and it is kept with your name."),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class CompareForm(forms.Form):
    """Choose the run to compare with."""

    other = forms.IntegerField(min_value=1)
    within = forms.CharField(required=False, max_length=24)
