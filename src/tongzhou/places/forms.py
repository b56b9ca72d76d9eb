"""What people type on the pages of places."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from . import queries
from .models import Division, Place


class DivisionCodeField(forms.CharField):
    """The code of a division; its clean value is the Division."""

    def __init__(self, **more: Any) -> None:
        more.setdefault("label", _("Division code"))
        super().__init__(max_length=24, **more)

    def clean(self, value: Any) -> Any:
        code = super().clean(value)
        division = queries.division_by_code(code) if code else None
        if code and division is None:
            raise forms.ValidationError(
                gettext("There is no division %(code)s. Look it up under Places.") % {"code": code}
            )
        return division


class PlaceCodeField(forms.CharField):
    """The code of a place; its clean value is the Place."""

    def clean(self, value: Any) -> Any:
        place = queries.place_by_code(super().clean(value))
        if place is None:
            raise forms.ValidationError(gettext("There is no place with this code. Check it."))
        return place


class UploadForm(forms.Form):
    """A table and the part of the tree it is for."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV, XLSX or Parquet, at most 256 MiB. Nothing is written before you agree."),
        error_messages={
            "required": _("Choose the file to import."),
            "empty": _("The file is empty. Choose it again."),
        },
    )
    division = DivisionCodeField(
        label=_("For which division"),
        help_text=_("Its code. Rows that lie outside it are refused."),
        error_messages={"required": _("Fill in the code of the division.")},
    )

    @property
    def upload(self) -> "UploadedFile[bytes]":
        upload: UploadedFile[bytes] = self.cleaned_data["file"]
        return upload

    @property
    def area(self) -> Division:
        area: Division = self.cleaned_data["division"]
        return area


class PlaceForm(forms.Form):
    """A new place in a division."""

    code = forms.CharField(label=_("Code"), max_length=40)
    name = forms.CharField(label=_("Name"), max_length=160)
    kind = forms.ChoiceField(label=_("Kind"), choices=Place.Kind.choices)


class CloseForm(forms.Form):
    """Why a place is closed."""

    reason = forms.CharField(label=_("Reason"), max_length=300)


class MergeForm(forms.Form):
    """The place that stays."""

    into = PlaceCodeField(
        label=_("Code of the place that stays"),
        max_length=40,
        help_text=_("Its records stay; this place points to it from then on."),
    )


class MoveForm(forms.Form):
    """Where the place stands now."""

    division = DivisionCodeField(label=_("Code of the new division"))
