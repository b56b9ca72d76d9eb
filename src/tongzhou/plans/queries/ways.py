"""What a run was given of lanes, and what its plan sends by them; read back from `RunWays`."""

import json
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import numpy as np

from tongzhou.plans.models import Run, RunArrays, RunSupply, RunWays
from tongzhou.plans.rules import Ints, LaneDays, firm_first, first_claims

from .results import Result, read_result

WAYS_BYTES_AT_MOST = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Source:
    """Goods of one dock that may go to the same recipients; `hubs` empty: to all of them.

    `supply`: ids of RunSupply rows. A dock with goods of a donor who named some recipients is two
    sources, so that these goods cannot go elsewhere.
    """

    name: str
    dock: int
    hubs: tuple[int, ...]
    supply: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """What a run plans with. `inbound`: units a day by recipient."""

    opened_on: date
    lanes: tuple[LaneDays, ...]
    inbound: dict[int, int]
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """Units of an item that leave a source (by number) for a recipient, days as in `LaneDays`."""

    source: int
    recipient: int
    item: int
    ship_day: int
    arrive_day: int
    units: int


@dataclass(frozen=True, slots=True)
class Worth:
    """What one unit more of a limit is worth to the plan: kind supply (a source), lane (source and
    recipient) or inbound (recipient); `stage`, days and `price` as planning.plan.transport says."""

    stage: str
    kind: str
    source: int
    recipient: int
    first_day: int
    last_day: int
    price: float


@dataclass(frozen=True, slots=True)
class Carried:
    """What came out. `by_hub`: something on the way limits the plan, so each recipient has its own
    cut."""

    by_hub: bool
    sent: tuple[Sent, ...]
    worths: tuple[Worth, ...]


def given_to(given: Given) -> dict[str, Any]:
    """The JSON that `RunWays.given` keeps."""
    return {
        "lanes": [list(asdict(lane).values()) for lane in given.lanes],
        "inbound": sorted(given.inbound.items()),
        "sources": [list(asdict(source).values()) for source in given.sources],
    }


def carried_to(carried: Carried) -> bytes:
    """The block that `RunWays.data` keeps."""
    plain = {
        "by_hub": carried.by_hub,
        "sent": [list(asdict(row).values()) for row in carried.sent],
        "worths": [list(asdict(row).values()) for row in carried.worths],
    }
    return zlib.compress(json.dumps(plain, separators=(",", ":")).encode(), 6)


def ways_of(run: Run) -> RunWays | None:
    """What a run keeps of lanes; None where its campaign named none when it was opened."""
    return RunWays.objects.filter(run=run).first()


def given_in(ways: RunWays) -> Given:
    plain = ways.given
    return Given(
        opened_on=ways.opened_on,
        lanes=tuple(LaneDays(*row) for row in plain["lanes"]),
        inbound=dict(plain["inbound"]),
        sources=tuple(
            Source(name, dock, tuple(hubs), tuple(supply))
            for name, dock, hubs, supply in plain["sources"]
        ),
    )


def carried_in(ways: RunWays) -> Carried:
    """What the plan sends; nothing for a run that is not computed yet. ValueError for a block that
    this program did not make."""
    if not ways.data:
        return Carried(False, (), ())
    reader = zlib.decompressobj()
    text = reader.decompress(bytes(ways.data), WAYS_BYTES_AT_MOST)
    if reader.unconsumed_tail:
        raise ValueError("The shipments of a run unpack to more than 64 MiB.")
    plain = json.loads(text)
    return Carried(
        by_hub=plain["by_hub"],
        sent=tuple(Sent(*row) for row in plain["sent"]),
        worths=tuple(Worth(*row) for row in plain["worths"]),
    )


def sent_on_hand(ways: RunWays, item: int) -> list[tuple[Source, int, int]]:
    """Source, recipient and units of an item that the plan sends of what is on hand now."""
    given, carried = given_in(ways), carried_in(ways)
    supply = RunSupply.objects.filter(run=ways.run_id, item=item, on_hand=True)
    held = dict(supply.values_list("pk", "units"))
    found = []
    for number, source in enumerate(given.sources):
        mine = [
            (row.ship_day, row.recipient, row.units)
            for row in carried.sent
            if row.source == number and row.item == item
        ]
        there = firm_first(mine, sum(held.get(pk, 0) for pk in source.supply))
        found += [(source, recipient, units) for recipient, units in sorted(there.items())]
    return found


def leaving(run: Run) -> Iterator[tuple[int, int, date, int]]:
    """Dock, recipient, day and units of goods on hand that a run sends out, day by day."""
    ways = run.ways
    given, carried = given_in(ways), carried_in(ways)
    supply = RunSupply.objects.filter(run=run, on_hand=True)
    left: dict[tuple[int, int], int] = defaultdict(int)
    source_of = {pk: number for number, source in enumerate(given.sources) for pk in source.supply}
    for pk, item, units in supply.values_list("pk", "item", "units"):
        if pk in source_of:
            left[source_of[pk], item] += units
    for row in sorted(carried.sent, key=lambda row: (row.ship_day, row.recipient, row.units)):
        units = min(row.units, left[row.source, row.item])
        left[row.source, row.item] -= units
        if units:
            day = given.opened_on + timedelta(days=row.ship_day)
            yield given.sources[row.source].dock, row.recipient, day, units


def on_hand_units(run: Run, result: Result) -> Ints:
    """int64[n]: the units of each place that come out of goods on hand, and so are published.

    Without lanes those of the waves on hand; with lanes, of each recipient's places the first
    claims that the goods sent there cover.
    """
    ways = ways_of(run)
    if ways is None:
        rows = run.supply.filter(item=result.item_id, on_hand=True).order_by("wave")
        waves = list(rows.values_list("wave", flat=True).distinct())
        given: Ints = np.zeros(len(result.place), dtype=np.int64)
        for wave in waves:
            given += on_hand_of(run, result, wave)
        return given
    stored = RunArrays.objects.only("sha256").get(run=run)
    return _covered(run.pk, result.item_id, f"{stored.sha256} {run.computed_at}")


def on_hand_of(run: Run, result: Result, wave: int) -> Ints:
    """int64[n]: what a wave (its number) of a run without lanes gives out of goods on hand.

    A plan that was kept with changes may count goods there that nobody has: then the first claims.
    """
    if not run.changes:
        return result.units_of(wave)
    rows = run.supply.filter(item=result.item_id, on_hand=True, wave=wave)
    drop = run.campaign.items.filter(item=result.item_id).values_list("drop_units", flat=True)[0]
    have = sum(rows.values_list("units", flat=True))
    return first_claims(result.units[:, wave - 1 : wave], result.rank, drop, have)


@lru_cache(maxsize=4)
def _covered(run_pk: int, item: int, _content: str) -> Ints:
    """Kept by content: the routes of a nation ask for it county by county."""
    run = Run.objects.get(pk=run_pk)
    result = next(found for found in read_result(run) if found.item_id == item)
    drop = run.campaign.items.filter(item=item).values_list("drop_units", flat=True)[0]
    have: dict[int, int] = defaultdict(int)
    for _source, recipient, units in sent_on_hand(run.ways, item):
        have[recipient] += units
    covered = np.zeros(len(result.place), dtype=np.int64)
    for recipient, units in have.items():
        rows = np.flatnonzero(result.recipient == recipient)
        covered[rows] = first_claims(result.units[rows], result.rank[rows], drop, units)
    return covered


def by_recipient(rows: Iterable[tuple[Source, int, int]]) -> dict[int, list[tuple[Source, int]]]:
    """The sources of each recipient with their units, in order."""
    found: dict[int, list[tuple[Source, int]]] = defaultdict(list)
    for source, recipient, units in rows:
        found[recipient].append((source, units))
    return found
