"""A workbook to fill in: a sheet with the headers and one example, and a sheet of notes."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl
import rustpy_xlsxwriter

from tongzhou.interchange.tables.columns import Column, Kind

# No code is called so: a row of example that is left in keeps the file out instead of going in.
EXAMPLE_CODE = "EXAMPLE"
EXAMPLES: Mapping[Kind, str] = {
    Kind.CODE: EXAMPLE_CODE,
    Kind.DATE: date(2023, 1, 8).isoformat(),
    Kind.YES_NO: "no",
    Kind.PHONE: "010-12345678",
}


def example_of(column: Column) -> str:
    """What a cell of the column may look like; empty where anything may stand."""
    if column.example:
        return column.example
    if column.kind in (Kind.WHOLE, Kind.DECIMAL):
        return f"{max(column.least, min(1, column.most)):g}"
    return EXAMPLES.get(column.kind, "")


def template_book(
    columns: Sequence[Column],
    *,
    headings: Mapping[str, str],
    sheets: tuple[str, str],
    notes: Sequence[Sequence[str]],
) -> bytes:
    """An XLSX file. `headings` are the headers by column name, `sheets` the names of the two
    sheets, `notes` the rows of the second with its own header first. The first sheet is the one
    that is read when the file comes back; all its cells are text, so that codes keep their zeros.
    """
    heads = [headings[column.name] for column in columns]
    table = pl.DataFrame([[example_of(column) for column in columns]], schema=heads, orient="row")
    remarks = pl.DataFrame(list(notes[1:]), schema=list(notes[0]), orient="row")
    as_text = rustpy_xlsxwriter.Format().set_num_format("@")
    buffer = io.BytesIO()
    rustpy_xlsxwriter.write_worksheets(
        [(sheets[0], table), (sheets[1], remarks)],
        buffer,
        bold_headers=True,
        column_width=dict.fromkeys(sheets, 24.0),
        column_formats={sheets[0]: dict.fromkeys(heads, as_text)},
        ignore_errors={sheets[0]: heads},
    )
    return buffer.getvalue()
