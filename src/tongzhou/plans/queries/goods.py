"""The goods that a run plans with, and what a change of them makes of the run's waves."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.utils import timezone

from tongzhou.plans.models import Run, RunWave, RunWays
from tongzhou.plans.rules import (
    Goods,
    fewer_goods,
    later_goods,
    more_goods,
    share_of_goods,
)

from .ways import given_in


def goods_of(run: Run, ways: RunWays | None) -> list[Goods]:
    """What a run may give, row by row; with lanes the rows of sources that one leads away from."""
    sources = given_in(ways).sources if ways else ()
    source_of = {pk: source.name for source in sources for pk in source.supply}
    rows = run.supply.select_related("item").order_by("pk")
    return [
        Goods(
            row.dock_id,
            row.item.code,
            row.day,
            row.units,
            row.on_hand,
            row.wave,
            source_of.get(row.pk, ""),
        )
        for row in rows
    ]


def first_day(run: Run, ways: RunWays | None) -> date:
    """The day from which a run plans."""
    return ways.opened_on if ways else timezone.localdate(run.created_at)


def goods_after(goods: Sequence[Goods], change: Mapping[str, Any], first: date) -> list[Goods]:
    """The goods after one change; those that it does not concern as they are. `first`: the day
    before which nothing can come any more. Raises TooFewUnits."""
    kind = change["kind"]
    if kind not in ("more", "fewer", "share", "later"):
        return list(goods)
    day = date.fromisoformat(change["day"]) if "day" in change else date.min
    units = change.get("percent", change.get("units", 0))
    row = Goods(change["dock"], change["item"], day, units, on_hand=False)
    if kind == "more":
        return more_goods(goods, replace(row, day=max(day, first)))
    if kind == "later":
        return later_goods(goods, row, change["days"])
    return fewer_goods(goods, row) if kind == "fewer" else share_of_goods(goods, row)


def waves_with(
    run: Run, stored: Sequence[RunWave], goods: Iterable[Iterable[Goods]]
) -> list[RunWave]:
    """The stored waves, and one that is not stored (number 0) for each day on which goods come and
    no wave is for everybody."""
    known = {wave.day for wave in stored if not wave.hubs.all()}
    days = {row.day for rows in goods for row in rows if not row.wave} - known
    added = [RunWave(run=run, number=0, day=day) for day in days]
    return sorted([*stored, *added], key=lambda wave: (wave.day, not wave.number, wave.number))
