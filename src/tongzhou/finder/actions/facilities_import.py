"""Facilities from a table: previewed, then written whole or not at all, each cell as a fact."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from pathlib import Path

import polars as pl
from django.db import connection, transaction
from django.utils import timezone

from tongzhou.interchange.tables import Table, read
from tongzhou.kit import clock
from tongzhou.kit.actions import record
from tongzhou.kit.rules import Actor
from tongzhou.places.actions import ImportRefused, Report, Staged, staged
from tongzhou.places.actions.reports import ROWS_SHOWN, Progress, report_of, silent
from tongzhou.places.models import Division
from tongzhou.places.queries import chain_of
from tongzhou.places.rules import Scope
from tongzhou.places.rules.problems import problems

from ..rules import CONFIDENCE, vector
from ..rules.columns import FACILITIES, KINDS, LONGEST
from ..rules.fields import SERVICES, FieldRefused, hours_are_read, is_all_day, phones_of

MOST_FAULTS = 100_000
SOURCE = "A"
TEXTS = ("name", "kind", "address", "phones", "hours")
SHOWN = ("row", "code", "name", "kind", "division", "hours", "phones")
# The columns whose cells are facts, with the field of each.
COLUMNS = {name: name for name in (*TEXTS, *SERVICES)} | {"lat": "point"}
POINT = ("lat", "lon", "x", "y", "z")
# An empty cell says nothing, so what is known stays.
KEPT = {name: f"COALESCE(s.{name}, t.{name})" for name in (*TEXTS, *SERVICES, *POINT)}
CHANGED = {
    **KEPT,
    "division_id": "COALESCE(s.division_id, t.division_id)",
    "hours_read": "CASE WHEN s.hours IS NULL THEN t.hours_read ELSE s.hours_read END",
    "all_day": "CASE WHEN COALESCE(s.has_emergency, t.has_emergency) THEN true"
    " WHEN s.hours IS NULL THEN t.all_day AND NOT t.has_emergency ELSE s.all_day END",
    "priority": "COALESCE(s.priority, t.priority)",
    "made_up": "false",
}
NEW = {
    "code": "s.code",
    "name": "s.name",
    "name_en": "''",
    "kind": "s.kind",
    "division_id": "s.division_id",
    **{name: f"COALESCE(s.{name}, '')" for name in ("address", "phones", "hours")},
    **{name: f"COALESCE(s.{name}, false)" for name in SERVICES},
    **{name: f"s.{name}" for name in POINT},
    "hours_read": "s.hours_read",
    "all_day": "COALESCE(s.has_emergency, false) OR s.all_day",
    "state": "'active'",
    "priority": "COALESCE(s.priority, 5)",
    "ever_called": "false",
    "made_up": "false",
}
# What somebody said after the day of the row stays; the point goes by its latitude.
OLDER = """
UPDATE {staged} AS s SET {column} = NULL WHERE {column} IS NOT NULL AND EXISTS (
    SELECT 1 FROM finder_fact o JOIN finder_facility f ON f.id = o.facility_id
    WHERE f.code = s.code AND o.field = %s AND o.current AND o.as_of > {at})
"""
# Facts of one field of the rows of the file that say something of it; the older ones step back.
STEP_BACK = """
UPDATE finder_fact SET current = false WHERE current AND field = %s AND as_of <= {at}
    AND facility_id IN (SELECT f.id FROM {staged} s JOIN finder_facility f ON f.code = s.code
        WHERE s.{column} IS NOT NULL)
"""
APPEND = """
INSERT INTO finder_fact (facility_id, field, value, source, said_by, confidence, as_of,
    recorded_at, by, current)
SELECT f.id, %s, {value}, %s, COALESCE(s.source, %s), %s, {at}, {now}, %s,
    NOT EXISTS (SELECT 1 FROM finder_fact o WHERE o.facility_id = f.id AND o.field = %s
        AND o.current)
FROM {staged} s JOIN finder_facility f ON f.code = s.code
WHERE s.{column} IS NOT NULL ORDER BY s."row"
"""


def read_facilities(source: Path | bytes | str) -> Table:
    """A CSV, XLSX or Parquet file of facilities. Raises TableRefused."""
    return read(source, FACILITIES)


def preview_facilities(
    table: Table, *, within: Scope | None = None, progress: Progress = silent
) -> Report:
    """What an import of this table would do; writes nothing."""
    with transaction.atomic(), _staged(table, progress) as (stage, found):
        return _judged(table, stage, found, within, progress)


def import_facilities(
    table: Table,
    *,
    by: Actor,
    within: Scope | None = None,
    source: str = "",
    progress: Progress = silent,
) -> Report:
    """Write a table of facilities in one transaction, or raise ImportRefused and change nothing.

    A row's key is its code; a code that is there is updated with what the row says. Each cell
    becomes a fact of source A as of its day, and the row's day counts as a check. The same file a
    second time has no effect. `within`: only divisions of this scope.
    """
    with transaction.atomic(), _staged(table, progress) as (stage, found):
        report = _judged(table, stage, found, within, progress)
        if not report.sound:
            raise ImportRefused(report)
        if report.new or report.changed:
            progress("writing")
            # Only these say anything new; of the others nothing is written, not even a fact.
            stage.run(f"DELETE FROM {stage.name} WHERE target_id IS NOT NULL AND NOT changed")
            stage.insert_new("finder_facility", NEW)
            stage.update_changed("finder_facility", CHANGED)
            _write_facts(stage, source, by)
            _record(stage, report, by)
    return report


def _write_facts(stage: Staged, source: str, by: Actor) -> None:
    sqlite, at = connection.vendor == "sqlite", _at()
    now = connection.ops.adapt_datetimefield_value(clock.now().astimezone(UTC))
    for column, field in COLUMNS.items():
        names = {"staged": stage.name, "column": column}
        # SQLite compares texts, PostgreSQL moments: the day of each row is looked up for its fact.
        own = (
            f"(SELECT {at} FROM {stage.name} s JOIN finder_facility f ON f.code = s.code"
            " WHERE f.id = finder_fact.facility_id)"
        )
        stage.run(STEP_BACK.format(at=own, **names), [field])
        stage.run(
            APPEND.format(at=at, now="%s", value=_json(column, sqlite), **names),
            [field, SOURCE, source[:120], CONFIDENCE[SOURCE], now, str(by), field],
        )
    stage.run(
        f"UPDATE finder_facility SET checked_at = {at.replace('s.at', 'n.at')} FROM {stage.name} n"
        " WHERE n.code = finder_facility.code AND (finder_facility.checked_at IS NULL"
        f" OR finder_facility.checked_at < {at.replace('s.at', 'n.at')})"
    )


def _at() -> str:
    """When a staged row was true, as the database keeps moments."""
    return "s.at" if connection.vendor == "sqlite" else "(s.at || '+00')::timestamptz"


def _json(column: str, sqlite: bool) -> str:
    """A cell as JSON: a text, yes or no, or a point of two numbers."""
    if column == "lat":
        return "json_array(s.lat, s.lon)" if sqlite else "jsonb_build_array(s.lat, s.lon)"
    if not sqlite:
        return f"to_jsonb(s.{column})"
    if column in SERVICES:
        return f"CASE WHEN s.{column} THEN 'true' ELSE 'false' END"
    return f"json_quote(s.{column})"


def _record(stage: Staged, report: Report, by: Actor) -> None:
    """One event, on the smallest division that holds every facility of the file."""
    lowest, highest = stage.rows(
        f"SELECT min(d.first), max(d.first) FROM {stage.name} s"
        " JOIN finder_facility f ON f.code = s.code JOIN places_division d ON d.id = f.division_id"
    )[0]
    holding = Division.objects.filter(first__lte=lowest, last__gte=highest, valid_to=None)
    subject = holding.order_by("-level").first() or Division.objects.get(first=lowest)
    record(
        "facilities.imported",
        subject,
        by=by,
        chain=chain_of(subject),
        after={"rows": report.rows, "new": report.new, "changed": report.changed},
    )


@contextmanager
def _staged(table: Table, progress: Progress) -> Iterator[tuple[Staged, list[pl.DataFrame]]]:
    """The table's rows in the database with their divisions, and the problems so far."""
    progress("checking")
    rows = _prepared(table.frame)
    found = list(_faults(rows))
    columns = rows.drop("kind_said", "phones_said", "as_of")
    with staged(columns, "facilities", adding=["division_id"]) as stage:
        progress("comparing")
        stage.look_up("division_id", "places_division", "id", on={"division": "code"})
        yield stage, found


def _prepared(frame: pl.DataFrame) -> pl.DataFrame:
    """Kinds in our words, telephones in one form, hours looked at, points on the unit sphere."""
    said = pl.col("kind").str.to_lowercase()
    ours = said.replace_strict(KINDS, default=None, return_dtype=pl.String)
    hours = frame["hours"].drop_nulls().unique().to_list()
    points = [_vector(lat, lon) for lat, lon in frame.select("lat", "lon").iter_rows()]
    return frame.with_columns(
        ours.alias("kind"),
        pl.col("kind").alias("kind_said"),
        pl.col("phones").map_elements(_phones, return_dtype=pl.String).alias("phones"),
        pl.col("phones").alias("phones_said"),
        _looked_up("hours", {text: hours_are_read(text) for text in hours}, empty=True).alias(
            "hours_read"
        ),
        _looked_up("hours", {text: is_all_day(text) for text in hours}, empty=False).alias(
            "all_day"
        ),
        *(
            pl.Series(name, [p[n] for p in points], dtype=pl.Float64)
            for n, name in enumerate(("x", "y", "z"))
        ),
        pl.col("as_of")
        .map_elements(_start, return_dtype=pl.String)
        .fill_null(_start(None))
        .alias("at"),
    )


def _looked_up(column: str, known: dict[str, bool], *, empty: bool) -> pl.Expr:
    return pl.col(column).replace_strict(known, default=empty, return_dtype=pl.Boolean)


def _vector(lat: float | None, lon: float | None) -> tuple[float | None, ...]:
    return (None, None, None) if lat is None or lon is None else vector(lat, lon)


def _phones(text: str) -> str | None:
    try:
        return phones_of(text)
    except FieldRefused:
        return None


def _start(day: date | None) -> str:
    """When a row was true, in UTC as SQLite keeps it: the beginning of its day, or now."""
    if day is None:
        moment = clock.now()
    else:
        moment = datetime.combine(day, time(), timezone.get_default_timezone())
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _faults(rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """What the file alone shows to be wrong."""
    again = rows.with_columns(pl.col("row").first().over("code").alias("other_row"))
    doubled = again.filter(pl.col("row") != pl.col("other_row"))
    yield problems(doubled, "facility.twice", "code", value="code")
    strange = rows.filter(pl.col("kind_said").is_not_null() & pl.col("kind").is_null())
    limited = strange.with_columns(limit=pl.lit(", ".join(sorted(set(KINDS.values())))))
    yield problems(limited, "facility.kind", "kind", value="kind_said")
    half = pl.col("lat").is_null() != pl.col("lon").is_null()
    yield problems(rows.filter(half), "facility.half_a_point", "lat")
    for column, most in LONGEST.items():
        long = rows.filter(pl.col(column).str.len_chars() > most)
        yield problems(long.with_columns(limit=pl.lit(str(most))), "facility.long", column)
    bad = rows.filter(pl.col("phones_said").is_not_null() & pl.col("phones").is_null())
    yield problems(bad, "facility.phones", "phones", value="phones_said")
    later = rows.filter(pl.col("as_of") > clock.today())
    yield problems(later, "facility.future", "as_of", value="as_of")
    unread = rows.filter(~pl.col("hours_read"))
    yield problems(unread, "facility.hours", "hours", value="hours", warning=True)


def _judged(
    table: Table,
    stage: Staged,
    found: list[pl.DataFrame],
    within: Scope | None,
    progress: Progress,
) -> Report:
    for column, field in COLUMNS.items():
        stage.run(OLDER.format(staged=stage.name, column=column, at=_at()), [field])
    stage.run(f"UPDATE {stage.name} SET lon = NULL, x = NULL, y = NULL, z = NULL WHERE lat IS NULL")
    counts = stage.compare("finder_facility", on={"code": "code"}, values=CHANGED)
    progress("looking for faults")
    found = [*found, *_faults_against_tree(stage)]
    if within is not None:
        found += _outside(stage, within)
    return report_of(table, found, counts, stage.first_rows(SHOWN, ROWS_SHOWN))


def _faults_against_tree(stage: Staged) -> Iterator[pl.DataFrame]:
    unknown = "WHERE s.division IS NOT NULL AND s.division_id IS NULL"
    rows = _frame(stage, unknown)
    yield problems(rows, "facility.division_unknown", "division", value="division")
    missing = (
        "WHERE s.target_id IS NULL AND (s.name IS NULL OR s.kind IS NULL OR s.division IS NULL)"
    )
    yield problems(_frame(stage, missing), "facility.new_needs", "name")
    merged = (
        "WHERE EXISTS (SELECT 1 FROM finder_facility f WHERE f.id = s.target_id"
        " AND f.state = 'merged') OR EXISTS (SELECT 1 FROM finder_facilityid i"
        " WHERE i.scheme = 'code' AND i.value = s.code)"
    )
    yield problems(_frame(stage, merged), "facility.merged", "code", value="code")


def _outside(stage: Staged, within: Scope) -> Iterator[pl.DataFrame]:
    """Rows whose division, or whose present place, is not in the scope of whoever imports."""
    inside, bounds = within.sql("d.first")
    for column, join in {
        "division": "JOIN places_division d ON d.id = s.division_id",
        "code": "JOIN finder_facility f ON f.id = s.target_id"
        " JOIN places_division d ON d.id = f.division_id",
    }.items():
        rows = _frame(stage, f"{join} WHERE NOT {inside}", bounds)
        yield problems(rows, "facility.outside", column, value="code")


def _frame(stage: Staged, condition: str, values: list[int] | None = None) -> pl.DataFrame:
    """row, division and code of the staged rows with a condition, as many as a report lists."""
    rows = stage.rows(
        f'SELECT s."row", s.division, s.code FROM {stage.name} s {condition} LIMIT {MOST_FAULTS}',
        values or (),
    )
    schema = {"row": pl.Int64, "division": pl.String, "code": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")
