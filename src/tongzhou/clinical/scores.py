"""Scores as banded tables: each sign gives points, by the first band that holds its value."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tongzhou.clinical.fields import Field, RuleFault, Value, both


@dataclass(frozen=True)
class Part:
    """One sign: bands as (highest value, points), or the points for the answer yes."""

    field: str
    bands: tuple[tuple[float, int], ...] = ()
    yes: int = 0

    def points(self, value: Value) -> int:
        if isinstance(value, (bool, str)):
            return self.yes if value else 0
        return next(points for up_to, points in self.bands if value <= up_to)

    @property
    def highest(self) -> int:
        return max([self.yes, *(points for _, points in self.bands)])


@dataclass(frozen=True)
class Score:
    """A table of signs."""

    id: str
    version: int
    kind: str
    source: str
    valid_from: dt.date
    reviewer: str
    text: Mapping[str, str]
    parts: tuple[Part, ...]


def scores_from(rows: list[dict[str, Any]], fields: Mapping[str, Field]) -> dict[str, Score]:
    """The scores of a data file by id. RuleFault for what cannot be."""
    found = {}
    for row in rows:
        where = f"score {row['id']}"
        parts = tuple(_part(raw, fields, where) for raw in row["parts"])
        facts = {name: row[name] for name in ("id", "version", "kind", "source", "valid_from")}
        found[row["id"]] = Score(
            **facts, reviewer=row["reviewer"], text=both(row, "text", where), parts=parts
        )
    return found


def _part(raw: dict[str, Any], fields: Mapping[str, Field], where: str) -> Part:
    if raw["field"] not in fields:
        raise RuleFault(f"{where}: there is no field {raw['field']}")
    bands = tuple((row.get("up_to", math.inf), row["points"]) for row in raw.get("bands", ()))
    ends = [up_to for up_to, _ in bands]
    if ends and (ends != sorted(set(ends)) or ends[-1] != math.inf):
        raise RuleFault(f"{where}: the bands of {raw['field']} must rise and end open")
    if bool(bands) != (fields[raw["field"]].kind == "number"):
        raise RuleFault(f"{where}: {raw['field']} needs bands if a number, else points for yes")
    return Part(raw["field"], bands, raw.get("yes", 0))
