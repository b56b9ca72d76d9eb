"""Bounds: what no plan with these lanes can be worth more than, computed from prices alone.

Each limit has a price, at or above 0. A unit that reaches a group by a wave passes some way, and
uses up at least the cheapest sum of prices among them; so for any prices, the sum of price x limit
and of what every drop is worth above that sum (nothing where it is worth less) is at or above the
value of every plan (Lagrangian duality; Geoffrion, Mathematical Programming Study 2, 1974). The
prices come from the programme, but the bound holds whatever they are.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .curves import Curve
from .programme import Programme

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Tolls:
    """least: float64[C, W], the cheapest sum of prices on the way of a unit that is with a cell by
    a wave, infinite where there is no way; rent: the sum of price x limit."""

    least: Floats
    rent: float


def tolls_of(programme: Programme, price: Floats) -> Tolls:
    """The tolls that prices (float64[limits], at or above 0) mean."""
    ways = programme.ways
    way = np.zeros(len(ways.arc))
    for limit, cost in zip(ways.limits, price.tolist(), strict=True):
        if cost:
            way[limit.columns] += cost
    groups = len(ways.network.groups)
    items = len(ways.network.problem.items)
    least = np.full((items * groups, programme.waves), np.inf)
    np.minimum.at(least, (ways.item * groups + ways.group, ways.wave), way)
    least = np.minimum.accumulate(least, axis=1)
    for kit, lines in ways.recipes.items():
        for group in range(groups):
            made = sum(units * least[part * groups + group] for part, units in lines)
            least[kit * groups + group] = np.minimum(least[kit * groups + group], made)
    most = np.array([limit.most for limit in ways.limits], dtype=np.float64)
    cells = programme.cells
    return Tolls(least[cells[:, 0] * groups + cells[:, 1]], float(most @ price))


def floor_bound(tolls: Tolls, curves: Sequence[Curve], most: Ints, last: Ints) -> float:
    """No plan gives floor drops that are worth more in the end.

    most: int64[C], units of floor drops; last: int64[C], the last wave that may give to a cell.
    """
    total = tolls.rent
    for cell in np.flatnonzero(most).tolist():
        curve, toll = curves[cell], float(tolls.least[cell, last[cell]])
        until = int(np.searchsorted(curve.units, most[cell]))
        above = int(np.searchsorted(-curve.slope[:until], -toll))
        total += float(curve.worth[above])
        total -= toll * float(curve.units[above]) if above else 0.0
    return total


def days_bound(
    tolls: Tolls, curves: Iterable[Curve], may: NDArray[np.bool_], days: Floats, least: Ints
) -> float:
    """No plan that gives `least` (int64[C]) in the end is worth more by day.

    may: bool[C, W], the waves that may give to a cell; days: float64[W] from each wave to the next.
    """
    # A unit given in a wave counts on all days from then on.
    ahead = np.cumsum(days[::-1])[::-1]
    total = tolls.rent
    for cell, curve in enumerate(curves):
        open_ = may[cell] & np.isfinite(tolls.least[cell])
        if open_.any():
            total += _best(curve, ahead[open_], tolls.least[cell][open_], int(least[cell]))
    return total


def _best(curve: Curve, days: Floats, toll: Floats, least: int) -> float:
    """The sum over a curve of the best wave for each unit; above `least` units also none at all.

    Worth falls along the curve, so each wave is best on one stretch of it: only the ends of the
    stretches are looked for.
    """
    falling = -curve.slope
    must = int(np.searchsorted(curve.units, least))
    meets = [toll / days]
    for i in range(len(days)):
        apart = days[:i] - days[i]
        differ = apart != 0  # waves of one day never meet
        meets.append((toll[:i] - toll[i])[differ] / apart[differ])
    edges = np.searchsorted(falling, -np.concatenate(meets))
    marks = np.unique(np.concatenate((edges, [0, must, len(falling)])))
    total = 0.0
    for start, end in zip(marks[:-1].tolist(), marks[1:].tolist(), strict=True):
        worth, units = curve.worth[end] - curve.worth[start], curve.units[end] - curve.units[start]
        net = float((days * worth - toll * units).max())
        total += net if start < must else max(0.0, net)
    return total


def promised_toll(programme: Programme, tolls: Tolls, unmet: Floats | None) -> float:
    """What the promised units that are carried use up at least; it comes off a bound."""
    if unmet is None:
        return 0.0
    carried = np.cumsum(programme.promised, axis=1) - unmet
    # A promise may give its goods up again, to a kit that is put together later.
    fresh = np.diff(carried, axis=1, prepend=0.0)
    return float((fresh * np.where(np.isfinite(tolls.least), tolls.least, 0.0)).sum())
