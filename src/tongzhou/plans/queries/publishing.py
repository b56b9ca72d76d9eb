"""How far the publishing of a run has come, county by county, and what stops it."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import Count, Q, Sum

from tongzhou.kit.models import Job
from tongzhou.places.models import Division, Place
from tongzhou.places.rules import Scope
from tongzhou.plans.models import PublishPart, Run, RunSupply, TakenBack
from tongzhou.plans.rules import unpacked_table
from tongzhou.supplies.models import Balance, Bucket, Fund, Item, Lot


@dataclass(frozen=True, slots=True)
class Missing:
    """Units that the parts still to be posted need of one source, and what lies there free."""

    dock: Place
    item: Item
    lot: Lot
    fund: Fund
    needed: int
    free: int

    @property
    def missing(self) -> int:
        return self.needed - self.free


@dataclass(frozen=True, slots=True)
class CountyPart:
    """What a run gives one county, and whether it is posted: "posted", "waiting" or
    "taken_back"."""

    county: Division
    state: str
    lines: int
    units: int


def posting_of(run: Run) -> Job | None:
    """The newest job that posts a run."""
    return Job.objects.filter(kind="plans.publish", payload__run=run.pk).order_by("pk").last()


def posting_under_way(run: Run) -> bool:
    """Whether a job still posts the run, or waits to."""
    active = (Job.State.WAITING, Job.State.RUNNING)
    return Job.objects.filter(kind="plans.publish", payload__run=run.pk, state__in=active).exists()


def missing_goods(run: Run) -> list[Missing]:
    """Sources that hold less than the parts still to be posted need, in the order of the docks."""
    needed = _needed(run)
    rows = RunSupply.objects.filter(pk__in=needed).select_related("dock", "item", "lot", "fund")
    sources: dict[tuple[int, int | None, int | None], tuple[RunSupply, int]] = {}
    for row in rows.order_by("dock__division__first", "pk"):
        key = (row.dock_id, row.lot_id, row.fund_id)
        first, units = sources.get(key, (row, 0))
        sources[key] = (first, units + needed[row.pk])
    free = _free([row for row, _units in sources.values()])
    return [
        Missing(row.dock, row.item, row.lot, row.fund, units, free[key])
        for key, (row, units) in sources.items()
        if row.lot and row.fund and units > free[key]
    ]


def _needed(run: Run) -> Counter[int]:
    """Units by source of all parts that are not posted."""
    needed: Counter[int] = Counter()
    waiting = PublishPart.objects.filter(run=run, posted_at__isnull=True).order_by("pk")
    for data in waiting.values_list("data", flat=True).iterator(chunk_size=200):
        _place, source, units = unpacked_table(bytes(data))
        for pk in np.unique(source).tolist():
            needed[pk] += int(units[source == pk].sum())
    return needed


def _free(rows: list[RunSupply]) -> Counter[tuple[int, int | None, int | None]]:
    accounts = [row.dock_id * 8 + Bucket.ON_HAND for row in rows]
    held = Balance.objects.filter(
        account__in=accounts, lot__in=[row.lot_id for row in rows if row.lot_id]
    )
    free: Counter[tuple[int, int | None, int | None]] = Counter()
    for account, lot, fund, units in held.values_list("account", "lot", "fund", "units"):
        free[account // 8, lot, fund] += units
    return free


def progress(run: Run) -> dict[str, int]:
    """Counties and units of a run by state: `posted`, `waiting`, `taken_back` count counties, with
    `_units` behind it units. A county of which a part waits counts as waiting."""
    parts = _by_county(run, Q())
    waiting = [row for row in parts if row["open"]]
    back = TakenBack.objects.filter(run=run).aggregate(n=Count("pk"), units=Sum("units"))
    return {
        "posted": len(parts) - len(waiting),
        "posted_units": sum(row["posted_units"] or 0 for row in parts),
        "waiting": len(waiting),
        "waiting_units": sum(row["sum_units"] - (row["posted_units"] or 0) for row in waiting),
        "taken_back": back["n"],
        "taken_back_units": back["units"] or 0,
    }


def counties(run: Run, scope: Scope, *, state: str = "") -> list[CountyPart]:
    """A run's counties inside a scope, those that are not done first, then in tree order. A county
    of which a part was taken back stands in the list twice: with what it got and what it did not.
    """
    parts = [
        (row["county"], "waiting" if row["open"] else "posted", row["n"], row["sum_units"])
        for row in _by_county(run, scope.q("county"))
    ]
    back = TakenBack.objects.filter(scope.q("county"), run=run)
    parts += [(pk, "taken_back", n, u) for pk, n, u in back.values_list("county", "lines", "units")]
    known = Division.objects.in_bulk({part[0] for part in parts})
    rows = [
        CountyPart(known[pk], its, lines, units)
        for pk, its, lines, units in parts
        if state in ("", its)
    ]
    return sorted(rows, key=lambda row: (row.state == "posted", row.county.first))


def _by_county(run: Run, where: Q) -> list[dict[str, Any]]:
    posted = Q(posted_at__isnull=False)
    rows = (
        PublishPart.objects.filter(where, run=run)
        .order_by()
        .values("county")
        .annotate(
            posted_units=Sum("units", filter=posted),
            open=Count("pk", filter=~posted),
            n=Sum("lines"),
            sum_units=Sum("units"),
        )
    )
    return [dict(row) for row in rows]
