"""PROBLEM as a folder of Parquet tables, for national size: the columns of the JSON form.

problem.json holds the scalars; nodes, needs, items, supply, waves, lanes, inbound and kits are
tables of that name. Tables that would be empty may be missing.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ..limits import MAX_NEEDS, MAX_NODES, MAX_SUPPLY_ROWS
from .documents import small_from, small_to
from .faults import ProblemError
from .model import NO_REQUEST, Problem

_REQUIRED = ("weight", "cap")
_DEFAULTS = {"floor": 0, "stock": 0, "drop": 1, "request": NO_REQUEST, "estimated": False}
_SMALL = ("items", "supply", "waves", "lanes", "inbound")


def write_tables(problem: Problem, folder: Path) -> None:
    """Write the problem into `folder`, which is made; its tables of these names are replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    small = small_to(problem)
    scalars = {name: small[name] for name in ("horizon_days", "objective")}
    (folder / "problem.json").write_text(json.dumps(scalars) + "\n", encoding="utf-8")
    ids = np.array([*problem.node_ids, None], dtype=object)  # the last is the parent of the top
    items = np.array([item.id for item in problem.items], dtype=object)
    needs = problem.needs
    tables = {name: pl.DataFrame(small[name], infer_schema_length=None) for name in _SMALL}
    tables["nodes"] = pl.DataFrame(
        {"id": list(problem.node_ids), "parent": ids[problem.parent].tolist()},
        schema={"id": pl.String, "parent": pl.String},
    )
    tables["needs"] = pl.DataFrame(
        {
            "node": ids[needs.node].tolist(),
            "item": items[needs.item].tolist(),
            **{name: getattr(needs, name) for name in (*_REQUIRED, *_DEFAULTS)},
        }
    )
    tables["kits"] = pl.DataFrame(
        [
            {"kit": kit.id, "item": item, "units": units}
            for kit in problem.kits
            for item, units in kit.lines.items()
        ]
    )
    for name, table in tables.items():
        path = folder / f"{name}.parquet"
        # Also where the new table is empty: an old one would be read as part of this problem.
        path.unlink(missing_ok=True)
        if table.height:
            table.write_parquet(path)


def read_tables(folder: Path) -> Problem:
    """The problem in `folder`. Raises ProblemError that names table, row and fault."""
    nodes = _table(folder, "nodes", MAX_NODES, ("id",))
    if nodes is None:
        raise ProblemError([f"{folder.name} has no nodes.parquet; give a folder of tables."])
    small = small_from(_small(folder))
    ids = nodes["id"].to_list()
    parent = nodes["parent"].to_list() if "parent" in nodes.columns else [None] * len(ids)
    needs = _table(folder, "needs", MAX_NEEDS, ("node", "item", *_REQUIRED))
    columns: dict[str, Any] = {"node": [], "weight": [], "cap": []}
    if needs is not None:
        items = [item.id for item in small["items"]]
        columns = {
            "node": _places("needs", "node", needs["node"].to_list(), ids),
            "item": _places("needs", "item", needs["item"].to_list(), items),
            **{name: _column(needs, name) for name in _REQUIRED},
            **{name: _column(needs, name) for name in _DEFAULTS if name in needs.columns},
        }
    above = _places("nodes", "parent", parent, ids, none=-1)
    return Problem.from_arrays(ids, above, **columns, **small)


def _table(folder: Path, name: str, limit: int, columns: Sequence[str] = ()) -> pl.DataFrame | None:
    path = folder / f"{name}.parquet"
    if not path.is_file():
        return None
    try:
        # Counted first, so that a table over the limit is never read into memory.
        rows = pl.scan_parquet(path).select(pl.len()).collect().item()
        if rows > limit:
            raise ProblemError([f"{path.name}: {rows:,} rows, at most {limit:,} are read."])
        table = pl.read_parquet(path)
    except pl.exceptions.PolarsError as fault:
        raise ProblemError([f"{path.name} is not a Parquet table: {fault}."]) from fault
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise ProblemError([f"{path.name}: the column {column} is missing." for column in missing])
    return table


def _small(folder: Path) -> dict[str, Any]:
    """The small tables in the JSON form; their values are checked as those of a JSON file are."""
    path = folder / "problem.json"
    try:
        data = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except ValueError as fault:
        raise ProblemError([f"problem.json is not JSON: {fault}."]) from fault
    for name in _SMALL:
        table = _table(folder, name, MAX_SUPPLY_ROWS)
        if table is not None:
            # An empty cell says what a missing name says in JSON.
            data[name] = [
                {column: value for column, value in row.items() if value is not None}
                for row in table.to_dicts()
            ]
    kits = _table(folder, "kits", MAX_SUPPLY_ROWS, ("kit", "item", "units"))
    if kits is not None:
        lines: dict[str, dict[str, Any]] = {}
        for row in kits.to_dicts():
            lines.setdefault(row["kit"], {})[row["item"]] = row["units"]
        data["kits"] = [{"id": kit, "lines": held} for kit, held in lines.items()]
    return data


def _places(
    table: str, column: str, values: Sequence[Any], names: Sequence[str], none: int | None = None
) -> NDArray[np.int64]:
    """Index in `names` of each value; `none` stands for a missing one where that is allowed."""
    index: dict[Any, int | None] = {name: i for i, name in enumerate(names)}
    if none is not None:
        index[None] = none
    found = [index.get(value) for value in values]
    lost = [i for i, place in enumerate(found) if place is None]
    if lost:
        raise ProblemError([f'{table} row {i}: {column} "{values[i]}" is not known.' for i in lost])
    return np.array(found, dtype=np.int64)


def _column(needs: pl.DataFrame, name: str) -> NDArray[Any]:
    """A column of needs; a missing value is the default where there is one."""
    column = needs[name]
    if name in _DEFAULTS:
        column = column.fill_null(_DEFAULTS[name])
    empty = column.is_null().arg_true().to_list()
    if empty:
        raise ProblemError([f"needs row {i}: {name} is missing." for i in empty])
    return column.to_numpy()
