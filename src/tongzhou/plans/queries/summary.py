"""What a run's arrays say in a few figures: who is served after each wave, and how evenly."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tongzhou.places.models import Division
from tongzhou.plans.models import Run, RunArrays
from tongzhou.plans.rules import Ints

from .results import Result, read_result

SHARES = (50, 95, 99)
RUNS_KEPT = 16


@dataclass(frozen=True, slots=True)
class Fairness:
    """How evenly an item is spread: `least` and `p5` are shares of what a place may get, the
    lowest and that of the place which 5 % are below; `gini` is that of units for each unit of
    weight, 0 being even. None where nothing is needed or given."""

    item_id: int
    least: float | None
    p5: float | None
    gini: float | None


@dataclass(frozen=True, slots=True)
class Summary:
    """`county`: ids, int64[c]; `places`: int64[c]; `served`: int64[c, waves + 1], places of each
    county that hold something before the run and after each of its waves."""

    county: Ints
    places: Ints
    served: Ints
    fairness: tuple[Fairness, ...]

    def shares(self) -> list[float]:
        """Share of all places served before the run and after each wave."""
        total = int(self.places.sum())
        return [int(n) / total if total else 0.0 for n in self.served.sum(axis=0)]


@dataclass(frozen=True, slots=True)
class Standing:
    """One division: its places, and how many are served before the run and after each wave."""

    division: Division
    places: int
    served: tuple[int, ...]

    @property
    def share(self) -> float:
        return self.served[-1] / self.places if self.places else 0.0


def summary(run: Run) -> Summary:
    """Kept by content: the first look at a nation's run takes 0.3 s, every other none."""
    stored = RunArrays.objects.only("sha256").get(run=run)
    return _summary(run.pk, stored.sha256)


@lru_cache(maxsize=RUNS_KEPT)
def _summary(run_id: int, _sha256: str) -> Summary:
    return summarised(read_result(Run(pk=run_id)))


def summarised(results: Sequence[Result]) -> Summary:
    """The figures of results, stored or not."""
    # A campaign that lost its items has a run without results: nothing is served, and nobody.
    every = [np.zeros(0, dtype=np.int64), *(result.county for result in results)]
    counties = np.unique(np.concatenate(every))
    waves = results[0].units.shape[1] if results else 0
    places = np.zeros(len(counties), dtype=np.int64)
    served = np.zeros((len(counties), waves + 1), dtype=np.int64)
    for result in results:
        row = np.searchsorted(counties, result.county)
        places += np.bincount(row, minlength=len(counties))
        held = result.given.copy()
        for wave in range(waves + 1):
            if wave:
                held += result.units[:, wave - 1]
            served[:, wave] += np.bincount(row[held > 0], minlength=len(counties))
    return Summary(counties, places, served, tuple(_fairness(result) for result in results))


def _fairness(result: Result) -> Fairness:
    held = result.given + result.total
    wanting = result.cap > 0
    fill = np.minimum(held[wanting] / result.cap[wanting], 1.0)
    return Fairness(
        item_id=result.item_id,
        least=float(fill.min()) if len(fill) else None,
        p5=float(np.percentile(fill, 5)) if len(fill) else None,
        gini=_gini(held[wanting], result.weight[wanting].astype(np.float64)),
    )


def _gini(held: Ints, weight: NDArray[np.float64]) -> float | None:
    """Weighted Gini of held / weight by the area under the Lorenz curve."""
    counted = weight > 0
    held, weight = held[counted], weight[counted]
    if not len(held) or not held.sum():
        return None
    order = np.argsort(held / weight, kind="stable")
    people = weight[order] / weight.sum()
    units = np.cumsum(held[order]) / held.sum()
    below = np.concatenate(([0.0], units[:-1]))
    return float(max(0.0, 1 - (people * (units + below)).sum()))


def standings(run: Run, divisions: list[Division]) -> list[Standing]:
    """The run in each of these divisions (province or county), in their order; those where it
    knows no place are left out."""
    found = summary(run)
    counties = Division.objects.filter(pk__in=found.county.tolist())
    first_of = dict(counties.values_list("pk", "first"))
    firsts = np.array([first_of.get(pk, -1) for pk in found.county.tolist()], dtype=np.int64)
    rows = []
    for division in divisions:
        inside = (firsts >= division.first) & (firsts <= division.last)
        if places := int(found.places[inside].sum()):
            served = tuple(int(n) for n in found.served[inside].sum(axis=0))
            rows.append(Standing(division, places, served))
    return rows
