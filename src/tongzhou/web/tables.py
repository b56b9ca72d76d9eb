"""Tables that the command line brings in; places keeps the list of kinds and how each is read."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from django.db import transaction

from tongzhou.campaigns.models import Campaign
from tongzhou.delivery.actions import tracking
from tongzhou.delivery.models import Shipment
from tongzhou.interchange.tables import ERROR_COLUMNS, read, write
from tongzhou.kit.rules import Actor
from tongzhou.places.actions import ImportRefused, Report, Task
from tongzhou.places.actions.imports import import_kind, import_kinds
from tongzhou.places.rules import Scope
from tongzhou.places.rules.problems import told

# Whoever may use the command line of an installation may change all of it.
EVERYWHERE = Scope(((-(2**63), 2**63 - 1),))
TRACKING = "tracking"
LATER = ("people-at-risk", "recipients")
FAULT_COLUMNS = [column.name for column in ERROR_COLUMNS]


class NotTaken(ValueError):
    """An import that cannot even begin; the text says what is missing."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a table: rows by their fate, and row, column, value, problem, cure of each
    refused one. With a refused row nothing was written."""

    rows: int
    new: int
    changed: int
    same: int
    refused: int
    faults: pl.DataFrame


def take(kind: str, path: Path, *, by: Actor, campaign: str, dry_run: bool) -> Taken:
    """Write a table whole or not at all; with `dry_run` only look. The same table again has no
    effect. Raises NotTaken, and TableRefused for a file that is no table."""
    if kind == TRACKING:
        return _take_tracking(path, by, dry_run)
    try:
        known = import_kind(kind)
    except KeyError as error:
        raise NotTaken(_unknown(kind)) from error
    if not known.known(campaign):
        raise NotTaken(_which_campaign(kind, campaign))
    table = known.read(path)
    task = Task(within=EVERYWHERE, context=campaign, source=path.name, by=by)
    try:
        return _taken((known.preview if dry_run else known.apply)(table, task))
    except ImportRefused as refused:
        return _taken(refused.report)


def kinds() -> list[str]:
    return sorted([*(kind.name for kind in import_kinds()), TRACKING])


def write_faults(faults: pl.DataFrame, path: Path) -> None:
    """The refused rows, with the cure beside each, as a CSV file that Excel opens."""
    with path.open("wb") as file:
        write(faults, ERROR_COLUMNS, file, bom=True)


def _taken(report: Report) -> Taken:
    faults = told(report.problems.filter(~pl.col("warning"))).select(FAULT_COLUMNS)
    return Taken(report.rows, report.new, report.changed, report.same, report.refused, faults)


def _take_tracking(path: Path, by: Actor, dry_run: bool) -> Taken:
    """Words of carriers on any shipment: they are no posting, so a dry run may write and undo."""
    table = read(path, tracking.COLUMNS)
    words = tracking.words_of(table)
    if not table.sound:
        faults = told(table.problems).select(FAULT_COLUMNS)
        return Taken(len(words), 0, 0, 0, table.errors, faults)
    try:
        with transaction.atomic():
            new = tracking.import_tracking(words, Shipment.objects.all(), by=by)
            transaction.set_rollback(dry_run)
    except tracking.TrackingRefused as refused:
        return Taken(len(words), 0, 0, 0, len(refused.faults), _faults_of(refused.faults))
    return Taken(len(words), new, 0, len(words) - new, 0, pl.DataFrame())


def _faults_of(faults: Sequence[tracking.Fault]) -> pl.DataFrame:
    rows = [(fault.row, fault.column, fault.value, fault.text, "") for fault in faults]
    return pl.DataFrame(rows, schema=FAULT_COLUMNS, orient="row")


def _unknown(kind: str) -> str:
    known = ", ".join(kinds())
    if kind in LATER:
        return f"This version takes no table of {kind} yet. It takes: {known}."
    return f"There is no kind '{kind}'. Choose one of: {known}."


def _which_campaign(kind: str, campaign: str) -> str:
    if kind in ("places", "divisions", "facilities", "medicines"):
        return f"A table of {kind} belongs to no campaign. Leave --campaign out."
    there = ", ".join(Campaign.objects.values_list("public_id", flat=True)[:10]) or "none"
    named = f"There is no campaign '{campaign}'." if campaign else "Name the campaign: --campaign."
    return f"{named} There are: {there}."
