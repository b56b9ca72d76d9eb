"""What people type on the pages of the finder."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tongzhou.kit import clock
from tongzhou.places.models import Division
from tongzhou.places.queries import division_by_code

from . import queries
from .models import Call, Caller, Facility, Fact, Report
from .rules.fields import FieldRefused, checked

WAITS = (
    ("", _("I do not know")),
    ("15", _("Up to 25 minutes")),
    ("40", _("25 to 50 minutes")),
    ("75", _("More than 50 minutes")),
)
YES_NO = (("", _("Not said")), ("yes", _("Yes")), ("no", _("No")))
SERVICES = ("sees_fever", "sees_children", "has_oxygen", "has_emergency")


class PositionForm(forms.Form):
    """A place on the map, rounded on the telephone that sends it."""

    lat = forms.FloatField(min_value=-90, max_value=90)
    lon = forms.FloatField(min_value=-180, max_value=180)


class ReportForm(forms.Form):
    """What a visitor saw."""

    claim = forms.ChoiceField(
        label=_("Is it open?"),
        choices=[
            # Words of their own: an open door is not a campaign that is open.
            (Report.Claim.OPEN, _("It is open")),
            (Report.Claim.CLOSED, _("It is closed")),
            ("", _("I do not know")),
        ],
        widget=forms.RadioSelect,
        required=False,
    )
    wait_minutes = forms.TypedChoiceField(
        label=_("How long is the wait?"),
        choices=WAITS,
        coerce=int,
        empty_value=None,
        required=False,
    )


class DivisionField(forms.CharField):
    """The code of a division; its clean value is the Division."""

    def clean(self, value: Any) -> Any:
        code = super().clean(value)
        division = division_by_code(code)
        if division is None:
            raise forms.ValidationError(
                gettext("There is no division %(code)s. Look it up under Places.") % {"code": code}
            )
        return division


class FacilityField(forms.CharField):
    """The code of a facility; its clean value is the Facility."""

    def clean(self, value: Any) -> Any:
        found = queries.facility_by_code(super().clean(value))
        if found is None:
            raise forms.ValidationError(gettext("There is no facility with this code. Check it."))
        return found


class FactsForm(forms.Form):
    """Answers of one source; what is left empty is not said, and stays as it is."""

    source = forms.ChoiceField(
        label=_("Who says it"),
        choices=[(Fact.Source.AUTHORITY, _("Authority")), (Fact.Source.SITE, _("The site itself"))],
    )
    said_by = forms.CharField(
        label=_("Source"),
        max_length=120,
        required=False,
        help_text=_("The notice, list or office it comes from."),
    )
    as_of = forms.DateTimeField(
        label=_("As of"), required=False, help_text=_("Empty: now. As 2023-01-08 14:00.")
    )
    name = forms.CharField(label=_("Name"), max_length=160, required=False)
    phones = forms.CharField(
        label=_("Telephone"),
        max_length=120,
        required=False,
        help_text=_("At most three, with commas between them."),
    )
    address = forms.CharField(label=_("Address"), max_length=200, required=False)
    hours = forms.CharField(
        label=_("Opening hours"),
        max_length=300,
        required=False,
        help_text=_("As Mo-Fr 08:00-17:30; Sa,Su 09:00-12:00; PH off. 24/7: at any hour."),
    )
    sees_fever = forms.ChoiceField(label=_("Fever clinic"), choices=YES_NO, required=False)
    sees_children = forms.ChoiceField(label=_("Sees children"), choices=YES_NO, required=False)
    has_oxygen = forms.ChoiceField(label=_("Has oxygen"), choices=YES_NO, required=False)
    has_emergency = forms.ChoiceField(
        label=_("Emergency department"), choices=YES_NO, required=False
    )
    state = forms.ChoiceField(
        label=_("State"),
        choices=[
            ("", _("Not said")),
            *((s.value, s.label) for s in Facility.State if s is not Facility.State.MERGED),
        ],
        required=False,
    )
    wait_minutes = forms.IntegerField(label=_("Wait in minutes"), required=False, min_value=0)
    lat = forms.FloatField(label=_("Latitude"), required=False)
    lon = forms.FloatField(label=_("Longitude"), required=False)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for field, value in self.facts().items():
            try:
                checked(field, value)
            except FieldRefused as refused:
                self.add_error("lat" if field == "point" else field, str(refused))
        return values

    def facts(self) -> dict[str, object]:
        """What was said, by field; nothing of what was left empty."""
        given = self.cleaned_data
        plain = ("name", "phones", "address", "hours", "state", "wait_minutes")
        said = {name: given[name] for name in plain if given.get(name) not in (None, "")}
        said |= {name: given[name] == "yes" for name in SERVICES if given.get(name)}
        if given.get("lat") is not None or given.get("lon") is not None:
            said["point"] = [p for p in (given.get("lat"), given.get("lon")) if p is not None]
        return said

    @property
    def moment(self) -> datetime:
        return self.cleaned_data.get("as_of") or clock.now()


class NewFacilityForm(FactsForm):
    """A facility that is not there yet."""

    code = forms.CharField(label=_("Code"), max_length=40)
    kind = forms.ChoiceField(label=_("Kind"), choices=Facility.Kind.choices)
    division = DivisionField(label=_("Division code"), max_length=24)
    name = forms.CharField(label=_("Name"), max_length=160)
    state = None  # type: ignore[assignment]
    field_order = ("code", "kind", "division", "name")

    @property
    def area(self) -> Division:
        area: Division = self.cleaned_data["division"]
        return area


class CallForm(FactsForm):
    """What a call gave."""

    result = forms.ChoiceField(label=_("How the call ended"), choices=Call.Result.choices)
    note = forms.CharField(label=_("Note"), max_length=300, required=False)
    source = said_by = as_of = lat = lon = state = name = None  # type: ignore[assignment]
    field_order = ("result",)


class ExceptionForm(forms.Form):
    """Other hours for some days."""

    first = forms.DateField(label=_("First day"), help_text=_("As 2023-01-21."))
    last = forms.DateField(label=_("Last day"))
    hours = forms.CharField(
        label=_("Opening hours"),
        max_length=300,
        required=False,
        help_text=_("As 08:00-12:00. Empty: closed on these days."),
    )
    note = forms.CharField(label=_("Note"), max_length=200, required=False)


class MergeForm(forms.Form):
    """The facility that stays."""

    into = FacilityField(
        label=_("Code of the facility that stays"),
        max_length=80,
        help_text=_("This one leads to it from then on, with all its numbers."),
    )


class LevelForm(forms.Form):
    """How well a caller is known."""

    level = forms.ChoiceField(label=_("Level"), choices=Caller.Level.choices)
