"""Read a table from a file: find its header, check every cell, say what was done."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from tongzhou.interchange.refusals import TableRefused
from tongzhou.interchange.tables.checking import HELD, WIDTH, Checker, Tally, duplicates
from tongzhou.interchange.tables.columns import MIB, Column, Limits
from tongzhou.interchange.tables.csv_source import open_csv
from tongzhou.interchange.tables.header import Header, find_header, is_hashtags
from tongzhou.interchange.tables.parquet_source import open_parquet
from tongzhou.interchange.tables.sources import Chunk, Source
from tongzhou.interchange.tables.table import PROBLEMS, ROW, Note, Table
from tongzhou.interchange.tables.xlsx_sheet import open_xlsx

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read(
    source: str | Path | bytes, columns: Sequence[Column], *, limits: Limits | None = None
) -> Table:
    """The table in a CSV, XLSX or Parquet file, given by path or as bytes.

    Every cell is read as text and checked against its column; a fault is a row of
    `Table.problems`. Raises TableRefused, with a sentence for its user, when the file as a whole
    cannot be read: too large, damaged, cut off, a required column missing.
    """
    limits = limits or Limits()
    opened = _opened(_bytes_of(source, limits), limits)
    reading = _Reading(columns, opened, limits)
    with closing(opened.chunks):
        for chunk in opened.chunks:
            reading.take(chunk)
    return reading.table()


def _bytes_of(source: str | Path | bytes, limits: Limits) -> bytes:
    size = len(source) if isinstance(source, bytes) else Path(source).stat().st_size
    if size > limits.bytes:
        raise TableRefused("file.size", size=f"{size / MIB:.0f}", limit=limits.bytes // MIB)
    data = source if isinstance(source, bytes) else Path(source).read_bytes()
    # A cut upload may be zeros of the right length.
    if not data.strip(b"\0\t\n\r "):
        raise TableRefused("file.empty")
    return data


def _opened(data: bytes, limits: Limits) -> Source:
    if data.startswith(b"PK"):
        return open_xlsx(data, limits)
    if data.startswith(b"PAR1"):
        return open_parquet(data, limits)
    if data.startswith(_OLE):
        # An XLSX with a password is an encrypted stream in a file of the old kind.
        locked = "EncryptedPackage".encode("utf-16-le") in data
        raise TableRefused("file.locked" if locked else "file.old_excel")
    return open_csv(data, limits)


@dataclass(slots=True)
class _Reading:
    """What is known so far of a table whose chunks are coming in."""

    columns: Sequence[Column]
    opened: Source
    limits: Limits
    checker: Checker | None = None
    frames: list[pl.DataFrame] = field(default_factory=list)
    problems: list[pl.DataFrame] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    errors: int = 0
    kept: int = 0
    rows: int = 0
    hashtags: int = 0
    last_row: int = 0
    last_width: int = 0
    short_rows: int = 0

    def take(self, chunk: Chunk) -> None:
        rows = self._filled(chunk)
        if rows.height and self.checker is None:
            rows = self._after_header(rows)
        if rows.height and self.checker is not None and not self.rows:
            rows = self._after_hashtags(rows)
        if rows.height and self.checker is not None:
            self._check(rows, self.checker)

    def _filled(self, chunk: Chunk) -> pl.DataFrame:
        """The rows with at least one cell that is not blank; cells are named by position."""
        if len(chunk.cells) > self.limits.columns:
            raise TableRefused("file.columns", count=len(chunk.cells), limit=self.limits.columns)
        cells = {str(i): cell.str.strip_chars() for i, cell in enumerate(chunk.cells)}
        frame = pl.DataFrame(cells).with_columns(pl.all().replace("", None))
        more = {HELD + str(i): held for i, held in chunk.held.items()}
        if chunk.width is not None:
            more[WIDTH] = chunk.width
        filled = frame.select(pl.any_horizontal(pl.all().is_not_null())).to_series()
        return frame.with_columns(**{ROW: chunk.rows}, **more).filter(filled)

    def _after_header(self, rows: pl.DataFrame) -> pl.DataFrame:
        cells = rows.select(ROW, *(name for name in rows.columns if name.isdigit()))
        at, header = find_header(cells, self.columns)
        if at:
            self.notes.append(Note("note.title", {"row": str(header.row)}))
        self.checker = Checker(
            columns=self.columns,
            header=header,
            limits=self.limits,
            tally=Tally(self.limits.examples),
            serial_offset=self.opened.serial_offset,
            escaped=self.opened.format != "parquet",
        )
        return rows.slice(at + 1)

    def _after_hashtags(self, rows: pl.DataFrame) -> pl.DataFrame:
        cells = rows.select(name for name in rows.columns if name.isdigit())
        if self.hashtags or not is_hashtags(cells.row(0)):
            return rows
        self.hashtags = 1
        self.notes.append(Note("note.hxl", {}))
        return rows.slice(1)

    def _check(self, rows: pl.DataFrame, checker: Checker) -> None:
        self.rows += rows.height
        if self.rows > self.limits.rows:
            raise TableRefused("file.rows", limit=f"{self.limits.rows:,}")
        self.last_row = int(rows[ROW][-1])
        if WIDTH in rows.columns:
            self.last_width = int(rows[WIDTH][-1])
            self.short_rows += int((rows[WIDTH] < checker.header.width).sum())
        clean, problems = checker.check(rows)
        self.frames.append(clean)
        # All faults are counted, so many are kept: an error file of a million lines helps nobody.
        for found in problems:
            self.errors += found.height
            if self.kept < self.limits.problems:
                self.problems.append(found)
                self.kept += found.height

    def table(self) -> Table:
        if self.checker is None:
            raise TableRefused("file.header")
        header = self.checker.header
        self._refuse_cut(header)
        frame = pl.concat(self.frames) if self.frames else self._no_rows(self.checker)
        doubled = duplicates(frame, self.columns, header)
        problems = pl.concat([PROBLEMS.to_frame(), *self.problems, doubled])
        problems = problems.sort(ROW, maintain_order=True).head(self.limits.problems)
        return Table(
            frame=frame,
            problems=problems,
            notes=(*self._notes(self.checker), *self._capped(doubled.height)),
            matched=header.matched,
            unknown=header.unknown,
            format=self.opened.format,
            encoding=self.opened.encoding,
            errors=self.errors,
            warnings=doubled.height,
        )

    def _refuse_cut(self, header: Header) -> None:
        """Some programs leave empty cells off at the end of many rows; a cut shows only once."""
        short = self.opened.may_be_cut and 0 < self.last_width < header.width
        if short and (self.short_rows == 1 or self.opened.ends_open):
            raise TableRefused(
                "file.cut", row=self.last_row, count=self.last_width, limit=header.width
            )

    def _no_rows(self, checker: Checker) -> pl.DataFrame:
        nothing = pl.DataFrame({ROW: pl.Series([], dtype=pl.UInt32)})
        return checker.check(nothing)[0]

    def _notes(self, checker: Checker) -> list[Note]:
        notes = list(self.notes)
        header = checker.header
        if self.opened.encoding:
            notes.insert(0, Note("note.encoding", {"encoding": self.opened.encoding.upper()}))
        if len(self.opened.sheets) > 1:
            left = ", ".join(self.opened.sheets[1:])
            notes.append(Note("note.sheets", {"sheet": self.opened.sheets[0], "others": left}))
        notes.append(Note("note.matched", {"columns": ", ".join(header.matched.values())}))
        if header.unknown:
            notes.append(Note("note.unknown", {"columns": ", ".join(header.unknown)}))
        notes += checker.tally.notes()
        # Rows that the file leaves out and rows of blanks look the same in a spreadsheet.
        blank = max(self.last_row - header.row, self.hashtags) - self.rows - self.hashtags
        if blank > 0:
            notes.append(Note("note.blank", {"count": str(blank)}))
        return notes

    def _capped(self, warnings: int) -> list[Note]:
        count, limit = self.errors + warnings, self.limits.problems
        if count <= limit:
            return []
        return [Note("note.capped", {"count": f"{count:,}", "limit": f"{limit:,}"})]
