"""Check the cells of one chunk: typed values, and a problem for every fault."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from tongzhou.interchange.refusals import TableRefused
from tongzhou.interchange.tables.cells import judge
from tongzhou.interchange.tables.columns import Column, Kind, Limits
from tongzhou.interchange.tables.escaping import LIKE_FORMULA, without_escape
from tongzhou.interchange.tables.header import Header
from tongzhou.interchange.tables.sources import HELD_AS_NUMBER
from tongzhou.interchange.tables.table import PARAMS, PROBLEMS, ROW, Note

SHOWN_CHARS = 100
WIDTH = "width"
HELD = "held"
_INVISIBLE = r"[\s\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}\x{feff}]"
_CONTROL = r"[\x00-\x1f\x7f]"


@dataclass(slots=True)
class Tally:
    """What was done to the cells, for the notes: how often, and the first examples."""

    limit: int
    counts: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def add(self, code: str, text: pl.Series, where: pl.Series, column: Column) -> None:
        count = int(where.sum() or 0)
        if not count:
            return
        self.counts[code] = self.counts.get(code, 0) + count
        shown = self.examples.setdefault(code, [])
        room = self.limit - len(shown)
        if room > 0 and not column.personal:
            shown.extend(text.filter(where).head(room).str.head(SHOWN_CHARS))

    def notes(self) -> list[Note]:
        return [
            Note(code, {"count": str(count), "examples": ", ".join(self.examples[code])})
            for code, count in self.counts.items()
        ]


@dataclass(frozen=True, slots=True)
class Checker:
    """Checks chunks against the columns that the header has.

    `escaped`: the file may have passed a spreadsheet, so texts may carry the escape for formulas.
    """

    columns: Sequence[Column]
    header: Header
    limits: Limits
    tally: Tally
    serial_offset: int
    escaped: bool

    def check(self, rows: pl.DataFrame) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
        """Clean typed columns of the rows, and their problems."""
        clean, problems = [rows[ROW]], []
        for column in self.columns:
            values, faults = self._column(rows, column)
            clean.append(values.alias(column.name))
            problems += faults
        if WIDTH in rows.columns:
            problems.append(self._too_wide(rows))
        return pl.DataFrame(clean), problems

    def _column(self, rows: pl.DataFrame, column: Column) -> tuple[pl.Series, list[pl.DataFrame]]:
        shown, held = self._cells(rows, column)
        text = self._normalised(shown, held, column)
        judged = judge(text, held, column)
        faults = judged.faults
        if column.required:
            faults = faults.set(text.is_null(), "cell.required")
        bad = faults.is_not_null()
        if column.kind is Kind.CODE:
            kept = (held == HELD_AS_NUMBER) & ~bad & text.is_not_null()
            self.tally.add("note.numeric_code", text, kept, column)
        if not bad.any():
            return judged.values, []
        found = pl.DataFrame(
            {ROW: rows[ROW], "value": shown, "code": faults, "limit": judged.limits}
        ).filter(bad)
        return judged.values, [problems_of(found, self.header.of(column), column.personal)]

    def _cells(self, rows: pl.DataFrame, column: Column) -> tuple[pl.Series, pl.Series]:
        """Text and HELD_AS_... of the cells of a column, all null where the file lacks it."""
        name = str(self.header.positions.get(column.name))
        if name not in rows.columns:
            text = pl.repeat(None, rows.height, dtype=pl.String, eager=True)
            return text, pl.repeat(0, rows.height, dtype=pl.UInt8, eager=True)
        text = rows[name]
        # Bytes are known without reading the text; characters are counted only if they matter.
        longest = text.str.len_bytes().max()
        if isinstance(longest, int) and longest > self.limits.cell_chars:
            self._refuse_long(rows, text)
        if HELD + name in rows.columns:
            return text, rows[HELD + name].fill_null(0)
        return text, pl.repeat(0, rows.height, dtype=pl.UInt8, eager=True)

    def _refuse_long(self, rows: pl.DataFrame, text: pl.Series) -> None:
        long = rows[ROW].filter((text.str.len_chars() > self.limits.cell_chars).fill_null(False))
        if len(long):
            raise TableRefused("file.cell", row=long[0], limit=self.limits.cell_chars)

    def _normalised(self, text: pl.Series, held: pl.Series, column: Column) -> pl.Series:
        if self.escaped:
            text = without_escape(text)
        if column.kind is Kind.TEXT:
            formulas = text.str.contains(LIKE_FORMULA) & (held != HELD_AS_NUMBER)
            self.tally.add("note.formula", text, formulas, column)
            return text
        if column.kind is Kind.DATE and self.serial_offset:
            text = text.zip_with(held != HELD_AS_NUMBER, self._shifted(text))
        return self._narrowed(text, column)

    def _narrowed(self, text: pl.Series, column: Column) -> pl.Series:
        # Nearly every code and number is plain ASCII; only the others are worth normalising.
        strange = text.str.contains(r"[^!-~]").fill_null(False)
        if not strange.any():
            return text
        wide = text.filter(strange).str.normalize("NFKC")
        wide = wide.str.replace_all(_INVISIBLE, " ").str.strip_chars()
        if column.kind is Kind.CODE:
            wide = wide.str.replace_all(" ", "")
        # Scatter changes a series in place, and the text as the file has it is still needed.
        narrow = text.clone().scatter(strange.arg_true(), wide)
        self.tally.add("note.width", text, narrow != text, column)
        return narrow.replace("", None)

    def _shifted(self, text: pl.Series) -> pl.Series:
        return (text.cast(pl.Float64, strict=False) + self.serial_offset).cast(pl.String)

    def _too_wide(self, rows: pl.DataFrame) -> pl.DataFrame:
        # An unquoted comma in a text moves every later cell into the wrong column.
        beyond = [
            name for name in rows.columns if name.isdigit() and int(name) >= self.header.width
        ]
        filled = pl.any_horizontal(pl.col(beyond).is_not_null()) if beyond else pl.lit(False)
        found = rows.filter(filled).select(
            ROW,
            value=pl.lit(None, dtype=pl.String),
            code=pl.lit("row.long"),
            limit=pl.lit(str(self.header.width)),
            count=pl.col(WIDTH),
        )
        return problems_of(found, self.header.cells[self.header.width - 1], personal=False)


def problems_of(
    found: pl.DataFrame, header: str, personal: bool, *, warning: bool = False
) -> pl.DataFrame:
    """Problem rows from row, value, code and whichever parameters `found` has."""
    params = [
        pl.col(name).cast(kind) if name in found.columns else pl.lit(None, dtype=kind).alias(name)
        for name, kind in PARAMS.items()
    ]
    # Control characters would not survive in an error file.
    value = pl.col("value").str.head(SHOWN_CHARS).str.replace_all(_CONTROL, "\ufffd")
    return found.select(
        pl.col(ROW),
        pl.lit(header).alias("column"),
        value,
        pl.col("code"),
        pl.struct(params).alias("params"),
        pl.lit(warning).alias("warning"),
        pl.lit(personal).alias("personal"),
    ).cast(PROBLEMS)


def duplicates(frame: pl.DataFrame, columns: Sequence[Column], header: Header) -> pl.DataFrame:
    """A warning for every row whose key columns equal those of an earlier row."""
    keys = [c for c in columns if c.key and c.name in header.positions]
    if not keys:
        return PROBLEMS.to_frame()
    names = [column.name for column in keys]
    # A refused or empty key equals nothing.
    found = (
        frame.select(ROW, *names)
        .drop_nulls()
        .with_columns(other_row=pl.col(ROW).first().over(names))
        .filter(pl.col(ROW) != pl.col("other_row"))
        .select(
            ROW,
            "other_row",
            value=pl.concat_str([pl.col(name).cast(pl.String) for name in names], separator=" / "),
            code=pl.lit("row.duplicate"),
        )
    )
    headers = " / ".join(header.of(column) for column in keys)
    return problems_of(found, headers, any(c.personal for c in keys), warning=True)
