"""What a clinician has to sign, and how each text stands: unsigned, signed, changed since.

Rules and the medicine catalogue come from `clinical`; an app above registers its own kind, as the
guides do. A text is named by (kind, ref); its SHA-256 says which wording was signed.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from ..models import Review

Texts = Mapping[str, str]
_sources: dict[str, Callable[[], Iterable["HealthText"]]] = {}


@dataclass(frozen=True, slots=True)
class Part:
    """A paragraph of a text to sign, or one line of its source, in both languages."""

    what: Texts
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class HealthText:
    """One thing that is read and signed as a whole. `parts` is asked only where it is shown.
    `reviewer`: who signed it in the data file itself, empty where nobody did."""

    kind: str
    ref: str
    version: str
    sha256: str
    title: Texts
    parts: Callable[[], list[Part]]
    reviewer: str = ""


class State(StrEnum):
    OPEN = "open"
    CHANGED = "changed"
    SIGNED = "signed"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a text stands; `review` is the signature that holds, or the last one that held."""

    text: HealthText
    state: State
    review: Review | None = None


def health_texts(kind: str) -> Callable[[Callable[[], Iterable[HealthText]]], Any]:
    """Register what there is of a kind: a function that gives every text of it."""

    def register(source: Callable[[], Iterable[HealthText]]) -> Any:
        _sources[kind] = source
        return source

    return register


def digest_of_text(content: object) -> str:
    """SHA-256 of anything made of dicts, lists, texts, numbers, days and sets."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"No digest is defined over {type(value).__name__}.")


def standings_of(texts: Iterable[HealthText]) -> list[Standing]:
    """How each of the texts stands, by one query."""
    wanted = list(texts)
    last: dict[tuple[str, str], Review] = {}
    exact: dict[tuple[str, str, str], Review] = {}
    kinds = {text.kind for text in wanted}
    refs = {text.ref for text in wanted} if len(wanted) == 1 else None
    rows = Review.objects.filter(kind__in=kinds).order_by("at", "pk")
    for row in rows if refs is None else rows.filter(ref__in=refs):
        last[row.kind, row.ref] = row
        exact[row.kind, row.ref, row.sha256] = row
    return [_standing(text, exact.get((text.kind, text.ref, text.sha256)), last) for text in wanted]


def _standing(
    text: HealthText, review: Review | None, last: Mapping[tuple[str, str], Review]
) -> Standing:
    if review or text.reviewer:
        return Standing(text, State.SIGNED, review)
    before = last.get((text.kind, text.ref))
    return Standing(text, State.CHANGED if before else State.OPEN, before)


def review_standings(kind: str = "") -> list[Standing]:
    """Every text of a kind, or of all, in the order of its source."""
    kinds = [kind] if kind else [name for name in Review.Kind.values if name in _sources]
    return standings_of(text for name in kinds if name in _sources for text in _sources[name]())


def health_text(kind: str, ref: str) -> HealthText | None:
    """The text as it reads today, None where there is none of that name."""
    source = _sources.get(kind)
    return next((text for text in source() if text.ref == ref), None) if source else None


def unsigned_texts() -> dict[str, tuple[int, int]]:
    """By kind: how many texts no clinician has signed as they read today, and how many there are.
    Kinds of which there is none are left out."""
    found: dict[str, tuple[int, int]] = {}
    for one in review_standings():
        unsigned, total = found.get(one.text.kind, (0, 0))
        found[one.text.kind] = unsigned + (one.state is not State.SIGNED), total + 1
    return found
