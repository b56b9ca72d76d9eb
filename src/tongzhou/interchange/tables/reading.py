"""Read a table from a file: find its header, check every cell, say what was done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from tongzhou.interchange.refusals import TableRefused
from tongzhou.interchange.tables.cells import judge
from tongzhou.interchange.tables.columns import MIB, Column, Kind, Limits, match
from tongzhou.interchange.tables.csv_source import open_csv
from tongzhou.interchange.tables.sources import Chunk, Source
from tongzhou.interchange.tables.table import PROBLEMS, ROW, Note, Table
from tongzhou.interchange.tables.xlsx_sheet import open_xlsx

HEADER_ROWS_TRIED = 10
_HXL = r"^#[A-Za-z][\w]*(\s*\+\s*[A-Za-z]\w*)*$"
_FORMULA = r"^[=+\-@\t\r]"
_ESCAPED = r"^'('*[=+\-@\t\r])"


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
    reading = _Reading(columns, limits)
    for chunk in opened.chunks:
        reading.take(chunk)
    return reading.table(opened)


def _bytes_of(source: str | Path | bytes, limits: Limits) -> bytes:
    size = len(source) if isinstance(source, bytes) else Path(source).stat().st_size
    if size > limits.bytes:
        raise TableRefused("file.size", size=f"{size / MIB:.0f}", limit=limits.bytes // MIB)
    data = source if isinstance(source, bytes) else Path(source).read_bytes()
    if not data.strip():
        raise TableRefused("file.empty")
    return data


def _opened(data: bytes, limits: Limits) -> Source:
    if data.startswith(b"PK"):
        return open_xlsx(data, limits)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise TableRefused("file.old_excel")
    return open_csv(data, limits)


@dataclass(slots=True)
class _Reading:
    """What is known so far of a table whose chunks are coming in."""

    columns: Sequence[Column]
    limits: Limits
    header: list[str] = field(default_factory=list)
    header_row: int = 0
    positions: dict[str, int] = field(default_factory=dict)
    frames: list[pl.DataFrame] = field(default_factory=list)
    problems: list[pl.DataFrame] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    rows: int = 0
    blank: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def take(self, chunk: Chunk) -> None:
        frame = self._frame(chunk)
        if not self.header:
            frame = self._without_header(frame, len(chunk.cells))
        self._check(frame)

    def _frame(self, chunk: Chunk) -> pl.DataFrame:
        if len(chunk.cells) > self.limits.columns:
            count = len(chunk.cells)
            raise TableRefused("file.columns", count=count, limit=self.limits.columns)
        cells = {f"{i}": cell.str.strip_chars() for i, cell in enumerate(chunk.cells)}
        frame = pl.DataFrame({ROW: chunk.rows, **cells})
        flags = {f"n{i}": flag for i, flag in chunk.held.items()}
        if chunk.width is not None:
            flags["width"] = chunk.width
        frame = frame.with_columns(pl.col(*cells).replace("", None)) if cells else frame
        frame = frame.with_columns(**flags)
        empty = frame.select(pl.all_horizontal(pl.col(*cells).is_null())).to_series()
        self.blank += int(empty.sum())
        frame = frame.filter(~empty)
        self.rows += frame.height
        if self.rows > self.limits.rows:
            raise TableRefused("file.rows", limit=f"{self.limits.rows:,}")
        return frame

    def _without_header(self, frame: pl.DataFrame, width: int) -> pl.DataFrame:
        names = [str(i) for i in range(width)]
        top = frame.head(HEADER_ROWS_TRIED).select(names).rows()
        found = [match([cell or "" for cell in row], self.columns) for row in top]
        needed = {column.name for column in self.columns if column.required}
        at = next((i for i, names in enumerate(found) if needed <= names.keys()), 0)
        if not top:
            return frame
        self.header = [cell or "" for cell in top[at]]
        self.positions = found[at]
        self.header_row = frame[ROW][at]
        missing = [c.header for c in self.columns if c.required and c.name not in found[at]]
        if missing or not found[at]:
            wanted = missing or [c.header for c in self.columns]
            shown = ", ".join(filter(None, self.header))[:300]
            raise TableRefused("file.missing", columns=", ".join(wanted), found=shown)
        if at:
            self.notes.append(Note("note.title", {"row": str(self.header_row)}))
        rest = frame.slice(at + 1)
        if rest.height and _is_hxl(rest.select(names).row(0)):
            self.notes.append(Note("note.hxl", {}))
            rest = rest.slice(1)
        return rest

    def _check(self, frame: pl.DataFrame) -> None:
        clean = {ROW: frame[ROW]}
        for column in self.columns:
            clean[column.name] = self._check_column(frame, column)
        self.frames.append(pl.DataFrame(clean))

    def _check_column(self, frame: pl.DataFrame, column: Column) -> pl.Series:
        position = self.positions.get(column.name)
        name = str(position)
        if position is None or name not in frame.columns:
            text = pl.repeat(None, frame.height, dtype=pl.String, eager=True)
        else:
            text = frame[name]
        flag = f"n{position}"
        numeric = frame[flag] == 1 if flag in frame.columns else text.is_null() & False
        numeric = numeric.fill_null(False)
        text = self._normalised(text, column)
        judged = judge(text, numeric, column)
        faults, limits = judged.faults, judged.limits
        if column.required:
            empty = text.is_null()
            faults = faults.zip_with(
                ~empty, pl.Series(["cell.required"]).new_from_index(0, len(faults))
            )
        header = self.header[position] if position is not None else column.header
        bad = faults.is_not_null()
        if bad.any():
            self.problems.append(
                _problems(
                    frame[ROW].filter(bad),
                    header,
                    text.filter(bad),
                    faults.filter(bad),
                    limits.filter(bad),
                    column.personal,
                )
            )
        if column.kind is Kind.CODE:
            self._count("note.numeric_code", text, numeric & ~bad & text.is_not_null(), column)
        return judged.values.alias(column.name)

    def _normalised(self, text: pl.Series, column: Column) -> pl.Series:
        text = text.str.replace(_ESCAPED, "${1}")
        if column.kind is Kind.TEXT:
            self._count("note.formula", text, text.str.contains(_FORMULA), column)
            return text
        wide = text.str.len_bytes() != text.str.len_chars()
        if not wide.any():
            return text
        narrow = text.str.normalize("NFKC").str.strip_chars()
        self._count("note.width", text, narrow != text, column)
        return narrow

    def _count(self, code: str, text: pl.Series, where: pl.Series, column: Column) -> None:
        found = int(where.sum() or 0)
        if found:
            self.counts[code] = self.counts.get(code, 0) + found
            shown = self.examples.setdefault(code, [])
            if not column.personal:
                room = self.limits.examples - len(shown)
                shown.extend(text.filter(where).head(max(room, 0)).to_list())

    def table(self, opened: Source) -> Table:
        if not self.header:
            raise TableRefused("file.header")
        frame = pl.concat(self.frames)
        problems = pl.concat([PROBLEMS.to_frame(), *self.problems]).sort(ROW, maintain_order=True)
        errors = int((~problems["warning"]).sum())
        known = set(self.positions.values())
        unknown = tuple(h for i, h in enumerate(self.header) if i not in known and h)
        matched = {name: self.header[i] for name, i in self.positions.items()}
        return Table(
            frame=frame,
            problems=problems.head(self.limits.problems),
            notes=tuple(self._notes(opened, matched, unknown)),
            matched=matched,
            unknown=unknown,
            format=opened.format,
            encoding=opened.encoding,
            errors=errors,
            warnings=problems.height - errors,
        )

    def _notes(
        self, opened: Source, matched: dict[str, str], unknown: tuple[str, ...]
    ) -> Iterator[Note]:
        if opened.encoding:
            yield Note("note.encoding", {"encoding": opened.encoding})
        yield Note("note.matched", {"columns": ", ".join(matched.values())})
        if unknown:
            yield Note("note.unknown", {"columns": ", ".join(unknown)})
        for code, count in self.counts.items():
            examples = ", ".join(self.examples.get(code, []))
            yield Note(code, {"count": str(count), "examples": examples})
        if self.blank:
            yield Note("note.blank", {"count": str(self.blank)})
        yield from self.notes


def _is_hxl(row: tuple[object, ...]) -> bool:
    cells = pl.Series([cell for cell in row if cell], dtype=pl.String)
    return bool(len(cells)) and bool(cells.str.contains(_HXL).all())


def _problems(
    rows: pl.Series,
    header: str,
    values: pl.Series,
    codes: pl.Series,
    limits: pl.Series,
    personal: bool,
) -> pl.DataFrame:
    frame = pl.DataFrame({ROW: rows, "value": values, "code": codes, "limit": limits})
    return frame.select(
        pl.col(ROW).cast(pl.UInt32),
        pl.lit(header).alias("column"),
        pl.col("value"),
        pl.col("code"),
        pl.struct(
            "limit",
            pl.lit(None, dtype=pl.UInt32).alias("other_row"),
            pl.lit(None, dtype=pl.UInt32).alias("count"),
        ).alias("params"),
        pl.lit(False).alias("warning"),
        pl.lit(personal).alias("personal"),
    )
