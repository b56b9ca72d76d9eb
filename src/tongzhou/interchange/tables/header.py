"""Where the header of a table is, and which column stands where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from tongzhou.interchange.refusals import TableRefused
from tongzhou.interchange.tables.columns import Column, folded
from tongzhou.interchange.tables.table import ROW

# Official forms put a title, a date and an office above the header.
ROWS_TRIED = 10
_HASHTAG = r"^#[A-Za-z]\w*(\s*\+\s*[A-Za-z]\w*)*$"
_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Header:
    """The header row: its number, its cells, and the position of every column by name."""

    row: int
    cells: list[str]
    positions: dict[str, int] = field(default_factory=dict)

    @property
    def width(self) -> int:
        """Number of cells up to the last that is not empty."""
        return max((i + 1 for i, cell in enumerate(self.cells) if cell), default=0)

    @property
    def matched(self) -> dict[str, str]:
        return {name: self.cells[position] for name, position in self.positions.items()}

    @property
    def unknown(self) -> tuple[str, ...]:
        known = set(self.positions.values())
        return tuple(cell for i, cell in enumerate(self.cells) if cell and i not in known)

    def of(self, column: Column) -> str:
        """The header of a column as the file has it, or as we would write it."""
        return self.matched.get(column.name, column.header)


def find_header(rows: pl.DataFrame, columns: Sequence[Column]) -> tuple[int, Header]:
    """Position in `rows` of the header, and the header; `rows` are not blank.

    It is the first of ten rows with all required columns, else the first row, which is then
    refused: TableRefused names what is missing, or which headers mean the same column.
    """
    top = rows.head(ROWS_TRIED)
    names = [name for name in top.columns if name != ROW]
    lines = [[cell or "" for cell in line] for line in top.select(names).rows()]
    needed = {column.name for column in columns if column.required}
    found = [_positions(line, columns) for line in lines]
    at = next((i for i, known in enumerate(found) if known and needed <= known.keys()), 0)
    header = Header(int(top[ROW][at]), lines[at], {n: p[0] for n, p in found[at].items()})
    _refuse_missing(header, columns)
    _refuse_doubled(header, found[at])
    return at, header


def is_hashtags(row: Sequence[str | None]) -> bool:
    """Whether a row holds HXL hashtags (https://hxlstandard.org) and nothing else."""
    # Columns without a hashtag have an empty cell there.
    cells = pl.Series([cell for cell in row if cell], dtype=pl.String)
    return len(cells) > 0 and bool(cells.str.contains(_HASHTAG).all())


def _positions(line: list[str], columns: Sequence[Column]) -> dict[str, list[int]]:
    names = {folded(name): c.name for c in columns for name in (c.name, *c.headers)}
    positions: dict[str, list[int]] = {}
    for position, text in enumerate(map(folded, line)):
        if text and text in names:
            positions.setdefault(names[text], []).append(position)
    return positions


def _refuse_missing(header: Header, columns: Sequence[Column]) -> None:
    missing = [c.header for c in columns if c.required and c.name not in header.positions]
    if not header.positions:
        missing = missing or [c.header for c in columns]
    if missing:
        found = ", ".join(cell for cell in header.cells if cell)[:_SHOWN]
        raise TableRefused("file.missing", columns=", ".join(missing), found=found)


def _refuse_doubled(header: Header, positions: dict[str, list[int]]) -> None:
    for places in positions.values():
        if len(places) > 1:
            doubled = ", ".join(header.cells[place] for place in places)
            raise TableRefused("file.twice", columns=doubled)
