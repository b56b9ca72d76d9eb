"""Runs in somebody's scope, their sums by division, and the difference between two of them."""

from dataclasses import dataclass

import numpy as np
from django.db.models import QuerySet

from tongzhou.campaigns.models import Campaign
from tongzhou.campaigns.queries import campaigns_seen
from tongzhou.kit.models import Job
from tongzhou.people.queries import named_by
from tongzhou.places.models import Division, Place
from tongzhou.places.rules import Scope
from tongzhou.plans.models import Override, Run, RunDivision

from .results import Result, read_result


def reviewer_named_by_runner(run: Run) -> bool:
    """Did whoever ran the plan also give a role to the person who approved it?

    In a small office that is how it must be; in any other it is the first thing an auditor asks.
    """
    kind, _, ref = run.reviewed_by.partition(":")
    return kind == "account" and ref.isdecimal() and named_by(ref, run.by)


def runs_seen(scope: Scope) -> QuerySet[Run]:
    """Runs of campaigns that touch the scope; what is shown inside a run is scoped again."""
    return Run.objects.filter(campaign__in=campaigns_seen(scope)).select_related(
        "campaign__division"
    )


def runs_of(campaign: Campaign) -> QuerySet[Run]:
    return Run.objects.filter(campaign=campaign).order_by("-number")


def computing_of(run: Run) -> Job | None:
    """The newest job that computes a run."""
    return Job.objects.filter(kind="plans.compute", payload__run=run.pk).order_by("pk").last()


def computing_under_way(run: Run) -> bool:
    """Whether a job still computes the run, or waits to."""
    active = (Job.State.WAITING, Job.State.RUNNING)
    return Job.objects.filter(kind="plans.compute", payload__run=run.pk, state__in=active).exists()


def sums_below(run: Run, division: Division, *, level: int) -> list[RunDivision]:
    """The run's sums for the divisions of one level inside a division, in tree order."""
    return list(
        RunDivision.objects.filter(
            run=run,
            division__level=level,
            division__first__gte=division.first,
            division__first__lte=division.last,
        )
        .select_related("division", "item")
        .order_by("division__first", "item_id")
    )


def divisions_below(run: Run, division: Division, *, level: int) -> list[Division]:
    """The divisions of one level inside a division for which the run has sums, in tree order."""
    known = RunDivision.objects.filter(run=run, division__level=level).values("division")
    inside = Division.objects.filter(pk__in=known, first__range=(division.first, division.last))
    return list(inside.order_by("first"))


def sums_at(run: Run, division: Division) -> list[RunDivision]:
    """The run's sums for one division, one row an item."""
    return list(
        RunDivision.objects.filter(run=run, division=division).select_related("division", "item")
    )


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """What a run gives one place, for a county's list."""

    place: Place
    item_id: int
    cap: int
    given: int
    units: int
    by_wave: list[int]
    rank: int
    override: Override | None


def place_lines(run: Run, county: Division, *, start: int, count: int) -> list[PlaceLine]:
    """The places of one county with their units, in tree order, `count` of them from `start`."""
    lines: list[tuple[Result, int]] = []
    for result in read_result(run):
        inside = np.flatnonzero(result.county == county.pk)
        lines += [(result, int(at)) for at in inside]
    shown = lines[start : start + count]
    places = Place.objects.in_bulk([int(result.place[at]) for result, at in shown])
    overrides = {
        (o.place_id, o.item_id): o
        for o in Override.objects.filter(run=run, place_id__in=list(places))
    }
    return [_line(result, at, places, overrides) for result, at in shown]


def _line(
    result: Result,
    at: int,
    places: dict[int, Place],
    overrides: dict[tuple[int, int], Override],
) -> PlaceLine:
    place = places[int(result.place[at])]
    by_wave = [int(units) for units in result.units[at]]
    return PlaceLine(
        place=place,
        item_id=result.item_id,
        cap=int(result.cap[at]),
        given=int(result.given[at]),
        units=sum(by_wave),
        by_wave=by_wave,
        rank=int(result.rank[at]),
        override=overrides.get((place.pk, result.item_id)),
    )


@dataclass(frozen=True, slots=True)
class Difference:
    """One division in two runs."""

    division: Division
    item_id: int
    places: int
    units: tuple[int, int]
    served: tuple[int, int]

    @property
    def units_change(self) -> int:
        return self.units[1] - self.units[0]

    @property
    def served_change(self) -> int:
        return self.served[1] - self.served[0]


def difference(one: Run, other: Run, division: Division, *, level: int) -> list[Difference]:
    """How two runs differ inside a division, the largest change of served places first."""
    before = {(s.division_id, s.item_id): s for s in sums_below(one, division, level=level)}
    after = {(s.division_id, s.item_id): s for s in sums_below(other, division, level=level)}
    rows = []
    for key in before.keys() | after.keys():
        old, new = before.get(key), after.get(key)
        known = new or old
        assert known is not None
        rows.append(
            Difference(
                division=known.division,
                item_id=known.item_id,
                places=known.places,
                units=(old.units if old else 0, new.units if new else 0),
                served=(old.places_served if old else 0, new.places_served if new else 0),
            )
        )
    return sorted(rows, key=lambda d: (-abs(d.served_change), d.division.first))
