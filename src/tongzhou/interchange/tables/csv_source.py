"""CSV: the encoding and the separator are found out, a cut or broken file is refused."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from itertools import islice, zip_longest

import polars as pl

from tongzhou.interchange.refusals import TableRefused
from tongzhou.interchange.tables.columns import Limits
from tongzhou.interchange.tables.sources import CHUNK_ROWS, Chunk, Source

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def open_csv(data: bytes, limits: Limits) -> Source:
    encoding = find_encoding(data)
    return Source("csv", _chunks(data, encoding, limits), encoding)


def find_encoding(data: bytes) -> str:
    """utf-8-sig, utf-16, utf-8 or gb18030; raises TableRefused when the text is none of them."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return encoding
    sample = data[:4096]
    if sample[1::2].count(0) * 4 > len(sample):
        return "utf-16-le"
    if sample[::2].count(0) * 4 > len(sample):
        return "utf-16-be"
    return "utf-8" if _decodes(data, "utf-8") else "gb18030"


def _decodes(data: bytes, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for start in range(0, len(data), 1 << 20):
            decoder.decode(data[start : start + (1 << 20)])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def find_separator(text: str) -> str:
    """The one of comma, semicolon and tab that the first line has most of."""
    line = next((line for line in text.splitlines() if line.strip()), "")
    return max(",;\t", key=line.count)


def _chunks(data: bytes, encoding: str, limits: Limits) -> Iterator[Chunk]:
    text = io.TextIOWrapper(io.BytesIO(data), encoding=encoding, newline="")
    try:
        separator = find_separator(text.read(65536))
        text.seek(0)
        rows = csv.reader(text, delimiter=separator, strict=True)
        first = 1
        while lines := list(islice(rows, CHUNK_ROWS)):
            yield _chunk(lines, first, limits)
            first += len(lines)
    except csv.Error as error:
        if "field limit" in str(error):
            limit = csv.field_size_limit()
            raise TableRefused("file.cell", row=rows.line_num, limit=limit) from error
        raise TableRefused("file.quote", row=rows.line_num) from error
    except UnicodeDecodeError as error:
        raise TableRefused("file.encoding", position=error.start) from error


def _chunk(lines: list[list[str]], first: int, limits: Limits) -> Chunk:
    widest = max(map(len, lines))
    if widest > limits.columns:
        raise TableRefused("file.columns", count=widest, limit=limits.columns)
    cells = [pl.Series(column, dtype=pl.String) for column in zip_longest(*lines)]
    rows = pl.int_range(first, first + len(lines), dtype=pl.UInt32, eager=True)
    widths = pl.Series([len(line) for line in lines], dtype=pl.UInt32)
    return Chunk(rows, cells, width=widths)
