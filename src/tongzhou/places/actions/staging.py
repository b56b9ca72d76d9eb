"""A checked table in the database: staged, compared with what is there, written by set-based SQL.

Any app may stage its own rows: `staged` fills a temporary table inside the caller's transaction,
`look_up` turns codes into ids, `compare` finds what is new, changed or the same, `insert_new` and
`update_changed` write. Names of tables and columns come from the program, never from a file.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.db import connection

from . import bulk

PREFIX = "staged_"
TYPES: dict[type[pl.DataType] | pl.DataType, str] = {
    pl.String: "text",
    pl.Boolean: "boolean",
    pl.Date: "date",
    pl.Float64: "double precision",
}


@dataclass(frozen=True, slots=True)
class Counts:
    """How many staged rows are new to the target, change it, or leave it as it is."""

    new: int
    changed: int
    same: int


class Staged:
    """A temporary table with the frame's columns, `target_id` (null: new) and `changed`."""

    def __init__(self, name: str) -> None:
        self.name = name

    def look_up(self, column: str, table: str, value: str, *, on: Mapping[str, str]) -> None:
        """Set a column to the table's `value` where its columns match: `on` is theirs by ours."""
        match = " AND ".join(f"t.{theirs} = s.{ours}" for ours, theirs in on.items())
        self.run(f"UPDATE {self.name} AS s SET {column} = t.{value} FROM {table} t WHERE {match}")

    def compare(self, table: str, *, on: Mapping[str, str], values: Mapping[str, str]) -> Counts:
        """Find each row's target by its key, and whether one of `values` differs from it.

        `values` gives for each column of the target the SQL of its new value, in which `s` is the
        staged row and `t` the target.
        """
        self.look_up("target_id", table, "id", on=on)
        differs = " OR ".join(f"({new}) {self.apart()} t.{name}" for name, new in values.items())
        self.run(
            f"UPDATE {self.name} AS s SET changed = true FROM {table} t"
            f" WHERE t.id = s.target_id AND ({differs})"
        )
        return self.counts()

    def same(self) -> str:
        """The operator for "equal, or both empty"."""
        return "IS" if connection.vendor == "sqlite" else "IS NOT DISTINCT FROM"

    def apart(self) -> str:
        return "IS NOT" if connection.vendor == "sqlite" else "IS DISTINCT FROM"

    def counts(self) -> Counts:
        new, changed, every = self.rows(
            "SELECT count(*) FILTER (WHERE target_id IS NULL), count(*) FILTER (WHERE changed),"
            f" count(*) FROM {self.name}"
        )[0]
        return Counts(new, changed, every - new - changed)

    def insert_new(self, table: str, values: Mapping[str, str]) -> None:
        """Add the new rows in their order; `values` as in `compare`, without `t`."""
        self.run(
            f"INSERT INTO {table} ({', '.join(values)}) SELECT {', '.join(values.values())}"
            f' FROM {self.name} s WHERE s.target_id IS NULL ORDER BY s."row"'
        )

    def update_changed(self, table: str, values: Mapping[str, str]) -> None:
        assigned = ", ".join(f"{name} = {new}" for name, new in values.items())
        self.run(
            f"UPDATE {table} AS t SET {assigned} FROM {self.name} s"
            " WHERE t.id = s.target_id AND s.changed"
        )

    def first_rows(self, columns: Sequence[str], most: int) -> list[dict[str, object]]:
        """The first rows of the file by these columns, with `state`: new, changed or same."""
        shown = ", ".join(f's."{name}"' for name in columns)
        rows = self.rows(
            f"SELECT {shown}, CASE WHEN s.target_id IS NULL THEN 'new' WHEN s.changed"
            f" THEN 'changed' ELSE 'same' END FROM {self.name} s ORDER BY s.\"row\" LIMIT %s",
            [most],
        )
        return [dict(zip((*columns, "state"), row, strict=True)) for row in rows]

    def run(self, sql: str, values: Sequence[Any] = ()) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql, list(values))

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql, list(values))
            return list(cursor.fetchall())


@contextmanager
def staged(frame: pl.DataFrame, name: str, *, adding: Sequence[str] = ()) -> Iterator[Staged]:
    """Fill a temporary table with a frame that has a `row` column; `adding` are empty id columns.

    Inside a transaction; the table is gone at its end.
    """
    table = PREFIX + name
    columns = [f'"{c}" {_sql_type(t)}' for c, t in frame.schema.items()]
    extra = [f"{c} bigint" for c in (*adding, "target_id")]
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {table}")
        cursor.execute(
            f"CREATE TEMPORARY TABLE {table} ({', '.join([*columns, *extra])},"
            " changed boolean NOT NULL DEFAULT false)"
        )
        bulk.insert_frame(table, frame)
        if connection.vendor == "postgresql":
            # PostgreSQL knows nothing of a new table's size, and would choose its joins blindly.
            cursor.execute(f"ANALYZE {table}")
        yield Staged(table)
        cursor.execute(f"DROP TABLE IF EXISTS {table}")


def _sql_type(type_: pl.DataType) -> str:
    return TYPES.get(type_.base_type(), "bigint")
