"""A new place; a place closed, moved or merged."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from tongzhou.kit import access
from tongzhou.kit.rules import Actor

from .. import actions, queries
from ..forms import CloseForm, MergeForm, MoveForm, PlaceForm
from ..models import Division, Place
from .browsing import crumbs

Change = Callable[[dict[str, Any]], Place]


def actor(request: HttpRequest) -> Actor:
    return Actor("account", str(request.user.pk))


@access.requires("places.edit")
def add(request: HttpRequest, code: str) -> HttpResponse:
    """A new place in a division."""
    division = queries.division_by_code(code)
    if division is None or not request.user.has_perm("places.edit", division):
        raise Http404
    form = PlaceForm(request.POST or None)

    def change(given: dict[str, Any]) -> Place:
        return actions.create_place(division=division, by=actor(request), **given)

    title = _("Add a place in %(name)s") % {"name": division.name}
    return _page(request, form, change, division, title, _("Add the place"))


@access.requires("places.edit")
def close(request: HttpRequest, code: str) -> HttpResponse:
    """Close a place; why is kept."""
    place = _editable(request, code)
    form = CloseForm(request.POST or None)

    def change(given: dict[str, Any]) -> Place:
        return actions.close_place(place, by=actor(request), reason=given["reason"])

    title = _("Close %(name)s") % {"name": place.name}
    return _page(request, form, change, place.division, title, _("Close the place"))


@access.requires("places.edit")
def merge(request: HttpRequest, code: str) -> HttpResponse:
    """Merge a place into another that the account may edit too."""
    place = _editable(request, code)
    form = MergeForm(request.POST or None)

    def change(given: dict[str, Any]) -> Place:
        _must_edit(request, given["into"].division)
        actions.merge_places(place, given["into"], by=actor(request))
        return place

    title = _("Merge %(name)s into another place") % {"name": place.name}
    return _page(request, form, change, place.division, title, _("Merge"))


@access.requires("places.edit")
def move(request: HttpRequest, code: str) -> HttpResponse:
    """Move a place to another division that the account may edit too."""
    place = _editable(request, code)
    form = MoveForm(request.POST or None)

    def change(given: dict[str, Any]) -> Place:
        _must_edit(request, given["division"])
        return actions.move_place(place, given["division"], by=actor(request))

    title = _("Move %(name)s") % {"name": place.name}
    return _page(request, form, change, place.division, title, _("Move the place"))


def _editable(request: HttpRequest, code: str) -> Place:
    place = queries.place_by_code(code)
    if place is None or not request.user.has_perm("places.edit", place.division):
        raise Http404
    return place


def _must_edit(request: HttpRequest, division: Division) -> None:
    if not request.user.has_perm("places.edit", division):
        raise actions.PlaceRefused(_("You may not change places there. Ask the office above."))


def _page(
    request: HttpRequest,
    form: forms.Form,
    change: Change,
    division: Division,
    title: str,
    button: str,
) -> HttpResponse:
    """The form, or, done, the page of the place."""
    if request.method == "POST" and form.is_valid():
        try:
            place = change(form.cleaned_data)
            messages.success(request, _("Done: %(name)s") % {"name": place.name})
            return redirect("place", place.code)
        except actions.PlaceRefused as refused:
            form.add_error(None, str(refused))
    trail = [*crumbs(division)[:-1], (division.name, reverse("place", args=[division.code]))]
    context = {"form": form, "title": title, "button": button, "crumbs": [*trail, (title, "")]}
    return render(request, "form_page.html", context, status=422 if form.errors else 200)
