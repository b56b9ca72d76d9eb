"""The file that goes back to whoever sent a table with faults: where, what, why and the cure."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from tongzhou.interchange import messages
from tongzhou.interchange.tables.columns import Column, Kind
from tongzhou.interchange.tables.table import ROW

MASK = "•••"
ERROR_COLUMNS = (
    Column(ROW, ("Row", "行"), Kind.WHOLE),
    Column("column", ("Column", "列")),
    Column("value", ("Value", "内容")),
    Column("problem", ("Problem", "问题")),
    Column("cure", ("What to do", "处理办法")),
)
HEADINGS: dict[str, dict[str, str]] = {
    "en": {column.name: column.headers[0] for column in ERROR_COLUMNS},
    "zh": {column.name: column.headers[1] for column in ERROR_COLUMNS},
}


def error_table(
    problems: pl.DataFrame,
    lang: str = "en",
    *,
    translate: messages.Translate | None = None,
) -> pl.DataFrame:
    """row, column, value, problem, cure for `Table.problems`; values of personal columns masked.

    Write it with `write(table, ERROR_COLUMNS, target, headings=HEADINGS[lang])`.
    """
    hidden = pl.when(pl.col("personal") & pl.col("value").is_not_null()).then(pl.lit(MASK))
    shown = problems.with_columns(value=pl.coalesce(hidden, pl.col("value")))
    sentences = [_told(problem, lang, translate) for problem in shown.iter_rows(named=True)]
    return shown.select(
        pl.col(ROW).cast(pl.Int64),
        "column",
        "value",
        problem=pl.Series([what for what, _ in sentences], dtype=pl.String),
        cure=pl.Series([cure for _, cure in sentences], dtype=pl.String),
    )


def _told(
    problem: Mapping[str, object], lang: str, translate: messages.Translate | None
) -> tuple[str, str]:
    params = problem["params"]
    given = params if isinstance(params, Mapping) else {}
    return messages.parts(str(problem["code"]), {**problem, **given}, lang, translate=translate)
