"""XLSX: the first sheet as text."""

from __future__ import annotations

from collections.abc import Iterator

import fastexcel
import polars as pl

from tongzhou.interchange.refusals import TableRefused
from tongzhou.interchange.tables.columns import Limits
from tongzhou.interchange.tables.sources import Chunk, Source


def open_xlsx(data: bytes, limits: Limits) -> Source:
    return Source("xlsx", _chunks(data, limits))


def _chunks(data: bytes, limits: Limits) -> Iterator[Chunk]:
    try:
        book = fastexcel.read_excel(data)
        texts = pl.DataFrame(book.load_sheet(0, header_row=None, dtypes="string"))
        flags = pl.DataFrame(book.load_sheet(0, header_row=None, dtypes="boolean"))
    except fastexcel.FastExcelError as error:
        raise TableRefused("file.broken", detail="XLSX") from error
    rows = pl.int_range(1, texts.height + 1, dtype=pl.UInt32, eager=True)
    numeric = {i: flag.is_not_null() for i, flag in enumerate(flags.get_columns())}
    yield Chunk(rows, texts.get_columns(), numeric)
