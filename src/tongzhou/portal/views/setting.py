"""A division's staff set its channel page: what it shows now, a preview, and every version."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tongzhou.kit.access import requires
from tongzhou.people.queries import actor
from tongzhou.places.models import Division
from tongzhou.places.queries import ancestors, division_by_code
from tongzhou.portal import actions, forms
from tongzhou.portal.models import ChannelVersion
from tongzhou.portal.queries.channel import content_of, decisions_on, history
from tongzhou.portal.rules import ContentRefused, checked, resolved

from . import channel

NOTE_CHARACTERS = 200
VERSIONS_SHOWN = 50


@requires("channel.edit")
def setting(request: HttpRequest, code: str) -> HttpResponse:
    """The form: each part from above, set here, or left out; save it, or look at it first."""
    division = _division(request, code)
    own = decisions_on(division)
    typed = request.POST if request.method == "POST" else None
    parts = forms.parts(content_of(division), own, typed)
    errors: list[str] = []
    if typed is not None:
        errors = [error for part in parts for error in part.errors]
        if not errors:
            content: dict[str, Any] = {}
            for part in parts:
                part.put_into(content)
            try:
                return _taken(request, division, content)
            except ContentRefused as refusal:
                errors = [str(refusal)]
    return render(
        request,
        "portal/setting.html",
        {
            "division": division,
            "parts": parts,
            "errors": errors,
            "versions": history(division)[:VERSIONS_SHOWN],
            "may_import": _is_whole(division)
            and request.user.has_perm("medicines.import", division),
            "crumbs": [(_("Channel page"), ""), (division.name, "")],
        },
    )


def _taken(request: HttpRequest, division: Division, content: dict[str, Any]) -> HttpResponse:
    kept = checked(content)
    if "preview" in request.POST:
        return _preview(division, kept)
    note = request.POST.get("note", "").strip()[:NOTE_CHARACTERS]
    actions.set_channel(division, kept, by=actor(request), note=note)
    return redirect("channel-setting", code=division.code)


def _preview(division: Division, content: dict[str, Any]) -> HttpResponse:
    """The page as residents would see it; nothing is kept."""
    above = [(one.code, decisions_on(one)) for one in reversed(ancestors(division))]
    shown = resolved([(division.code, content), *above])
    response = HttpResponse(channel.rendered(division, content=shown))
    response["Cache-Control"] = "no-store"
    return response


@requires("channel.edit")
def version(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """An earlier version as residents would see it now."""
    division = _division(request, code)
    found = get_object_or_404(ChannelVersion, division=division, number=number)
    return _preview(division, found.content)


@requires("channel.edit")
@require_POST
def back(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Put an earlier version in force again."""
    division = _division(request, code)
    found = get_object_or_404(ChannelVersion, division=division, number=number)
    note = _("Version %(n)d again") % {"n": number}
    try:
        actions.bring_back(found, by=actor(request), note=note)
    except ContentRefused as refusal:  # What a page may show was wider when it was kept.
        messages.error(request, str(refusal))
    return redirect(reverse("channel-setting", args=[division.code]))


def _is_whole(division: Division) -> bool:
    """Medicine codes hold for the whole country: they are imported from its page."""
    return division.level == Division.Level.NATION


def _division(request: HttpRequest, code: str) -> Division:
    division = division_by_code(code)
    if division is None:
        raise Http404
    if not request.user.has_perm("channel.edit", division):
        raise Http404
    return division
