"""What changes make of the goods and the waves of a run."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from tongzhou.plans.models import Run, RunWays
from tongzhou.plans.queries.goods import first_day, goods_after, goods_of, waves_with
from tongzhou.plans.queries.ways import ways_of
from tongzhou.plans.rules import Goods, TooFewUnits

from .refusal import PlanRefused

Change = Mapping[str, Any]
ON_THE_WAY = ("lane", "inbound")


def goods_by_step(run: Run, ways: RunWays | None, changes: Sequence[Change]) -> list[list[Goods]]:
    """The goods of a run, and after each change. Raises PlanRefused where there are too few, or
    where a change of a lane means nothing."""
    if ways is None and any(change["kind"] in ON_THE_WAY for change in changes):
        raise PlanRefused(_("This plan has no lanes, so none of them can change."))
    goods = [goods_of(run, ways)]
    for number, change in enumerate(changes, start=1):
        try:
            goods.append(goods_after(goods[-1], change, first_day(run, ways)))
        except TooFewUnits as few:
            raise PlanRefused(
                _("Change %(number)s takes away more than the %(units)s units that are there.")
                % {"number": number, "units": few.units}
            ) from few
    return goods


def add_waves(run: Run, changes: Sequence[Change]) -> None:
    """Give a new run the waves that its changes need, numbered in the order of their days.

    Raises PlanRefused where a change does not fit what the run may give.
    """
    ways = ways_of(run)
    goods = goods_by_step(run, ways, changes)
    if ways is not None:
        return
    stored = list(run.waves.order_by("number").prefetch_related("hubs"))
    waves = waves_with(run, stored, goods)
    # From the last one, so that no number is given twice on the way.
    for number, wave in reversed(list(enumerate(waves, start=1))):
        if wave.number == number:
            continue
        if wave.pk:
            run.supply.filter(wave=wave.number).update(wave=number)
        wave.number = number
        wave.save()
