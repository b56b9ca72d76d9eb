"""What somebody asks about a plan, one change at a time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tongzhou.campaigns.models import Recipient
from tongzhou.kit.rules import Json
from tongzhou.places.models import Division, Place
from tongzhou.places.queries import division_by_code, place_by_code, search, search_places
from tongzhou.places.rules import Scope
from tongzhou.plans.models import Run, RunWays
from tongzhou.plans.queries.goods import first_day
from tongzhou.plans.queries.lane_use import touches
from tongzhou.plans.queries.lanes import docks_for
from tongzhou.plans.queries.ways import given_in
from tongzhou.plans.rules import UNITS_AT_MOST, Goods, TooFewUnits, fewer_goods
from tongzhou.supplies.models import Item

from .written import CODE_AT_MOST, DAYS_AT_MOST, PERCENT_AT_MOST, SHARE_AT_MOST

DAYS_AHEAD = 365
NAMES_SHOWN = 4
DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


@dataclass(frozen=True, slots=True)
class Asker:
    """The run that is asked about, and what whoever asks may see; `goods`: after the changes that
    are chosen already."""

    run: Run
    ways: RunWays | None
    seen: Scope
    goods: Sequence[Goods]

    def docks(self, *, promised: bool = False) -> list[int]:
        """Docks with goods in the plan; with lanes those that one leads away from."""
        away = {lane.dock for lane in given_in(self.ways).lanes} if self.ways else None
        return [
            row.dock
            for row in self.goods
            if row.units and not (promised and row.on_hand) and (away is None or row.dock in away)
        ]

    def lanes(self) -> list[tuple[int, int]]:
        """Dock and recipient of each lane that goods of the plan may take."""
        if self.ways is None:
            return []
        docks = set(self.docks())
        lanes = [(lane.dock, lane.recipient) for lane in given_in(self.ways).lanes]
        return sorted({pair for pair in lanes if pair[0] in docks})

    def knows(self, change: Mapping[str, Any]) -> bool:
        """Whether a change of an address is about this run, and about what the asker may see."""
        campaign, kind = self.run.campaign, change["kind"]
        if change.get("item") and not campaign.items.filter(item__code=change["item"]).exists():
            return False
        if date.fromisoformat(change.get("day", "2000-01-01")) > self.last_day:
            return False
        within = self.seen.within(Scope.of(campaign.division))
        if kind == "need":
            return Division.objects.filter(within.q(), code=change["division"]).exists()
        if kind == "recount":
            places = Place.objects.filter(within.q("division"), code=change["place"])
            return places.filter(kind__in=campaign.items.values("place_kind")).exists()
        hubs = [row.pk for row in self.recipients()]
        if kind == "inbound":
            return self.ways is not None and change["recipient"] in hubs
        if kind == "lane" and self.ways is not None:
            lanes = {(lane.dock, lane.recipient) for lane in given_in(self.ways).lanes}
            pair = (change["dock"], change["recipient"])
            return pair in lanes and change["recipient"] in hubs
        return kind != "lane" and change["dock"] in self.known_docks()

    @property
    def last_day(self) -> date:
        return first_day(self.run, self.ways) + timedelta(days=DAYS_AHEAD)

    def known_docks(self) -> set[int]:
        """Docks from which the plan gives something, or could."""
        known = set(self.run.supply.values_list("dock", flat=True))
        if self.ways is not None:
            return known | {lane.dock for lane in given_in(self.ways).lanes}
        return known | set(docks_for(self.run.campaign).values_list("pk", flat=True))

    def recipients(self) -> list[Recipient]:
        rows = self.run.campaign.recipients.select_related("division").order_by("division__first")
        return [row for row in rows if touches(self.seen, row)]


class ChangeForm(forms.Form):
    """One change; `change` is what is written down of it."""

    kind: ClassVar[str]

    def __init__(self, *args: Any, asker: Asker, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asker = asker
        self.known: dict[str, Any] = {}
        items = Item.objects.filter(pk__in=asker.run.campaign.items.values("item")).order_by("pk")
        if "item" in self.fields:
            if len(items) == 1:
                # What has one answer is not asked.
                del self.fields["item"]
                self.known["item"] = items[0].code
            else:
                self.fields["item"].queryset = items  # type: ignore[attr-defined]
        if "dock" in self.fields:
            docks = Place.objects.filter(pk__in=self.docks()).order_by("division__first", "pk")
            self.fields["dock"].queryset = docks  # type: ignore[attr-defined]
        if "day" in self.fields:
            self._limit_day(first_day(asker.run, asker.ways), asker.last_day)

    def _limit_day(self, first: date, last: date) -> None:
        field = self.fields["day"]
        field.initial = first
        field.widget.attrs |= {"min": first.isoformat(), "max": last.isoformat()}
        field.validators += [MinValueValidator(first), MaxValueValidator(last)]

    def docks(self) -> Iterable[int]:
        return self.asker.docks()

    def change(self) -> Json:
        """The change of a valid form."""
        plain = {name: _plain(value) for name, value in self.cleaned_data.items()}
        return {"kind": self.kind, **self.known, **plain}


def _plain(value: Any) -> Any:
    if isinstance(value, Item | Division | Place) and not _is_dock(value):
        return value.code
    if isinstance(value, Place | Recipient):
        return value.pk
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else value


def _is_dock(value: Any) -> bool:
    return isinstance(value, Place) and value.kind == Place.Kind.PRODUCER


if TYPE_CHECKING:
    ChoiceOfRows = forms.ModelChoiceField[Any]
else:
    ChoiceOfRows = forms.ModelChoiceField


class _Named(ChoiceOfRows):
    """Rows by their name."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


def dock_field() -> _Named:
    return _Named(label=_("Dock"), queryset=Place.objects.none())


def item_field(*, empty: Any = None) -> _Named:
    return _Named(
        label=_("Item"), queryset=Item.objects.none(), required=empty is None, empty_label=empty
    )


def units_field(label: Any, *, least: int = 1, **more: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=least, max_value=UNITS_AT_MOST, **more)


class MoreForm(ChangeForm):
    """Units that the plan does not know yet."""

    kind = "more"
    dock = dock_field()
    item = item_field()
    units = units_field(_("Units more"))
    day = forms.DateField(
        label=_("Day"), help_text=_("The day on which they can leave the dock."), widget=DAY
    )

    def docks(self) -> Iterable[int]:
        if self.asker.ways:
            return self.asker.docks()
        return docks_for(self.asker.run.campaign).values_list("pk", flat=True)


class FewerForm(ChangeForm):
    """Units that do not come."""

    kind = "fewer"
    dock = dock_field()
    item = item_field()
    units = units_field(_("Units fewer"))
    day = forms.DateField(
        label=_("From day"),
        help_text=_("Of what the dock has from this day on, the last to come is missing first."),
        widget=DAY,
    )

    def clean(self) -> Json:
        data = super().clean() or {}
        if {"dock", "units", "day"} <= data.keys():
            item = str(self.known.get("item") or getattr(data.get("item"), "code", ""))
            row = Goods(data["dock"].pk, item, data["day"], data["units"], on_hand=False)
            try:
                fewer_goods(self.asker.goods, row)
            except TooFewUnits as few:
                text = _("The dock has only %(units)s units from that day on. Take away fewer.")
                there = {"units": number_format(few.units, force_grouping=True)}
                self.add_error("units", forms.ValidationError(text, params=there))
        return data


class ShareForm(ChangeForm):
    """A producer gives a part of what it was to give."""

    kind = "share"
    dock = dock_field()
    item = item_field(empty=_("all items"))
    percent = forms.IntegerField(
        label=_("What is left of it, in percent"),
        help_text=_("50: half of each batch comes. 0: nothing does."),
        min_value=0,
        max_value=SHARE_AT_MOST,
        initial=50,
    )
    day = forms.DateField(label=_("From day"), widget=DAY)


class LaterForm(ChangeForm):
    """What a producer still promises comes later."""

    kind = "later"
    dock = dock_field()
    item = item_field(empty=_("all items"))
    days = forms.IntegerField(
        label=_("Days later"),
        help_text=_("Counts for what is promised; what is on hand is there."),
        min_value=1,
        max_value=DAYS_AT_MOST,
    )

    def docks(self) -> Iterable[int]:
        return self.asker.docks(promised=True)


class OnLaneForm(ChangeForm):
    """A lane closes, or carries another number of units."""

    kind = "lane"
    lane = forms.ChoiceField(label=_("Lane"))
    units = units_field(
        _("Units a day"), least=0, help_text=_("What it carries from then on. 0: it closes.")
    )
    day = forms.DateField(label=_("From day"), widget=DAY)

    def __init__(self, *args: Any, asker: Asker, **kwargs: Any) -> None:
        super().__init__(*args, asker=asker, **kwargs)
        names = {row.pk: row.name for row in asker.recipients()}
        pairs = [pair for pair in asker.lanes() if pair[1] in names]
        docks = Place.objects.in_bulk([dock for dock, _hub in pairs])
        self.fields["lane"].choices = [  # type: ignore[attr-defined]
            (f"{dock}-{hub}", f"{docks[dock].name} → {names[hub]}") for dock, hub in pairs
        ]

    def change(self) -> Json:
        plain = super().change()
        dock, hub = plain.pop("lane").split("-")
        return {**plain, "dock": int(dock), "recipient": int(hub)}


class TakesInForm(ChangeForm):
    """What a hub takes in on a day."""

    kind = "inbound"
    recipient = forms.ModelChoiceField(label=_("Recipient"), queryset=Recipient.objects.none())
    units = units_field(
        _("Units a day"), least=0, help_text=_("From all docks together. 0: it takes in nothing.")
    )

    def __init__(self, *args: Any, asker: Asker, **kwargs: Any) -> None:
        super().__init__(*args, asker=asker, **kwargs)
        field = self.fields["recipient"]
        rows = asker.run.campaign.recipients.filter(pk__in=[r.pk for r in asker.recipients()])
        field.queryset = rows.order_by("division__first")  # type: ignore[attr-defined]
        field.label_from_instance = lambda row: row.name  # type: ignore[attr-defined]


class NeedForm(ChangeForm):
    """What a division needs becomes a share of what it was."""

    kind = "need"
    division = forms.CharField(
        label=_("County or province"), help_text=_("Its name or its code."), max_length=CODE_AT_MOST
    )
    item = item_field(empty=_("all items"))
    percent = forms.IntegerField(
        label=_("Its need, in percent of what it was"),
        help_text=_("150: half as much again. 50: half."),
        min_value=0,
        max_value=PERCENT_AT_MOST,
    )

    def clean_division(self) -> Division:
        text, seen = self.cleaned_data["division"], self.asker.seen
        whole = self.asker.run.campaign.division
        within = seen.within(Scope.of(whole))
        exact = division_by_code(text)
        found = (
            [exact]
            if exact and within.contains(exact)
            else search(text, levels=range(1, 5), within=within, limit=NAMES_SHOWN + 1)
        )
        named = [f"{division.name} ({division.code})" for division in found]
        same = [division for division in found if division.name == text]
        division: Division = _one(same or found, named)
        return division


class RecountForm(ChangeForm):
    """A verified count of what a place holds."""

    kind = "recount"
    place = forms.CharField(
        label=_("Place"), help_text=_("Its name or its code."), max_length=CODE_AT_MOST
    )
    item = item_field()
    units = units_field(
        _("Units counted"), least=0, help_text=_("Without what plans of this campaign gave it.")
    )

    def clean_place(self) -> Place:
        text, seen = self.cleaned_data["place"], self.asker.seen
        whole = self.asker.run.campaign.division
        kinds = set(self.asker.run.campaign.items.values_list("place_kind", flat=True))
        within = seen.within(Scope.of(whole))
        exact = place_by_code(text)
        candidates = [exact] if exact else search_places(text, within=within, limit=50)
        found = [p for p in candidates if p.kind in kinds and within.contains(p.division)]
        named = [f"{place.name} ({place.code})" for place in found]
        same = [place for place in found if place.name == text]
        place: Place = _one(same or found, named)
        return place


def _one(found: Sequence[Any], named: Sequence[str]) -> Any:
    if len(found) == 1:
        return found[0]
    if not found:
        raise forms.ValidationError(
            _("Nothing in your area has this name or code. Look it up, then write its code.")
        )
    names = "; ".join(named[:NAMES_SHOWN]) + ("…" if len(named) > NAMES_SHOWN else "")
    raise forms.ValidationError(
        _("Several have this name. Write the code of one: %(names)s"), params={"names": names}
    )


# By kind: its form, and how it is called where it is chosen.
KINDS: dict[str, tuple[type[ChangeForm], Promise]] = {
    "more": (MoreForm, _("More goods come")),
    "fewer": (FewerForm, _("Fewer goods come")),
    "share": (ShareForm, _("A producer gives only a part")),
    "later": (LaterForm, _("Goods come later")),
    "lane": (OnLaneForm, _("A lane closes or carries less")),
    "inbound": (TakesInForm, _("A hub takes in less or more")),
    "need": (NeedForm, _("A need rises or falls")),
    "recount": (RecountForm, _("A place counts its stock")),
}


def offered(asker: Asker) -> dict[str, Promise]:
    """The kinds of change that make sense for a run, with their names."""
    there = {
        "fewer": bool(asker.docks()),
        "share": bool(asker.docks()),
        "later": bool(asker.docks(promised=True)),
        "lane": bool(asker.lanes()),
        "inbound": asker.ways is not None,
    }
    return {kind: name for kind, (_form, name) in KINDS.items() if there.get(kind, True)}
