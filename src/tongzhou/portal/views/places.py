"""The channel page of a division: the emergency number first, then where its supplies are."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tongzhou.kit.access import public
from tongzhou.places.models import Division
from tongzhou.places.queries import ancestors, children, division_by_code, search, with_paths
from tongzhou.portal.queries.progress import Standing, standings

CHILDREN_SHOWN = 400
FOUND_SHOWN = 30
SEARCH_CHARACTERS = 60


@public
@require_safe
def nation(request: HttpRequest) -> HttpResponse:
    """The channel page of the whole tree; before any division is loaded it says what to do."""
    top = Division.objects.filter(level=Division.Level.NATION).order_by("first").first()
    if top is None:
        return render(request, "portal/no_places.html")
    return _channel(request, top)


@public
@require_safe
def channel(request: HttpRequest, code: str) -> HttpResponse:
    """One division's page. A code that is not there leads to the search, with words."""
    division = division_by_code(code)
    if division is None:
        raise Http404(_("There is no such place."))
    if division.code != code:
        return redirect("channel", code=division.code)
    return _channel(request, division)


def _channel(request: HttpRequest, division: Division) -> HttpResponse:
    above = ancestors(division)
    return render(
        request,
        "portal/channel.html",
        {
            "division": division,
            "standings": standings(division) or _nearest(above),
            "children": children(division)[:CHILDREN_SHOWN],
            "crumbs": [(d.name, f"/p/{d.code}/") for d in [*above, division]],
        },
    )


def _nearest(above: list[Division]) -> list[Standing]:
    """Sums are kept down to towns that were served: below, the nearest division above speaks."""
    for division in reversed(above):
        if found := standings(division):
            return found
    return []


@public
@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """Search of one's place by name, pinyin or code."""
    text = request.GET.get("q", "").strip()[:SEARCH_CHARACTERS]
    found = with_paths(search(text, limit=FOUND_SHOWN)) if text else []
    return render(request, "portal/find.html", {"text": text, "found": found})


@public
@require_safe
def feed(request: HttpRequest, code: str) -> JsonResponse:
    """The same figures for programs that embed the page; no personal data is in it."""
    division = division_by_code(code)
    if division is None:
        raise Http404
    return JsonResponse(
        {
            "code": division.code,
            "name": division.name,
            "emergency_number": settings.EMERGENCY_NUMBER,
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
