"""What a run gives, as rows for files: place by place, and summed for nation, provinces and
counties. Rows come by the piece, so that a nation takes no more memory than a county."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from django.db.models import QuerySet

from tongzhou.interchange.geojson import Point
from tongzhou.interchange.tables import Column, Kind
from tongzhou.places.models import Division, Place
from tongzhou.places.rules import Scope
from tongzhou.plans.models import Run, RunDivision
from tongzhou.plans.rules import Ints
from tongzhou.supplies.models import Item

from .explain import PLACES_AT_LEAST
from .results import Result, read_result

BATCH = 5_000
Row = dict[str, Any]
LEVELS = {0: "nation", 1: "province", 2: "prefecture", 3: "county", 4: "town", 5: "village"}


def place_columns(run: Run) -> list[Column]:
    """What `place_rows` gives; `units` is the sum of the waves, `missing` what the target still
    lacks after them, `rank` empty where a place needs nothing; `weight` empty where it would tell
    a neighbour's figures (`explain.PLACES_AT_LEAST`)."""
    return [
        *_texts("code", "name", "county", "county_name", "item"),
        Column("weight", kind=Kind.DECIMAL),
        *_wholes("rank", *_waves(run), "units", "given_before", "target", "missing"),
    ]


def division_columns(run: Run) -> list[Column]:
    """What `division_rows` gives."""
    wholes = ("places", "places_served", *_waves(run), "units", "given_before", "target", "missing")
    return [*_texts("code", "name", "level", "item"), *_wholes(*wholes)]


def place_rows(run: Run, seen: Scope) -> Iterator[Row]:
    """Every place of the run inside a scope, in tree order, one row for each item it may get."""
    for _place, row in _found(run, seen):
        yield row


def place_points(run: Run, seen: Scope) -> Iterator[Point]:
    """The same for a map. `estimated`: nobody surveyed the point; a place without one stands at
    its division's."""
    for place, row in _found(run, seen):
        properties = {name: value for name, value in row.items() if name != "code"}
        lat, lon, estimated = place.point
        yield Point(lat, lon, {**properties, "estimated": estimated}, id=f"{place.code}")


def division_rows(run: Run, seen: Scope) -> Iterator[Row]:
    """The run's sums for the divisions inside a scope, nation first, one row an item."""
    for sums, given, missing in _sums(run, seen):
        yield _division_row(run, sums, given, missing)


def division_points(run: Run, seen: Scope) -> Iterator[Point]:
    """The same for a map, at the division's seat or middle; null where the tree has no point."""
    for sums, given, missing in _sums(run, seen):
        at = sums.division
        row = {**_division_row(run, sums, given, missing), "estimated": at.placed}
        yield Point(at.lat, at.lon, {k: v for k, v in row.items() if k != "code"}, id=at.code)


def _texts(*names: str) -> list[Column]:
    return [
        Column(name, kind=Kind.CODE if name in ("code", "county") else Kind.TEXT) for name in names
    ]


def _wholes(*names: str) -> list[Column]:
    return [Column(name, kind=Kind.WHOLE) for name in names]


def _waves(run: Run) -> list[str]:
    return [f"wave_{number}" for number in range(1, run.waves.count() + 1)]


@dataclass(frozen=True, slots=True)
class _Seat:
    """A place as it is read for a file."""

    pk: int
    code: str
    name: str
    point: tuple[float | None, float | None, bool]


@dataclass(frozen=True, slots=True)
class _Lookup:
    """A result whose rows are found by the id of their place."""

    item: str
    result: Result
    order: Ints
    weights: list[float | None]

    def rows_of(self, places: Ints) -> Ints:
        """The row of each place, -1 where the run does not know it."""
        known = self.result.place
        at = np.searchsorted(known, places, sorter=self.order).clip(max=len(known) - 1)
        rows = self.order[at]
        return np.where(known[rows] == places, rows, -1)


def _found(run: Run, seen: Scope) -> Iterator[tuple[_Seat, Row]]:
    results = [result for result in read_result(run) if len(result.place)]
    items = Item.objects.in_bulk([result.item_id for result in results])
    lookups = [
        _Lookup(
            items[result.item_id].code,
            result,
            np.argsort(result.place, kind="stable"),
            _weights(result, seen),
        )
        for result in results
    ]
    counties = _counties(lookups)
    waves = _waves(run)
    seats = _seats(run, seen)
    while batch := list(islice(seats, BATCH)):
        ids = np.array([seat.pk for seat in batch], dtype=np.int64)
        tables = [list(_rows(known, known.rows_of(ids), counties, waves)) for known in lookups]
        for seat, *rows in zip(batch, *tables, strict=True):
            for row in rows:
                if row is not None:
                    yield seat, {"code": seat.code, "name": seat.name, **row}


def _counties(lookups: list[_Lookup]) -> dict[int, tuple[str, str]]:
    known = {int(pk) for lookup in lookups for pk in np.unique(lookup.result.county)}
    rows = Division.objects.filter(pk__in=known).values_list("pk", "code", "name")
    return {pk: (code, name) for pk, code, name in rows}


def _seats(run: Run, seen: Scope) -> Iterator[_Seat]:
    inside = seen.within(Scope.of(run.campaign.division))
    rows: QuerySet[Place, tuple[Any, ...]] = (
        Place.objects.filter(inside.q("division"))
        .order_by("division__first", "pk")
        .values_list("pk", "code", "name", "lat", "lon", "placed", "division__lat", "division__lon")
    )
    for pk, code, name, lat, lon, placed, near_lat, near_lon in rows.iterator(chunk_size=BATCH):
        point = (near_lat, near_lon, True) if lat is None else (lat, lon, placed)
        yield _Seat(pk, code, name, point)


def _rows(
    known: _Lookup, at: Ints, counties: dict[int, tuple[str, str]], waves: list[str]
) -> Iterator[Row | None]:
    """A row for each place that is asked for, None where the run does not know it."""
    result = known.result
    total = result.units[at].sum(axis=1, dtype=np.int64)
    missing = np.maximum(result.cap[at] - result.given[at] - total, 0)
    columns = (result.county, result.rank, result.given, result.cap)
    lists = [column[at].tolist() for column in columns]
    by_wave, totals, lacking = result.units[at].tolist(), total.tolist(), missing.tolist()
    for n, row in enumerate(at.tolist()):
        if row < 0:
            yield None
            continue
        county, rank, given, cap = (values[n] for values in lists)
        code, name = counties.get(county, ("", ""))
        yield {
            "county": code,
            "county_name": name,
            "item": known.item,
            "weight": known.weights[row],
            "rank": rank or None,
            **dict(zip(waves, by_wave[n], strict=False)),
            "units": totals[n],
            "given_before": given,
            "target": cap,
            "missing": lacking[n],
        }


def _weights(result: Result, seen: Scope) -> list[float | None]:
    """By row, in seven digits: what a float32 holds; more would be its noise. None where the weight
    is made of the median of a small county that the reader does not see whole."""
    ids, county, places = np.unique(result.county, return_inverse=True, return_counts=True)
    small = Division.objects.filter(pk__in=ids[places < PLACES_AT_LEAST].tolist())
    hidden = np.isin(ids, [row.pk for row in small if not seen.contains(row)])[county]
    hidden &= result.flags > 0
    rows = zip(result.weight.tolist(), hidden.tolist(), strict=True)
    return [None if hide else float(f"{value:.7g}") for value, hide in rows]


def _sums(run: Run, seen: Scope) -> Iterator[tuple[RunDivision, int, int]]:
    """Sums with what earlier plans gave and what still misses, which only the arrays know."""
    lacking = {
        result.item_id: (
            result.county,
            result.given,
            np.maximum(result.cap - result.given - result.total, 0),
        )
        for result in read_result(run)
    }
    firsts = dict(Division.objects.filter(pk__in=_county_ids(run)).values_list("pk", "first"))
    by_county = {
        item: _by_county(county, given, missing, firsts)
        for item, (county, given, missing) in lacking.items()
    }
    rows = RunDivision.objects.filter(seen.q("division"), run=run)
    related = rows.select_related("division", "item").order_by("division__first", "item_id")
    for sums in related.iterator(chunk_size=BATCH):
        first, given, missing = by_county[sums.item_id]
        inside = (first >= sums.division.first) & (first <= sums.division.last)
        yield sums, int(given[inside].sum()), int(missing[inside].sum())


def _county_ids(run: Run) -> set[int]:
    return {int(pk) for result in read_result(run) for pk in np.unique(result.county)}


def _by_county(
    county: Ints, given: Ints, missing: Ints, firsts: dict[int, int]
) -> tuple[Ints, Ints, Ints]:
    """The tree number of each county with the sums of its places."""
    ids, row = np.unique(county, return_inverse=True)
    first = np.array([firsts.get(pk, -1) for pk in ids.tolist()], dtype=np.int64)
    sums = [np.bincount(row, values, len(ids)).astype(np.int64) for values in (given, missing)]
    return first, sums[0], sums[1]


def _division_row(run: Run, sums: RunDivision, given: int, missing: int) -> Row:
    waves = {f"wave_{n}": units for n, units in enumerate(sums.units_by_wave, start=1)}
    return {
        "code": sums.division.code,
        "name": sums.division.name,
        "level": LEVELS[sums.division.level],
        "item": sums.item.code,
        "places": sums.places,
        "places_served": sums.places_served,
        **waves,
        "units": sums.units,
        "given_before": given,
        "target": sums.need_units,
        "missing": missing,
    }
