"""Needs from a table: previewed, then written as new versions, the whole file or nothing of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
from django.db import transaction

from tongzhou.campaigns.models import Campaign
from tongzhou.campaigns.rules import EVIDENCE_CHARS, NEEDS, SOURCES
from tongzhou.interchange.tables import Limits, Table, read
from tongzhou.kit import clock
from tongzhou.kit.actions import record
from tongzhou.kit.rules import Actor
from tongzhou.places.actions import ImportRefused, Report, Staged, staged
from tongzhou.places.actions.reports import ROWS_SHOWN, Progress, report_of, silent
from tongzhou.places.queries import chain_of
from tongzhou.places.rules import Scope
from tongzhou.places.rules.problems import problems

from .row_faults import (
    Headers,
    campaign_faults,
    closed_faults,
    doubled,
    headers_of,
    in_our_words,
    item_faults,
    items_of,
    locked,
    with_items,
    word_faults,
)

KEY = ("place", "item", "source")
KEPT = ("row", *KEY, "item_id", "units_asked", "stock_units", "evidence", "as_of")
SHOWN = ("row", "place", "item", "source", "units_asked", "stock_units", "as_of")
# An empty cell keeps what the last version says, so that a file without a day is no change later.
VALUES = {
    "units_asked": "s.units_asked",
    "stock_units": "COALESCE(s.stock_units, t.stock_units)",
    "evidence": "COALESCE(s.evidence, t.evidence)",
    "as_of": "COALESCE(s.as_of, t.as_of)",
}
# One seek a row in the index of versions; as a join SQLite looks through all rows for each need.
FIND_LIVE = """
UPDATE staged_needs SET target_id = (
    SELECT max(t.id) FROM campaigns_needstatement t
    WHERE t.campaign_id = %s AND t.place_id = staged_needs.place_id
        AND t.item_id = staged_needs.item_id AND t.source = staged_needs.source
        AND t.state <> 'superseded')
"""
SUPERSEDE = """
UPDATE campaigns_needstatement SET state = 'superseded'
WHERE id IN (SELECT target_id FROM staged_needs WHERE changed)
"""
# Versions count over all statements of a place about an item, whatever their kind.
APPEND = """
INSERT INTO campaigns_needstatement (campaign_id, place_id, item_id, version, units_asked,
    stock_units, source, evidence, as_of, state, row_key, query_note, by)
SELECT %s, s.place_id, s.item_id,
    COALESCE(v.version, 0)
        + row_number() OVER (PARTITION BY s.place_id, s.item_id ORDER BY s."row"),
    s.units_asked, COALESCE(s.stock_units, t.stock_units, 0), s.source,
    COALESCE(s.evidence, t.evidence, ''), COALESCE(s.as_of, t.as_of, %s), 'submitted',
    s.place || ':' || s.item || ':' || s.source, '', %s
FROM staged_needs s
LEFT JOIN campaigns_needstatement t ON t.id = s.target_id
LEFT JOIN (
    SELECT place_id, item_id, max(version) AS version FROM campaigns_needstatement
    WHERE campaign_id = %s GROUP BY place_id, item_id
) v ON v.place_id = s.place_id AND v.item_id = s.item_id
WHERE s.target_id IS NULL OR s.changed
ORDER BY s."row"
"""
# The first thing that is wrong with the place of each row; a report lists 100,000 at the most.
PLACE_FAULTS = """
SELECT * FROM (
    SELECT s."row", s.place, s.item AS "limit", CASE
        WHEN s.outside = 1 THEN 'need.place_outside'
        WHEN p.id IS NULL THEN 'need.place_unknown'
        WHEN d.first NOT BETWEEN %s AND %s THEN 'need.place_elsewhere'
        WHEN p.state <> 'active' THEN 'need.place_closed'
        WHEN s.item_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM campaigns_campaignitem i
            WHERE i.campaign_id = %s AND i.item_id = s.item_id AND i.place_kind = p.kind)
        THEN 'need.not_for_kind' END AS fault
    FROM staged_needs s
    LEFT JOIN places_place p ON p.id = s.place_id
    LEFT JOIN places_division d ON d.id = p.division_id
    WHERE s.place IS NOT NULL
) judged WHERE fault IS NOT NULL LIMIT 100000
"""


def read_needs(source: Path | bytes | str, *, limits: Limits | None = None) -> Table:
    """A CSV, XLSX or Parquet file of needs. Raises TableRefused."""
    return read(source, NEEDS, limits=limits)


def preview_needs(
    table: Table, *, campaign: Campaign, within: Scope | None = None, progress: Progress = silent
) -> Report:
    """What an import of this table would do; writes nothing."""
    with transaction.atomic(), _staged(table, campaign, progress) as (stage, found):
        return _judged(table, stage, found, campaign, within, progress)


def import_needs(
    table: Table,
    *,
    by: Actor,
    campaign: Campaign,
    within: Scope | None = None,
    progress: Progress = silent,
) -> Report:
    """Write a table of needs in one transaction, or raise ImportRefused and change nothing.

    A row's key is its place, item and kind of statement. A row that says something new becomes a
    new version, which waits for a check again, and the version before is superseded; the same
    file a second time has no effect. `within`: only places of this scope.
    """
    with transaction.atomic():
        # Two imports at once would both give out the next version.
        campaign = locked(campaign)
        with _staged(table, campaign, progress) as (stage, found):
            report = _judged(table, stage, found, campaign, within, progress)
            if not report.sound:
                raise ImportRefused(report)
            if report.new or report.changed:
                progress("writing")
                _write(stage, campaign, by)
                record(
                    "needs.imported",
                    campaign,
                    by=by,
                    chain=chain_of(campaign.division),
                    after={"rows": report.rows, "new": report.new, "changed": report.changed},
                )
    return report


def _write(stage: Staged, campaign: Campaign, by: Actor) -> None:
    stage.run(SUPERSEDE)
    stage.run(APPEND, [campaign.pk, clock.today().isoformat(), str(by), campaign.pk])


@contextmanager
def _staged(
    table: Table, campaign: Campaign, progress: Progress
) -> Iterator[tuple[Staged, list[pl.DataFrame]]]:
    """The table's rows in the database with their places, and the problems so far."""
    progress("checking")
    items = items_of(campaign)
    rows = with_items(table.frame, items).with_columns(
        in_our_words("source", SOURCES, empty="request")
    )
    found = list(_faults(rows, items, campaign, headers_of(table, NEEDS)))
    with staged(rows.select(KEPT), "needs", adding=["place_id", "outside"]) as stage:
        progress("comparing")
        stage.look_up("place_id", "places_place", "id", on={"place": "code"})
        yield stage, found


def _faults(
    rows: pl.DataFrame, items: dict[str, int], campaign: Campaign, headers: Headers
) -> Iterator[pl.DataFrame]:
    """What the file alone shows to be wrong."""
    yield from item_faults(rows, items, headers)
    yield from campaign_faults(rows, campaign, headers)
    yield from closed_faults(rows, campaign, headers)
    yield from word_faults(rows, "source", "need.source", SOURCES, headers)
    yield from doubled(rows, KEY, "need.twice", headers["place"], "place")
    long = rows.filter(pl.col("evidence").str.len_chars() > EVIDENCE_CHARS)
    limited = long.with_columns(limit=pl.lit(str(EVIDENCE_CHARS)))
    yield problems(limited, "need.evidence_long", headers["evidence"])


def _judged(
    table: Table,
    stage: Staged,
    found: list[pl.DataFrame],
    campaign: Campaign,
    within: Scope | None,
    progress: Progress,
) -> Report:
    progress("looking for faults")
    if within is not None:
        _forget_outside(stage, within)
    bounds = [campaign.division.first, campaign.division.last, campaign.pk]
    schema = {"row": pl.Int64, "place": pl.String, "limit": pl.String, "fault": pl.String}
    places = pl.DataFrame(stage.rows(PLACE_FAULTS, bounds), schema=schema, orient="row")
    column = headers_of(table, NEEDS)["place"]
    for (code,), rows in places.group_by("fault", maintain_order=True):
        found = [*found, problems(rows, str(code), column, value="place")]
    stage.run(FIND_LIVE, [campaign.pk])
    counts = stage.compare("campaigns_needstatement", on={"target_id": "id"}, values=VALUES)
    return report_of(table, found, counts, stage.first_rows(SHOWN, ROWS_SHOWN))


def _forget_outside(stage: Staged, within: Scope) -> None:
    """A place of others is as good as unknown: else "the same" or "changed" would tell a stranger
    what it asks for."""
    inside, bounds = within.sql("d.first")
    stage.run(
        "UPDATE staged_needs SET place_id = NULL, outside = 1 WHERE place_id IN"
        " (SELECT p.id FROM places_place p JOIN places_division d ON d.id = p.division_id"
        f" WHERE NOT {inside})",
        bounds,
    )
