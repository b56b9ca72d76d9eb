"""How a run's numbers are cut to sources, counties and parts: arrays in, arrays out, no database.

Places are always in tree order (by their division's `first`), so that a county is one slice.
"""

import hashlib
import io
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray

from tongzhou.interchange.tables import Column, Kind, Limits
from tongzhou.places.rules.problems import add_sentences

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

LINES_A_PART = 1_000
# A nation of 600,000 places with five items in twelve waves takes 243 MiB.
ARRAYS_BYTES_AT_MOST = 256 * 2**20


@dataclass(frozen=True, slots=True)
class Span:
    """An interval of the tree that belongs to one owner (a recipient's or a county's id)."""

    first: int
    last: int
    owner: int


def owners_of(firsts: Ints, spans: Sequence[Span]) -> Ints:
    """For each place (its division's number, ascending) the owner of the smallest span around it.

    Returns int64[n]; 0 where no span contains the place.
    """
    owners = np.zeros(len(firsts), dtype=np.int64)
    for span in sorted(spans, key=lambda s: s.first - s.last):
        low, high = np.searchsorted(firsts, [span.first, span.last + 1])
        owners[low:high] = span.owner
    return owners


@dataclass(frozen=True, slots=True)
class Lines:
    """Units from one source for one place, in tree order: index into the places, index into the
    sources, whole units (all int64[m])."""

    place: Ints
    source: Ints
    units: Ints


def lines_from_sources(units: Ints, sources: Sequence[int]) -> Lines:
    """Serve the places in tree order from the sources in their order, each to its last unit.

    `units` is int64[n] (zero where a place gets nothing), `sources` the units each source holds.
    A place on the border of two sources gets a line from each. Raises ValueError if the sources
    hold too little.
    """
    ends = np.cumsum(units)
    total = int(ends[-1]) if len(ends) else 0
    held = np.cumsum(np.asarray(sources, dtype=np.int64)) if len(sources) else np.zeros(0, np.int64)
    if total > (int(held[-1]) if len(held) else 0):
        raise ValueError(f"The plan gives {total} units but its sources hold fewer.")
    # The borders of places and of sources together cut the goods into lines.
    borders = np.union1d(ends[units > 0], held[held < total])
    starts = np.concatenate(([0], borders[:-1])) if len(borders) else borders
    return Lines(
        place=np.searchsorted(ends, starts, side="right"),
        source=np.searchsorted(held, starts, side="right"),
        units=borders - starts,
    )


def parts_of(groups: Ints, at_most: int = LINES_A_PART) -> list[tuple[int, int]]:
    """Cut lines (grouped by county and recipient, one id a line) into slices of one group and at
    most `at_most` lines: (start, end) for each part, in order."""
    if not len(groups):
        return []
    edges = np.concatenate(([0], np.flatnonzero(np.diff(groups)) + 1, [len(groups)]))
    parts = []
    for start, end in pairwise(edges.tolist()):
        parts += [(at, min(at + at_most, end)) for at in range(start, end, at_most)]
    return parts


def joined(parts: Iterable[tuple[int, int]], at_most: int) -> Iterator[list[int]]:
    """Neighbouring parts, given as (id, lines), in groups of at most so many lines; a part that is
    larger is a group of its own."""
    group: list[int] = []
    room = at_most
    for part, lines in parts:
        if group and lines > room:
            yield group
            group, room = [], at_most
        group.append(part)
        room -= lines
    if group:
        yield group


def medians_by(groups: Ints, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """For each row the median of its group's known values, or of all where the group knows none.

    `groups` is ascending. NaN marks a missing value; the result is NaN only if nothing is known.
    """
    known = ~np.isnan(values)
    overall = float(np.median(values[known])) if known.any() else float("nan")
    result = np.full(len(values), overall)
    edges = np.concatenate(([0], np.flatnonzero(np.diff(groups)) + 1, [len(groups)]))
    for start, end in pairwise(edges.tolist()):
        inside = values[start:end][known[start:end]]
        if len(inside):
            result[start:end] = np.median(inside)
    return result


def packed(arrays: Mapping[str, NDArray[np.generic]]) -> bytes:
    """Named arrays as one compressed block; refuses what `unpacked` would refuse to read."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    if buffer.tell() > ARRAYS_BYTES_AT_MOST:
        raise ValueError("A run's arrays take more than 256 MiB.")
    return zlib.compress(buffer.getvalue(), 3)


def unpacked(data: bytes) -> dict[str, NDArray[np.generic]]:
    """The arrays of a block made by `packed`; refuses one that unpacks to more than 256 MiB."""
    with np.load(io.BytesIO(_inflated(data)), allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}


def packed_table(table: Ints) -> bytes:
    """The three columns of a part (int64[3, m]: place, supply, units) as one compressed block."""
    return zlib.compress(np.ascontiguousarray(table, dtype="<i8").tobytes(), 1)


def unpacked_table(data: bytes) -> Ints:
    """The columns of a block made by `packed_table`, int64[3, m]."""
    return np.frombuffer(_inflated(data), dtype="<i8").astype(np.int64).reshape(3, -1)


def _inflated(data: bytes) -> bytes:
    reader = zlib.decompressobj()
    raw = reader.decompress(data, ARRAYS_BYTES_AT_MOST)
    if reader.unconsumed_tail:
        raise ValueError("A run's arrays unpack to more than 256 MiB: not made by this program.")
    return raw


def sha256_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


# Which registry figures were missing at a place, as bits of its `flags`.
FIGURE_BITS = ((1, "people65"), (2, "risk_share"), (4, "remoteness"), (8, "growth"))


# ------------------------------------------------------------------------ lanes

WAVES_AT_MOST = 12
DAYS_BETWEEN = 2


@dataclass(frozen=True, slots=True)
class LaneDays:
    """A way from a dock to a recipient (ids), its days counted from the day a run is opened.

    `units_a_day` None: no limit; `until_day` None: to the end; both days are days of leaving.
    """

    dock: int
    recipient: int
    lead_days: int
    units_a_day: int | None
    cost_fen: int
    from_day: int
    until_day: int | None


def free_of(lane: LaneDays, used: Mapping[int, int]) -> list[LaneDays]:
    """What is left of a lane where `used` units leave on some days: one row for days alike."""
    most = lane.units_a_day
    busy = sorted(day for day, units in used.items() if units)
    if most is None or not busy:
        return [lane]
    last = busy[-1] if lane.until_day is None else min(busy[-1], lane.until_day)
    rows: list[LaneDays] = []
    for day in range(lane.from_day, last + 1):
        left = max(0, most - used.get(day, 0))
        if rows and rows[-1].units_a_day == left:
            rows[-1] = replace(rows[-1], until_day=day)
        else:
            rows.append(replace(lane, units_a_day=left, from_day=day, until_day=day))
    if lane.until_day is None or lane.until_day > last:
        rows.append(replace(lane, from_day=max(lane.from_day, last + 1)))
    return rows


def wave_days(arrivals: Iterable[int], deadline: int, *, limited: bool) -> list[int]:
    """Days on which to cut waves: whenever goods that leave at once can be there.

    Where something limits what a day carries, goods arrive all the time: then every second day up
    to the deadline as well, and that day itself. Of more than 12 the last is kept and an even
    choice of the others.
    """
    days = sorted(set(arrivals))
    if days and limited:
        days += range(days[-1] + DAYS_BETWEEN, deadline, DAYS_BETWEEN)
        days += [deadline] if deadline > days[-1] else []
    step = -(-len(days) // WAVES_AT_MOST) or 1
    return days[::-1][::step][::-1]


def first_claims(units: NDArray[np.int32], rank: Ints, drop: int, have: int) -> Ints:
    """How many of its units each place gets when only `have` are there: by wave, then by rank.

    `units` is int32[n, waves], `rank` int64[n] (0: settled by a person, and first in its wave).
    Drops are not split, and the first one that does not fit ends the list. Returns int64[n].
    """
    order = np.argsort(rank, kind="stable")
    claims = units[order].T.reshape(-1).astype(np.int64)  # wave by wave, in the order of ranks
    before = np.cumsum(claims) - claims
    given = np.clip(have - before, 0, claims)
    short = given < claims
    given[short] -= given[short] % drop
    result = np.zeros(len(rank), dtype=np.int64)
    result[order] = given.reshape(units.shape[1], -1).sum(axis=0)
    return result


def firm_first(sent: Sequence[tuple[int, int, int]], on_hand: int) -> dict[int, int]:
    """What of a source's shipments is on hand: those that leave first, up to `on_hand` units.

    `sent`: (day of leaving, recipient, units). Returns units by recipient.
    """
    found: dict[int, int] = {}
    for _day, recipient, units in sorted(sent):
        now = min(units, on_hand)
        on_hand -= now
        if now:
            found[recipient] = found.get(recipient, 0) + now
    return found


# ------------------------------------------------------------------------ what if

CHANGES_AT_MOST = 10
# What a run is kept with, answers that were kept of kept runs included.
CHANGES_KEPT_AT_MOST = 30
UNITS_AT_MOST = 10**9


@dataclass(frozen=True, slots=True)
class Goods:
    """Units of an item (its code) that a plan may give from a dock (its id) from a day on.

    `wave`: the number of the wave that gives them, 0 for that of their day; `source`: the engine's
    name of where they leave, where the plan has lanes.
    """

    dock: int
    item: str
    day: date
    units: int
    on_hand: bool
    wave: int = 0
    source: str = ""


class TooFewUnits(ValueError):
    """Fewer units are there than are to be taken away; `units`: how many are."""

    def __init__(self, units: int) -> None:
        super().__init__(f"Only {units} units are there.")
        self.units = units


def more_goods(goods: Sequence[Goods], row: Goods) -> list[Goods]:
    """With units that the plan does not know; of a dock's sources the widest one has them."""
    sources = [known.source for known in goods if known.dock == row.dock]
    return [*goods, replace(row, source=min(sources, key=len, default=""))]


def fewer_goods(goods: Sequence[Goods], row: Goods) -> list[Goods]:
    """Without so many units of the row's dock and item from its day on, those that come last first.

    Raises TooFewUnits.
    """
    left, kept = row.units, list(goods)
    for at in sorted(range(len(kept)), key=lambda at: (kept[at].day, at), reverse=True):
        if _meant(kept[at], row) and left:
            less = min(left, kept[at].units)
            kept[at] = replace(kept[at], units=kept[at].units - less)
            left -= less
    if left:
        raise TooFewUnits(row.units - left)
    return kept


def share_of_goods(goods: Sequence[Goods], row: Goods) -> list[Goods]:
    """With `row.units` per cent of what the row's dock was to have from its day on, rounded
    down."""
    return [
        replace(known, units=known.units * row.units // 100) if _meant(known, row) else known
        for known in goods
    ]


def later_goods(goods: Sequence[Goods], row: Goods, days: int) -> list[Goods]:
    """With what the row's dock still expects coming so many days later."""
    return [
        replace(known, day=known.day + timedelta(days=days), wave=0)
        if not known.on_hand and _meant(known, row)
        else known
        for known in goods
    ]


def _meant(known: Goods, row: Goods) -> bool:
    return known.dock == row.dock and row.item in ("", known.item) and known.day >= row.day


LEAD_DAYS_AT_MOST = 90
LANES = (
    Column("dock", ("Dock code", "码头代码", "发货码头代码"), Kind.CODE, required=True),
    Column("recipient", ("Hub code", "中转仓代码", "接收方代码", "接收方"), required=True),
    Column(
        "lead_days",
        ("Days on the way", "在途天数"),
        Kind.WHOLE,
        required=True,
        maximum=LEAD_DAYS_AT_MOST,
        example="2",
    ),
    Column("units_a_day", ("Units a day", "每日件数", "每日运力"), Kind.WHOLE, example="5000"),
    Column("cost_fen", ("Cost, fen a unit", "运费（分/件）", "每件运费（分）"), Kind.WHOLE),
    Column("from_date", ("First day", "起始日期", "开始日期"), Kind.DATE),
    Column("until_date", ("Last day", "截止日期", "结束日期"), Kind.DATE),
    Column("campaign", ("Campaign id", "行动编号"), Kind.CODE),
)
# The event of an import keeps what every changed lane was before, and an event holds 64 KiB.
LANE_LIMITS = Limits(rows=400)

add_sentences(
    {
        "lane.dock_unknown": (
            _("{value} is not the code of a dock that concerns this campaign."),
            _("Correct the code, or record first what its producer promises."),
        ),
        "lane.recipient_unknown": (
            _("The campaign has no recipient {value}."),
            _("Write the code of its hub, or its name as the list of recipients has it."),
        ),
        "lane.dates": (
            _("The last day {value} is before the first one."),
            _("Correct one of the two days."),
        ),
        "lane.twice": (
            _("The same dock, hub and first day stand in row {other_row} too."),
            _("Keep one of the two rows."),
        ),
        "lane.overlaps": (
            _("Two lanes from {value} to the same hub are open on the same day."),
            _("Let one end before the other begins, or keep one of them."),
        ),
        "lane.outside": (
            _("The campaign reaches beyond the area you may plan for."),
            _("Ask the office that leads it to import the file."),
        ),
    }
)
