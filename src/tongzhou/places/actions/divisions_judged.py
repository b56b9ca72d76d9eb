"""What a table of divisions asks for, compared with the tree: new, moved, closed, or wrong."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from ..models import Division
from ..rules import Scope
from ..rules.problems import problems
from . import bulk
from .staging import staged

MOST_LEVELS = 12
KINDS = {"村": "village", "社区": "community", "居委会": "community", "其他": "other"}
OFFSET = 2**50


@dataclass(slots=True)
class Known:
    """A division as the tree has it, or as the file will add it (`first` 0)."""

    id: int
    level: int
    parent: int | None
    first: int
    last: int
    closed: bool
    new: bool = False


@dataclass(slots=True)
class Judged:
    """The rows of a table with their divisions. `moved`: new parent by id; `shown` by row."""

    rows: list[dict[str, Any]]
    known: dict[str, Known]
    found: list[pl.DataFrame] = field(default_factory=list)
    moved: dict[int, int] = field(default_factory=dict)
    closing: dict[int, int | None] = field(default_factory=dict)

    @property
    def new(self) -> list[dict[str, Any]]:
        return [row for row in self.rows if self.known[row["code"]].new]

    def fault(self, row: dict[str, Any], code: str, column: str, **parameters: object) -> None:
        one = pl.DataFrame([{"row": row["row"], "cell": row.get(column), **parameters}])
        self.found.append(problems(one, code, column, value="cell"))


def judge(frame: pl.DataFrame, within: Scope | None) -> Judged:
    """Everything the rows ask for, with a problem for each thing that cannot be."""
    codes = frame["code"]
    twice = frame.filter(codes.is_not_null() & ~codes.is_first_distinct())
    first = frame.select("code", pl.col("row").alias("other_row")).unique("code", keep="first")
    rows = frame.filter(codes.is_not_null() & codes.is_first_distinct()).to_dicts()
    judged = Judged(rows, _known(frame))
    judged.found.append(
        problems(twice.join(first, on="code"), "division.twice", "code", value="code")
    )
    _add_new(judged)
    for row in judged.rows:
        _judge_parent(judged, row)
    _set_levels(judged)
    for row in judged.rows:
        _judge_closing(judged, row)
    # Cycles are judged last, over the tree as all rows together would make it.
    parents = {known.id: known.parent for known in judged.known.values()}
    for row in judged.rows:
        if judged.known[row["code"]].id in judged.moved:
            _judge_cycle(judged, row, parents)
    if within is not None:
        _judge_scope(judged, within)
    return judged


def _known(frame: pl.DataFrame) -> dict[str, Known]:
    """The divisions that the file names in any column, by code."""
    named = pl.concat([frame["code"], frame["parent"], frame["successor"]]).drop_nulls().unique()
    rows = pl.DataFrame({"row": range(len(named)), "code": named})
    # A join with a table of the names: a file may name more than a query takes as parameters.
    with staged(rows, "named") as stage:
        found = stage.rows(
            "SELECT d.code, d.id, d.level, d.parent_id, d.first, d.last,"
            " d.valid_to IS NOT NULL"
            f" FROM {stage.name} s JOIN places_division d ON d.code = s.code"
        )
    return {code: Known(*rest) for code, *rest in found}


def _add_new(judged: Judged) -> None:
    next_id = bulk.next_id(Division)
    for row in judged.rows:
        if row["code"] not in judged.known:
            judged.known[row["code"]] = Known(next_id, -1, None, 0, 0, closed=False, new=True)
            next_id += 1


def _judge_parent(judged: Judged, row: dict[str, Any]) -> None:
    own = judged.known[row["code"]]
    if row["parent"] is None:
        if own.new and row["level"] != Division.Level.NATION:
            judged.fault(row, "division.parent_missing", "parent")
        return
    parent = judged.known.get(row["parent"])
    if parent is None:
        judged.fault(row, "division.unknown", "parent")
    elif parent.closed:
        judged.fault(row, "division.closed", "parent")
    elif own.new:
        own.parent = parent.id
    elif own.parent != parent.id:
        judged.moved[own.id] = parent.id


def _set_levels(judged: Judged) -> None:
    """Levels of new divisions from those of their parents, top-down; then they have to fit."""
    level = {known.id: known.level for known in judged.known.values()}
    waiting = [judged.known[row["code"]] for row in judged.new]
    for known in waiting:
        known.level = level[known.id] = 0 if known.parent is None else -1
    # One level a round, since a file may name a child before its parent; what waits after that
    # hangs on itself.
    for _ in range(MOST_LEVELS):
        for known in waiting:
            if known.level < 0 and known.parent is not None and level[known.parent] >= 0:
                known.level = level[known.id] = level[known.parent] + 1
        waiting = [known for known in waiting if known.level < 0]
    for row in judged.rows:
        _judge_level(judged, row, level)


def _judge_level(judged: Judged, row: dict[str, Any], level: dict[int, int]) -> None:
    own = judged.known[row["code"]]
    above = judged.moved.get(own.id, own.parent) or 0
    if own.level < 0:
        judged.fault(row, "division.cycle", "parent")
    elif row["level"] is not None and row["level"] != own.level:
        code = "division.level" if own.new else "division.no_change_of_level"
        judged.fault(row, code, "level", limit=str(own.level))
    elif own.level > Division.Level.VILLAGE:
        judged.fault(row, "division.too_deep", "parent")
    elif own.id in judged.moved and level.get(above, own.level - 1) + 1 != own.level:
        judged.fault(row, "division.level", "parent", limit=str(level[above] + 1))


def _judge_closing(judged: Judged, row: dict[str, Any]) -> None:
    own = judged.known[row["code"]]
    if row["successor"] is None:
        if row["valid_to"] is not None and not own.closed:
            judged.closing[own.id] = None
            _judge_children(judged, row, own)
        return
    successor = judged.known.get(row["successor"])
    if successor is None or successor.closed or successor.level != own.level:
        judged.fault(row, "division.successor_unknown", "successor")
    elif successor.id == own.id:
        judged.fault(row, "division.cycle", "successor")
    elif not own.closed:
        _merge(judged, own, successor)


def _merge(judged: Judged, own: Known, successor: Known) -> None:
    """A merged division goes into its successor, and so do its children unless the file says."""
    judged.closing[own.id] = successor.id
    for child in _children(own):
        if child not in judged.moved:
            judged.moved[child] = successor.id
    if not own.new:
        judged.moved[own.id] = successor.id


def _judge_children(judged: Judged, row: dict[str, Any], own: Known) -> None:
    closing = {
        judged.known[other["code"]].id
        for other in judged.rows
        if other["valid_to"] is not None or other["successor"] is not None
    }
    staying = [pk for pk in _children(own) if pk not in judged.moved and pk not in closing]
    added = [k for k in judged.known.values() if k.new and k.parent == own.id]
    if left := len(staying) + len(added):
        judged.fault(row, "division.has_children", "code", count=left)


def _children(own: Known) -> list[int]:
    if own.new:
        return []
    below = Division.objects.filter(
        level=own.level + 1, first__gt=own.first, first__lte=own.last, valid_to=None
    )
    return list(below.values_list("pk", flat=True))


def _judge_cycle(judged: Judged, row: dict[str, Any], parents: dict[int, int | None]) -> None:
    """Walk up from a moved division as the tree will be; it must not come back to itself."""
    own = judged.known[row["code"]]
    at, steps = judged.moved.get(own.id), 0
    while at is not None:
        steps += 1
        if at == own.id or steps > 2 * MOST_LEVELS:
            column = "successor" if row["successor"] else "parent"
            judged.fault(row, "division.cycle", column)
            return
        at = judged.moved.get(at) or _parent(at, parents)


def _parent(pk: int, parents: dict[int, int | None]) -> int | None:
    if pk not in parents:
        parents[pk] = Division.objects.values_list("parent_id", flat=True).get(pk=pk)
    return parents[pk]


def _judge_scope(judged: Judged, within: Scope) -> None:
    for row in judged.rows:
        for column in ("code", "parent", "successor"):
            known = judged.known.get(row[column]) if row[column] else None
            if known and not known.new and not within.contains(known):
                judged.fault(row, "division.outside", column)


def attributes(row: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The columns of Division that a row sets; an empty cell sets nothing."""
    for name in ("name", "lat", "lon", "valid_from", "valid_to"):
        if row[name] is not None:
            yield name, row[name]
    if row["kind"] is not None:
        yield "kind", KINDS.get(row["kind"], row["kind"])
