"""What an import found, before anything is written and after."""

from collections.abc import Callable
from dataclasses import dataclass, field

import polars as pl

from tongzhou.interchange.tables import Note, Table

from ..rules.problems import together, told
from .staging import Counts

ROWS_SHOWN = 20
Progress = Callable[[str], None]


def silent(stage: str) -> None:
    """The progress of an import nobody watches."""


@dataclass(frozen=True, slots=True)
class Report:
    """Rows by what would become of them; `problems` by row and column, errors and warnings.

    `refused` counts rows with an error: where it is not 0 nothing is written. `shown` are the first
    rows as the table holds them after reading, with `state`: new, changed, same or refused.
    """

    rows: int
    new: int
    changed: int
    same: int
    refused: int
    problems: pl.DataFrame
    shown: list[dict[str, object]] = field(default_factory=list)
    notes: tuple[Note, ...] = ()
    matched: dict[str, str] = field(default_factory=dict)
    encoding: str = ""

    @property
    def sound(self) -> bool:
        return self.refused == 0

    def warnings(self) -> int:
        return int(self.problems["warning"].sum())


class ImportRefused(Exception):
    """The file has rows that cannot be taken: nothing was written; `report` says which and why."""

    def __init__(self, report: Report) -> None:
        self.report = report
        first = told(report.problems.filter(~pl.col("warning")).head(1)).row(0, named=True)
        super().__init__("{row}, {column}: {problem} {cure}".format_map(first))


def report_of(
    table: Table, found: list[pl.DataFrame], counts: Counts, shown: list[dict[str, object]]
) -> Report:
    """The report of a table whose own problems are joined by those found against the database.

    Those name a column as we do; whoever reads the report knows it by the header of the file.
    """
    headed = [part.with_columns(pl.col("column").replace(table.matched)) for part in found]
    problems = together([table.problems, *headed])
    bad = problems.filter(~pl.col("warning"))["row"].unique()
    marked = [{**row, "state": "refused"} if row["row"] in bad else row for row in shown]
    return Report(
        rows=table.frame.height,
        new=counts.new,
        changed=counts.changed,
        same=counts.same,
        refused=max(len(bad), 1 if table.errors else 0),
        problems=problems,
        shown=marked,
        notes=table.notes,
        matched=table.matched,
        encoding=table.encoding or "",
    )
