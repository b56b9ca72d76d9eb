"""Which clinics of a county get their parcel from what has arrived, in the order of the plan."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Key = tuple[int, int, int]  # item, lot, fund


@dataclass(frozen=True, slots=True)
class Planned:
    """What was published for one place: (item, lot, fund, units) for each source."""

    place_id: int
    lines: tuple[tuple[int, int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Packed:
    """One parcel: what really goes into it."""

    place_id: int
    lines: tuple[tuple[int, int, int, int], ...]


def pack(planned: Sequence[Planned], arrived: Mapping[Key, int]) -> tuple[list[Packed], list[int]]:
    """Fill parcels in the order given; return them and the places that wait.

    A parcel is filled whole or not at all: two oximeters of a drop are never split. A place whose
    own lot or fund is short takes another of the same item, because its rank comes first.
    """
    left = Counter(dict(arrived))
    parcels: list[Packed] = []
    waiting: list[int] = []
    for want in planned:
        taken = _take(want, left)
        if taken is None:
            waiting.append(want.place_id)
            continue
        left.subtract(taken)
        parcels.append(Packed(want.place_id, tuple((*key, n) for key, n in sorted(taken.items()))))
    return parcels, waiting


def _take(want: Planned, left: Counter[Key]) -> Counter[Key] | None:
    """What the place gets, or None when an item does not suffice."""
    taken: Counter[Key] = Counter()
    missing: Counter[int] = Counter()
    for item, lot, fund, units in want.lines:
        key = (item, lot, fund)
        own = max(0, min(units, left[key] - taken[key]))
        taken[key] += own
        missing[item] += units - own
    for item in sorted(+missing):
        if not _fill(item, missing[item], left, taken):
            return None
    return +taken


def _fill(item: int, units: int, left: Counter[Key], taken: Counter[Key]) -> bool:
    for key in sorted(key for key in left if key[0] == item):
        more = max(0, min(units, left[key] - taken[key]))
        taken[key] += more
        units -= more
    return units == 0
