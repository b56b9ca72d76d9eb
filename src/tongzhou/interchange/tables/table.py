"""What reading a file gives: clean typed columns, problems by row and column, and notes."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

ROW = "row"
PARAMS: dict[str, pl.DataType] = {
    "limit": pl.String(),
    "other_row": pl.UInt32(),
    "count": pl.UInt32(),
}
_FIELDS: dict[str, pl.DataType] = {
    ROW: pl.UInt32(),
    "column": pl.String(),
    "value": pl.String(),
    "code": pl.String(),
    "params": pl.Struct(PARAMS),
    "warning": pl.Boolean(),
    "personal": pl.Boolean(),
}
PROBLEMS = pl.Schema(_FIELDS)


@dataclass(frozen=True, slots=True)
class Note:
    """Something the reader did that its user should see; `messages.sentence` says it."""

    code: str
    params: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A table that was read.

    `frame`: `row` (UInt32, the row as a spreadsheet shows it, the first is 1), then every
    expected column by its name: String for codes, texts and phones (digits with an optional +),
    Int64, Float64, Date, Boolean; null where the cell is empty or has a problem.
    `problems`: row, column (the header in the file), value, code and params (for
    `messages.sentence`), warning (true: allowed, false: an error), personal; at most
    `Limits.problems` rows, ordered by row, while `errors` and `warnings` count all.
    `matched`: header in the file by column name; `unknown`: headers that match no column.
    `encoding`: of a CSV file, else None; `format`: csv, xlsx or parquet.
    """

    frame: pl.DataFrame
    problems: pl.DataFrame
    notes: tuple[Note, ...]
    matched: dict[str, str]
    unknown: tuple[str, ...]
    format: str
    encoding: str | None
    errors: int
    warnings: int

    @property
    def sound(self) -> bool:
        """No cell has an error; warnings are allowed."""
        return self.errors == 0
