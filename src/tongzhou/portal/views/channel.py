"""The channel page of a division: the red flags first, then the cards its staff chose.

A page is rendered at most once a minute and kept as a file. When the database is away the kept page
is served with a sentence that says so; without one, the red flags alone.
"""

import hashlib
from dataclasses import asdict
from importlib.metadata import version

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from tongzhou.finder.queries.red_flags import for_everybody, red_flags
from tongzhou.kit import clock
from tongzhou.kit.access import public
from tongzhou.kit.stored_pages import DATABASE_AWAY
from tongzhou.places.models import Division
from tongzhou.places.queries import ancestors, children, division_by_code
from tongzhou.portal.queries import store
from tongzhou.portal.queries.channel import content_of
from tongzhou.portal.queries.progress import standings
from tongzhou.portal.queries.store import channel_pages, mark_of, name_of, version_of
from tongzhou.portal.rules import CHILDREN_SHOWN, Content

from .cards import Card, cards_of

PAGE, EMBEDDED = "page", "embedded"
NATION = "nation"
# A front that caches may serve the page while it fetches the next, and for a day without us.
CACHED = "public, max-age=60, stale-while-revalidate=600, stale-if-error=86400"


@public
@require_safe
def nation(request: HttpRequest) -> HttpResponse:
    """The channel page of the whole tree; before any division is loaded it says what to do."""
    try:
        top = Division.objects.filter(level=Division.Level.NATION).order_by("first").first()
        if top is not None:
            return _served(top, PAGE, NATION)
    except DATABASE_AWAY:
        return _without_database(PAGE, NATION)
    return render(request, "portal/no_places.html", _frame(PAGE))


@public
@require_safe
def channel(request: HttpRequest, code: str) -> HttpResponse:
    """One division's page. A code that is not there leads to the search, with words."""
    return _by_code(code, PAGE)


@public
@require_safe
@xframe_options_exempt
def embedded(request: HttpRequest, code: str) -> HttpResponse:
    """The same cards for a frame on somebody else's page; its links open outside the frame."""
    return _by_code(code, EMBEDDED)


def _by_code(code: str, kind: str) -> HttpResponse:
    try:
        division = division_by_code(code)
        if division is None:
            raise Http404(_("There is no such place."))
        if division.code != code:
            return redirect("channel" if kind == PAGE else "channel-embedded", code=division.code)
        return _served(division, kind, code)
    except DATABASE_AWAY:  # which may be in the middle of a page
        return _without_database(kind, code)


def _served(division: Division, kind: str, key: str) -> HttpResponse:
    page = channel_pages().served(
        name_of(kind, key, get_language() or "en"),
        lambda: rendered(division, kind),
        seconds=store.FRESH_SECONDS,
        mark=mark_of(version_of(division)),
    )
    response = HttpResponse(page)
    response["Cache-Control"] = CACHED
    return response


def _without_database(kind: str, key: str) -> HttpResponse:
    """The kept page however old, else the red flags alone: whoever is in danger gets an answer."""
    name = name_of(kind, key, get_language() or "en")
    kept = channel_pages().stale(name, render_to_string("finder/stale.html"))
    alone = render_to_string("finder/alone.html", _frame(kind))
    response = HttpResponse(kept or alone)
    response["Cache-Control"] = "no-store"
    return response


def rendered(division: Division, kind: str = PAGE, content: Content | None = None) -> str:
    """The page as text in the active language; with `content` as it would be with another."""
    above = ancestors(division)
    found = content or content_of(division, above)
    context = {
        **_frame(kind),
        "division": division,
        "cards": cards_of(division, above, found),
        "children": children(division)[:CHILDREN_SHOWN],
        "crumbs": [(d.name, f"/p/{d.code}/") for d in [*above, division]],
        "now": clock.now(),
        "site": settings.BASE_URL.rstrip("/"),
    }
    return render_to_string("portal/channel.html", context)


def _frame(kind: str) -> dict[str, object]:
    """What every page needs; a kept page is nobody's own, so no request takes part in it."""
    return {
        "frame": "portal/embedded.html" if kind == EMBEDDED else "public.html",
        **for_everybody(),
    }


def frame_mark() -> str:
    """What is on every page whatever its division: the release, the danger signs and the numbers
    to call in each language. A page that was made with another mark has to be made again."""
    parts = [version("tongzhou"), settings.BASE_URL]
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            parts.append(render_to_string("finder/alone.html", _frame(PAGE)))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


@public
@require_safe
def feed(request: HttpRequest, code: str) -> JsonResponse:
    """The same cards and figures for programs that embed the page; no personal data is in it."""
    division = division_by_code(code)
    if division is None:
        raise Http404
    above = ancestors(division)
    cards = cards_of(division, above, content_of(division, above))
    response = JsonResponse(
        {
            "code": division.code,
            "name": division.name,
            "as_of": clock.now().isoformat(),
            "emergency_number": settings.EMERGENCY_NUMBER,
            "red_flags": asdict(red_flags()),
            "cards": [_card(card) for card in cards],
            "campaigns": [
                {
                    "id": s.campaign.public_id,
                    "name": s.campaign.name,
                    "item": s.item,
                    "needed_units": s.need,
                    "allocated_units": s.allocated,
                    "received_units": s.received,
                    "as_of": s.as_of.isoformat(),
                }
                for s in standings(division)
            ],
        },
        json_dumps_params={"ensure_ascii": False},
    )
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _card(card: Card) -> dict[str, object]:
    return {
        "card": card.name,
        "title": card.title,
        "lines": [
            {"name": one.name, "says": one.says, "phone": one.phone, "url": one.url}
            for one in card.lines
        ],
    }
