"""What a coordinator types about a campaign."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tongzhou.people.models import Organisation
from tongzhou.places.models import Division, Place
from tongzhou.places.rules import Scope
from tongzhou.supplies.models import Fund, Item

from .models import Campaign, NeedStatement, Promise, WeightPolicy
from .queries import hubs_for

UNITS_AT_MOST = 10**9
AREAS_AT_MOST = 500


class DateInput(forms.DateInput):
    """The browser's own date field, filled in the one form it reads."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class CampaignForm(forms.Form):
    """The frame of a new campaign."""

    name = forms.CharField(label=_("Name"), max_length=160)
    name_en = forms.CharField(label=_("Name in English"), max_length=160, required=False)
    purpose = forms.CharField(
        label=_("Purpose"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2_000
    )
    division = forms.CharField(
        label=_("Code of the division it serves"), max_length=24, help_text=_("cn is the nation")
    )
    opened_on = forms.DateField(label=_("First day"), widget=DateInput())
    deadline = forms.DateField(
        label=_("Deadline"), widget=DateInput(), help_text=_("The day by which it is in place")
    )
    policy = forms.ModelChoiceField(
        label=_("Weight policy"),
        queryset=WeightPolicy.objects.order_by("name", "-version"),
        empty_label=None,
    )


class FrameForm(forms.Form):
    """What may change of an open campaign."""

    name = forms.CharField(label=_("Name"), max_length=160)
    name_en = forms.CharField(label=_("Name in English"), max_length=160, required=False)
    purpose = forms.CharField(
        label=_("Purpose"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2_000,
        required=False,
    )
    purpose_en = forms.CharField(
        label=_("Purpose in English"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2_000,
        required=False,
    )
    deadline = forms.DateField(
        label=_("Deadline"), widget=DateInput(), help_text=_("The day by which it is in place")
    )


class RecipientForm(forms.Form):
    """A hub and the divisions that are served through it."""

    name = forms.CharField(label=_("Name"), max_length=160)
    name_en = forms.CharField(label=_("Name in English"), max_length=160, required=False)
    areas = forms.CharField(
        label=_("Codes of the divisions it serves"),
        help_text=_("One or several, with spaces between. The smallest area around a place counts"),
        max_length=12_000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    hub = forms.ModelChoiceField(
        label=_("Hub"),
        help_text=_("Goods go there first; each hub serves one recipient"),
        queryset=Place.objects.none(),
    )

    def __init__(self, *args: Any, campaign: Campaign, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.campaign = campaign
        self.fields["hub"].queryset = hubs_for(campaign)  # type: ignore[attr-defined]

    def clean_areas(self) -> list[Division]:
        """The divisions that were named, each inside the campaign's own."""
        codes = self.cleaned_data["areas"].replace(",", " ").replace("，", " ").split()
        inside = Scope.of(self.campaign.division).q()
        known = {
            row.code: row for row in Division.objects.filter(inside, code__in=codes[:AREAS_AT_MOST])
        }
        missing = [code for code in codes if code not in known]
        if missing:
            raise forms.ValidationError(
                _("There is no division %(code)s inside the area of this campaign.")
                % {"code": missing[0]}
            )
        return sorted(known.values(), key=lambda row: row.first)


class AmountsForm(forms.Form):
    """Target, floor, drop and carton of a line."""

    target_units = forms.IntegerField(label=_("Units"), min_value=1, max_value=UNITS_AT_MOST)
    drop_units = forms.IntegerField(
        label=_("Units that are never split"), min_value=1, max_value=UNITS_AT_MOST, initial=1
    )
    floor_units = forms.IntegerField(
        label=_("Units that everybody gets before anybody gets more"),
        min_value=0,
        max_value=UNITS_AT_MOST,
        initial=0,
    )
    carton_units = forms.IntegerField(
        label=_("Units in a carton"), min_value=1, max_value=UNITS_AT_MOST, initial=1
    )


def _to_items() -> SafeString:
    """A hint that leads to the list of items, where a new one is recorded."""
    words = gettext("Not in the list? See the items and add one")
    return format_html('<a href="{}">{}</a>', reverse("items"), words)


to_items = lazy(_to_items, SafeString)


class ItemForm(AmountsForm):
    """What each place of a kind is to get."""

    item = forms.ModelChoiceField(
        label=_("Item"), queryset=Item.objects.order_by("code"), help_text=to_items()
    )
    place_kind = forms.ChoiceField(
        label=_("For each"),
        choices=[
            (Place.Kind.CLINIC, _("clinic")),
            (Place.Kind.HOSPITAL, _("hospital")),
            (Place.Kind.POINT, _("service point")),
        ],
    )
    field_order = ("item", "place_kind")


class FundForm(forms.Form):
    """A donation that pays for the campaign."""

    fund = forms.ModelChoiceField(label=_("Donation"), queryset=Fund.objects.none())

    def __init__(self, *args: Any, funds: QuerySet[Fund], **kwargs: Any) -> None:
        """`funds` are those whoever fills in the form may see."""
        super().__init__(*args, **kwargs)
        free = funds.filter(campaign_link__isnull=True).exclude(state=Fund.State.WITHDRAWN)
        self.fields["fund"].queryset = free.order_by("name")  # type: ignore[attr-defined]


class PromiseForm(forms.Form):
    """Units that a producer promises for a day."""

    producer = forms.ModelChoiceField(
        label=_("Producer"),
        queryset=Organisation.objects.filter(kind=Organisation.Kind.PRODUCER).order_by("name"),
    )
    item = forms.ModelChoiceField(label=_("Item"), queryset=Item.objects.order_by("code"))
    batch = forms.IntegerField(label=_("Batch"), min_value=1, max_value=999)
    day = forms.DateField(label=_("Day"), widget=DateInput())
    units = forms.IntegerField(label=_("Units"), min_value=0, max_value=UNITS_AT_MOST)
    status = forms.ChoiceField(
        label=_("How sure"),
        choices=[(Promise.Status.FIRM, _("firm")), (Promise.Status.EXPECTED, _("expected"))],
        widget=forms.RadioSelect,
        initial=Promise.Status.FIRM,
    )


class NeedForm(forms.Form):
    """What one place asks for, or what was counted there."""

    place = forms.CharField(label=_("Code of the place"), max_length=40)
    item = forms.ModelChoiceField(label=_("Item"), queryset=Item.objects.order_by("code"))
    source = forms.ChoiceField(
        label=_("What is it"),
        choices=[
            (NeedStatement.Source.REQUEST, _("a request")),
            (NeedStatement.Source.ESTIMATE, _("an estimate")),
            (NeedStatement.Source.COUNT, _("a count of what is there")),
        ],
        widget=forms.RadioSelect,
        initial=NeedStatement.Source.REQUEST,
    )
    units_asked = forms.IntegerField(
        label=_("Units asked for"), min_value=0, max_value=UNITS_AT_MOST, initial=0
    )
    stock_units = forms.IntegerField(
        label=_("Units that are there"), min_value=0, max_value=UNITS_AT_MOST, initial=0
    )
    evidence = forms.CharField(label=_("Evidence"), max_length=300, required=False)


class QueryForm(forms.Form):
    """A question about a statement."""

    question = forms.CharField(label=_("Question"), max_length=300)
