"""What stands behind a place's number: its registry figures, and what bounds it.

Both are read as they are today. Where that is no longer what the plan was computed with, they say
so: a plan keeps its result, not the register.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tongzhou.campaigns.models import CampaignItem, NeedStatement
from tongzhou.places.models import Division, Place, Source
from tongzhou.planning.weights import weights
from tongzhou.plans.models import Run

COUNTING = (NeedStatement.State.SUBMITTED, NeedStatement.State.VERIFIED)


@dataclass(frozen=True, slots=True)
class Figure:
    """One factor of a weight. value: in the register, None where it is missing; used: what the
    policy counted (the county's median for a missing one), before 1 is added where `plus_one`;
    bound: its limit where the figure lies beyond it."""

    name: str
    value: float | None
    used: float | None
    plus_one: bool
    bound: float | None


@dataclass(frozen=True, slots=True)
class Registry:
    """The figures behind a weight. estimated: they are made up; changed: the weight they give
    today is another than the plan's; weight: the one they give, None where a median is missing."""

    figures: list[Figure]
    source: Source | None
    estimated: bool
    weight: float | None
    changed: bool


@dataclass(frozen=True, slots=True)
class Bounds:
    """Why a place may get so many units in all: the campaign's target, what it asked for (None:
    nothing) and its verified stock. `unverified`: a count that no other office has confirmed yet,
    and that changes nothing; changed: the bound they give today is another than the plan's."""

    target: int
    asked: int | None
    stock: int
    unverified: int | None
    changed: bool


def bounds_of(run: Run, item: CampaignItem, place: Place, cap: int, given: int) -> Bounds:
    """What `queries.inputs` makes a cap of, as reasons. `cap`: that which the plan had."""
    rows = NeedStatement.objects.filter(
        campaign=run.campaign_id, item=item.item_id, place=place, state__in=COUNTING
    ).order_by("version")
    asked: int | None = None
    stock, unverified = 0, None
    for row in rows:
        if row.source != NeedStatement.Source.COUNT:
            asked = row.units_asked
        elif row.state == NeedStatement.State.VERIFIED:
            stock = row.stock_units
        else:
            unverified = row.stock_units
    wanted = item.target_units if asked is None else min(asked, item.target_units)
    return Bounds(item.target_units, asked, stock, unverified, max(wanted - stock, given) != cap)


def registry_of(
    run: Run, item: CampaignItem, place: Place, county: Division | None, weight: float
) -> Registry:
    """The figures of a place and what they give. `weight`: what the plan was computed with."""
    formula = run.campaign.policy.formula
    names = [str(factor["figure"]) for factor in formula["factors"]]
    own = {name: _number(getattr(place, name)) for name in names}
    lacks = [name for name in names if np.isnan(own[name])]
    medians = dict.fromkeys(names, float("nan"))
    medians |= {name: _median(item, county, name) for name in lacks}
    known = not any(np.isnan(medians[name]) for name in lacks)
    now = _weight(formula, own, medians) if known else None
    # The plan keeps weights as floats of 32 bits.
    changed = now is not None and abs(now - weight) > 1e-6 * max(1.0, abs(weight))
    return Registry(
        figures=[_figure(factor, own, medians) for factor in formula["factors"]],
        source=place.source,
        estimated=place.made_up,
        weight=now,
        changed=changed,
    )


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)


def _median(item: CampaignItem, county: Division | None, name: str) -> float:
    """Of the figure in the county; not a number where nobody there has one, or there is no county:
    then the plan took the median of a larger area, which is not read again for one page."""
    if county is None or county.level != Division.Level.COUNTY:
        return float("nan")
    rows = Place.objects.filter(
        kind=item.place_kind,
        state=Place.State.ACTIVE,
        division__first__range=(county.first, county.last),
    ).exclude(**{f"{name}__isnull": True})
    values = list(rows.values_list(name, flat=True))
    return float(np.median(values)) if values else float("nan")


def _weight(
    formula: Mapping[str, Any], own: Mapping[str, float], medians: Mapping[str, float]
) -> float:
    (found,), _missing = weights(
        formula,
        {name: np.array([value]) for name, value in own.items()},
        {name: np.array([value]) for name, value in medians.items()},
    )
    return float(found)


def _figure(
    factor: Mapping[str, Any], own: Mapping[str, float], medians: Mapping[str, float]
) -> Figure:
    name = str(factor["figure"])
    least, most = float(factor["least"]), float(factor["most"])
    missing = np.isnan(own[name])
    value = medians[name] if missing else own[name]
    used = None if np.isnan(value) else min(max(value, least), most)
    return Figure(
        name=name,
        value=None if missing else own[name],
        used=used,
        plus_one=factor["kind"] == "times_one_plus",
        bound=None if used is None or used == value else used,
    )
