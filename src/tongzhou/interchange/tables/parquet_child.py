"""Decode Parquet in a process of its own: `python -m tongzhou.interchange.tables.parquet_child`.

The compiled reader trusts the sizes that a file states: a damaged file can make it ask for more
memory than exists, which ends the process, whoever it belongs to. So it belongs to this one.

Standard input is the file, the arguments are the limits of rows, columns and bytes of text.
Standard output is a row of messages, each a letter, eight bytes of length and that many bytes: T
a table (Arrow stream), R a refusal (JSON), E the end. Without an end the file is broken.
"""

from __future__ import annotations

import io
import json
import resource
import sys
from collections.abc import Iterator

import polars as pl

from tongzhou.interchange.refusals import TableRefused
from tongzhou.interchange.tables.columns import MIB, Limits
from tongzhou.interchange.tables.sources import (
    CHUNK_ROWS,
    HELD_AS_DATE,
    HELD_AS_NUMBER,
    HELD_AS_TEXT,
    number_text,
)
from tongzhou.interchange.tables.table import ROW

HELD = "held"
TABLE, REFUSAL, END = b"T", b"R", b"E"
LENGTH_BYTES = 8
# Address space, not memory in use: the threads of the reader reserve a good part of it.
ADDRESS_SPACE = 8 * 1024 * MIB
SECONDS = 120


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    rows, columns, text = map(int, sys.argv[1:])
    limits = Limits(rows=rows, columns=columns, unpacked_bytes=text)
    try:
        for frame in frames(sys.stdin.buffer.read(), limits):
            target = io.BytesIO()
            frame.write_ipc_stream(target)
            send(TABLE, target.getvalue())
    except TableRefused as refused:
        send(REFUSAL, json.dumps([refused.code, refused.params]).encode())
    send(END, b"")


def send(letter: bytes, content: bytes) -> None:
    sys.stdout.buffer.write(letter + len(content).to_bytes(LENGTH_BYTES, "big") + content)


def frames(data: bytes, limits: Limits) -> Iterator[pl.DataFrame]:
    """row, cells by position and how they are held; the names of the columns are row 1."""
    table = pl.scan_parquet(io.BytesIO(data))
    schema = table.collect_schema()
    rows = table.select(pl.len()).collect().item()
    _check_size(schema, rows, limits)
    names = {str(i): [name] for i, name in enumerate(schema)}
    yield pl.DataFrame({ROW: [1], **names}, schema_overrides={ROW: pl.UInt32})
    text = 0
    for start in range(0, rows, CHUNK_ROWS):
        frame = _as_text(table.slice(start, CHUNK_ROWS).collect(), start + 2)
        text += int(frame.estimated_size())
        if text > limits.unpacked_bytes:
            raise TableRefused("file.unpacked", limit=limits.unpacked_bytes // MIB)
        yield frame


def _check_size(schema: pl.Schema, rows: int, limits: Limits) -> None:
    if len(schema) > limits.columns:
        raise TableRefused("file.columns", count=len(schema), limit=limits.columns)
    if rows > limits.rows:
        raise TableRefused("file.rows", limit=f"{limits.rows:,}")
    for name, kind in schema.items():
        if kind.is_nested() or kind in (pl.Binary, pl.Object):
            raise TableRefused("file.nested", column=name[:100])


def _as_text(part: pl.DataFrame, first: int) -> pl.DataFrame:
    rows = pl.int_range(first, first + part.height, dtype=pl.UInt32, eager=True)
    cells = {str(i): _text(column) for i, column in enumerate(part.get_columns())}
    held = {
        f"{HELD}{i}": column.is_not_null().cast(pl.UInt8) * how
        for i, column in enumerate(part.get_columns())
        if (how := _held(column.dtype)) != HELD_AS_TEXT
    }
    return pl.DataFrame({ROW: rows, **cells, **held})


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


if __name__ == "__main__":
    main()
