"""Write a table as CSV, XLSX or Parquet, by the piece."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import islice
from typing import BinaryIO

import polars as pl
import rustpy_xlsxwriter

from tongzhou.interchange.refusals import TableRefused
from tongzhou.interchange.tables.columns import Column, Kind
from tongzhou.interchange.tables.escaping import escaped_for_csv, escaped_for_xlsx

Rows = pl.DataFrame | Iterable[Mapping[str, object]]
BATCH_ROWS = 20_000
# What a sheet of a spreadsheet holds.
SHEET_ROWS = 1_048_575
SHEET_CELL_CHARS = 32_767
_PIECE = 1 << 16
_LINE_END = "\r\n"
_BOM = b"\xef\xbb\xbf"
_TYPES: dict[Kind, pl.DataType] = {
    Kind.CODE: pl.String(),
    Kind.TEXT: pl.String(),
    Kind.WHOLE: pl.Int64(),
    Kind.DECIMAL: pl.Float64(),
    Kind.DATE: pl.Date(),
    Kind.YES_NO: pl.Boolean(),
    Kind.PHONE: pl.String(),
}


class Format(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"


def write(
    rows: Rows,
    columns: Sequence[Column],
    target: BinaryIO,
    *,
    format: Format | str = Format.CSV,
    headings: Mapping[str, str] | None = None,
    bom: bool = False,
) -> None:
    """Write rows (a frame, or mappings by column name) to a binary file; see `chunks`."""
    for piece in chunks(rows, columns, format=format, headings=headings, bom=bom):
        target.write(piece)


def chunks(
    rows: Rows,
    columns: Sequence[Column],
    *,
    format: Format | str = Format.CSV,
    headings: Mapping[str, str] | None = None,
    bom: bool = False,
) -> Iterator[bytes]:
    """The bytes of the file by the piece, for a streaming response.

    `headings` are headers by column name where `Column.header` is not wanted. `bom`: Excel opens
    a CSV as UTF-8 only with this mark. Texts that look like formulas are escaped (`escaping`);
    codes and phones are text cells in XLSX. Raises TableRefused when a sheet cannot hold the
    rows; ValueError when a frame lacks a column or a value has not the kind of its column.
    """
    names = dict(headings or {})
    headers = {column.name: names.get(column.name, column.header) for column in columns}
    match Format(format):
        case Format.CSV:
            return _csv(rows, columns, headers, bom)
        case Format.XLSX:
            return _xlsx(rows, columns, headers)
        case Format.PARQUET:
            return _parquet(rows, columns, headers)


def _csv(
    rows: Rows, columns: Sequence[Column], headers: dict[str, str], bom: bool
) -> Iterator[bytes]:
    yield _BOM if bom else b""
    # The header passes the same escape: it may come from a file of somebody else.
    head = pl.DataFrame([headers], schema=list(headers), orient="row")
    yield (
        head.select(escaped_for_csv(pl.all()))
        .write_csv(include_header=False, line_terminator=_LINE_END)
        .encode()
    )
    for batch in _batches(rows, columns):
        texts = batch.select(_as_csv(column) for column in columns)
        yield texts.write_csv(include_header=False, line_terminator=_LINE_END).encode()


def _as_csv(column: Column) -> pl.Expr:
    cell = pl.col(column.name)
    if column.kind is Kind.YES_NO:
        return pl.when(cell).then(pl.lit("yes")).when(~cell).then(pl.lit("no")).alias(column.name)
    return escaped_for_csv(cell) if _is_text(column) else cell


def _xlsx(rows: Rows, columns: Sequence[Column], headers: dict[str, str]) -> Iterator[bytes]:
    frame = _whole(rows, columns)
    _check_sheet(frame, columns, headers)
    texts = [column.name for column in columns if _is_text(column)]
    frame = frame.with_columns(escaped_for_xlsx(pl.col(texts)))
    frame = frame.rename(headers)
    # A text format keeps codes as they are when somebody edits the sheet and saves it.
    as_text = rustpy_xlsxwriter.Format().set_num_format("@")
    as_date = rustpy_xlsxwriter.Format().set_num_format("yyyy-mm-dd")
    formats = {headers[name]: as_text for name in texts}
    dates = {headers[c.name]: as_date for c in columns if c.kind is Kind.DATE}
    buffer = io.BytesIO()
    rustpy_xlsxwriter.write_worksheet(
        frame,
        buffer,
        column_formats={**formats, **dates},
        ignore_errors=[headers[name] for name in texts],
        column_width=16,
        freeze_row=1,
        bold_headers=True,
    )
    yield from _pieces(buffer)


def _parquet(rows: Rows, columns: Sequence[Column], headers: dict[str, str]) -> Iterator[bytes]:
    buffer = io.BytesIO()
    _whole(rows, columns).rename(headers).write_parquet(buffer)
    yield from _pieces(buffer)


def _is_text(column: Column) -> bool:
    return column.kind in (Kind.CODE, Kind.TEXT, Kind.PHONE)


def _whole(rows: Rows, columns: Sequence[Column]) -> pl.DataFrame:
    schema = _schema(columns)
    return pl.concat([pl.DataFrame(schema=schema), *_batches(rows, columns)])


def _batches(rows: Rows, columns: Sequence[Column]) -> Iterator[pl.DataFrame]:
    schema = _schema(columns)
    if isinstance(rows, pl.DataFrame):
        missing = [column.name for column in columns if column.name not in rows.columns]
        if missing:
            raise ValueError(f"These columns are not in the rows: {', '.join(missing)}.")
        typed = rows.select(schema.names()).cast(schema)
        yield from typed.iter_slices(BATCH_ROWS)
        return
    given = iter(rows)
    while batch := list(islice(given, BATCH_ROWS)):
        yield pl.DataFrame(
            {name: [row.get(name) for row in batch] for name in schema.names()}, schema=schema
        )


def _schema(columns: Sequence[Column]) -> pl.Schema:
    return pl.Schema({column.name: _TYPES[column.kind] for column in columns})


def _check_sheet(
    frame: pl.DataFrame, columns: Sequence[Column], headers: Mapping[str, str]
) -> None:
    if frame.height > SHEET_ROWS:
        count, limit = f"{frame.height:,}", f"{SHEET_ROWS:,}"
        raise TableRefused("write.rows", count=count, limit=limit)
    for column in filter(_is_text, columns):
        longest = frame[column.name].str.len_chars().max()
        # One place is kept for the apostrophe of an escape.
        if isinstance(longest, int) and longest >= SHEET_CELL_CHARS:
            limit = f"{SHEET_CELL_CHARS - 1:,}"
            raise TableRefused("write.cell", column=headers[column.name], limit=limit)


def _pieces(buffer: io.BytesIO) -> Iterator[bytes]:
    buffer.seek(0)
    while piece := buffer.read(_PIECE):
        yield piece
