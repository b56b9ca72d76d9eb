"""Pinyin of place names: whole words read by pypinyin, place-name readings by our own table.

A row of pinyin_overrides.csv is a text, its reading (one syllable a character) and, where the
reading holds in one region only, the code prefix of that region. Single characters are the usual
reading in place names; longer texts win over shorter ones, regional rows over general ones.
"""

from __future__ import annotations

import csv
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from pypinyin import lazy_pinyin

TABLE = Path(__file__).with_name("pinyin_overrides.csv")


@dataclass(frozen=True)
class Reading:
    """How `text` is read below the code prefix `within` ("" is everywhere)."""

    text: str
    syllables: tuple[str, ...]
    within: str


def load_readings(path: Path = TABLE) -> list[Reading]:
    """Rows of the table, weakest first: short before long, general before regional.

    Raises SystemExit for a row whose syllables do not match its characters one to one.
    """
    with path.open(encoding="utf-8", newline="") as handle:
        rows = [
            Reading(row["text"], tuple(row["pinyin"].split()), row["within"])
            for row in csv.DictReader(handle)
        ]
    for row in rows:
        if len(row.text) != len(row.syllables):
            raise SystemExit(f"{path.name}: {row.text} needs one syllable a character")
    return sorted(rows, key=lambda row: (len(row.text), len(row.within)))


def romanise(name: str, code: str, readings: list[Reading]) -> list[str]:
    """Syllables of a name, lower case a-z and 0-9 only, u with two dots written v."""
    syllables = lazy_pinyin(name, errors=list)
    if len(syllables) != len(name):
        raise SystemExit(f"{name}: {len(syllables)} syllables for {len(name)} characters")
    for reading in readings:
        if reading.text in name and code.startswith(reading.within):
            _apply(reading, name, syllables)
    return [plain for syllable in syllables if (plain := _plain(syllable))]


def _apply(reading: Reading, name: str, syllables: list[str]) -> None:
    start = name.find(reading.text)
    while start >= 0:
        syllables[start : start + len(reading.syllables)] = reading.syllables
        start = name.find(reading.text, start + len(reading.syllables))


def _plain(syllable: str) -> str:
    """Letters and digits of a syllable; a character nobody could read gives nothing."""
    folded = unicodedata.normalize("NFKC", syllable).lower()
    return "".join(char for char in folded if char.isascii() and char.isalnum())
