"""Changes as they stand in an address: the same change is the same text, and nothing else is
read."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from tongzhou.kit.rules import Json, canonical
from tongzhou.plans.rules import CHANGES_AT_MOST, UNITS_AT_MOST

PERCENT_AT_MOST = 1_000
SHARE_AT_MOST = 99
DAYS_AT_MOST = 90
CODE_AT_MOST = 40
CHANGE_AT_MOST = 400


def _id(value: Any) -> bool:
    return type(value) is int and 0 < value < 2**63


def _number(most: int, least: int = 0) -> Callable[[Any], bool]:
    return lambda value: type(value) is int and least <= value <= most


def _word(value: Any) -> bool:
    """A code; what no database keeps (U+0000, half a surrogate pair) is none."""
    return isinstance(value, str) and len(value) <= CODE_AT_MOST and value.isprintable()


def _name(value: Any) -> bool:
    return _word(value) and bool(value)


def _date(value: Any) -> bool:
    try:
        # Far below the last day there is, so that goods may still come later.
        return isinstance(value, str) and 2000 <= date.fromisoformat(value).year < 2200
    except ValueError:
        return False


UNITS, PERCENT = _number(UNITS_AT_MOST), _number(PERCENT_AT_MOST)
SHAPES: Mapping[str, Mapping[str, Callable[[Any], bool]]] = {
    "more": {"dock": _id, "item": _name, "day": _date, "units": UNITS},
    "fewer": {"dock": _id, "item": _name, "day": _date, "units": UNITS},
    "share": {"dock": _id, "item": _word, "day": _date, "percent": _number(SHARE_AT_MOST)},
    "later": {"dock": _id, "item": _word, "days": _number(DAYS_AT_MOST, 1)},
    "lane": {"dock": _id, "recipient": _id, "day": _date, "units": UNITS},
    "inbound": {"recipient": _id, "units": UNITS},
    "need": {"division": _name, "item": _word, "percent": PERCENT},
    "recount": {"place": _name, "item": _name, "units": UNITS},
}


def written_change(change: Json) -> str:
    """A change as it stands in an address: the same change is the same text."""
    return canonical(change).decode()


def changes_in(texts: Sequence[str]) -> tuple[list[Json], bool]:
    """The changes of an address, at most 10; and whether something in it could not be read."""
    read = [_read(text) for text in texts[: CHANGES_AT_MOST + 1]]
    known = [change for change in read if change is not None]
    return known[:CHANGES_AT_MOST], len(known[:CHANGES_AT_MOST]) < len(texts)


def _read(text: str) -> Json | None:
    try:
        change = json.loads(text) if len(text) <= CHANGE_AT_MOST else None
    except ValueError:
        return None
    if not isinstance(change, dict) or not isinstance(change.get("kind"), str):
        return None
    shape = SHAPES.get(change["kind"])
    if shape is None or change.keys() != {"kind", *shape}:
        return None
    return change if all(fits(change[name]) for name, fits in shape.items()) else None
