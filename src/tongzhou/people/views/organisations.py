"""Organisations in one's area."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from tongzhou.kit import access

from .. import actions, queries
from ..forms import KINDS, OrganisationForm
from ..models import Organisation
from .changing import Text, changed, page_of_form, signed_in_account

SHOWN = 500


@access.requires("people.view")
def organisations(request: HttpRequest) -> HttpResponse:
    """Every organisation of the area, by kind and name; the first 500, with the count of all."""
    found = queries.organisations_in(queries.scope(request.user, "people.view"))
    kind = request.GET.get("kind", "")
    if kind in KINDS:
        found = found.filter(kind=kind)
    rows = [(KINDS[row.kind], row) for row in found.order_by("kind", "name")[:SHOWN]]
    context = {
        "rows": rows,
        "count": found.count(),
        "kinds": KINDS.items(),
        "kind": kind,
        "may_add": request.user.has_perm("people.manage"),
    }
    return render(request, "people/organisations.html", context)


@access.requires("people.view")
def organisation(request: HttpRequest, code: str) -> HttpResponse:
    """One organisation and the accounts in it that lie in the area."""
    scope = queries.scope(request.user, "people.view")
    row = _organisation(request, code, "people.view")
    members = queries.accounts_in(scope).filter(organisation=row).order_by("pk")[:SHOWN]
    context = {
        "organisation": row,
        "kind": KINDS[row.kind],
        "members": members,
        "may_change": queries.manages_division(signed_in_account(request), row.division),
    }
    return render(request, "people/organisation.html", context)


@access.requires("people.manage")
def add_organisation(request: HttpRequest) -> HttpResponse:
    """Add an organisation."""
    by = queries.actor(request)
    form = OrganisationForm(signed_in_account(request), request.POST or None)
    made: list[Organisation] = []
    if request.method == "POST" and changed(
        form, lambda given: made.append(actions.create_organisation(by=by, **given))
    ):
        messages.success(request, _("The organisation was added."))
        return redirect("organisation", code=made[0].code)
    crumbs = _crumbs(_("Add"))
    return page_of_form(request, form, _("Add an organisation"), _("Add"), crumbs=crumbs)


@access.requires("people.manage")
def change_organisation(request: HttpRequest, code: str) -> HttpResponse:
    """Change an organisation's name, kind, division or publicity."""
    row = _organisation(request, code, "people.manage")
    names = ("name", "name_en", "kind", "division", "public")
    initial = {name: getattr(row, name) for name in names}
    manager = signed_in_account(request)
    form = OrganisationForm(manager, request.POST or None, initial=initial, fixed_code=True)
    by = queries.actor(request)
    if request.method == "POST" and changed(
        form, lambda given: actions.update_organisation(row, by=by, **given)
    ):
        messages.success(request, _("The organisation was saved."))
        return redirect("organisation", code=code)
    crumbs = _crumbs(_("Change"), row)
    return page_of_form(request, form, _("Change the organisation"), _("Save"), crumbs=crumbs)


def _organisation(request: HttpRequest, code: str, permission: str) -> Organisation:
    scope = queries.scope(request.user, permission)
    found: Organisation = get_object_or_404(queries.organisations_in(scope), code=code)
    return found


def _crumbs(here: str, row: Organisation | None = None) -> list[tuple[Text, str]]:
    crumbs: list[tuple[Text, str]] = [(_("Organisations"), reverse("organisations"))]
    if row:
        crumbs.append((row.name, reverse("organisation", args=[row.code])))
    return [*crumbs, (here, "")]
