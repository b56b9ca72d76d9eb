"""What the people pages take in: a division by name or code, a role, an account, a reason."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tongzhou.places.models import Division
from tongzhou.places.queries import division_by_code, search
from tongzhou.places.rules import Scope

from . import queries
from .models import Account, Organisation
from .rules import ROLES, permissions_of

CANDIDATES_SHOWN = 6
LANGUAGES = (("zh-hans", "中文"), ("en", "English"))


class DivisionField(forms.CharField):
    """A division typed as a code or a name, found in a scope only: what lies outside of it is told
    in the same words as what does not exist."""

    def __init__(self, **kwargs: Any) -> None:
        self.within = Scope(())
        kwargs.setdefault("max_length", 120)
        kwargs.setdefault("label", gettext_lazy("Division"))
        kwargs.setdefault(
            "help_text", gettext_lazy("Its code or its name, such as 620102 or 城关区")
        )
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Division | None:
        typed = super().clean(value)
        return self._found(typed) if typed else None

    def prepare_value(self, value: Any) -> Any:
        return value.code if isinstance(value, Division) else value

    def _found(self, typed: str) -> Division:
        by_code = division_by_code(typed)
        if by_code and self.within.contains(by_code):
            return by_code
        fitting = search(typed, within=self.within, limit=CANDIDATES_SHOWN)
        exact = [division for division in fitting if division.name == typed]
        for found in (exact, fitting):
            if len(found) == 1:
                return found[0]
        if not fitting:
            raise ValidationError(
                _("There is no division “%(typed)s” in your area. Type its code or its full name."),
                params={"typed": typed},
            )
        choices = "; ".join(_in_words(division) for division in exact or fitting)
        raise ValidationError(
            _("More than one division fits. Type the code of one of these: %(choices)s"),
            params={"choices": choices},
        )


class RoleForm(forms.Form):
    """A role, where, and for which organisation; offered is what the giver may hand on."""

    role = forms.ChoiceField(label=gettext_lazy("Role"), widget=forms.RadioSelect)
    division = DivisionField()
    organisation = forms.ModelChoiceField(
        Organisation.objects.none(),
        required=False,
        label=gettext_lazy("Organisation"),
        help_text=gettext_lazy("Carriers and partners see the rows of this organisation only"),
    )

    def __init__(self, giver: Account, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scope = queries.scope(giver, "people.manage")
        mine = queries.permissions(giver)
        role, division = self.fields["role"], self.fields["division"]
        assert isinstance(role, forms.ChoiceField)
        assert isinstance(division, DivisionField)
        role.choices = [
            (name, f"{one.title}: {one.says}")
            for name, one in ROLES.items()
            if permissions_of(name) <= mine
        ]
        division.within = scope
        _offer_organisations(self.fields["organisation"], scope)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        role = given.get("role")
        if role and ROLES[role].own_organisation_only and not given.get("organisation"):
            self.add_error(
                "organisation", _("Choose the organisation whose rows this role may see.")
            )
        return given


class PersonForm(forms.Form):
    """What is known of a person."""

    name = forms.CharField(label=gettext_lazy("Full name"), max_length=80)
    email = forms.EmailField(label=gettext_lazy("E-mail address"), max_length=254)
    phone = forms.CharField(label=gettext_lazy("Telephone"), max_length=30, required=False)
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=LANGUAGES)


class InviteForm(RoleForm, PersonForm):
    """A person and their first role."""

    field_order = ("name", "email", "phone", "language", "role", "division", "organisation")


class AccountForm(PersonForm):
    """A person's data and organisation, changed by whoever manages them."""

    organisation = forms.ModelChoiceField(
        Organisation.objects.none(), required=False, label=gettext_lazy("Organisation")
    )

    def __init__(self, manager: Account, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_organisations(self.fields["organisation"], queries.scope(manager, "people.manage"))


class OwnForm(forms.Form):
    """What people change of their own account."""

    name = forms.CharField(label=gettext_lazy("Full name"), max_length=80)
    phone = forms.CharField(label=gettext_lazy("Telephone"), max_length=30, required=False)
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=LANGUAGES)


class ReasonForm(forms.Form):
    """Why something is ended or closed; it stays in the log, so it names no private matter."""

    note = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=300,
        help_text=gettext_lazy("Kept in the log for ever: give the reason, not private matters"),
    )


class OrganisationForm(forms.Form):
    """An organisation; the code is given once and stays."""

    code = forms.SlugField(
        label=gettext_lazy("Code"),
        max_length=40,
        help_text=gettext_lazy("Letters, digits and hyphens; it cannot be changed later"),
    )
    name = forms.CharField(label=gettext_lazy("Name"), max_length=160)
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=160, required=False)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"))
    division = DivisionField(required=False)
    public = forms.BooleanField(
        label=gettext_lazy("Its name may stand on public pages"), required=False
    )

    def __init__(
        self, manager: Account, *args: Any, fixed_code: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        division, kind = self.fields["division"], self.fields["kind"]
        assert isinstance(division, DivisionField)
        assert isinstance(kind, forms.ChoiceField)
        division.within = queries.scope(manager, "people.manage")
        kind.choices = [(value, KINDS[value]) for value in Organisation.Kind.values]
        if fixed_code:
            del self.fields["code"]

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if Organisation.objects.filter(code=code).exists():
            raise ValidationError(_("This code is in use by another organisation. Choose another."))
        return code


class SignForm(forms.Form):
    """A signature: what was read, by its SHA-256, and what the signer has to say about it."""

    sha256 = forms.RegexField(r"^[0-9a-f]{64}$", widget=forms.HiddenInput)
    note = forms.CharField(
        max_length=300,
        required=False,
        label=gettext_lazy("Your remark"),
        help_text=gettext_lazy("What you checked it against, or what the next reader should know"),
    )


KINDS = {
    "office": gettext_lazy("Office"),
    "donor": gettext_lazy("Donor"),
    "producer": gettext_lazy("Producer"),
    "carrier": gettext_lazy("Carrier"),
    "partner": gettext_lazy("Partner"),
}


def _offer_organisations(field: forms.Field, scope: Scope) -> None:
    assert isinstance(field, forms.ModelChoiceField)
    field.empty_label = _("No organisation")
    field.queryset = queries.organisations_in(scope).order_by("name")


def _in_words(division: Division) -> str:
    """620102 城关区 (甘肃省 兰州市): enough to tell two of one name apart."""
    path = " ".join(above.name for above in division.path)
    return (
        f"{division.code} {division.name} ({path})" if path else f"{division.code} {division.name}"
    )
