"""What the pages of funds, orders and stock take in."""

import re
import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tongzhou.people.models import Account, Organisation
from tongzhou.people.queries import scope
from tongzhou.places.models import Division, Place
from tongzhou.places.queries import division_by_code, place_by_code, search
from tongzhou.places.rules import Scope

from . import queries
from .models import Fund, Item, OrderLine, ProcurementOrder

MOST_RESTRICTIONS = 100
MOST_ORDER_LINES = 200
LARGEST_COUNT = 10**9
_BETWEEN = re.compile(r"[,，;；、\n]+")


# What a Chinese keyboard types for ! to ~. Wider folding would read 10² as 102.
_WIDE = {0xFF01 + number: 0x21 + number for number in range(94)}


def _plain(value: Any) -> Any:
    """Digits as people type them: full-width ones narrowed, thousands separators gone."""
    if not isinstance(value, str):
        return value
    return re.sub(r"[,\s¥￥]", "", value.translate(_WIDE))


class DayField(forms.DateField):
    """A day, by the browser's own picker or typed as 2023-01-08."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("input_formats", ["%Y-%m-%d", "%Y/%m/%d"])
        super().__init__(**kwargs)


class UnitsField(forms.IntegerField):
    """A whole number of units, at least 1."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("min_value", 1)
        kwargs.setdefault("max_value", LARGEST_COUNT)
        text = forms.TextInput(attrs={"inputmode": "numeric", "class": "count"})
        super().__init__(widget=text, **kwargs)

    def to_python(self, value: Any) -> int | None:
        return super().to_python(_plain(value))


class YuanField(forms.DecimalField):
    """An amount in yuan with at most two decimals; its value is in fen."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("min_value", Decimal("0.01"))
        text = forms.TextInput(attrs={"inputmode": "decimal", "class": "count"})
        super().__init__(max_digits=15, decimal_places=2, widget=text, **kwargs)

    def to_python(self, value: Any) -> Any:
        return super().to_python(_plain(value))

    def clean(self, value: Any) -> Any:
        yuan = super().clean(value)
        return None if yuan is None else int(yuan * 100)


class DivisionsField(forms.CharField):
    """Divisions by code or name, one a line or between commas; all must be known."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": 3}), max_length=4000, **kwargs)

    def clean(self, value: Any) -> list[Division]:
        typed = [part.strip() for part in _BETWEEN.split(super().clean(value)) if part.strip()]
        if len(typed) > MOST_RESTRICTIONS:
            raise ValidationError(
                _("Name at most %(most)d divisions."), params={"most": MOST_RESTRICTIONS}
            )
        return [self._found(text) for text in typed]

    def _found(self, typed: str) -> Division:
        if by_code := division_by_code(typed):
            return by_code
        fitting = [row for row in search(typed, limit=20) if row.name == typed]
        if len(fitting) != 1:
            raise ValidationError(
                _("No single division is called “%(typed)s”. Type its code."),
                params={"typed": typed},
            )
        return fitting[0]


class PlaceField(forms.CharField):
    """A place by its code, within a scope; outside of it the words are those of "not there"."""

    def __init__(self, **kwargs: Any) -> None:
        self.within = Scope(())
        super().__init__(max_length=40, **kwargs)

    def clean(self, value: Any) -> Place | None:
        typed = super().clean(value)
        if not typed:
            return None
        place = place_by_code(typed)
        if place is None or not self.within.contains(place.division):
            raise ValidationError(
                _("There is no place with the code %(typed)s in your area."),
                params={"typed": typed},
            )
        return place


if TYPE_CHECKING:  # generic for the type checker alone
    ChoiceOfRows = forms.ModelChoiceField[Any]
else:
    ChoiceOfRows = forms.ModelChoiceField


class RowField(ChoiceOfRows):
    """A choice among rows that the form is given, each told apart by what people know of it."""

    def label_from_instance(self, obj: Any) -> str:
        if isinstance(obj, OrderLine):
            return _("%(item)s, %(fund)s: %(left)d to come") % {
                "item": obj.item.name,
                "fund": obj.fund.public_id,
                "left": obj.units - obj.delivered_units,
            }
        if isinstance(obj, Fund):
            return f"{obj.public_id} {obj.name}"
        return str(obj.name)


class Once(forms.Form):
    """A form that has one effect however often it is sent: it carries a command id of its own."""

    command_id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # A new id each time the page is opened; a form sent again brings its old one.
        kwargs["initial"] = {"command_id": uuid.uuid4(), **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)

    def clean_command_id(self) -> str:
        return str(self.cleaned_data["command_id"])


class ReasonForm(forms.Form):
    """Why something is closed or taken back; it stays in the log."""

    note = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=300,
        help_text=gettext_lazy("Kept in the log for ever: give the reason, no private matters"),
    )


def _to_items() -> SafeString:
    """A hint that leads to the list of items."""
    words = _("For a donation in goods"), _("Not in the list? See the items")
    return format_html('{}. <a href="{}">{}</a>', words[0], reverse("items"), words[1])


to_items = lazy(_to_items, SafeString)


class FundForm(forms.Form):
    """A donation as it is pledged."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=160)
    donor = RowField(
        Organisation.objects.none(),
        required=False,
        label=gettext_lazy("Donor"),
        help_text=gettext_lazy("An organisation; leave empty for a donor who is not named"),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("What is given"),
        choices=(
            (Fund.Kind.CASH, gettext_lazy("Money")),
            (Fund.Kind.IN_KIND, gettext_lazy("Goods")),
        ),
        widget=forms.RadioSelect,
        initial=Fund.Kind.CASH,
    )
    pledged_fen = YuanField(
        label=gettext_lazy("Money pledged, in yuan"),
        required=False,
        help_text=gettext_lazy("For a donation in money"),
    )
    item = RowField(
        Item.objects.none(),
        required=False,
        label=gettext_lazy("Item"),
        help_text=to_items(),
    )
    pledged_units = UnitsField(label=gettext_lazy("Units pledged"), required=False)
    given_on = DayField(label=gettext_lazy("Pledged on"))
    restrictions = DivisionsField(
        label=gettext_lazy("Only for these divisions"),
        required=False,
        help_text=gettext_lazy("Codes or names, one a line; leave empty when the donor names none"),
    )
    public = forms.BooleanField(
        label=gettext_lazy("Show the donation on public pages"), required=False, initial=True
    )
    contact = forms.CharField(
        label=gettext_lazy("Contact"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Seen by staff only, never on a public page"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, donor=queries.donors(), item=queries.items())

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        cash = given.get("kind") == Fund.Kind.CASH
        needed = ("pledged_fen",) if cash else ("item", "pledged_units")
        for name in needed:
            if not given.get(name) and name not in self.errors:
                self.add_error(name, _("Fill this in for what is given."))
        given["pledged_fen"] = (given.get("pledged_fen") or 0) if cash else 0
        given["pledged_units"] = 0 if cash else given.get("pledged_units") or 0
        given["item"] = None if cash else given.get("item")
        return given


class ItemForm(forms.Form):
    """A kind of good, as everybody will choose it from now on."""

    name = forms.CharField(label=gettext_lazy("Name in Chinese"), max_length=120)
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=120, required=False)
    code = forms.RegexField(
        r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
        label=gettext_lazy("Code"),
        max_length=40,
        help_text=gettext_lazy("Tables name the item by it, such as oximeter; it never changes"),
        error_messages={"invalid": gettext_lazy("Use letters, digits, dots and hyphens only.")},
    )
    base_unit = forms.CharField(
        label=gettext_lazy("Unit it is counted in"),
        max_length=20,
        help_text=gettext_lazy("The smallest one that is handed out, such as 台 or 盒"),
    )
    carton_units = UnitsField(label=gettext_lazy("Units in a carton"), required=False)
    volume_l = forms.FloatField(
        label=gettext_lazy("Volume of a unit, in litres"),
        min_value=0.001,
        max_value=10_000,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "count"}),
    )
    shelf_life_days = UnitsField(
        label=gettext_lazy("Days it keeps"),
        max_value=36_500,
        required=False,
        help_text=gettext_lazy("Leave empty where it does not expire"),
    )
    gtin = forms.RegexField(
        r"^(\d{8}|\d{12,14})$",
        label=gettext_lazy("Number of its barcode (GTIN)"),
        required=False,
        error_messages={"invalid": gettext_lazy("Type its 8, 12, 13 or 14 digits.")},
    )
    serialised = forms.BooleanField(
        label=gettext_lazy("Each unit has a serial number of its own"), required=False
    )

    def clean_carton_units(self) -> int:
        return self.cleaned_data["carton_units"] or 0


class MoneyForm(Once):
    """Money of a fund that has arrived."""

    fen = YuanField(label=gettext_lazy("Amount received, in yuan"))
    received_on = DayField(label=gettext_lazy("Received on"))
    reference = forms.CharField(
        label=gettext_lazy("Reference of the bank"), max_length=80, required=False
    )


class GoodsForm(Once):
    """Goods of a fund in kind that stand at a place."""

    place = PlaceField(
        label=gettext_lazy("Place"), help_text=gettext_lazy("Its code, such as hub-62")
    )
    units = UnitsField(label=gettext_lazy("Units received"))
    number = forms.CharField(label=gettext_lazy("Lot number"), max_length=40, required=False)
    expires_on = DayField(label=gettext_lazy("Expires on"), required=False)
    received_on = DayField(label=gettext_lazy("Received on"))

    def __init__(self, account: Account, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place = self.fields["place"]
        assert isinstance(place, PlaceField)
        place.within = scope(account, "funds.edit")


class PaymentForm(Once):
    """Money paid to a producer."""

    fen = YuanField(label=gettext_lazy("Amount paid, in yuan"))
    paid_on = DayField(label=gettext_lazy("Paid on"))
    reference = forms.CharField(
        label=gettext_lazy("Reference of the bank"), max_length=80, required=False
    )


class OrderForm(forms.Form):
    """Whom the order goes to."""

    producer = RowField(Organisation.objects.none(), label=gettext_lazy("Producer"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, producer=queries.producers())


class LineForm(forms.Form):
    """One line of an order; a row left empty is no line."""

    fund = RowField(Fund.objects.none(), label=gettext_lazy("Donation"))
    item = RowField(Item.objects.none(), label=gettext_lazy("Item"))
    units = UnitsField(label=gettext_lazy("Units"))
    unit_price_fen = YuanField(
        label=gettext_lazy("Price of a unit, in yuan"), min_value=Decimal("0")
    )
    promised_on = DayField(label=gettext_lazy("Promised for"))

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, fund=queries.cash_funds(account), item=queries.items())


class ReadyForm(forms.Form):
    """Units of one lot that are ready for one line; a row without units is left out."""

    line = RowField(OrderLine.objects.none(), label=gettext_lazy("Order line"))
    units = UnitsField(label=gettext_lazy("Units ready"), required=False)
    lot_number = forms.CharField(label=gettext_lazy("Lot number"), max_length=40, required=False)
    expires_on = DayField(label=gettext_lazy("Expires on"), required=False)

    def __init__(self, *args: Any, order: ProcurementOrder, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, line=order.lines.select_related("item", "fund").order_by("pk"))


class BatchForm(Once):
    """A batch that stands ready at the producer's dock."""

    ready_on = DayField(label=gettext_lazy("Ready on"))


Lines = forms.formset_factory(
    LineForm, extra=5, min_num=1, validate_min=True, max_num=MOST_ORDER_LINES, validate_max=True
)
ReadyLines = forms.formset_factory(
    ReadyForm, extra=3, max_num=2 * MOST_ORDER_LINES, validate_max=True
)


def _offer(form: forms.Form, **choices: Any) -> None:
    """Give choice fields their rows, which differ by who asks."""
    for name, rows in choices.items():
        field = form.fields[name]
        assert isinstance(field, RowField)
        field.queryset = rows
