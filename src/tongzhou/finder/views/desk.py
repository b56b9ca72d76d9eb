"""The office's pages: the list, one facility with its history, and the changes of it."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tongzhou.kit.access import requires
from tongzhou.kit.paging import CursorError, page
from tongzhou.people.queries import actor, scope

from .. import actions, queries
from ..forms import ExceptionForm, FactsForm, MergeForm, NewFacilityForm
from ..models import Facility, HoursException
from ..rules.fields import FIELDS, FieldRefused

ROWS_SHOWN = 50
FACTS_SHOWN = 100
LONGEST_SEARCH = 60
Change = Callable[[Any], Facility]


@require_GET
@requires("facilities.view")
def facilities(request: HttpRequest) -> HttpResponse:
    """The facilities of the scope, by name or code, or only those with something missing."""
    text = request.GET.get("q", "").strip()[:LONGEST_SEARCH]
    faults = request.GET.get("only", "")
    within = scope(request.user, "facilities.view")
    rows = queries.facilities_in(within, text=text, faults=faults)
    try:
        found = page(rows, "pk", after=request.GET.get("after", ""), size=ROWS_SHOWN)
    except CursorError:
        raise Http404 from None
    context = {
        "rows": found.rows,
        "next": found.next,
        "q": text,
        "only": faults,
        "may_edit": request.user.has_perm("facilities.edit"),
        "may_import": request.user.has_perm("facilities.import"),
        "crumbs": [(_("Facilities"), "")],
    }
    return render(request, "finder/list.html", context)


@require_GET
@requires("facilities.view")
def one(request: HttpRequest, code: str) -> HttpResponse:
    """What is known of a facility, and everything that was said of it."""
    found = _in_scope(request, code, "facilities.view")
    context = {
        "facility": found,
        "choice": queries.here(found),
        "facts": [
            (FIELDS.get(fact.field, fact.field), fact)
            for fact in found.facts.order_by("-current", "-as_of", "-pk")[:FACTS_SHOWN]
        ],
        "exceptions": found.exceptions.order_by("first"),
        "ids": found.ids.order_by("pk"),
        "calls": found.calls.order_by("-pk")[:20],
        "may_edit": request.user.has_perm("facilities.edit", found.division)
        and found.state != Facility.State.MERGED,
        "crumbs": [*_crumbs(), (found.name, "")],
    }
    return render(request, "finder/one.html", context)


@requires("facilities.edit")
def new(request: HttpRequest) -> HttpResponse:
    """A facility that is not there yet, in a division of the scope."""
    form = NewFacilityForm(request.POST or None)

    def change(form: NewFacilityForm) -> Facility:
        if not request.user.has_perm("facilities.edit", form.area):
            raise actions.FacilityRefused(_("There is no such division in your area."))
        given = form.cleaned_data
        made = actions.NewFacility(given["code"], given["name"], given["kind"], form.area)
        return actions.create_facility(made, form.facts(), _said(form), by=actor(request))

    return _page(request, form, change, _("Add a facility"), _("Add the facility"), _crumbs())


@requires("facilities.edit")
def say(request: HttpRequest, code: str) -> HttpResponse:
    """What an authority or the site says of it."""
    found = _in_scope(request, code, "facilities.edit")

    def change(form: FactsForm) -> Facility:
        facts = form.facts()
        if not facts:
            raise actions.FacilityRefused(_("Nothing was said. Fill in at least one field."))
        return actions.state_facts(found, facts, _said(form), by=actor(request))

    form = FactsForm(request.POST or None)
    title = _("What is known of %(name)s") % {"name": found.name}
    return _page(request, form, change, title, _("Save"), _crumbs(found))


@requires("facilities.edit")
def add_exception(request: HttpRequest, code: str) -> HttpResponse:
    """Other hours for some days."""
    found = _in_scope(request, code, "facilities.edit")

    def change(form: ExceptionForm) -> Facility:
        given = form.cleaned_data
        actions.add_exception(
            found, given["first"], given["last"], hours=given["hours"], note=given["note"],
            by=actor(request),
        )  # fmt: skip
        return found

    form = ExceptionForm(request.POST or None)
    title = _("Other hours of %(name)s") % {"name": found.name}
    return _page(request, form, change, title, _("Save"), _crumbs(found))


@require_POST
@requires("facilities.edit")
def remove_exception(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """The usual hours count again."""
    found = _in_scope(request, code, "facilities.edit")
    row = get_object_or_404(HoursException, pk=pk, facility=found)
    actions.remove_exception(row, by=actor(request))
    return redirect("finder-one", code=found.code)


@requires("facilities.edit")
def merge(request: HttpRequest, code: str) -> HttpResponse:
    """Two rows were one facility; both have to be in the scope."""
    found = _in_scope(request, code, "facilities.edit")

    def change(form: MergeForm) -> Facility:
        into: Facility = form.cleaned_data["into"]
        if not request.user.has_perm("facilities.edit", into.division):
            raise actions.FacilityRefused(_("There is no facility with this code. Check it."))
        return actions.merge_facilities(found, into, by=actor(request))

    form = MergeForm(request.POST or None)
    title = _("Merge %(name)s into another facility") % {"name": found.name}
    return _page(request, form, change, title, _("Merge"), _crumbs(found))


def _in_scope(request: HttpRequest, code: str, permission: str) -> Facility:
    rows = Facility.objects.select_related("division", "merged_into")
    return get_object_or_404(rows.filter(scope(request.user, permission).q("division")), code=code)


def _said(form: FactsForm) -> actions.Said:
    given = form.cleaned_data
    return actions.Said(given["source"], form.moment, given["said_by"])


def _crumbs(found: Facility | None = None) -> list[tuple[str, str]]:
    above = [(_("Facilities"), reverse("finder"))]
    return [*above, (found.name, reverse("finder-one", args=[found.code]))] if found else above


def _page(
    request: HttpRequest,
    form: forms.Form,
    change: Change,
    title: str,
    button: str,
    above: list[tuple[str, str]],
) -> HttpResponse:
    """The form, or, done, the page of the facility."""
    if request.method == "POST" and form.is_valid():
        try:
            found = change(form)
            messages.success(request, _("Saved: %(name)s") % {"name": found.name})
            return redirect("finder-one", code=found.code)
        except (actions.FacilityRefused, FieldRefused) as refused:
            form.add_error(None, str(refused))
    context = {"form": form, "title": title, "button": button, "crumbs": [*above, (title, "")]}
    return render(request, "form_page.html", context, status=422 if form.errors else 200)
