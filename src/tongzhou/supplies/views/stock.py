"""Stock by place, one place's history, and single moves of the ledger for auditors."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from tongzhou.kit import access, clock, paging
from tongzhou.people.queries import scope
from tongzhou.places.models import Division, Place
from tongzhou.places.queries import division_by_code

from .. import queries
from ..models import Bucket, Move
from .pages import account_of

PLACES_A_PAGE = 100
LINES_A_PAGE = 200
# What a place can hold, in the order of the columns.
COLUMNS = (Bucket.ON_HAND, Bucket.RESERVED, Bucket.IN_TRANSIT, Bucket.QUARANTINE)


@access.requires("stock.view")
def stock(request: HttpRequest) -> HttpResponse:
    """What the places of one's area hold; within a county its clinics too."""
    within = scope(request.user, "stock.view")
    division = _division(request)
    seen = queries.places_with_stock(within, division)
    page = paging.page(seen, "pk", after=request.GET.get("after", ""), size=PLACES_A_PAGE)
    rows = [
        (held, [(bucket, held.units.get(bucket, 0)) for bucket in COLUMNS], held.total)
        for held in queries.stock_of(page.rows)
    ]
    chosen = f"&division={division.code}" if division else ""
    context = {
        "rows": rows,
        "columns": COLUMNS,
        "division": division,
        "typed": request.GET.get("division", ""),
        "places": len(page.rows),
        "as_of": clock.now(),
        "pager": {"next_url": f"?after={page.next}{chosen}" if page.next else ""},
        "crumbs": [(_("Stock"), "")],
    }
    return render(request, "supplies/stock.html", context)


@access.requires("stock.view")
def place_stock(request: HttpRequest, code: str) -> HttpResponse:
    """What one place holds by lot and fund, and everything that happened to it."""
    place = get_object_or_404(Place.objects.select_related("division"), code=code)
    if not scope(request.user, "stock.view").contains(place.division):
        raise Http404
    context = {
        "place": place,
        "balances": [(row.account_id % 8, row) for row in queries.balances(place)],
        "trail": [(entry.account_id % 8, entry) for entry in queries.place_trail(place)],
        "may_audit": request.user.has_perm("ledger.view", place.division),
        "as_of": clock.now(),
        "crumbs": [(_("Stock"), reverse("stock")), (place.name, "")],
    }
    return render(request, "supplies/place.html", context)


@access.requires("ledger.view")
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """One move with the entries that lie in the auditor's area; 404 if none does."""
    row = get_object_or_404(Move.objects.select_related("reverses"), pk=pk)
    within = scope(account_of(request), "ledger.view")
    mine = queries.entries_of(row).filter(within.q("account__place__division"))
    page = paging.page(mine, "pk", after=request.GET.get("after", ""), size=LINES_A_PAGE)
    if not page.rows:
        raise Http404
    # The command and the digest are of the whole move: with them somebody could try out what lies
    # in the entries elsewhere, so they are shown with all entries or not at all.
    context = {
        "move": row,
        "entries": [(entry.account_id % 8, entry) for entry in page.rows],
        "outside": queries.entries_of(row).count() - mine.count(),
        "reversed_by": _reversal(row),
        "pager": {"next_url": f"?after={page.next}" if page.next else ""},
        "crumbs": [(_("Stock"), reverse("stock")), (_("Move %(id)d") % {"id": row.pk}, "")],
    }
    return render(request, "supplies/move.html", context)


def _reversal(row: Move) -> Move | None:
    return Move.objects.filter(reverses=row).first()


def _division(request: HttpRequest) -> Division | None:
    typed = request.GET.get("division", "").strip()
    return division_by_code(typed) if typed else None
