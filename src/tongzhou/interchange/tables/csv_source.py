"""CSV: the encoding and the separator are found out, a cut or broken file is refused."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Generator
from itertools import islice, zip_longest

import polars as pl

from tongzhou.interchange.refusals import TableRefused
from tongzhou.interchange.tables.columns import Limits
from tongzhou.interchange.tables.sources import CHUNK_CELLS, CHUNK_ROWS, Chunk, Source

_STEP = 1 << 20
_LINES = 10
_SAMPLE = 100
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def open_csv(data: bytes, limits: Limits) -> Source:
    encoding = find_encoding(data)
    return Source(
        format="csv",
        chunks=_chunks(data, encoding, limits),
        encoding=encoding,
        may_be_cut=True,
        ends_open=not data.rstrip(b"\0").endswith((b"\n", b"\r")),
    )


def find_encoding(data: bytes) -> str:
    """utf-8-sig, utf-16, utf-8 or gb18030; raises TableRefused when the text is none of them."""
    # A byte order mark decides; without one, UTF-16 shows by the zeros of its separators.
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return encoding
    sample = data[:4096]
    if sample[1::2].count(0) * 4 > len(sample):
        return "utf-16-le"
    if sample[::2].count(0) * 4 > len(sample):
        return "utf-16-be"
    return _utf8_or_gb18030(data)


def _utf8_or_gb18030(data: bytes) -> str:
    position = _first_strange_byte(data)
    if position is None:
        return "utf-8"
    if not _reads_as_utf8(data[:position]):
        return "gb18030"
    cut = position >= len(data) - 3
    raise TableRefused("file.broken", detail="UTF-8") if cut else TableRefused("file.encoding")


def _reads_as_utf8(data: bytes) -> bool:
    """Whether so much is valid UTF-8 as Chinese in GB18030 never is by chance.

    One character of GB18030 in five is also two bytes of UTF-8; three bytes hardly ever occur.
    """
    text = data.decode(errors="ignore")
    sizes = [len(character.encode()) for character in islice(filter(_not_ascii, text), _SAMPLE)]
    return len(sizes) >= 6 or sum(size > 2 for size in sizes) >= 3


def _not_ascii(character: str) -> bool:
    return not character.isascii()


def _first_strange_byte(data: bytes) -> int | None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(data), _STEP):
        try:
            decoder.decode(data[start : start + _STEP], final=start + _STEP >= len(data))
        except UnicodeDecodeError as error:
            # The decoder may hold up to three bytes of the step before.
            held = len(error.object) - len(data[start : start + _STEP])
            return start - held + error.start
    return None


def find_separator(text: str) -> str:
    """The one of comma, semicolon and tab that the first lines have most of."""
    lines = text.splitlines()[:_LINES]
    return max(",;\t", key=lambda separator: sum(line.count(separator) for line in lines))


def _chunks(data: bytes, encoding: str, limits: Limits) -> Generator[Chunk, None, None]:
    text = io.TextIOWrapper(io.BytesIO(data), encoding=encoding, newline="")
    lines: list[list[str]] = []
    first, cells = 1, 0
    try:
        separator = find_separator(text.read(_STEP))
        text.seek(0)
        for line in csv.reader(text, delimiter=separator, strict=True):
            lines.append(line)
            cells += len(line)
            # By cells too: so many rows are only small while each of them is.
            if len(lines) == CHUNK_ROWS or cells > CHUNK_CELLS:
                yield _chunk(lines, first, limits)
                first += len(lines)
                lines, cells = [], 0
    except csv.Error as error:
        raise _refusal(error, first + len(lines)) from error
    except UnicodeDecodeError as error:
        # Codecs have one error for both; only its words tell a cut file from another encoding.
        cut = "incomplete" in error.reason or "truncated" in error.reason
        raise _undecoded(encoding, cut) from error
    if lines:
        yield _chunk(lines, first, limits)


def _refusal(error: csv.Error, row: int) -> TableRefused:
    if "field limit" in str(error):
        return TableRefused("file.cell", row=row, limit=csv.field_size_limit())
    return TableRefused("file.quote", row=row)


def _undecoded(encoding: str, cut: bool) -> TableRefused:
    if cut:
        return TableRefused("file.broken", detail=encoding.upper())
    return TableRefused("file.encoding")


def _chunk(lines: list[list[str]], first: int, limits: Limits) -> Chunk:
    # Checked before the rows are turned, where one long row would widen all others.
    widest = max(map(len, lines))
    if widest > limits.columns:
        raise TableRefused("file.columns", count=widest, limit=limits.columns)
    cells = [pl.Series(column, dtype=pl.String) for column in zip_longest(*lines)]
    rows = pl.int_range(first, first + len(lines), dtype=pl.UInt32, eager=True)
    widths = pl.Series([len(line) for line in lines], dtype=pl.UInt32)
    return Chunk(rows, cells, width=widths)
