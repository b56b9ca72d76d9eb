"""Promises of producers from a table: the whole file or nothing of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
from django.db import transaction

from tongzhou.campaigns.models import Campaign
from tongzhou.campaigns.rules import PROMISE_LIMITS, PROMISES, STATUSES
from tongzhou.interchange.tables import Limits, Table, read
from tongzhou.kit.actions import record
from tongzhou.kit.rules import Actor, Json
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

TABLE = "campaigns_promise"
KEY = ("producer", "item", "batch")
KEPT = ("row", *KEY, "item_id", "day", "units", "status", "row_key")
SHOWN = ("row", "producer", "item", "batch", "day", "units", "status")
PRODUCERS = "(SELECT id, code FROM people_organisation WHERE kind = 'producer')"
VALUES = {
    "producer_id": "s.producer_id",
    "item_id": "s.item_id",
    "batch": "s.batch",
    "day": "s.day",
    "units": "s.units",
    "status": "s.status",
}
CHANGING = """
SELECT t.row_key, t.units, t.day, t.status
FROM staged_promises s JOIN campaigns_promise t ON t.id = s.target_id WHERE s.changed
"""
UNKNOWN = """
SELECT s."row", s.producer FROM staged_promises s
WHERE s.producer IS NOT NULL AND s.producer_id IS NULL
"""


def read_promises(source: Path | bytes | str, *, limits: Limits | None = None) -> Table:
    """A CSV, XLSX or Parquet file of promises, 400 rows at the most. Raises TableRefused."""
    return read(source, PROMISES, limits=limits or PROMISE_LIMITS)


def preview_promises(
    table: Table, *, campaign: Campaign, within: Scope | None = None, progress: Progress = silent
) -> Report:
    """What an import of this table would do; writes nothing."""
    with transaction.atomic(), _staged(table, campaign, progress) as (stage, found):
        return _judged(table, stage, found, campaign, within, progress)


def import_promises(
    table: Table,
    *,
    by: Actor,
    campaign: Campaign,
    within: Scope | None = None,
    progress: Progress = silent,
) -> Report:
    """Write a table of promises in one transaction, or raise ImportRefused and change nothing.

    A row's key is its producer, item and batch, as of a promise that was typed in; a known key
    is changed, and the event keeps what it was. `within` has to hold the campaign's division: a
    promise belongs to the whole campaign.
    """
    with transaction.atomic():
        campaign = locked(campaign)
        with _staged(table, campaign, progress) as (stage, found):
            report = _judged(table, stage, found, campaign, within, progress)
            if not report.sound:
                raise ImportRefused(report)
            if report.new or report.changed:
                progress("writing")
                before = _changing(stage)
                stage.insert_new(
                    TABLE, {"campaign_id": str(campaign.pk), "row_key": "s.row_key", **VALUES}
                )
                stage.update_changed(TABLE, VALUES)
                record(
                    "promises.imported",
                    campaign,
                    by=by,
                    chain=chain_of(campaign.division),
                    before=before or None,
                    after={"rows": report.rows, "new": report.new, "changed": report.changed},
                )
    return report


def _changing(stage: Staged) -> Json:
    """Units, day and status of the promises that are about to change, by row key."""
    rows = stage.rows(CHANGING)
    return {str(key): [units, str(day), status] for key, units, day, status in rows}


@contextmanager
def _staged(
    table: Table, campaign: Campaign, progress: Progress
) -> Iterator[tuple[Staged, list[pl.DataFrame]]]:
    """The table's rows in the database with their producers, and the problems so far."""
    progress("checking")
    items = items_of(campaign)
    rows = with_items(table.frame, items).with_columns(
        *in_our_words("status", STATUSES, empty=None),
        pl.concat_str(*KEY, separator=":").alias("row_key"),
    )
    found = list(_faults(rows, items, campaign, headers_of(table, PROMISES)))
    with staged(rows.select(KEPT), "promises", adding=["producer_id"]) as stage:
        stage.look_up("producer_id", PRODUCERS, "id", on={"producer": "code"})
        yield stage, found


def _faults(
    rows: pl.DataFrame, items: dict[str, int], campaign: Campaign, headers: Headers
) -> Iterator[pl.DataFrame]:
    """What the file alone shows to be wrong."""
    yield from item_faults(rows, items, headers)
    yield from campaign_faults(rows, campaign, headers)
    yield from closed_faults(rows, campaign, headers)
    yield from word_faults(rows, "status", "promise.status", STATUSES, headers)
    yield from doubled(rows, KEY, "promise.twice", headers["producer"], "producer")


def _judged(
    table: Table,
    stage: Staged,
    found: list[pl.DataFrame],
    campaign: Campaign,
    within: Scope | None,
    progress: Progress,
) -> Report:
    progress("comparing")
    schema = {"row": pl.Int64, "producer": pl.String}
    rows = pl.DataFrame(stage.rows(UNKNOWN), schema=schema, orient="row")
    column = headers_of(table, PROMISES)["producer"]
    found = [*found, problems(rows, "promise.producer_unknown", column, value="producer")]
    if within is not None and not within.contains(campaign.division):
        found += [problems(table.frame, "promise.outside", column)]
    known = f"(SELECT * FROM {TABLE} WHERE campaign_id = {campaign.pk})"
    counts = stage.compare(known, on={"row_key": "row_key"}, values=VALUES)
    return report_of(table, found, counts, stage.first_rows(SHOWN, ROWS_SHOWN))
