"""What a check found, in words. Amounts are whole micrograms, so that no rounding hides a limit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tongzhou.clinical.medicines.catalogue import Check, Texts

MICROGRAMS = 1000  # in a milligram
LANGUAGES = ("en", "zh")
BETWEEN = {"en": ", ", "zh": "、"}


@dataclass(frozen=True)
class Finding:
    """One thing found. `items` are positions in the drawer, the other medicines counted on.

    `amount` and `limit` are micrograms, for the number of times plain counts, else None.
    """

    rule: str
    severity: str
    items: tuple[int, ...]
    text: Texts
    ingredient: str = ""
    amount: int | None = None
    limit: int | None = None
    asks: str = ""

    def to_json(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "severity": self.severity,
            "items": list(self.items),
            "text": dict(self.text),
            "ingredient": self.ingredient,
            "amount": self.amount,
            "limit": self.limit,
            "asks": self.asks,
        }


@dataclass(frozen=True)
class Findings:
    """All that was found, the gravest first; `verdict` is stop, ask, note or nothing."""

    verdict: str
    text: Texts
    findings: tuple[Finding, ...]
    version: str
    unknown: tuple[int, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        return {
            "verdict": self.verdict,
            "text": dict(self.text),
            "findings": [finding.to_json() for finding in self.findings],
            "version": self.version,
            "unknown": list(self.unknown),
        }


def sentences(check: Check, names: list[Texts], values: Mapping[str, Texts]) -> Texts:
    """The text of a check with the names of the products and what else it speaks of."""
    said = {}
    for language in LANGUAGES:
        text = check.text[language]
        for name, texts in values.items():
            text = text.replace("{" + name + "}", texts[language])
        joined = BETWEEN[language].join(dict.fromkeys(name[language] for name in names))
        said[language] = text.replace("{items}", joined)
    return said


def milligrams(micrograms: int) -> str:
    """1500 -> 1.5"""
    whole, rest = divmod(micrograms, MICROGRAMS)
    return f"{whole}.{rest:03}".rstrip("0").rstrip(".")


def alike(text: str) -> Texts:
    """A text that both languages write alike."""
    return dict.fromkeys(LANGUAGES, text)


def age(months: int) -> Texts:
    """In years from two years on, where they are whole."""
    if months >= 24 and months % 12 == 0:
        return {"en": f"{months // 12} years", "zh": f"{months // 12} 岁"}
    return {"en": f"{months} months", "zh": f"{months} 月龄"}
