"""What may be told about a person: each input with its unit, its plausible range, its question.

A value outside the range is refused with a sentence, never clipped: an oximeter that shows 20 %
has to be put on again. What is not known is None or absent, and is never taken for normal.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Value = float | bool | str
Inputs = Mapping[str, Value | None]
KINDS = ("yesno", "number")
WORSE = {"yesno": ("yes", "none"), "number": ("lower", "higher", "away", "none")}


class InputRefused(ValueError):
    """An input that cannot be true. `texts` has the sentence by language; str() is English."""

    def __init__(self, field: str, en: str, zh: str) -> None:
        self.field = field
        self.texts = {"en": en, "zh": zh}
        super().__init__(en)


class RuleFault(ValueError):
    """A data file that cannot be used: str() names the entry and what is wrong with it."""


@dataclass(frozen=True)
class Field:
    """One input. `worse` says which way is worse: yes, lower, higher, away (from `best`), none."""

    id: str
    kind: str
    worse: str
    name: Mapping[str, str]
    question: Mapping[str, str]
    unit: Mapping[str, str]
    least: float = 0.0
    most: float = 0.0
    step: float = 1.0
    best: tuple[float, float] | None = None

    def taken(self, value: object) -> Value:
        """The value as it is kept. InputRefused where it cannot be true."""
        if self.kind == "yesno":
            if not isinstance(value, bool):
                raise self._refusal("must be yes or no", "须为是或否")
            return value
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self._refusal("must be a number", "须为数字")
        if not (math.isfinite(value) and self.least <= value <= self.most):
            raise self._refusal(
                f"must be {self.least:g} to {self.most:g} {self.unit['en']}, not {value:g}; "
                "measure again",
                f"须在 {self.least:g} 至 {self.most:g} {self.unit['zh']}之间，不能是 {value:g}；"
                "请重新测量",
            )
        return value

    def is_worse(self, value: Value, than: Value) -> bool:
        """Whether one value is at least as bad as another, where the two can be compared."""
        if self.worse == "yes":
            return bool(value) or not than
        if self.worse == "none" or isinstance(value, str) or isinstance(than, str):
            return value == than
        if self.worse == "lower":
            return value <= than
        if self.worse == "higher":
            return value >= than
        low, high = self.best or (self.least, self.most)
        return low <= than <= high or value <= than < low or value >= than > high

    def _refusal(self, en: str, zh: str) -> InputRefused:
        return InputRefused(self.id, f"{self.name['en']} {en}.", f"{self.name['zh']}{zh}。")


def fields_from(rows: list[dict[str, Any]]) -> dict[str, Field]:
    """The fields of a data file by id, in its order. RuleFault for what cannot be."""
    found: dict[str, Field] = {}
    for row in rows:
        field = _field(row)
        if field.id in found:
            raise RuleFault(f"field {field.id}: is there twice")
        found[field.id] = field
    return found


def _field(row: dict[str, Any]) -> Field:
    where = f"field {row.get('id')}"
    kind = row.get("kind")
    if kind not in KINDS:
        raise RuleFault(f"{where}: kind must be one of {', '.join(KINDS)}")
    if row.get("worse") not in WORSE[kind]:
        raise RuleFault(f"{where}: worse must be one of {', '.join(WORSE[kind])}")
    unit = both(row, "unit", where) if kind == "number" else {"en": "", "zh": ""}
    best = tuple(row["best"]) if "best" in row else None
    if (row["worse"] == "away") != (best is not None):
        raise RuleFault(f"{where}: best belongs to worse = away, and to nothing else")
    limits = {name: row.get(name, 0) for name in ("least", "most", "step")}
    if kind == "number" and not (limits["least"] < limits["most"] and limits["step"] > 0):
        raise RuleFault(f"{where}: needs least < most and a step above 0")
    name, question = both(row, "name", where), both(row, "question", where)
    return Field(row["id"], kind, row["worse"], name, question, unit, best=best, **limits)


def both(row: Mapping[str, Any], key: str, where: str) -> dict[str, str]:
    """A text in both languages. RuleFault where one of them is missing."""
    texts = row.get(key)
    if not isinstance(texts, dict) or not texts.get("en") or not texts.get("zh"):
        raise RuleFault(f"{where}: {key} needs English and Chinese")
    if not any("\u3400" <= sign <= "\u9fff" for sign in texts["zh"]) and key != "unit":
        raise RuleFault(f"{where}: {key} has no Chinese in its Chinese")
    return {"en": texts["en"], "zh": texts["zh"]}


def checked(fields: Mapping[str, Field], inputs: Inputs) -> dict[str, Value]:
    """What is known, in the order of the fields. InputRefused for a wrong value or a wrong name."""
    if strange := sorted(set(inputs) - set(fields)):
        raise InputRefused(
            strange[0], f"There is no input {strange[0]}.", f"没有{strange[0]}这一项。"
        )
    known = {}
    for name, field in fields.items():
        value = inputs.get(name)
        if value is not None:
            known[name] = field.taken(value)
    return known
