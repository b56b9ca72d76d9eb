"""What a coordinator types: a run to open, a line to override, routes to find."""

from datetime import date, time
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from tongzhou.campaigns.models import Campaign, Recipient
from tongzhou.places.models import Place
from tongzhou.planning.routing import Vehicle
from tongzhou.planning.routing.settings import HILLS, MOUNTAINS, PLAIN, RouteSettings
from tongzhou.plans.actions import NewLane
from tongzhou.plans.queries.lanes import docks_for
from tongzhou.plans.rules import LEAD_DAYS_AT_MOST

LANE_UNITS_AT_MOST = 10**9
DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
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


TERRAINS = (
    (str(PLAIN), _("Plain: the road is about 1.35 times the straight line")),
    (str(HILLS), _("Hills: 1.5 times")),
    (str(MOUNTAINS), _("Mountains: 1.8 times")),
)
EFFORTS = (
    ("20000", _("Quick: about a tenth of a second a county")),
    ("100000", _("Normal: about half a second a county")),
    ("1000000", _("Thorough: about five seconds a county")),
)
TERRAIN_LINES_AT_MOST = 3_000
CLOCK = forms.TimeInput(format="%H:%M", attrs={"type": "time"})


class FirstDayForm(forms.Form):
    """On which date a county's routes begin to be driven."""

    first = forms.DateField(
        required=False,
        validators=[MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2100, 1, 1))],
    )


class TerrainForm(forms.Form):
    """How much longer the road is than the straight line."""

    circuity = forms.ChoiceField(label=_("Terrain"), choices=TERRAINS)

    def __init__(self, *args: Any, now: float | None = None, **kwargs: Any) -> None:
        """`now`: a circuity that can be kept, though it is none of the three."""
        super().__init__(*args, **kwargs)
        word = str(now)
        if now is not None and word not in dict(TERRAINS):
            own = (word, _("As now: %(circuity)s times") % {"circuity": word})
            self.fields["circuity"].choices = [own, *TERRAINS]  # type: ignore[attr-defined]


class RouteForm(TerrainForm):
    """Vehicles, working day and search of all counties of a plan."""

    count = forms.IntegerField(
        label=_("Vehicles of each county"),
        help_text=_("Leave empty for as many as the routes need."),
        required=False,
        min_value=1,
        max_value=500,
    )
    capacity = forms.IntegerField(
        label=_("Units that a vehicle holds"), min_value=1, max_value=UNITS_AT_MOST, initial=2_000
    )
    days = forms.IntegerField(label=_("Days"), min_value=1, max_value=60, initial=1)
    starts = forms.TimeField(label=_("The working day begins at"), initial="08:00", widget=CLOCK)
    ends = forms.TimeField(label=_("It ends at"), initial="18:00", widget=CLOCK)
    service = forms.IntegerField(
        label=_("Minutes at each stop"), min_value=0, max_value=240, initial=10
    )
    speed = forms.IntegerField(
        label=_("Speed on the road, km an hour"), min_value=5, max_value=120, initial=40
    )
    terrains = forms.CharField(
        label=_("Terrain of single provinces or counties"),
        help_text=_("One a line: its code and plain, hills, mountains or a number, as 54 1.8."),
        required=False,
        max_length=60_000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    effort = forms.ChoiceField(label=_("How long to search"), choices=EFFORTS, initial="20000")

    field_order = (
        *("capacity", "count", "days", "starts", "ends", "service", "speed"),
        *("circuity", "terrains", "effort"),
    )

    def clean_terrains(self) -> dict[str, float]:
        """Circuity by code."""
        lines = [
            line.split() for line in self.cleaned_data["terrains"].splitlines() if line.strip()
        ]
        if len(lines) > TERRAIN_LINES_AT_MOST:
            raise forms.ValidationError(
                _("These are %(count)d lines; at most %(most)d are read."),
                params={"count": len(lines), "most": TERRAIN_LINES_AT_MOST},
            )
        return dict(self._terrain(line) for line in lines)

    def _terrain(self, words: list[str]) -> tuple[str, float]:
        known = {"plain": PLAIN, "hills": HILLS, "mountains": MOUNTAINS}
        known |= {"平原": PLAIN, "丘陵": HILLS, "山区": MOUNTAINS}
        try:
            code, word = words
            circuity = known.get(word) or float(word)
        except ValueError:
            circuity = 0.0
        if not 1 <= circuity <= 5:
            raise forms.ValidationError(
                _("Write a code and plain, hills, mountains or 1 to 5: %(line)s"),
                params={"line": " ".join(words)[:60]},
            )
        return code, circuity

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("starts") and data.get("ends") and data["starts"] >= data["ends"]:
            self.add_error("ends", _("Choose an hour after the day begins."))
        return data

    def settings(self) -> RouteSettings:
        """The settings of a valid form."""
        data = self.cleaned_data
        return RouteSettings(
            vehicles=(Vehicle("van", data["capacity"], data["count"]),),
            days=data["days"],
            start_s=_seconds(data["starts"]),
            end_s=_seconds(data["ends"]),
            service_s=60 * data["service"],
            speed_kmh=float(data["speed"]),
            circuity=float(data["circuity"]),
            iterations=int(data["effort"]),
        )


def _seconds(at: time) -> int:
    return at.hour * 3_600 + at.minute * 60 + at.second


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
