"""The answer to a question about a plan: both plans in figures, as a job keeps them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from django.utils import timezone

from tongzhou.campaigns.models import Recipient
from tongzhou.kit.models import Job
from tongzhou.kit.rules import Actor, Json
from tongzhou.places.models import Division, Place
from tongzhou.places.rules import Scope
from tongzhou.plans.models import Run, RunWave
from tongzhou.supplies.models import Item

from .results import Result
from .summary import Fairness, summarised

KIND = "plans.whatif"
COLUMNS = ("places", "served", "served_after", "units", "units_after", "more", "fewer")


@dataclass(frozen=True, slots=True)
class Row:
    """One division before and after: places, those served, units of the plan; and how many places
    get more and fewer."""

    division: Division
    places: int
    served: int
    served_after: int
    units: int
    units_after: int
    more: int
    fewer: int

    @property
    def change(self) -> int:
        return self.units_after - self.units

    @property
    def served_change(self) -> int:
        return self.served_after - self.served


@dataclass(frozen=True, slots=True)
class Figures:
    """One of the two plans: totals, how even it is, and the share of places served after each
    wave, before the first one first."""

    metrics: Mapping[str, Any]
    fairness: list[Fairness]
    steps: list[tuple[date, float]]


def told(
    run: Run,
    waves: Sequence[RunWave],
    before: Sequence[Result],
    after: Sequence[Result],
    supplied: tuple[int, int],
) -> Json:
    """What the job keeps: numbers alone. `supplied`: units that both plans could give."""
    rows = _by_division(run, before, after)
    provinces = [row for row in rows if row.division.level == Division.Level.PROVINCE]
    return {
        "before": _figures(run, waves, before, supplied[0], [r.served for r in provinces], rows),
        "after": _figures(
            run, waves, after, supplied[1], [r.served_after for r in provinces], rows
        ),
        "divisions": [
            [row.division.pk, *(getattr(row, name) for name in COLUMNS)]
            for row in rows
            if row.division.level <= Division.Level.PROVINCE or row.more or row.fewer or row.change
        ],
    }


def _figures(
    run: Run,
    waves: Sequence[RunWave],
    results: Sequence[Result],
    supplied: int,
    served: Sequence[int],
    rows: Iterable[Row],
) -> Json:
    found = summarised(results)
    places = [row.places for row in rows if row.division.level == Division.Level.PROVINCE]
    held = [(result.given + result.total, result) for result in results]
    units = sum(int(result.total.sum()) for result in results)
    shares = found.shares()
    start = min([timezone.localdate(run.created_at), *(wave.day for wave in waves)])
    rises = zip((wave.day for wave in waves), shares[1:], strict=True)
    return {
        "metrics": {
            "places": sum(len(result.place) for result in results),
            "served": sum(int((have > 0).sum()) for have, _result in held),
            "waiting": sum(int((have < result.cap).sum()) for have, result in held),
            "units": units,
            "left_units": supplied - units,
            "worst_share": min((s / p for s, p in zip(served, places, strict=True)), default=None),
        },
        "fairness": [[f.item_id, f.least, f.p5, f.gini] for f in found.fairness],
        "steps": [[start.isoformat(), shares[0]], *([d.isoformat(), s] for d, s in rises)],
    }


def _by_division(run: Run, before: Sequence[Result], after: Sequence[Result]) -> list[Row]:
    """The campaign's division, its provinces and counties: by county first, as runs are summed."""
    top = run.campaign.division
    levels = (Division.Level.PROVINCE, Division.Level.COUNTY)
    inside = Division.objects.filter(level__in=levels, first__range=(top.first, top.last))
    divisions = [top, *(row for row in inside.order_by("first") if row.pk != top.pk)]
    every = [np.zeros(0, dtype=np.int64), *(result.county for result in before)]
    counties = np.unique(np.concatenate(every))
    sums = np.zeros((len(COLUMNS), len(counties)), dtype=np.int64)
    for old, new in zip(before, after, strict=True):
        row = np.searchsorted(counties, old.county)
        change = new.total - old.total
        columns = (
            np.ones(len(row), dtype=np.int64),
            old.given + old.total > 0,
            new.given + new.total > 0,
            old.total,
            new.total,
            change > 0,
            change < 0,
        )
        for at, values in enumerate(columns):
            sums[at] += np.bincount(row, values, minlength=len(counties)).astype(np.int64)
    first_of = {division.pk: division.first for division in divisions}
    firsts = np.array([first_of.get(pk, -1) for pk in counties.tolist()], dtype=np.int64)
    rows = []
    for division in divisions:
        mine = (firsts >= division.first) & (firsts <= division.last)
        numbers = [int(n) for n in sums[:, mine].sum(axis=1)]
        if numbers[0]:
            rows.append(Row(division, *numbers))
    return rows


def figures_in(plain: Json) -> Figures:
    """One of the two plans, out of what a job keeps."""
    return Figures(
        plain["metrics"],
        [Fairness(*row) for row in plain["fairness"]],
        [(date.fromisoformat(day), share) for day, share in plain["steps"]],
    )


def rows_in(plain: Json, seen: Scope, within: Division | None = None) -> list[Row]:
    """The divisions of an answer for somebody with this scope, the largest change first: provinces,
    or the counties of one; counties too for whoever sees less than two provinces."""
    numbers = {pk: counts for pk, *counts in plain["divisions"]}
    known = Division.objects.filter(pk__in=numbers).filter(seen.q())
    rows = [Row(division, *numbers[division.pk]) for division in known]
    provinces = [row for row in rows if row.division.level == Division.Level.PROVINCE]
    if within is not None or len(provinces) < 2:
        rows = [
            row
            for row in rows
            if row.division.level == Division.Level.COUNTY
            and (within is None or within.first <= row.division.first <= within.last)
        ]
    else:
        rows = provinces
    return sorted(rows, key=lambda r: (-abs(r.change), -(r.more + r.fewer), r.division.first))


def questions(by: Actor, run: Run, since: datetime, *, most: int) -> list[Job]:
    """What somebody asked of a run and what is still there, the newest first, without answers."""
    rows = Job.objects.filter(kind=KIND, by=str(by), payload__run=run.pk, created_at__gte=since)
    return list(rows.defer("result").order_by("-pk")[:most])


@dataclass(frozen=True, slots=True)
class Names:
    """What the ids and codes of changes are called; a place outside the reader's area is not."""

    docks: Mapping[int, str]
    items: Mapping[str, str]
    recipients: Mapping[int, str]
    divisions: Mapping[str, str]
    places: Mapping[str, str]


def names_of(changes: Sequence[Mapping[str, Any]], seen: Scope) -> Names:
    def of(name: str) -> set[Any]:
        return {change[name] for change in changes if change.get(name)}

    places = Place.objects.filter(seen.q("division"), code__in=of("place"))
    return Names(
        docks=dict(Place.objects.filter(pk__in=of("dock")).values_list("pk", "name")),
        items=dict(Item.objects.filter(code__in=of("item")).values_list("code", "name")),
        recipients=dict(Recipient.objects.filter(pk__in=of("recipient")).values_list("pk", "name")),
        divisions=dict(
            Division.objects.filter(code__in=of("division")).values_list("code", "name")
        ),
        places=dict(places.values_list("code", "name")),
    )
