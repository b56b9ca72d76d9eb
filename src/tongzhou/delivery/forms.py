"""What delivery takes in from plain forms."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .queries.answers import Content
from .rules import Refused
from .rules.reports import LONGEST_NAME, LONGEST_NOTE, MOST_OF_ONE_ITEM, Report, read_report

ARRIVED = (
    ("all", _("Everything arrived, in good order")),
    ("fewer", _("Fewer than on the list")),
    ("more", _("More than on the list")),
    ("damaged", _("Some are damaged")),
    ("wrong", _("Some are something else")),
)
# Where the sentence about a refused report stands.
FIELD_OF = {
    "arrived.missing": "arrived",
    "count.missing": "good_0",
    "count.range": "good_0",
    "count.unlike": "good_0",
    "signature.missing": "signed_by",
    "signature.form": "signed_by",
}


class ReceiveForm(forms.Form):
    """What arrived in a parcel, item by item, and who says so."""

    command = forms.RegexField(r"^[A-Za-z0-9_-]{8,60}$", widget=forms.HiddenInput)
    arrived = forms.ChoiceField(
        choices=ARRIVED,
        widget=forms.RadioSelect,
        label=_("What arrived?"),
        error_messages={"required": _("Choose what arrived.")},
    )
    signed_by = forms.CharField(
        max_length=LONGEST_NAME, required=False, label=_("Name of who received it")
    )
    photo = forms.FileField(required=False, label=_("Or a photograph of the parcel"))

    def __init__(self, contents: list[Content], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.contents = contents
        for n, _content in enumerate(contents):
            for name in ("good", "damaged", "wrong"):
                self.fields[f"{name}_{n}"] = forms.IntegerField(
                    min_value=0, max_value=MOST_OF_ONE_ITEM, required=False
                )
        self.report: Report | None = None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors:
            self._read(data)
        return data

    def body(self, data: dict[str, Any]) -> dict[str, Any]:
        """The same form of report that a device sends."""
        body = {name: data.get(name) or "" for name in ("arrived", "signed_by", "witness", "note")}
        counts = [
            {
                "item": content.item.code,
                "good": data[f"good_{n}"],
                "damaged": data[f"damaged_{n}"] or 0,
                "wrong": data[f"wrong_{n}"] or 0,
            }
            for n, content in enumerate(self.contents)
            if data.get(f"good_{n}") is not None
        ]
        return {**body, "counts": counts}

    def _read(self, data: dict[str, Any]) -> None:
        sent = {content.item.code: content.units for content in self.contents}
        try:
            self.report = read_report(self.body(data), sent, photo=bool(data.get("photo")))
        except Refused as refused:
            field = FIELD_OF.get(refused.code)
            self.add_error(field if field in self.fields else None, refused.text)


class WitnessForm(ReceiveForm):
    """A receipt entered by the office or a driver, with the person at the clinic as a witness."""

    witness = forms.CharField(
        max_length=LONGEST_NAME, label=_("Witness at the clinic, who saw it arrive")
    )
    note = forms.CharField(max_length=LONGEST_NOTE, required=False, label=_("Note"))

    def __init__(self, contents: list[Content], *args: Any, **kwargs: Any) -> None:
        super().__init__(contents, *args, **kwargs)
        del self.fields["photo"]


class ClaimForm(forms.Form):
    """Somebody with only the outer label says that the parcel arrived."""

    command = forms.RegexField(r"^[A-Za-z0-9_-]{8,60}$", widget=forms.HiddenInput)
    signed_by = forms.CharField(max_length=LONGEST_NAME, label=_("Your name"))
