"""Divisions and places for programs: public, by cursor."""

from typing import Any

from django.http import Http404, HttpRequest
from ninja import Query, Router, Schema

from tongzhou.kit.api import Paging, page_of

from . import queries
from .models import Division, Place
from .rules import Scope

router = Router()

# What a stranger could use to find the villages of the old and the ill.
SENSITIVE = ("people65", "risk_share")


class DivisionOut(Schema):
    """A division; `path` are the codes above it, province first. Points are WGS-84 degrees.

    `placed`: put near its parent, not a real location."""

    code: str
    name: str
    level: int
    kind: str
    path: list[str]
    lat: float | None
    lon: float | None
    placed: bool
    closed: bool
    successor: str | None


class PlaceOut(Schema):
    """A place. Registry figures are null where they are missing.

    `people65` and `risk_share` say how many old and how many ill people a village has. They are
    answered only to a session whose account holds places.view and api.read at the place; in every
    other answer the two are left out."""

    code: str
    name: str
    kind: str
    division: str
    state: str
    lat: float | None
    lon: float | None
    placed: bool
    made_up: bool
    people65: float | None = None
    risk_share: float | None = None
    remoteness: float | None
    growth: float | None


class DivisionPage(Schema):
    """Some divisions and the cursor of those that follow, empty at the end."""

    items: list[DivisionOut]
    next: str


class PlacePage(Schema):
    """Some places and the cursor of those that follow, empty at the end."""

    items: list[PlaceOut]
    next: str


class DivisionFilter(Paging):
    """`q` searches (best first, no cursor); otherwise the children of `parent`, or the roots."""

    q: str = ""
    parent: str = ""
    within: str = ""


class PlaceFilter(Paging):
    """`q` searches (best first, no cursor); otherwise the places in `division`, of a `kind`."""

    q: str = ""
    division: str = ""
    kind: str = ""


@router.get(
    "/divisions", response=DivisionPage, auth=None, summary="Divisions, by search or parent"
)
def divisions(request: HttpRequest, wanted: Query[DivisionFilter]) -> dict[str, Any]:
    if wanted.q:
        within = Scope.of(_division(wanted.within)) if wanted.within else None
        found = queries.search(wanted.q, within=within, limit=wanted.limit)
        return {"items": _divisions(found), "next": ""}
    rows = Division.objects.filter(parent=None)
    if wanted.parent:
        rows = queries.children(_division(wanted.parent), closed=True)
    page = page_of(rows, "first", wanted)
    return {"items": _divisions(page.rows), "next": page.next}


@router.get("/divisions/{code}", response=DivisionOut, auth=None, summary="One division")
def division(request: HttpRequest, code: str) -> dict[str, Any]:
    return _divisions([_division(code)])[0]


@router.get(
    "/places",
    response=PlacePage,
    auth=None,
    exclude_unset=True,
    summary="Places, by search or division",
)
def places(request: HttpRequest, wanted: Query[PlaceFilter]) -> dict[str, Any]:
    area = _division(wanted.division) if wanted.division else None
    if wanted.q:
        within = None if area is None else Scope.of(area)
        found = queries.search_places(wanted.q, within=within, limit=wanted.limit)
        return {"items": _places(request, found), "next": ""}
    rows = Place.objects.select_related("division")
    if area is not None:
        rows = queries.places_in(area, active=False)
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    page = page_of(rows.order_by(), "pk", wanted)
    return {"items": _places(request, page.rows), "next": page.next}


@router.get("/places/{code}", response=PlaceOut, auth=None, exclude_unset=True, summary="One place")
def place(request: HttpRequest, code: str) -> dict[str, Any]:
    found = queries.place_by_code(code)
    if found is None:
        raise Http404
    return _places(request, [found])[0]


def _division(code: str) -> Division:
    found = queries.division_by_code(code)
    if found is None:
        raise Http404
    return found


def _divisions(rows: list[Division]) -> list[dict[str, Any]]:
    successors = Division.objects.in_bulk([d.successor_id for d in rows if d.successor_id])
    return [
        {
            **{name: getattr(d, name) for name in ("code", "name", "level", "kind", "lat", "lon")},
            "placed": d.placed,
            "closed": d.closed,
            "path": [one.code for one in d.path],
            "successor": successors[d.successor_id].code if d.successor_id else None,
        }
        for d in queries.with_paths(rows)
    ]


def _places(request: HttpRequest, rows: list[Place]) -> list[dict[str, Any]]:
    """Each place with what everybody may know; in the reader's own area with all its figures."""
    return [_place(row, known=_is_own(request, row.division)) for row in rows]


def _is_own(request: HttpRequest, division: Division) -> bool:
    asked = ("places.view", "api.read")
    return all(request.user.has_perm(permission, division) for permission in asked)


def _place(row: Place, *, known: bool) -> dict[str, Any]:
    names = [name for name in PlaceOut.model_fields if known or name not in SENSITIVE]
    plain = {name: getattr(row, name) for name in names if name != "division"}
    return {**plain, "division": row.division.code}
