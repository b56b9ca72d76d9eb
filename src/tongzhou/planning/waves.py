"""Waves: supply by day, and each wave as a cut in the ranked ledger."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .ledger import Ledger
from .problem import Problem

Ints = NDArray[np.int64]

OPEN = -1


@dataclass(frozen=True, slots=True)
class Cut:
    """What one wave gave of one item, and where it cut the list.

    stage and key: of the last drop given, None when none was; rank: drops of the list before the
    next one it would have given, None when all drops it may reach are given; available: units it
    could give; left: units it could not, because the next drop is larger or nobody waits;
    expected: of the units given, those not yet firm. hub is None: the list is one for all hubs;
    else last is the rank of the last drop given to it, None when none was.
    """

    item: int
    wave: int
    stage: str | None
    key: float | None
    rank: int | None
    available: int
    units: int
    left: int
    expected: int
    hub: str | None = None
    last: int | None = None


def arrivals(problem: Problem, item: int) -> tuple[Ints, Ints]:
    """int64[W] each: units that have arrived by the day of each wave, all of them and firm ones.

    A unit that arrives after the last wave is in neither.
    """
    days = np.array([wave.day for wave in problem.waves], dtype=np.int64)
    both = np.zeros((2, len(days) + 1), dtype=np.int64)
    name = problem.items[item].id
    for row in problem.supply:
        if row.item == name:
            # The first wave on or after the day; past the last one, a column that is cut off.
            first = int(np.searchsorted(days, row.day))
            both[0, first] += row.units
            both[1, first] += row.units if row.firm else 0
    total, firm = np.cumsum(both[:, :-1], axis=1)
    return total, firm


def cut(
    ledger: Ledger, wave_of: NDArray[np.int16], wave: int, reach: NDArray[np.bool_], available: int
) -> tuple[NDArray[np.int32], int | None]:
    """Give the best open drops that `reach` (bool by ledger row) allows, in order, none split.

    Writes `wave` into wave_of (int16[D] by rank) for the drops given. Returns their ranks and the
    rank of the next drop, None when no drop is left. The cut stops at the first drop that does
    not fit: passing over it would let a lower claim go first.
    """
    from . import cutting

    row_of, size = ledger.row_of, ledger.even
    most = available // size if size else len(ledger)
    given = np.empty(min(most, len(ledger)) + 1, dtype=np.int32)
    if size:
        count = cutting.give_alike(row_of, reach, wave_of, wave, most, given)
    else:
        drop = ledger.drop
        count = cutting.give(row_of, drop, reach, wave_of, wave, available, given)
    following = int(given[-1])
    return given[:count], following if following >= 0 else None


def enter(ledger: Ledger, wave_of: NDArray[np.int16], units: NDArray[Any]) -> None:
    """Add what the waves gave into units, int32 or int64[R, W] by needs row and wave."""
    from . import cutting

    cutting.tally(ledger.row_of, wave_of, ledger.rows, ledger.needs.drop, units)


def describe(
    ledger: Ledger,
    wave: int,
    given: NDArray[np.int32],
    next_rank: int | None,
    available: int,
    firm_left: int,
) -> Cut:
    """The cut as published; `firm_left`: firm units not given by earlier waves."""
    units = ledger.units(given)
    last = int(given[-1]) if len(given) else None
    key = None if last is None else ledger.key_at(last)
    return Cut(
        item=ledger.item,
        wave=wave,
        stage=None if last is None else ledger.stage(last),
        key=key,
        rank=next_rank,
        available=available,
        units=units,
        left=available - units,
        expected=max(0, units - firm_left),
    )
