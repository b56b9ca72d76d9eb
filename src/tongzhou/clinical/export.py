"""The catalogue and the checks as one small JSON, for the check that runs in the browser offline.

The keys are short words; what is empty is left out. `medicine.js` reads it and nothing else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from tongzhou.clinical.medicines.catalogue import Catalogue, Check, Ingredient, Product, load

MOST_BYTES = 60_000


def browser_data(catalogue: Catalogue | None = None) -> str:
    """JSON text, at most 60,000 bytes of UTF-8; the same catalogue gives the same text.

    OverflowError when the catalogue has outgrown that: a phone on a weak link has to load it.
    """
    book = catalogue or load()
    places = {name: place for place, name in enumerate(book.ingredients)}
    content = {
        "version": book.version,
        "issued": book.issued.isoformat(),
        "reviewed": not book.unreviewed(),
        "child_under_months": book.child_under_months,
        "ingredients": [_ingredient(one) for one in book.ingredients.values()],
        "products": [_product(one, places) for one in book.products.values()],
        "checks": [_check(one) for one in book.checks],
        "clues": [{"signs": one.signs, "what": _pair(one.what)} for one in book.clues],
        "person": [
            _kept(
                {
                    "id": one.id,
                    "text": _pair(one.text),
                    "least": one.least,
                    "most": one.most,
                    "not_under_months": one.not_under_months,
                }
            )
            for one in book.person.values()
        ],
        "verdicts": {name: _pair(texts) for name, texts in book.verdicts.items()},
    }
    digest = hashlib.sha256(_compact(content).encode()).hexdigest()
    text = _compact({"sha256": digest} | content)
    if len(text.encode()) > MOST_BYTES:
        raise OverflowError(f"The medicine data has over {MOST_BYTES} bytes; shorten its texts.")
    return text


def _compact(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _pair(texts: Mapping[str, str]) -> list[str]:
    """English and Chinese."""
    return [texts["en"], texts["zh"]]


def _kept(row: dict[str, Any]) -> dict[str, Any]:
    """Without what is empty; a range that begins at 0 keeps its 0."""
    return {
        key: value
        for key, value in row.items()
        if (key == "least" and value is not None) or value not in (None, 0, "", (), [])
    }


def _ingredient(one: Ingredient) -> dict[str, Any]:
    return _kept(
        {
            "id": one.id,
            "name": _pair(one.name),
            "also": one.also,
            "classes": sorted(one.classes - {"ask_in_pregnancy"}),
            "usual": "ask_in_pregnancy" not in one.classes,
            "day": one.day_mg,
            "dose": one.dose_mg,
            "kg_dose": one.child_dose_mg_kg and one.child_dose_mg_kg[1],
            "kg_day": one.child_day_mg_kg,
            "times": one.times,
            "from": one.from_months,
            "note": one.repeated == "note",
        }
    )


def _product(one: Product, places: Mapping[str, int]) -> list[Any]:
    """id, names, mg as [place among the ingredients, mg, ...], unit, other names, approval
    numbers, codes; what is empty at the end is left out, and so is the unit of a tablet."""
    held = [part for name, mg in one.mg.items() for part in (places[name], mg)]
    unit = "" if one.unit == "tablet" else one.unit
    row = [one.id, _pair(one.name), held, unit, one.also, one.approval, one.codes]
    while not row[-1]:
        row.pop()
    return row


def _check(one: Check) -> dict[str, Any]:
    return _kept(
        {
            "id": one.id,
            "kind": one.kind,
            "severity": one.severity,
            "text": _pair(one.text),
            "classes": one.classes,
            "about": one.about,
            "person": one.person,
            "from_weeks": one.from_weeks,
        }
    )
