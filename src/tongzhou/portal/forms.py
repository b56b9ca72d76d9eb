"""What a division's staff type about their channel page: an order of cards, and whom to turn to."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms.utils import ErrorList
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tongzhou.portal.rules import (
    ASK_DOCTOR,
    CARDS,
    HOTLINES,
    LISTS,
    MEDICINE_AID,
    NAME_CHARACTERS,
    ORDER,
    PARTNERS,
    SAYS_CHARACTERS,
    SERVICES_AT_MOST,
    TITLES,
    URL_CHARACTERS,
    Content,
    Service,
)

ABOVE, HERE, NONE = "above", "here", "none"
FROM = {
    ABOVE: gettext_lazy("As the division above has it"),
    HERE: gettext_lazy("As entered here"),
    NONE: gettext_lazy("Left out here"),
}
BLANKS = 2
CHOICES_OF: Mapping[str, tuple[str, ...]] = {
    ORDER: (ABOVE, HERE),
    ASK_DOCTOR: (ABOVE, HERE, NONE),
    MEDICINE_AID: (ABOVE, HERE, NONE),
    HOTLINES: (ABOVE, HERE, NONE),
    PARTNERS: (ABOVE, HERE, NONE),
}


class ServiceForm(forms.Form):
    """One service. A row without any text is no service."""

    zh = forms.CharField(
        label=gettext_lazy("Name in Chinese"), max_length=NAME_CHARACTERS, required=False
    )
    en = forms.CharField(
        label=gettext_lazy("Name in English"), max_length=NAME_CHARACTERS, required=False
    )
    phone = forms.CharField(label=gettext_lazy("Telephone"), max_length=24, required=False)
    url = forms.CharField(
        label=gettext_lazy("Web address"), max_length=URL_CHARACTERS, required=False
    )
    says_zh = forms.CharField(
        label=gettext_lazy("In Chinese: for whom, and when they answer"),
        max_length=SAYS_CHARACTERS,
        required=False,
    )
    says_en = forms.CharField(
        label=gettext_lazy("The same in English"), max_length=SAYS_CHARACTERS, required=False
    )

    @property
    def row(self) -> dict[str, str]:
        return {name: text for name, text in self.cleaned_data.items() if text}


class OrderForm(forms.Form):
    """A place on the page for each card; a card without one is left out."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in CARDS:
            self.fields[name] = forms.IntegerField(
                label=str(TITLES[name]), min_value=1, max_value=len(CARDS), required=False
            )

    def clean(self) -> dict[str, Any]:
        places = [place for place in self.cleaned_data.values() if place]
        if len(set(places)) != len(places):
            raise forms.ValidationError(_("Two cards have the same place. Give each its own."))
        return self.cleaned_data

    @property
    def order(self) -> list[str]:
        placed = [(place, name) for name, place in self.cleaned_data.items() if place]
        return [name for _place, name in sorted(placed)]


class Part:
    """One part of the page as a form: where it comes from, and its rows where it is set here."""

    def __init__(
        self, name: str, content: Content, own: Mapping[str, Any], data: Mapping[str, Any] | None
    ) -> None:
        self.name = name
        self.title = _("Order of the cards") if name == ORDER else TITLES[name]
        self.choice = _choice(name, own, data)
        self.options = [(one, FROM[one]) for one in CHOICES_OF[name]]
        self.forms = _forms(name, content, data)

    @property
    def errors(self) -> list[str]:
        """What is wrong with the rows, each with the name of its field; none where the part comes
        from above or is left out."""
        if self.choice != HERE:
            return []
        return [self._said(form, *fault) for form in self.forms for fault in form.errors.items()]

    def _said(self, form: forms.Form, field: str, faults: ErrorList) -> str:
        label = form.fields[field].label if field in form.fields else ""
        return " · ".join(str(word) for word in (self.title, label, *faults) if word)

    def put_into(self, content: dict[str, Any]) -> None:
        """Add what was decided; a part that comes from above is not in it."""
        if self.choice == ABOVE:
            return
        if self.choice == NONE:
            content[self.name] = [] if self.name in LISTS else None
        elif self.name == ORDER:
            content[self.name] = self.forms[0].order  # type: ignore[attr-defined]
        else:
            rows = [form.row for form in self.forms if form.row]  # type: ignore[attr-defined]
            content[self.name] = rows if self.name in LISTS else (rows[0] if rows else None)


def parts(
    content: Content, own: Mapping[str, Any], data: Mapping[str, Any] | None = None
) -> list[Part]:
    """The page's parts, filled with what it shows now or with what was just typed."""
    return [Part(name, content, own, data) for name in CHOICES_OF]


def _choice(name: str, own: Mapping[str, Any], data: Mapping[str, Any] | None) -> str:
    if data is not None:
        asked = data.get(f"{name}-from", ABOVE)
        return asked if asked in CHOICES_OF[name] else ABOVE
    if name not in own:
        return ABOVE
    return HERE if own[name] else NONE


def _forms(name: str, content: Content, data: Mapping[str, Any] | None) -> list[forms.Form]:
    if name == ORDER:
        placed = {card: at for at, card in enumerate(content.order, 1)}
        return [OrderForm(data, prefix=name, initial=placed)]
    shown: list[Service | None] = (
        list(getattr(content, name)) if name in LISTS else [getattr(content, name)]
    )
    if name in LISTS:
        blanks = SERVICES_AT_MOST if data is not None else len(shown) + BLANKS
        shown += [None] * (min(blanks, SERVICES_AT_MOST) - len(shown))
    return [
        ServiceForm(data, prefix=f"{name}-{at}", initial=one.row if one else {})
        for at, one in enumerate(shown)
    ]
