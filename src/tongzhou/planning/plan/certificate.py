"""A bound that no allocation of the same units can beat, computed, not assumed.

The value of a plan in a stage is the sum of drop x key over the drops it gave (the weighted fill
at which each was given). For any price p, p x units + sum over all open drops of
min(0, drop x (key - p)) is a lower bound for every choice of drops with the same units (Lagrangian
duality; Ibaraki and Katoh 1988, ch. 4). The price used is the key at which the undirected list
would have been cut. Without directed waves the two meet; with them the gap is what the direction
cost in fairness, as a share of the value. Drops of weight 0 have no key and stay out.

With lanes the value is worth, which is looked for the most of, in two stages (floor, days), and the
bound comes from the prices of the limits (lanes/bounds.py): there the bound is above the value.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..ledger import SHARE, STAGES
from ..waves import OPEN
from .standing import Standing


@dataclass(frozen=True, slots=True)
class StageBound:
    """One stage: units given, value, bound, and the price that gives the bound.

    With lanes a stage is one of all items, and its prices are those of the plan: both are None.
    """

    item: int | None
    stage: str
    units: int
    primal: float
    dual_bound: float
    price: float | None

    @property
    def gap(self) -> float:
        """The distance of value and bound, as a share of the larger; 0 when nothing was given."""
        larger = max(self.primal, self.dual_bound)
        return abs(self.dual_bound - self.primal) / larger if larger > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Certificate:
    """Sums over all stages; gap = (primal - dual_bound) / primal, 0 when nothing was given.

    With lanes, gap is the largest of the stages: a stage does not make up for another.
    """

    primal: float
    dual_bound: float
    gap: float
    stages: tuple[StageBound, ...]


def certify(standings: Iterable[Standing]) -> Certificate:
    """The certificate of the ranked part of a plan: what was published or fixed is not in it."""
    bounds = [bound for standing in standings for bound in _bounds(standing)]
    primal = sum(bound.primal for bound in bounds)
    dual = sum(bound.dual_bound for bound in bounds)
    gap = max(0.0, (primal - dual) / primal) if primal > 0 else 0.0
    return Certificate(primal, dual, gap, tuple(bounds))


def certify_stages(stages: tuple[StageBound, ...]) -> Certificate:
    """The certificate of a plan with lanes."""
    primal = sum(stage.primal for stage in stages)
    dual = sum(stage.dual_bound for stage in stages)
    return Certificate(primal, dual, max(stage.gap for stage in stages), stages)


def _bounds(standing: Standing) -> Iterable[StageBound]:
    ledger = standing.ledger
    start = 0
    for stage, end in enumerate(ledger.stage_ends[: SHARE + 1].tolist()):
        key = ledger.key[start:end]
        # Empty nodes of weight 0 rank last with a key without end, which no price can meet.
        finite = int(np.searchsorted(key, np.inf))
        given = standing.wave_of[start : start + finite] != OPEN
        size = ledger.drop[ledger.row_of[start : start + finite]]
        start = end
        if given.any():
            yield _bound(ledger.item, STAGES[stage], key[:finite], size, given)


def _bound(
    item: int,
    stage: str,
    key: NDArray[np.float64],
    size: NDArray[np.int64],
    given: NDArray[np.bool_],
) -> StageBound:
    units = int(size[given].sum())
    price = float(key[np.searchsorted(np.cumsum(size), units)])
    gain = np.minimum(size * (key - price), 0.0)
    return StageBound(
        item=item,
        stage=stage,
        units=units,
        primal=float((size * key)[given].sum()),
        dual_bound=float(price * units + gain.sum()),
        price=price,
    )
