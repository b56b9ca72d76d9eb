"""The medicine check: one page that works without us once it was opened. Nothing typed into it is
sent: its form goes nowhere, and its scripts load the catalogue beforehand."""

import gzip
import json
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from tongzhou.clinical import browser_data, load_catalogue
from tongzhou.clinical.medicines.catalogue import Ingredient
from tongzhou.kit.access import public
from tongzhou.kit.stored_pages import DATABASE_AWAY
from tongzhou.people.queries import State, review_standings
from tongzhou.portal.queries.codes import catalogue_codes

from .channel import CACHED
from .drawer_words import drawer_words
from .scripts import guarded, packed

CATALOGUE = "catalogue"


@public
@require_safe
def medicine_page(request: HttpRequest) -> HttpResponse:
    """The same for everybody. Without a script: what it needs, one rule and a number to call."""
    book = load_catalogue()
    context = {
        "emergency_number": settings.EMERGENCY_NUMBER,
        "hotline": settings.HOTLINE,
        "is_demo": settings.MODE == "demo",
        "catalogue": book,
        "reviewed": _is_signed(),
        "words": drawer_words(),
        **_plain_rule(book.ingredients["paracetamol"]),
    }
    response = render(request, "portal/medicine.html", context)
    response["Cache-Control"] = CACHED
    return guarded(response, form="'none'")


def _is_signed() -> bool:
    """Has a clinician signed the whole catalogue as it reads today? Without a database: not known
    to have."""
    try:
        texts = review_standings(CATALOGUE)
    except DATABASE_AWAY:
        return False
    return all(text.state is State.SIGNED for text in texts)


def _plain_rule(paracetamol: Ingredient) -> dict[str, object]:
    """The limits of the most common medicine, for a page without a script."""
    low, high = paracetamol.child_dose_mg_kg or (0, 0)
    language = "zh" if (get_language() or "en").startswith("zh") else "en"
    return {
        "paracetamol": paracetamol,
        "name": paracetamol.name[language],
        "day_grams": f"{(paracetamol.day_mg or 0) / 1000:g}",
        "low": f"{low:g}",
        "high": f"{high:g}",
        "child_day": f"{paracetamol.child_day_mg_kg or 0:g}",
    }


@public
@require_safe
def data(request: HttpRequest) -> HttpResponse:
    """The catalogue with its checks, and the codes of boxes that lead to its products."""
    try:
        codes = catalogue_codes()
    except DATABASE_AWAY:
        codes = {}  # The check itself needs no database; only codes of boxes are not known then.
    kept = json.dumps(codes, separators=(",", ":"))
    return packed(request, *_packed(kept), "application/json")


@lru_cache(maxsize=2)
def _packed(codes: str) -> tuple[bytes, bytes]:
    book = browser_data().removesuffix("}")
    plain = f'{book},"box_codes":{codes}}}'.encode()
    return plain, gzip.compress(plain, 9, mtime=0)
