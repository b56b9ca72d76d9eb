"""Places looked up by code or name, and lists of them by division."""

import csv
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files

from django.db.models import QuerySet

from tongzhou.interchange import codes

from ..models import Division, Place
from ..rules import Scope, names
from .search import MOST_RESULTS, search

# Divisions of a scope up to which names of places are compared one by one.
NARROW = 20_000


def place_by_code(code: str) -> Place | None:
    """The place with this code, its division at hand; None when there is none."""
    typed = codes.narrowed(code)[:40]
    return Place.objects.select_related("division").filter(code=typed).first()


def places_in(
    division: Division, kind: str | None = None, *, active: bool = True
) -> QuerySet[Place]:
    """The places that stand in a division or below it, in tree order."""
    found = Place.objects.filter(
        division__first__gte=division.first, division__first__lte=division.last
    )
    found = found.filter(kind=kind) if kind else found
    found = found.filter(state=Place.State.ACTIVE) if active else found
    return found.select_related("division").order_by("division__first", "id")


def depots_of(counties: Iterable[int], *, with_point: bool = False) -> dict[int, Place]:
    """County id -> its depot: the oldest active one, or the oldest of those that have a point.
    Counties without one are left out."""
    rows = Place.objects.filter(
        kind=Place.Kind.DEPOT, state=Place.State.ACTIVE, division__in=list(counties)
    )
    rows = rows.filter(lat__isnull=False) if with_point else rows
    return {place.division_id: place for place in rows.order_by("-pk")}


def search_places(text: str, *, within: Scope | None = None, limit: int = 20) -> list[Place]:
    """Active places by code, by name, or by the name of the village they stand in.

    Codes and villages are looked up in the whole scope; names of their own are compared one by one,
    so that is done only where a scope has at most 20,000 divisions.
    """
    typed = codes.narrowed(text)[:40]
    limit = max(0, min(limit, MOST_RESULTS))
    found: dict[int, Place] = {}
    for rows in _candidates(typed, within, limit):
        found.update({place.pk: place for place in rows if place.pk not in found})
        if len(found) >= limit:
            break
    return list(found.values())[:limit]


def _candidates(typed: str, within: Scope | None, limit: int) -> Iterator[Iterable[Place]]:
    active = Place.objects.filter(state=Place.State.ACTIVE).select_related("division")
    active = active if within is None else active.filter(within.q("division"))
    if not typed:
        return
    yield active.filter(code__gte=typed, code__lt=typed + "\U0010ffff").order_by("code")[:limit]
    if names.chinese(typed) or not typed[:1].isdigit():
        by_division = search(names.without_clinic_words(typed), within=within, limit=limit)
        rows = active.filter(division__in=[d.pk for d in by_division])
        # The name itself decides before the village does.
        yield sorted(rows[: 5 * limit], key=lambda place: typed not in place.name)
        if within is not None and _is_narrow(within):
            yield active.filter(name__contains=typed).order_by("division__first", "pk")[:limit]


def _is_narrow(within: Scope) -> bool:
    most = Division.objects.filter(within.q()).values("pk")[: NARROW + 1]
    return most.count() <= NARROW


def xpcc_counties() -> QuerySet[Division]:
    """The counties of the Production and Construction Corps, a recipient of its own.

    They stay under Xinjiang for scope and are taken out of Xinjiang's allocation.
    """
    return Division.objects.filter(code__in=_xpcc_codes(), level=Division.Level.COUNTY).order_by(
        "first"
    )


@cache
def _xpcc_codes() -> tuple[str, ...]:
    text = files("tongzhou.places").joinpath("data/xpcc.csv").read_text(encoding="utf-8")
    return tuple(
        row["code"] for row in csv.DictReader(text.splitlines()) if row.get("level", "3") == "3"
    )
