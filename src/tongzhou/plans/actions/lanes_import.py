"""Lanes of a campaign from a table: the whole file or nothing of it."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from django.db import transaction

from tongzhou.campaigns.models import Campaign, Recipient
from tongzhou.interchange.tables import Limits, Table, read
from tongzhou.kit.actions import record
from tongzhou.kit.rules import Actor
from tongzhou.places.actions import ImportRefused, Report
from tongzhou.places.actions.reports import ROWS_SHOWN, report_of
from tongzhou.places.actions.staging import Counts
from tongzhou.places.models import Place
from tongzhou.places.queries import chain_of
from tongzhou.places.rules import Scope
from tongzhou.places.rules.problems import problems
from tongzhou.plans.models import CampaignLane
from tongzhou.plans.queries.lanes import docks_for, lanes_of
from tongzhou.plans.rules import LANE_LIMITS, LANES

from .lanes import overlap

VALUES = ("lead_days", "units_a_day", "cost_fen", "until_date")
SHOWN = ("row", "dock", "recipient", *VALUES[:3], "from_date", "until_date")
Key = tuple[int, int, date | None]


@dataclass(frozen=True, slots=True)
class _Row:
    """A row with its lane's key (dock, recipient, first day), and what is stored of it now."""

    number: int
    cells: dict[str, Any]
    key: Key
    old: CampaignLane | None

    @property
    def state(self) -> str:
        if self.old is None:
            return "new"
        return "changed" if any(self.before[n] != self.values[n] for n in VALUES) else "same"

    @property
    def values(self) -> dict[str, Any]:
        return {**{name: self.cells[name] for name in VALUES}, "cost_fen": self.cost}

    @property
    def before(self) -> dict[str, Any]:
        return {name: getattr(self.old, name) for name in VALUES}

    @property
    def cost(self) -> int:
        return int(self.cells["cost_fen"] or 0)


def read_lanes(source: Path | bytes | str, *, limits: Limits | None = None) -> Table:
    """A CSV, XLSX or Parquet file of lanes, 400 rows at the most. Raises TableRefused."""
    return read(source, LANES, limits=limits or LANE_LIMITS)


def preview_lanes(table: Table, *, campaign: Campaign, within: Scope | None = None) -> Report:
    """What an import of this table would do; writes nothing."""
    return _judged(table, campaign, within)[0]


@transaction.atomic
def import_lanes(
    table: Table, *, by: Actor, campaign: Campaign, within: Scope | None = None
) -> Report:
    """Write a table of lanes in one transaction, or raise ImportRefused and change nothing.

    A row's key is its dock, its hub and its first day; a known one is changed, and the event keeps
    what it was. Lanes that the file does not name stay. `within` has to hold the campaign's
    division: a lane belongs to the whole campaign.
    """
    rows = Campaign.objects.select_for_update(of=("self",)).select_related("division")
    campaign = rows.get(pk=campaign.pk)
    report, found = _judged(table, campaign, within)
    if not report.sound:
        raise ImportRefused(report)
    if report.new or report.changed:
        _write(campaign, found)
        before = {
            f"{row.cells['dock']} {row.cells['recipient']} {row.cells['from_date'] or ''}": [
                str(value) for value in row.before.values()
            ]
            for row in found
            if row.state == "changed"
        }
        record(
            "lanes.imported",
            campaign,
            by=by,
            chain=chain_of(campaign.division),
            before=before or None,
            after={"rows": report.rows, "new": report.new, "changed": report.changed},
        )
    return report


def _write(campaign: Campaign, rows: Iterable[_Row]) -> None:
    new = []
    for row in rows:
        if row.old is None:
            dock, recipient, first = row.key
            new.append(
                CampaignLane(
                    campaign=campaign,
                    dock_id=dock,
                    recipient_id=recipient,
                    from_date=first,
                    **row.values,
                )
            )
        elif row.state == "changed":
            CampaignLane.objects.filter(pk=row.old.pk).update(**row.values)
    CampaignLane.objects.bulk_create(new)


def _judged(table: Table, campaign: Campaign, within: Scope | None) -> tuple[Report, list[_Row]]:
    cells = list(table.frame.iter_rows(named=True))
    docks = _docks(campaign, cells)
    recipients = _recipients(campaign)
    stored = {(r.dock_id, r.recipient_id, r.from_date): r for r in lanes_of(campaign)}
    rows = []
    for cell in cells:
        dock, recipient = docks.get(cell["dock"]), recipients.get(cell["recipient"])
        if dock and recipient:
            key = (dock.pk, recipient.pk, cell["from_date"])
            rows.append(_Row(cell["row"], cell, key, stored.get(key)))
    faults = [
        *_unknown(table, docks, recipients),
        *_frame(table, campaign, within),
        *_together(table, rows, stored),
    ]
    states = {row.number: row.state for row in rows}
    kinds = Counter(states.values())
    shown = [
        {**{name: cell[name] for name in SHOWN}, "state": states.get(cell["row"], "new")}
        for cell in cells[:ROWS_SHOWN]
    ]
    counts = Counts(kinds["new"], kinds["changed"], kinds["same"])
    return report_of(table, faults, counts, shown), rows


def _docks(campaign: Campaign, cells: Iterable[dict[str, Any]]) -> dict[str, Place]:
    named = {cell["dock"] for cell in cells if cell["dock"]}
    return {dock.code: dock for dock in docks_for(campaign).filter(code__in=named)}


def _recipients(campaign: Campaign) -> dict[str, Recipient]:
    """By the code of the hub, and by name where only one has it."""
    rows = list(campaign.recipients.select_related("hub"))
    names = Counter(row.name for row in rows)
    return {
        **{row.name: row for row in rows if names[row.name] == 1},
        **{row.hub.code: row for row in rows},
    }


def _unknown(
    table: Table, docks: dict[str, Place], recipients: dict[str, Recipient]
) -> Iterator[pl.DataFrame]:
    for name, known in (("dock", docks), ("recipient", recipients)):
        lost = table.frame.filter(pl.col(name).is_not_null() & ~pl.col(name).is_in(list(known)))
        yield problems(lost, f"lane.{name}_unknown", _header(table, name), value=name)
    wrong = table.frame.filter(pl.col("until_date") < pl.col("from_date"))
    yield problems(wrong, "lane.dates", _header(table, "until_date"), value="until_date")


def _frame(table: Table, campaign: Campaign, within: Scope | None) -> Iterator[pl.DataFrame]:
    """Every row, where the campaign is closed, another one, or not the reader's to plan."""
    column = _header(table, "campaign")
    if campaign.state == Campaign.State.CLOSED:
        yield problems(table.frame, "campaign.closed", column)
    if within is not None and not within.contains(campaign.division):
        yield problems(table.frame, "lane.outside", column)
    other = table.frame.filter(pl.col("campaign") != campaign.public_id)
    named = other.with_columns(limit=pl.lit(campaign.public_id))
    yield problems(named, "campaign.other", column, value="campaign")


def _together(
    table: Table, rows: list[_Row], stored: dict[Key, CampaignLane]
) -> Iterator[pl.DataFrame]:
    """Rows that name a lane twice, and lanes between the same that are open on the same day."""
    first: dict[Key, int] = {}
    twice = {}
    for row in rows:
        if first.setdefault(row.key, row.number) != row.number:
            twice[row.number] = first[row.key]
    again = table.frame.filter(pl.col("row").is_in(list(twice))).with_columns(
        other_row=pl.col("row").replace_strict(twice, default=None, return_dtype=pl.UInt32)
    )
    yield problems(again, "lane.twice", _header(table, "dock"), value="dock")
    open_ = {key: lane.until_date for key, lane in stored.items()}
    open_ |= {row.key: row.cells["until_date"] for row in rows}
    bad = [
        row.number
        for row in rows
        if row.number not in twice and any(_clash(row, key, open_[key]) for key in open_)
    ]
    lost = table.frame.filter(pl.col("row").is_in(bad))
    yield problems(lost, "lane.overlaps", _header(table, "from_date"), value="dock")


def _clash(row: _Row, key: Key, until: date | None) -> bool:
    if key == row.key or key[:2] != row.key[:2]:
        return False
    return overlap((row.key[2], row.cells["until_date"]), (key[2], until))


def _header(table: Table, name: str) -> str:
    """As the file has it; a column that is missing there as we call it."""
    ours = next(column.header for column in LANES if column.name == name)
    return table.matched.get(name, ours)
