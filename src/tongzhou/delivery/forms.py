"""What delivery takes in from plain forms."""

from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from tongzhou.people.models import Organisation

from .actions.discrepancies import OUTCOMES
from .actions.hops import Dispatch
from .models import Discrepancy
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
# What a carrier reports, by its name in the Core Business Vocabulary of GS1.
EVENT_WORDS = {
    "loading": _("Being loaded"),
    "departing": _("Left"),
    "shipping": _("Handed to the carrier"),
    "transporting": _("On the road"),
    "arriving": _("Arrived"),
    "unloading": _("Being unloaded"),
    "receiving": _("Handed over"),
    "holding": _("Held up"),
    "inspecting": _("Being inspected"),
    "returning": _("On its way back"),
}
# Ids of plain forms live in a namespace of their own, apart from those that devices make.
FORM_ID = "f:"
# Where the sentence about a refused report stands.
FIELD_OF = {
    "arrived.missing": "arrived",
    "count.missing": "good_0",
    "count.range": "good_0",
    "count.unlike": "good_0",
    "signature.missing": "signed_by",
    "signature.form": "signed_by",
}


class PostponeForm(forms.Form):
    """On which other day a shipment leaves, and why."""

    leaves_on = forms.DateField(
        label=_("Day on which it can leave"),
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": _("Choose a day."), "invalid": _("Write a day as 2023-01-08.")},
    )
    note = forms.CharField(
        label=_("Reason"),
        max_length=LONGEST_NOTE,
        error_messages={"required": _("Say why it leaves on that day.")},
    )


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

    def row(self, n: int) -> tuple[forms.BoundField, forms.BoundField, forms.BoundField]:
        """The fields of the n-th item: in good order, damaged, something else."""
        return self[f"good_{n}"], self[f"damaged_{n}"], self[f"wrong_{n}"]

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


class HopForm(ReceiveForm):
    """A count at a hub or depot."""

    note = forms.CharField(max_length=LONGEST_NOTE, required=False, label=_("Note"))

    def __init__(self, contents: list[Content], *args: Any, **kwargs: Any) -> None:
        super().__init__(contents, *args, **kwargs)
        del self.fields["photo"]
        self.fields["signed_by"].required = True


class DispatchForm(forms.Form):
    """Who carries a shipment, and under which number."""

    command = forms.RegexField(r"^[A-Za-z0-9_-]{8,60}$", widget=forms.HiddenInput)
    carrier = forms.ModelChoiceField(
        Organisation.objects.none(),
        required=False,
        label=_("Carrier"),
        empty_label=_("Own vehicle"),
    )
    tracking_number = forms.CharField(max_length=60, required=False, label=_("Tracking number"))
    driver = forms.CharField(max_length=60, required=False, label=_("Driver"))
    driver_phone = forms.CharField(
        max_length=30, required=False, label=_("Telephone of the driver")
    )

    def __init__(self, carriers: QuerySet[Organisation], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[Organisation]", self.fields["carrier"]).queryset = carriers

    def order(self, shipment_id: int) -> Dispatch:
        data = self.cleaned_data
        return Dispatch(
            shipment_id=shipment_id,
            command_id=FORM_ID + data["command"],
            carrier=data["carrier"],
            tracking_number=data["tracking_number"],
            driver=data["driver"],
            driver_phone=data["driver_phone"],
        )


class ReasonForm(forms.Form):
    """Why something is changed that cannot be taken back."""

    command = forms.RegexField(r"^[A-Za-z0-9_-]{8,60}$", widget=forms.HiddenInput)
    note = forms.CharField(
        max_length=LONGEST_NOTE, label=_("What is known"), widget=forms.Textarea({"rows": 3})
    )


class ResolveForm(ReasonForm):
    """What came of a difference, in one word of the list and one sentence."""

    outcome = forms.ChoiceField(widget=forms.RadioSelect, label=_("What turned out?"))
    other = forms.ModelChoiceField(
        Discrepancy.objects.none(), required=False, label=_("The shortage that this explains")
    )

    field_order = ("command", "outcome", "other", "note")

    def __init__(
        self, kind: str, shortages: QuerySet[Discrepancy], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        outcomes = [*OUTCOMES[kind], "explained", "written_off"]
        words = [(name, OUTCOME_WORDS[name]) for name in outcomes]
        cast("forms.ChoiceField", self.fields["outcome"]).choices = words
        if "from_other" in OUTCOMES[kind]:
            cast("forms.ModelChoiceField[Discrepancy]", self.fields["other"]).queryset = shortages
        else:
            del self.fields["other"]


class ReportForm(forms.Form):
    """A carrier's word on where a shipment is."""

    event = forms.ChoiceField(choices=list(EVENT_WORDS.items()), label=_("Event"))
    at = forms.DateTimeField(
        label=_("Time"), widget=forms.DateTimeInput({"type": "datetime-local"})
    )
    where = forms.CharField(max_length=120, required=False, label=_("Where"))


class TrackingFileForm(forms.Form):
    """A carrier's table of words on its shipments."""

    file = forms.FileField(
        label=_("CSV or XLSX file"),
        help_text=_("Columns: shipment, event, at, where. Any fault, and nothing is taken in."),
    )


OUTCOME_WORDS = {
    "arrived": _("The units came after all"),
    "with_sender": _("They never left and are still with the sender"),
    "usable": _("They are in good order after all"),
    "returned": _("They were sent back"),
    "from_other": _("They are the units that are short elsewhere"),
    "explained": _("It is explained, but not settled yet"),
    "written_off": _("Write the units off"),
}
