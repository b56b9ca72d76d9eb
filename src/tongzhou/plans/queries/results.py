"""A run's full result as arrays, read back from its compressed block."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NotRequired, TypedDict

import numpy as np
from numpy.typing import NDArray

from tongzhou.plans.models import Run, RunArrays
from tongzhou.plans.rules import Ints, packed, unpacked

COLUMNS = ("place", "county", "recipient", "weight", "rank", "cap", "given", "flags", "units")
# Blocks written before this column was kept do not have it.
LATER = ("ahead",)
NO_NEXT = -1


class CutRow(TypedDict):
    """Where a wave ended in one list, as `RunWave.cut["lists"]` keeps it.

    hub: the recipient whose list it is, None where there is one for all; units, places: what the
    wave gives there, and to how many places; left: units that it could not give; waiting: units
    that its places may still get after it; weight, held: of the place that got the last ranked
    drop, and what it then holds of the item, verified stock included. Both are left out where the
    wave gave no ranked drop.
    """

    item: int
    hub: int | None
    units: int
    places: int
    left: int
    waiting: int
    weight: NotRequired[float]
    held: NotRequired[int]


@dataclass(frozen=True, slots=True)
class Result:
    """What a run decided on one item, over its n places in tree order.

    `place`, `county`, `recipient`: ids; `weight`: float32; `rank`: the place's first undecided
    drop in the one ranked list, 1 is first, 0 where it needs none; `cap`, `given`: units it may
    get in all and had before this run; `flags`: which registry figures were missing (bits);
    `units`: int32[n, waves]. `ahead`: units of other places' drops that this plan does not give and
    that come before the place's next drop in its list; NO_NEXT where it has none; None in blocks of
    earlier versions. `cuts`: by wave, only while a run is computed.
    """

    item_id: int
    place: Ints
    county: Ints
    recipient: Ints
    weight: NDArray[np.float32]
    rank: Ints
    cap: Ints
    given: Ints
    flags: Ints
    units: NDArray[np.int32]
    ahead: Ints | None = None
    cuts: Sequence[list[CutRow]] = ()

    def units_of(self, wave: int) -> Ints:
        """Units of wave `wave` (from 1) for each place."""
        return self.units[:, wave - 1].astype(np.int64)

    @property
    def total(self) -> Ints:
        """Units of all waves of this run, without what was given before."""
        total: Ints = self.units.sum(axis=1, dtype=np.int64)
        return total

    def position(self, place_id: int) -> int | None:
        """The row of a place, None where the run does not know it."""
        found = np.flatnonzero(self.place == place_id)
        return int(found[0]) if len(found) else None


def read_result(run: Run) -> list[Result]:
    """The run's results, one for each item. Raises Run.DoesNotExist-like errors if not computed."""
    stored = RunArrays.objects.only("sha256").get(run=run)
    return _read(stored.pk, stored.sha256)


@lru_cache(maxsize=2)
def _read(pk: int, sha256: str) -> list[Result]:
    """Kept by content, so that a page of explanations does not unpack the nation each time."""
    arrays = unpacked(bytes(RunArrays.objects.get(pk=pk).data))
    items = sorted({int(name.split(":")[0]) for name in arrays})
    return [_result(item, arrays) for item in items]


def _result(item: int, arrays: Mapping[str, NDArray[np.generic]]) -> Result:
    names = [*COLUMNS, *(name for name in LATER if f"{item}:{name}" in arrays)]
    columns = {name: arrays[f"{item}:{name}"] for name in names}
    wide = {
        name: column if name in ("weight", "units") else column.astype(np.int64)
        for name, column in columns.items()
    }
    return Result(item_id=item, **wide)  # type: ignore[arg-type]


def written(results: list[Result]) -> bytes:
    """The block that `read_result` reads: narrow types, about ten bytes a place when packed."""
    arrays: dict[str, NDArray[np.generic]] = {}
    for result in results:
        for name in (*COLUMNS, *LATER):
            column = getattr(result, name)
            if column is None:
                continue
            arrays[f"{result.item_id}:{name}"] = _narrow(name, column)
    return packed(arrays)


def _narrow(name: str, column: NDArray[np.generic]) -> NDArray[np.generic]:
    if name == "weight":
        return column.astype(np.float32)
    # Of all places together more than 2**31 units may wait.
    wide = np.int64 if name == "ahead" else np.int32
    return column.astype(np.int8 if name == "flags" else wide)
