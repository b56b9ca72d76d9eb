"""Clinics and other places from a table: previewed, then written whole or not at all."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import polars as pl
from django.db import transaction

from tongzhou.interchange.tables import Table, read
from tongzhou.kit.actions import record
from tongzhou.kit.rules import Actor

from .. import queries
from ..models import Division, Place, Source
from ..rules import Scope
from ..rules.columns import FIGURES, KINDS, PLACES
from ..rules.problems import problems
from .reports import ROWS_SHOWN, ImportRefused, Progress, Report, report_of, silent
from .staging import Staged, staged

MOST_SOURCES = 1_000
MOST_FAULTS = 100_000
MOST_TWINS = 10_000
CODES_RETRIED = 500
_CODE_WITH_VILLAGE = r"^(.+)-[1-9]\d{0,3}$"

SHOWN = ("row", "code", "division", "name", "people65")
NEW = {
    "code": "s.code",
    "name": "s.name",
    "kind": "COALESCE(s.kind, 'clinic')",
    "division_id": "s.division_id",
    "lat": "s.lat",
    "lon": "s.lon",
    "placed": "false",
    "made_up": "false",
    "state": "CASE WHEN s.closed THEN 'closed' ELSE 'active' END",
    **{figure: f"s.{figure}" for figure in FIGURES},
    "source_id": "s.source_id",
}
# An empty cell keeps what is known, but made-up figures go as soon as a file says anything.
CHANGED = {
    "name": "s.name",
    "kind": "COALESCE(s.kind, t.kind)",
    "division_id": "COALESCE(s.division_id, t.division_id)",
    "lat": "COALESCE(s.lat, t.lat)",
    "lon": "COALESCE(s.lon, t.lon)",
    "placed": "CASE WHEN s.lat IS NULL THEN t.placed ELSE false END",
    "made_up": "false",
    "state": "CASE WHEN s.closed AND t.state = 'active' THEN 'closed'"
    " WHEN NOT s.closed AND t.state = 'closed' THEN 'active' ELSE t.state END",
    **{
        figure: f"CASE WHEN t.made_up THEN s.{figure} ELSE COALESCE(s.{figure}, t.{figure}) END"
        for figure in FIGURES
    },
    "source_id": "COALESCE(s.source_id, t.source_id)",
}


def read_places(source: Path | bytes | str) -> Table:
    """A CSV, XLSX or Parquet file of places. Raises TableRefused."""
    return read(source, PLACES)


def preview_places(
    table: Table, *, within: Scope | None = None, progress: Progress = silent
) -> Report:
    """What an import of this table would do; writes nothing."""
    with transaction.atomic(), _staged(table, progress) as (stage, found):
        return _judged(table, stage, found, within, progress)


def import_places(
    table: Table,
    *,
    by: Actor,
    within: Scope | None = None,
    source: str = "",
    progress: Progress = silent,
) -> Report:
    """Write a table of places in one transaction, or raise ImportRefused and change nothing.

    A row's key is its code, or its village code and number; a code that is there is updated. The
    same file a second time has no effect. `within`: only divisions of this scope. `source`: where
    the figures come from, for rows that do not say.
    """
    with transaction.atomic(), _staged(table, progress) as (stage, found):
        report = _judged(table, stage, found, within, progress)
        if not report.sound:
            raise ImportRefused(report)
        if report.new or report.changed:
            progress("writing")
            _set_sources(stage, source)
            stage.insert_new("places_place", NEW)
            stage.update_changed("places_place", CHANGED)
            _record(stage, report, by)
    return report


def _record(stage: Staged, report: Report, by: Actor) -> None:
    """One event, on the smallest division that holds every place of the file."""
    lowest, highest = stage.rows(
        f"SELECT min(d.first), max(d.first) FROM {stage.name} s"
        " JOIN places_place p ON p.code = s.code JOIN places_division d ON d.id = p.division_id"
    )[0]
    holding = Division.objects.filter(first__lte=lowest, last__gte=highest, valid_to=None)
    subject = holding.order_by("-level").first() or Division.objects.get(first=lowest)
    record(
        "places.imported",
        subject,
        by=by,
        chain=queries.chain_of(subject),
        after={"rows": report.rows, "new": report.new, "changed": report.changed},
    )


@contextmanager
def _staged(table: Table, progress: Progress) -> Iterator[tuple[Staged, list[pl.DataFrame]]]:
    """The table's rows in the database with their divisions, and the problems so far."""
    progress("checking")
    frame, found = _with_codes(table.frame)
    with staged(frame, "places", adding=["division_id", "source_id"]) as stage:
        progress("comparing")
        stage.look_up("division_id", "places_division", "id", on={"division": "code"})
        _look_up_other_forms(stage)
        yield stage, found


def _with_codes(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """Codes made from village and number, villages from codes, kinds in our words."""
    numbered = pl.col("division") + "-" + pl.col("number").cast(pl.String)
    words = {**{kind: kind for kind in Place.Kind.values}, **KINDS}
    wanted = pl.col("kind").str.to_lowercase()
    rows = frame.with_columns(
        pl.coalesce("code", numbered).alias("code"),
        wanted.replace_strict(words, default=None, return_dtype=pl.String).alias("known"),
    ).with_columns(
        pl.coalesce("division", pl.col("code").str.extract(_CODE_WITH_VILLAGE)).alias("division")
    )
    found = list(_faults(rows))
    return rows.drop("kind", "number").rename({"known": "kind"}), found


def _faults(rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """What the file alone shows to be wrong."""
    yield problems(rows.filter(pl.col("code").is_null()), "place.code_missing", "code")
    kinds = ", ".join(Place.Kind.values)
    strange = rows.filter(pl.col("kind").is_not_null() & pl.col("known").is_null())
    yield problems(strange.with_columns(limit=pl.lit(kinds)), "place.kind", "kind", value="kind")
    half = pl.col("lat").is_null() != pl.col("lon").is_null()
    yield problems(rows.filter(half), "place.half_a_point", "lat")
    again = rows.filter(pl.col("code").is_not_null() & ~pl.col("code").is_first_distinct())
    first = rows.select("code", pl.col("row").alias("other_row")).unique("code", keep="first")
    yield problems(again.join(first, on="code"), "place.twice", "code", value="code")
    known = rows.filter(pl.col("code").is_first_distinct() & pl.col("division").is_not_null())
    key = ["division", "name"]
    same = known.filter(pl.struct(key).is_duplicated()).with_columns(
        pl.col("code").first().over(key).alias("limit")
    )
    later = same.filter(pl.col("code") != pl.col("limit"))
    yield problems(later, "place.same_name", "name", value="name", warning=True)


def _look_up_other_forms(stage: Staged) -> None:
    """Codes padded another way, as 620000 for 62; few, for a file has one way of writing."""
    missing = stage.rows(
        f"SELECT DISTINCT division FROM {stage.name}"
        f" WHERE division_id IS NULL AND division IS NOT NULL LIMIT {CODES_RETRIED}"
    )
    for (code,) in missing:
        if division := queries.division_by_code(code):
            stage.run(
                f"UPDATE {stage.name} SET division_id = %s WHERE division = %s",
                [division.pk, code],
            )


def _judged(
    table: Table,
    stage: Staged,
    found: list[pl.DataFrame],
    within: Scope | None,
    progress: Progress,
) -> Report:
    counts = stage.compare("places_place", on={"code": "code"}, values=CHANGED)
    progress("looking for faults")
    found = [*found, *_faults_against_tree(stage), *_same_names(stage)]
    if within is not None:
        found += _outside(stage, within)
    return report_of(table, found, counts, stage.first_rows(SHOWN, ROWS_SHOWN))


def _faults_against_tree(stage: Staged) -> Iterator[pl.DataFrame]:
    at = _frame(
        stage,
        "WHERE s.division IS NOT NULL AND s.division_id IS NULL",
    )
    yield problems(at, "division.unknown", "division", value="division")
    without = "WHERE s.division IS NULL AND s.target_id IS NULL AND s.code IS NOT NULL"
    yield problems(_frame(stage, without), "place.division_missing", "division")
    closed = (
        "JOIN places_division d ON d.id = s.division_id"
        " LEFT JOIN places_place p ON p.id = s.target_id WHERE d.valid_to IS NOT NULL"
        " AND (p.id IS NULL OR p.division_id <> d.id)"
    )
    yield problems(_frame(stage, closed), "division.closed", "division", value="division")


def _same_names(stage: Staged) -> Iterator[pl.DataFrame]:
    """New places that bear the name of a place already in their division."""
    twins = stage.rows(
        f'SELECT s."row", s.name, min(p.code) FROM {stage.name} s JOIN places_place p'
        " ON p.division_id = s.division_id AND p.name = s.name AND p.code <> s.code"
        " WHERE s.target_id IS NULL AND p.state = 'active' GROUP BY s.\"row\", s.name"
        f" LIMIT {MOST_TWINS}"
    )
    schema = {"row": pl.Int64, "name": pl.String, "limit": pl.String}
    frame = pl.DataFrame(twins, schema=schema, orient="row")
    yield problems(frame, "place.same_name", "name", value="name", warning=True)


def _outside(stage: Staged, within: Scope) -> Iterator[pl.DataFrame]:
    """Rows whose division, or whose present place, is not in the scope of whoever imports."""
    inside, bounds = within.sql("d.first")
    joins = {
        "division": "JOIN places_division d ON d.id = s.division_id",
        "code": "JOIN places_place p ON p.id = s.target_id"
        " JOIN places_division d ON d.id = p.division_id",
    }
    for column, join in joins.items():
        rows = _frame(stage, f"{join} WHERE NOT {inside}", bounds)
        yield problems(rows, "division.outside", column, value=column)


def _frame(stage: Staged, condition: str, values: Sequence[object] = ()) -> pl.DataFrame:
    """row, division and code of the staged rows with a condition, as many as a report lists."""
    rows = stage.rows(
        f'SELECT s."row", s.division, s.code FROM {stage.name} s {condition} LIMIT {MOST_FAULTS}',
        values,
    )
    schema = {"row": pl.Int64, "division": pl.String, "code": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _set_sources(stage: Staged, default: str) -> None:
    """A source row for each (source, as-of) of the file. Raises ValueError past 1,000 of them."""
    pairs = stage.rows(f"SELECT DISTINCT source, as_of FROM {stage.name} LIMIT {MOST_SOURCES + 1}")
    if len(pairs) > MOST_SOURCES:
        raise ValueError(f"A file may name {MOST_SOURCES} sources; put remarks in another column.")
    apart = stage.same()
    for name, as_of in pairs:
        named = name or default
        if not named:
            continue
        day = date.fromisoformat(as_of) if isinstance(as_of, str) else as_of
        source, _ = Source.objects.get_or_create(name=str(named)[:200], as_of=day)
        stage.run(
            f"UPDATE {stage.name} SET source_id = %s WHERE source {apart} %s AND as_of {apart} %s",
            [source.pk, name, as_of],
        )
