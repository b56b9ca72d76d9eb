"""Parquet: typed columns as text again, so that one set of rules serves every format."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import TypeVar

import polars as pl
from polars.exceptions import PanicException, PolarsError

from tongzhou.interchange.refusals import TableRefused
from tongzhou.interchange.tables.columns import Limits
from tongzhou.interchange.tables.sources import (
    CHUNK_ROWS,
    HELD_AS_DATE,
    HELD_AS_NUMBER,
    HELD_AS_TEXT,
    Chunk,
    Source,
    number_text,
)

Read = TypeVar("Read")


def open_parquet(data: bytes, limits: Limits) -> Source:
    return Source(format="parquet", chunks=_chunks(data, limits))


def _chunks(data: bytes, limits: Limits) -> Iterator[Chunk]:
    table = _read(lambda: pl.scan_parquet(io.BytesIO(data)))
    schema = _read(table.collect_schema)
    rows = _read(table.select(pl.len()).collect).item()
    _check_size(schema, rows, limits)
    yield _header(schema.names())
    for start in range(0, rows, CHUNK_ROWS):
        yield _chunk(_read(table.slice(start, CHUNK_ROWS).collect), start + 2)


def _read(step: Callable[[], Read]) -> Read:
    try:
        return step()
    except (PolarsError, PanicException, OSError, OverflowError, MemoryError) as error:
        # The compiled reader panics on some damaged files; that is an answer about the file.
        raise TableRefused("file.broken", detail="Parquet") from error


def _check_size(schema: pl.Schema, rows: int, limits: Limits) -> None:
    if len(schema) > limits.columns:
        raise TableRefused("file.columns", count=len(schema), limit=limits.columns)
    if rows > limits.rows:
        raise TableRefused("file.rows", limit=f"{limits.rows:,}")
    for name, kind in schema.items():
        if kind.is_nested() or kind in (pl.Binary, pl.Object):
            raise TableRefused("file.nested", column=name[:100])


def _header(names: list[str]) -> Chunk:
    """The names as the first row, where every other format has them."""
    cells = [pl.Series([name], dtype=pl.String) for name in names]
    return Chunk(pl.Series([1], dtype=pl.UInt32), cells)


def _chunk(part: pl.DataFrame, first: int) -> Chunk:
    rows = pl.int_range(first, first + part.height, dtype=pl.UInt32, eager=True)
    columns = part.get_columns()
    held = {
        i: column.is_not_null().cast(pl.UInt8) * how
        for i, column in enumerate(columns)
        if (how := _held(column.dtype)) != HELD_AS_TEXT
    }
    return Chunk(rows, [_text(column) for column in columns], held)


def _held(kind: pl.DataType) -> int:
    if kind.is_numeric():
        return HELD_AS_NUMBER
    return HELD_AS_DATE if kind.is_temporal() else HELD_AS_TEXT


def _text(column: pl.Series) -> pl.Series:
    if column.dtype.is_float():
        return number_text(column.cast(pl.String))
    if column.dtype == pl.Boolean:
        return column.cast(pl.String).str.to_uppercase()
    return column.cast(pl.String)
