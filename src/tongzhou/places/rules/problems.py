"""What can be wrong with a file beyond its cells, in sentences; and the table of all problems."""

from collections.abc import Iterable, Mapping

import polars as pl
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tongzhou.interchange import messages
from tongzhou.interchange.tables import ERROR_COLUMNS
from tongzhou.interchange.tables.table import PROBLEMS

MASK = "•••"
Sentence = tuple[str | Promise, str | Promise]

# What is wrong, and the cure; {value} is the cell, {limit}, {other_row} and {count} its parameters.
SENTENCES: dict[str, Sentence] = {
    "division.unknown": (
        _("There is no division {value}."),
        _("Correct the code, or import the division first."),
    ),
    "division.closed": (
        _("The division {value} is closed."),
        _("Use the code of the division that took its place."),
    ),
    "division.outside": (
        _("The division {value} is outside the area you may import for."),
        _("Leave the row out, or ask the office above to import it."),
    ),
    "division.twice": (
        _("The code {value} stands in row {other_row} too."),
        _("Keep one of the two rows."),
    ),
    "division.cycle": (
        _("{value} would lie below itself."),
        _("Correct the parent codes: each must lead up to the top."),
    ),
    "division.level": (
        _("The level {value} does not fit: one below its parent is {limit}."),
        _("Correct the level or the parent."),
    ),
    "division.parent_missing": (
        _("A new division needs a parent."),
        _("Fill in the code of the division above it."),
    ),
    "division.successor_unknown": (
        _("There is no open division {value} to take its place."),
        _("Correct the code of the successor."),
    ),
    "division.has_children": (
        _("{value} cannot be closed: {count} divisions lie below it."),
        _("Name a successor, or move or close them in the same file."),
    ),
    "division.no_change_of_level": (
        _("{value} is of level {limit} and keeps it."),
        _("Add a new division and close the old one with it as successor."),
    ),
    "division.too_deep": (
        _("{value} is a village; nothing lies below villages."),
        _("Name the town as the parent."),
    ),
    "place.code_missing": (
        _("The row has neither a place code nor a village code with a number."),
        _("Fill in the place code."),
    ),
    "place.division_missing": (
        _("A new place needs the code of its village or other division."),
        _("Fill in the village code."),
    ),
    "place.twice": (
        _("The place {value} stands in row {other_row} too."),
        _("Keep one of the two rows."),
    ),
    "place.same_name": (
        _("{value} has the name of another place in the same division ({limit})."),
        _("If they are one, merge them; if not, nothing needs to be done."),
    ),
    "place.kind": (
        _("{value} is not a kind of place."),
        _("Use one of: {limit}."),
    ),
    "place.half_a_point": (
        _("A point needs both a latitude and a longitude."),
        _("Fill in both or neither."),
    ),
}


def add_sentences(sentences: Mapping[str, Sentence]) -> None:
    """Let another app's import say its own problems; codes already known are a mistake."""
    if known := SENTENCES.keys() & sentences.keys():
        raise ValueError(f"These problem codes are taken: {sorted(known)}")
    SENTENCES.update(sentences)


def problems(
    rows: pl.DataFrame, code: str, column: str, *, value: str | None = None, warning: bool = False
) -> pl.DataFrame:
    """Problems for the rows of a frame: `row`, the cell named by `value`, and, where the frame has
    them, `limit`, `other_row` and `count`."""
    text = pl.col(value).cast(pl.String) if value else pl.lit(None, dtype=pl.String)
    return rows.select(
        pl.col("row").cast(pl.UInt32),
        pl.lit(column).alias("column"),
        text.alias("value"),
        pl.lit(code).alias("code"),
        pl.struct(
            _parameter(rows, "limit", pl.String()),
            _parameter(rows, "other_row", pl.UInt32()),
            _parameter(rows, "count", pl.UInt32()),
        ).alias("params"),
        pl.lit(warning).alias("warning"),
        pl.lit(False).alias("personal"),
    )


def _parameter(rows: pl.DataFrame, name: str, dtype: pl.DataType) -> pl.Expr:
    given = pl.col(name) if name in rows.columns else pl.lit(None)
    return given.cast(dtype).alias(name)


def together(parts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """All problems by row, at most 100,000."""
    whole = pl.concat([PROBLEMS.to_frame(), *parts])
    return whole.sort("row", maintain_order=True).head(100_000)


def told(found: pl.DataFrame) -> pl.DataFrame:
    """row, column, value, problem, cure in the reader's language, as `ERROR_COLUMNS` has them."""
    pairs = [sentence(problem) for problem in found.iter_rows(named=True)]
    hidden = pl.col("personal") & pl.col("value").is_not_null()
    return found.select(
        pl.col("row").cast(pl.Int64),
        "column",
        pl.when(hidden).then(pl.lit(MASK)).otherwise(pl.col("value")).alias("value"),
        pl.Series("problem", [what for what, _cure in pairs], dtype=pl.String),
        pl.Series("cure", [cure for _what, cure in pairs], dtype=pl.String),
    ).select([column.name for column in ERROR_COLUMNS])


def sentence(problem: Mapping[str, object]) -> tuple[str, str]:
    """What is wrong and what to do, for one row of a frame of problems."""
    params = problem["params"]
    values = {**problem, **(params if isinstance(params, Mapping) else {})}
    code = str(problem["code"])
    if code not in SENTENCES:
        return messages.parts(code, values, "zh" if _in_chinese() else "en")
    what, cure = SENTENCES[code]
    return str(what).format_map(values), str(cure).format_map(values)


def _in_chinese() -> bool:
    return (get_language() or "").startswith("zh")
