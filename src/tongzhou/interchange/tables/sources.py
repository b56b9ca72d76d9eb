"""What every file format gives the reader: rows of raw text in chunks of bounded size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl

CHUNK_ROWS = 50_000


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows as text: `rows` are sheet row numbers, `cells` one String series a column.

    `numeric` marks the cells a spreadsheet holds as numbers, by position. `width` is the number
    of cells in each row of a format where rows may differ, else None.
    """

    rows: pl.Series
    cells: list[pl.Series]
    numeric: dict[int, pl.Series] = field(default_factory=dict)
    width: pl.Series | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """An opened file: its format, the encoding of its text and its chunks."""

    format: str
    chunks: Iterator[Chunk]
    encoding: str | None = None
