"""Sum a run's result by division and by wave, for pages and comparison."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from tongzhou.places.models import Division
from tongzhou.plans.models import Run, RunDivision, RunWave
from tongzhou.plans.queries.results import Result
from tongzhou.plans.rules import Ints, Mask


def write_waves(waves: Sequence[RunWave], results: Sequence[Result]) -> None:
    """Units, places first served and places still waiting after each wave, and where it ended."""
    for at, wave in enumerate(waves):
        wave.units = sum(int(result.units[:, at].sum()) for result in results)
        wave.places_served = sum(int((result.units[:, at] > 0).sum()) for result in results)
        wave.places_waiting = sum(int((_held(result, at) < result.cap).sum()) for result in results)
        wave.cut = {"lists": [row for result in results if result.cuts for row in result.cuts[at]]}
        wave.save(update_fields=["units", "places_served", "places_waiting", "cut"])


def _held(result: Result, wave: int) -> Ints:
    """What each place has after a wave (index from 0), earlier runs included."""
    held: Ints = result.given + result.units[:, : wave + 1].sum(axis=1, dtype=np.int64)
    return held


def write_sums(run: Run, results: Sequence[Result], supplied: int) -> dict[str, Any]:
    """Write RunDivision rows for nation, provinces and counties; return the run's metrics.
    `supplied`: the units it could give."""
    top = run.campaign.division
    spans = list(
        Division.objects.filter(
            level__in=(Division.Level.PROVINCE, Division.Level.COUNTY),
            first__gte=top.first,
            first__lte=top.last,
        ).values_list("pk", "level", "first", "last")
    )
    if top.pk not in {pk for pk, *_rest in spans}:
        spans.append((top.pk, top.level, top.first, top.last))
    for result in results:
        _write_divisions(run, result, spans)
    return _metrics(run, results, supplied)


def _write_divisions(run: Run, result: Result, spans: list[tuple[int, int, int, int]]) -> None:
    """Sum by county first; a wider division is the sum of the counties inside it."""
    # A nation has 600,000 places and 3,000 counties: only these are looked through by division.
    counties, row_of = np.unique(result.county, return_inverse=True)
    first_of = {pk: first for pk, _level, first, _last in spans}
    firsts = np.array([first_of.get(pk, -1) for pk in counties.tolist()], dtype=np.int64)
    held = result.given + result.total
    columns = {
        "places": np.ones(len(held), dtype=np.int64),
        "need_units": result.cap,
        "units": result.total,
        "places_served": (held > 0).astype(np.int64),
        **{
            f"wave{at}": result.units[:, at].astype(np.int64) for at in range(result.units.shape[1])
        },
    }
    sums = {
        name: np.bincount(row_of, values, minlength=len(counties)).astype(np.int64)
        for name, values in columns.items()
    }
    RunDivision.objects.bulk_create(
        [
            row
            for pk, _level, first, last in spans
            if (row := _row(run, result, pk, (firsts >= first) & (firsts <= last), sums))
        ],
        batch_size=500,
    )


def _row(
    run: Run, result: Result, division: int, inside: Mask, sums: dict[str, Ints]
) -> RunDivision | None:
    total = {name: int(values[inside].sum()) for name, values in sums.items()}
    if not total["places"]:
        return None
    waves = result.units.shape[1]
    return RunDivision(
        run=run,
        division_id=division,
        item_id=result.item_id,
        places=total["places"],
        need_units=total["need_units"],
        units=total["units"],
        places_served=total["places_served"],
        units_by_wave=[total[f"wave{at}"] for at in range(waves)],
    )


def _metrics(run: Run, results: Sequence[Result], supplied: int) -> dict[str, Any]:
    """Totals over all items; `worst_share` is the lowest share of places served by province."""
    units = sum(int(result.total.sum()) for result in results)
    provinces = RunDivision.objects.filter(run=run, division__level=Division.Level.PROVINCE)
    shares = [row.places_served / row.places for row in provinces]
    held = [(result.given + result.total, result) for result in results]
    return {
        "places": sum(len(result.place) for result in results),
        "served": sum(int((have > 0).sum()) for have, _result in held),
        "served_before": sum(int((result.given > 0).sum()) for result in results),
        "waiting": sum(int((have < result.cap).sum()) for have, result in held),
        "short_units": sum(int(np.maximum(result.cap - have, 0).sum()) for have, result in held),
        "units": units,
        "left_units": supplied - units,
        "unassigned": sum(int((result.recipient == 0).sum()) for result in results),
        "missing_figures": sum(int((result.flags > 0).sum()) for result in results),
        "worst_share": min(shares, default=0.0),
    }
