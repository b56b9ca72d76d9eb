"""The table of medicine codes from a file: previewed, then written whole or not at all."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
from django.db import transaction

from tongzhou.clinical import load_catalogue
from tongzhou.interchange.tables import Table, read
from tongzhou.kit import clock
from tongzhou.kit.actions import record
from tongzhou.kit.rules import Actor
from tongzhou.places.actions import ImportRefused, Report, Staged, staged
from tongzhou.places.actions.reports import ROWS_SHOWN, report_of
from tongzhou.places.models import Division
from tongzhou.places.queries import chain_of
from tongzhou.places.rules import Scope
from tongzhou.places.rules.problems import problems
from tongzhou.portal.rules.medicine_columns import LONGEST, MEDICINE_LIMITS, MEDICINES, product_code

TABLE = "portal_medicinecode"
SHOWN = ("row", "code", "name", "maker", "strength", "source", "as_of")
# A row is the whole truth of its code: an empty cell empties what was known.
VALUES = {
    "name": "s.name",
    **{
        name: f"COALESCE(s.{name}, '')" for name in ("name_en", "maker", "strength", "catalogue_id")
    },
    "source": "s.source",
    "as_of": "s.as_of",
}
NEW = {"code": "s.code", **VALUES}


def read_medicines(source: Path | bytes | str) -> Table:
    """A CSV, XLSX or Parquet file of medicine codes, 200,000 rows at most. Raises TableRefused."""
    return read(source, MEDICINES, limits=MEDICINE_LIMITS)


def preview_medicines(table: Table, *, within: Scope | None = None) -> Report:
    """What an import of this table would do; writes nothing."""
    rows = _prepared(table)
    with transaction.atomic(), staged(rows.drop("said"), "medicines") as stage:
        return _judged(table, rows, stage, within)


def import_medicines(table: Table, *, by: Actor, within: Scope | None = None) -> Report:
    """Write a table of medicine codes in one transaction, or raise ImportRefused and change
    nothing; event "medicines.imported".

    A row's key is its code; codes that the file does not name stay. The same file a second time
    has no effect. `within` has to hold the top of the tree: a code is the same everywhere.
    """
    rows = _prepared(table)
    with transaction.atomic(), staged(rows.drop("said"), "medicines") as stage:
        report = _judged(table, rows, stage, within)
        if not report.sound:
            raise ImportRefused(report)
        if report.new or report.changed:
            stage.insert_new(TABLE, NEW)
            stage.update_changed(TABLE, VALUES)
            top = _top()
            assert top is not None  # _judged refuses every row without one
            record(
                "medicines.imported",
                top,
                by=by,
                chain=chain_of(top),
                after={"rows": report.rows, "new": report.new, "changed": report.changed},
            )
    return report


def _top() -> Division | None:
    nations = Division.objects.filter(level=Division.Level.NATION)
    return nations.order_by("first").first()


def _prepared(table: Table) -> pl.DataFrame:
    """The rows with their codes as they are kept; `said` is the code of the file."""
    kept = pl.col("code").map_elements(product_code, return_dtype=pl.String)
    return table.frame.with_columns(pl.col("code").alias("said"), kept.alias("code"))


def _judged(table: Table, rows: pl.DataFrame, stage: Staged, within: Scope | None) -> Report:
    counts = stage.compare(TABLE, on={"code": "code"}, values=VALUES)
    found = list(_faults(rows, within))
    return report_of(table, found, counts, stage.first_rows(SHOWN, ROWS_SHOWN))


def _faults(rows: pl.DataFrame, within: Scope | None) -> Iterator[pl.DataFrame]:
    top = _top()
    if top is None:
        yield problems(rows, "medicine.no_places", "code")
    elif within is not None and not within.contains(top):
        yield problems(rows, "medicine.outside", "code")
    wrong = rows.filter(pl.col("said").is_not_null() & pl.col("code").is_null())
    yield problems(wrong, "medicine.code", "code", value="said")
    again = rows.filter(pl.col("code").is_not_null()).with_columns(
        pl.col("row").first().over("code").alias("other_row")
    )
    doubled = again.filter(pl.col("row") != pl.col("other_row"))
    yield problems(doubled, "medicine.twice", "code", value="said")
    for column, most in LONGEST.items():
        long = rows.filter(pl.col(column).str.len_chars() > most)
        yield problems(long.with_columns(limit=pl.lit(str(most))), "medicine.long", column)
    known = list(load_catalogue().products)
    strange = rows.filter(
        pl.col("catalogue_id").is_not_null() & ~pl.col("catalogue_id").is_in(known)
    )
    yield problems(strange, "medicine.catalogue", "catalogue_id", value="catalogue_id")
    later = rows.filter(pl.col("as_of") > clock.today())
    yield problems(later, "medicine.future", "as_of", value="as_of")
