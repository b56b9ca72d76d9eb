"""XLSX: the cells of the first visible sheet as text, in chunks.

The sheet is read as text in large pieces and split into cells by polars: as fast as a compiled
reader, with memory bounded by the piece, and it keeps what such readers lose: whether a cell
holds a number or a text, and every digit of the number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from string import ascii_uppercase

import polars as pl

from tongzhou.interchange.refusals import TableRefused
from tongzhou.interchange.tables.columns import MIB, Limits
from tongzhou.interchange.tables.sources import (
    HELD_AS_DATE,
    HELD_AS_NUMBER,
    HELD_AS_TEXT,
    Chunk,
    Source,
    number_text,
)
from tongzhou.interchange.tables.xlsx_book import (
    Book,
    attributes,
    cut_after,
    open_book,
)
from tongzhou.interchange.tables.xlsx_package import Package
from tongzhou.interchange.tables.xlsx_text import texts, unescaped

# A piece of 8 MiB of tables has a few times as much text; sixteen times is an attack.
TEXT_PER_PIECE = 128 * MIB
# 31 December 9999, the last day that spreadsheets know.
LAST_SERIAL = 2_958_465
_REFERENCE = r"""(?:^|\s)r\s*=\s*["']([A-Z]{1,3}[0-9]{1,7})["']"""
_FORMULA = r"<f(?:\s[^>]*)?>([^<]*)</f>"
_ROW_TAG = re.compile(r"<row\b([^>]*)")
_ROW_NUMBER = re.compile(r"""\sr\s*=\s*["']([0-9]{1,7})["']""")
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_BARE_CELL = re.compile(r"<c([\t\r\n>/])")
_LETTERS = re.compile("[A-Z]{1,3}")


def open_xlsx(data: bytes, limits: Limits) -> Source:
    book = open_book(Package.open(data, limits))
    return Source(
        format="xlsx",
        chunks=_chunks(book, limits),
        sheets=book.names,
        serial_offset=book.serial_offset,
    )


def _chunks(book: Book, limits: Limits) -> Generator[Chunk, None, None]:
    places = _Places()
    text = 0
    for piece in _rows_of(book):
        cells = _cells(piece, places, book)
        if cells.height:
            text += _text_bytes(cells, text, limits)
            yield _chunk(cells, limits)


def _rows_of(book: Book) -> Iterator[str]:
    """The XML between the tags of the sheet's data; all of the part is read for its checksum."""
    opened = closed = False
    for piece in cut_after(book.package.pieces(book.sheet), "row"):
        if not opened:
            _, found, piece = piece.partition("<sheetData")
            opened = bool(found)
            closed = not found or piece.lstrip().startswith("/>")
        if not closed:
            rows, ended, _ = piece.partition("</sheetData>")
            closed = bool(ended)
            yield rows
    if not closed:
        raise TableRefused("file.broken", detail=book.sheet)


def _cells(piece: str, places: _Places, book: Book) -> pl.DataFrame:
    """row, position, text, held of every cell that has a value."""
    # A cell without attributes, or with a line break before them, would not be split off below.
    if _BARE_CELL.search(piece):
        piece = _BARE_CELL.sub(r"<c \1", piece)
    elements = pl.Series([piece]).str.split("<c ").explode()
    located = places.of(_tags(elements.slice(1)), elements[0])
    # A sheet has a handful of different attributes for millions of cells: each is parsed once.
    kinds = {more: attributes(more) for more in located["more"].unique()}
    kind = {more: given.get("t", "n") for more, given in kinds.items()}
    dated = [more for more, given in kinds.items() if given.get("s", "") in book.date_styles]
    more = pl.col("more")
    described = located.select(
        "row",
        "position",
        "body",
        more.replace_strict(kind, return_dtype=pl.String).alias("kind"),
        more.is_in(dated).alias("dated"),
    )
    return _valued(described, book).filter(pl.col("text").is_not_null())


def _tags(elements: pl.Series) -> pl.DataFrame:
    """reference (null where not given), more (the other attributes) and body of each cell."""
    parts = elements.str.splitn(">", 2).struct.unnest()
    tag, body = parts.get_columns()
    quoted = tag.str.splitn('"', 3).struct.unnest()
    name, reference, more = quoted.get_columns()
    # Nearly every program writes the reference first, between double quotation marks.
    if (name == "r=").all():
        more = more.fill_null("")
        return pl.DataFrame({"reference": reference, "more": more, "body": body})
    # Attributes in another order or other quotation marks: slower, and there is no hurry.
    reference = tag.str.extract(_REFERENCE, 1)
    return pl.DataFrame(
        {"reference": reference, "more": tag.str.replace(_REFERENCE, ""), "body": body}
    )


def _valued(cells: pl.DataFrame, book: Book) -> pl.DataFrame:
    kind, body = cells["kind"], cells["body"]
    dated = (kind == "n") & cells["dated"]
    number = (kind == "n") & ~dated
    text = texts(body)
    text = _mended(text, kind == "s", lambda numbers: _shared(numbers, book))
    text = _mended(text, number, number_text)
    text = _mended(text, dated, lambda serials: _date_text(serials, book.serial_offset))
    text = _mended(text, kind == "b", lambda truths: truths.replace({"1": "TRUE", "0": "FALSE"}))
    held = (number.cast(pl.UInt8) * HELD_AS_NUMBER) + (dated.cast(pl.UInt8) * HELD_AS_DATE)
    # A formula whose result was never stored is kept as the text it was typed as.
    unsolved = text.is_null() & body.str.contains("<f", literal=True)
    if unsolved.any():
        held = held.set(unsolved, HELD_AS_TEXT)
        formulas = body.filter(unsolved).str.extract(_FORMULA, 1)
        text = text.scatter(unsolved.arg_true(), "=" + unescaped(formulas))
    return cells.select("row", "position", text=text, held=held)


def _mended(text: pl.Series, where: pl.Series, by: Callable[[pl.Series], pl.Series]) -> pl.Series:
    return text.scatter(where.arg_true(), by(text.filter(where))) if where.any() else text


def _shared(numbers: pl.Series, book: Book) -> pl.Series:
    positions = numbers.cast(pl.UInt32, strict=False)
    if positions.null_count() or _largest(positions) >= len(book.texts):
        raise TableRefused("file.broken", detail="sharedStrings")
    return book.texts.gather(positions)


def _date_text(raw: pl.Series, offset: int) -> pl.Series:
    """A serial number of days as ISO date, with the time where there is one."""
    text = pl.col("raw")
    serial = text.cast(pl.Float64, strict=False) + offset
    known = pl.when(serial.is_between(0, LAST_SERIAL)).then((serial * 86_400).round(0))
    seconds = known.cast(pl.Int64)
    moment = pl.datetime(1899, 12, 30) + pl.duration(seconds=seconds)
    whole = pl.when(seconds % 86_400 == 0).then(moment.dt.strftime("%Y-%m-%d"))
    timed = moment.dt.strftime("%Y-%m-%d %H:%M:%S")
    shown = pl.coalesce(whole, timed, pl.when(text != "").then(text))
    return pl.DataFrame({"raw": raw}).select(shown).to_series()


def _text_bytes(cells: pl.DataFrame, before: int, limits: Limits) -> int:
    """Bytes of text in the cells: a long text shared by many cells unpacks once more here."""
    found = int(cells["text"].str.len_bytes().sum())
    if found > TEXT_PER_PIECE or before + found > limits.unpacked_bytes:
        raise TableRefused("file.unpacked", limit=min(limits.unpacked_bytes, TEXT_PER_PIECE) // MIB)
    return found


def _chunk(cells: pl.DataFrame, limits: Limits) -> Chunk:
    width = _largest(cells["position"]) + 1
    if width > limits.columns:
        raise TableRefused("file.columns", count=width, limit=limits.columns)
    # Rows that the sheet leaves out cost nothing: one cell in row 1,048,576 is a chunk of one row.
    rows = cells["row"].unique().sort()
    at = rows.search_sorted(cells["row"])
    cells = cells.with_columns(at=at)
    parts = cells.partition_by("position", as_dict=True)
    texts, held = [], {}
    for position in range(width):
        text = pl.repeat(None, len(rows), dtype=pl.String, eager=True)
        if (part := parts.get((position,))) is not None:
            text = text.scatter(part["at"], part["text"])
            if _largest(part["held"]):
                flags = pl.repeat(0, len(rows), dtype=pl.UInt8, eager=True)
                held[position] = flags.scatter(part["at"], part["held"])
        texts.append(text)
    return Chunk(rows, texts, held)


def _largest(numbers: pl.Series) -> int:
    most = numbers.max()
    return most if isinstance(most, int) else 0


@dataclass(slots=True)
class _Places:
    """Row and column of every cell; programs may leave both out, then the order counts."""

    row: int = 0
    position: int = -1

    def of(self, cells: pl.DataFrame, before: str) -> pl.DataFrame:
        """`cells` with row and position; `before` is the text in front of the first one."""
        letters = cells["reference"].str.strip_chars_end("0123456789")
        rows = (
            cells["reference"].str.strip_chars_start(ascii_uppercase).cast(pl.UInt32, strict=False)
        )
        names = letters.unique()
        if rows.null_count() or not all(map(_LETTERS.fullmatch, names)):
            return self._counted(cells, before)
        positions = {name: _position(name) for name in names}
        position = letters.replace_strict(positions, return_dtype=pl.UInt32)
        # The next piece may leave references out and count on from here.
        self.row = int(rows[-1]) if len(rows) else self.row
        return cells.with_columns(row=rows, position=position)

    def _counted(self, cells: pl.DataFrame, before: str) -> pl.DataFrame:
        self._enter_rows(before)
        rows, positions = [], []
        for reference, body in cells.select("reference", "body").iter_rows():
            self._next(reference or "")
            rows.append(self.row)
            positions.append(self.position)
            self._enter_rows(body or "")
        return cells.with_columns(
            row=pl.Series(rows, dtype=pl.UInt32), position=pl.Series(positions, dtype=pl.UInt32)
        )

    def _next(self, reference: str) -> None:
        self.position += 1
        if found := _CELL.fullmatch(reference):
            self.row, self.position = int(found[2]), _position(found[1])

    def _enter_rows(self, element: str) -> None:
        for tag in _ROW_TAG.findall(element):
            given = _ROW_NUMBER.search(tag)
            self.row = int(given[1]) if given else self.row + 1
            self.position = -1


def _position(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
