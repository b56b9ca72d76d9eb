"""Search and browse the tree; one division, one place."""

from bisect import bisect_right

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from tongzhou.kit import access
from tongzhou.kit.paging import CursorError, page

from .. import queries
from ..models import Division, Place

RESULTS = 30
PLACES_SHOWN = 50
Crumb = tuple[str, str]


@require_GET
@access.requires("places.view")
def places(request: HttpRequest) -> HttpResponse:
    """The search, or the top of the tree."""
    text = request.GET.get("q", "").strip()
    if text:
        return _found(request, text)
    roots = list(Division.objects.filter(parent=None).order_by("first"))
    if len(roots) == 1:
        return _division(request, roots[0])
    context = {
        "children": [(root, 0) for root in roots],
        "crumbs": [(_("Places"), "")],
        "may_import": request.user.has_perm("places.import"),
    }
    return render(request, "places/tree.html", context)


def _found(request: HttpRequest, text: str) -> HttpResponse:
    divisions = queries.search(text, limit=RESULTS)
    found = queries.search_places(text, limit=RESULTS)
    seen = [place for place in found if request.user.has_perm("places.view", place.division)]
    queries.with_paths([place.division for place in seen])
    context = {
        "q": text,
        "divisions": divisions,
        "places": seen,
        "limit": RESULTS,
        "crumbs": [(_("Places"), reverse("places")), (_("Search"), "")],
    }
    return render(request, "places/found.html", context)


@require_GET
@access.requires("places.view")
def place(request: HttpRequest, code: str) -> HttpResponse:
    """A division or a place by its code; another way of writing a code leads to the right one."""
    if (one := queries.place_by_code(code)) is not None:
        return _place(request, one)
    division = queries.division_by_code(code)
    if division is None:
        raise Http404
    if division.code != code:
        return redirect("place", division.code)
    return _division(request, division)


def _division(request: HttpRequest, division: Division) -> HttpResponse:
    """Everybody with the permission may walk the tree; places are listed where they hold it."""
    context = {
        "division": division,
        "children": _with_counts(division),
        "counts": _counts(division),
        "crumbs": crumbs(division),
        "merged": Division.objects.filter(successor=division) if division.level else (),
        "may_import": request.user.has_perm("places.import", division),
        "may_set_channel": request.user.has_perm("channel.edit", division),
        **_places_of(request, division),
    }
    return render(request, "places/tree.html", context)


def _with_counts(division: Division) -> list[tuple[Division, int]]:
    """The children, each with the number of its own children."""
    children = list(queries.children(division, closed=True))
    firsts = [child.first for child in children]
    below = Division.objects.filter(
        level=division.level + 2,
        first__gt=division.first,
        first__lte=division.last,
        valid_to__isnull=True,
    )
    counts = [0] * (len(children) + 1)
    for first in below.values_list("first", flat=True):
        counts[bisect_right(firsts, first) - 1] += 1
    return list(zip(children, counts, strict=False))


def _counts(division: Division) -> list[tuple[str, int]]:
    words = {
        Division.Level.PROVINCE: _("Provinces"),
        Division.Level.PREFECTURE: _("Prefectures"),
        Division.Level.COUNTY: _("Counties"),
        Division.Level.TOWN: _("Towns"),
        Division.Level.VILLAGE: _("Villages and communities"),
    }
    counts = queries.counts_by_level(division)
    return [(words[Division.Level(level)], count) for level, count in counts.items()]


def _places_of(request: HttpRequest, division: Division) -> dict[str, object]:
    """A page of the places in a division; above counties those that stand in itself."""
    if not request.user.has_perm("places.view", division):
        return {}
    whole = division.level >= Division.Level.COUNTY
    rows = queries.places_in(division, active=False) if whole else division.places.all()
    try:
        found = page(rows.order_by(), "pk", after=request.GET.get("after", ""), size=PLACES_SHOWN)
    except CursorError:
        raise Http404 from None
    return {"places": found.rows, "next": found.next, "may_edit": _may_edit(request, division)}


def _may_edit(request: HttpRequest, division: Division) -> bool:
    return request.user.has_perm("places.edit", division)


def _place(request: HttpRequest, one: Place) -> HttpResponse:
    if not request.user.has_perm("places.view", one.division):
        raise Http404
    context = {
        "place": one,
        "figures": _figures(one),
        "crumbs": [*crumbs(one.division)[:-1], _crumb(one.division), (one.name, "")],
        "may_edit": _may_edit(request, one.division) and one.state == Place.State.ACTIVE,
    }
    return render(request, "places/place.html", context)


def _figures(one: Place) -> list[tuple[str, float | None, str]]:
    """Registry figures: word, value (None: missing, which is never zero), how it is written."""
    return [
        (_("People aged 65 and over"), one.people65, "whole"),
        (_("Share at risk"), one.risk_share, "share"),
        (_("Remoteness"), one.remoteness, "plain"),
        (_("Growth of need"), one.growth, "plain"),
    ]


def crumbs(division: Division) -> list[Crumb]:
    above = [_crumb(one) for one in queries.ancestors(division)]
    return [(_("Places"), reverse("places")), *above, (division.name, "")]


def _crumb(division: Division) -> Crumb:
    return division.name, reverse("place", args=[division.code])
