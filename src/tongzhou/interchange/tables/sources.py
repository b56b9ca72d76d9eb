"""What every file format gives the reader: rows of raw text in chunks of bounded size."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field

import polars as pl

CHUNK_ROWS = 50_000
CHUNK_CELLS = 1_000_000
# Integers below this keep every digit in the numbers that spreadsheets hold.
EXACT = 10**15
HELD_AS_TEXT, HELD_AS_NUMBER, HELD_AS_DATE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows as text: `rows` are sheet row numbers, `cells` one String series a column.

    `held` says by position how typed formats hold each cell (UInt8, HELD_AS_...); a column
    without an entry is all text. `width` is the number of cells in each row of a format where
    rows may differ, else None.
    """

    rows: pl.Series
    cells: list[pl.Series]
    held: dict[int, pl.Series] = field(default_factory=dict)
    width: pl.Series | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """An opened file: its format, its chunks, and what else it says of itself.

    `encoding` of its text, names of its `sheets`, `serial_offset` in days to be added to numbers
    that mean dates (1462 in workbooks that count from 1904). `may_be_cut`: the format does not
    notice a missing end; `ends_open`: there is no line break at the end.
    """

    format: str
    chunks: Generator[Chunk, None, None]
    encoding: str | None = None
    sheets: tuple[str, ...] = ()
    serial_offset: int = 0
    may_be_cut: bool = False
    ends_open: bool = False


def number_text(raw: pl.Series) -> pl.Series:
    """A number as it is shown without format: 12 for 12.0 and 1.2E1, all digits where given."""
    text = pl.col("raw")
    number = text.cast(pl.Float64, strict=False)
    small = number.abs() < EXACT
    whole = pl.when(small & (number == number.floor())).then(number).cast(pl.Int64)
    broken = pl.when(small).then(number).cast(pl.String)
    shown = pl.coalesce(whole.cast(pl.String), broken, pl.when(text != "").then(text))
    return pl.DataFrame({"raw": raw}).select(shown).to_series()
