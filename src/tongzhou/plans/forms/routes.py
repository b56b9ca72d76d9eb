"""Vehicles, hours and terrain of the routes to be found."""

from datetime import date, time
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from tongzhou.planning.routing import Vehicle
from tongzhou.planning.routing.settings import HILLS, MOUNTAINS, PLAIN, RouteSettings

from .runs import UNITS_AT_MOST

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
