"""Search of one's place, and of the card that somebody means rather than a place."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tongzhou.kit.access import public
from tongzhou.places.queries import search, with_paths
from tongzhou.portal.rules import TITLES, cards_meant

FOUND_SHOWN = 30
SEARCH_CHARACTERS = 60


@public
@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """Search of one's place by name, pinyin or code; "问医生" finds the card instead."""
    text = request.GET.get("q", "").strip()[:SEARCH_CHARACTERS]
    found = with_paths(search(text, limit=FOUND_SHOWN)) if text else []
    meant = [(f"/#{card.replace('_', '-')}", TITLES[card]) for card in cards_meant(text)]
    context = {"text": text, "found": found, "meant": meant, "kept": urlencode({"q": text})}
    return render(request, "portal/find.html", context)
