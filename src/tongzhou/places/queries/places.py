"""Places looked up by code or name, and lists of them by division."""

import csv
from functools import cache
from importlib.resources import files

from django.db.models import QuerySet

from tongzhou.interchange import codes

from ..models import Division, Place


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
