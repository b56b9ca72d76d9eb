"""Changes of a problem: what happens while a plan is carried out, or what somebody asks about.

Each change is a dict with a `kind`; docs/planning.md has the table of kinds and names. A change
makes a new problem and never touches the old one.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from .limits import MAX_DAY, MAX_UNITS
from .problem import Inbound, Lane, Problem, ProblemError, Supply
from .problem.model import Needs

Change = Mapping[str, Any]

MAX_CHANGES = 100
MAX_FACTOR = 1_000.0


def changed(problem: Problem, changes: Sequence[Change]) -> Problem:
    """The problem after all changes, in their order.

    Raises ProblemError that names the change and what is wrong with it; then nothing is changed.
    """
    if not isinstance(changes, list | tuple) or len(changes) > MAX_CHANGES:
        raise ProblemError([f"changes: give a list of at most {MAX_CHANGES} changes."])
    for number, change in enumerate(changes):
        problem = apply(problem, change, number)
    return problem


def apply(problem: Problem, change: Change, number: int = 0) -> Problem:
    """The problem after one change; `number` is its place in the list, for the error."""
    reader = _Reader(change, f"changes[{number}]")
    kind = reader.text("kind")
    if kind not in KINDS:
        reader.refuse("kind", f'"{kind}" is not known; known are {", ".join(KINDS)}')
    names, make = KINDS[kind]
    strange = sorted(set(change) - {"kind", "note", *names})
    if strange:
        reader.refuse(strange[0], f"not known here; known are {', '.join(names)}")
    return make(problem, reader)


class _Reader:
    """Reads one change; every fault names its place."""

    def __init__(self, change: Any, at: str) -> None:
        self.at = at
        self.change: Change = change
        if not isinstance(change, Mapping):
            raise ProblemError([f"{at}: an object with a kind is needed."])

    def refuse(self, name: str, what: str) -> None:
        raise ProblemError([f"{self.at}.{name}: {what}."])

    def has(self, name: str) -> bool:
        return self.change.get(name) is not None

    def text(self, name: str, known: Any = None) -> str:
        value = self.change.get(name)
        if not isinstance(value, str):
            self.refuse(name, f"{value!r} is not text")
        elif known is not None and value not in known:
            self.refuse(name, f'"{value}" is not in the problem')
        return str(value)

    def whole(self, name: str, low: int, high: int, default: int | None = None) -> int:
        value = self.change.get(name, default)
        if type(value) is not int or not low <= value <= high:
            self.refuse(name, f"{value!r} is not a whole number from {low:,} to {high:,}")
        return int(value or 0)

    def factor(self, name: str) -> float:
        value = self.change.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.refuse(name, f"{value!r} is not a number")
        if not 0 <= float(value or 0) <= MAX_FACTOR:
            self.refuse(name, f"{value!r} is not from 0 to {MAX_FACTOR:g}")
        return float(value or 0)


def _supply(problem: Problem, read: _Reader) -> Problem:
    """More units of a producer on a day; below 0, fewer of what it was to have, last day first."""
    units = read.whole("units", -MAX_UNITS, MAX_UNITS)
    item = read.text("item", problem.item_index)
    producer = read.text("producer")
    day = read.whole("day", 0, problem.horizon_days)
    if units >= 0:
        firm = read.change.get("status", "firm")
        if firm not in ("firm", "expected"):
            read.refuse("status", f"{firm!r} is neither firm nor expected")
        return problem.changed(
            supply=(*problem.supply, Supply(item, day, units, producer, firm == "firm"))
        )
    rows = list(problem.supply)
    for at in sorted(range(len(rows)), key=lambda at: -rows[at].day):
        row = rows[at]
        if (row.producer, row.item) == (producer, item) and row.day >= day and units:
            less = min(row.units, -units)
            rows[at] = replace(row, units=row.units - less)
            units += less
    if units:
        read.refuse("units", f'producer "{producer}" has {-units:,} fewer from day {day} on')
    return problem.changed(supply=tuple(rows))


def _producer(problem: Problem, read: _Reader) -> Problem:
    """A producer delivers a share of what it was to have from a day on, rounded down."""
    producer = read.text("producer", {row.producer for row in problem.supply})
    factor = read.factor("factor")
    day = read.whole("from_day", 0, MAX_DAY, 0)
    item = read.text("item", problem.item_index) if read.has("item") else None

    def share(row: Supply) -> Supply:
        mine = row.producer == producer and row.day >= day and item in (None, row.item)
        return replace(row, units=int(row.units * factor)) if mine else row

    return problem.changed(supply=tuple(share(row) for row in problem.supply))


def _lane(problem: Problem, read: _Reader) -> Problem:
    """A lane carries so many units a day (null: any number) from a day on, for ever or until one.

    A lane that the problem has not is new; it needs its lead_days.
    """
    source, target = read.text("from"), read.text("to", problem.index)
    most = read.whole("units_a_day", 0, MAX_UNITS) if read.has("units_a_day") else None
    first = read.whole("from_day", 0, MAX_DAY, 0)
    last = read.whole("until_day", first, MAX_DAY) if read.has("until_day") else None
    mine = [lane for lane in problem.lanes if (lane.source, lane.target) == (source, target)]
    others = [lane for lane in problem.lanes if lane not in mine]
    if not mine:
        if not read.has("lead_days"):
            read.refuse("to", f'there is no lane from "{source}" to "{target}"; say its lead_days')
        lead = read.whole("lead_days", 0, MAX_DAY)
        new = Lane(source, target, lead, most, 0.0, first, last)
        return problem.changed(lanes=(*problem.lanes, new))
    parts = [part for lane in mine for part in _split(lane, most, first, last)]
    return problem.changed(lanes=(*others, *parts))


def _split(lane: Lane, most: int | None, first: int, last: int | None) -> Iterator[Lane]:
    """The lane before, within and after the days from `first` to `last`."""
    end = MAX_DAY if lane.until_day is None else lane.until_day
    until = MAX_DAY if last is None else last
    if lane.from_day < first:
        yield replace(lane, until_day=min(end, first - 1) if end < MAX_DAY or first else None)
    begin, stop = max(lane.from_day, first), min(end, until)
    if begin <= stop:
        within = None if stop == MAX_DAY else stop
        yield replace(lane, units_a_day=most, from_day=begin, until_day=within)
    if until < end:
        yield replace(lane, from_day=max(lane.from_day, until + 1))


def _inbound(problem: Problem, read: _Reader) -> Problem:
    """A node takes so many units a day; null takes the limit away."""
    node = read.text("node", problem.index)
    kept = tuple(row for row in problem.inbound if row.node != node)
    if not read.has("units_a_day"):
        return problem.changed(inbound=kept)
    return problem.changed(inbound=(*kept, Inbound(node, read.whole("units_a_day", 0, MAX_UNITS))))


def _need(problem: Problem, read: _Reader) -> Problem:
    """The registry says that all needs at and below a node are a factor of what they were."""
    node = read.text("node", problem.index)
    factor = read.factor("factor")
    needs = problem.needs
    rows = problem.under([node])[needs.node]
    if read.has("item"):
        rows &= needs.item == problem.item_index[read.text("item", problem.item_index)]
    if not rows.any():
        read.refuse("node", f'nothing is needed at or below "{node}"')
    weight = np.where(rows, np.round(needs.weight * factor, 6), needs.weight)
    cap = np.where(rows, np.floor(needs.cap * factor + 0.5).astype(np.int64), needs.cap)
    return _with_needs(problem, weight=weight, cap=cap)


def _recount(problem: Problem, read: _Reader) -> Problem:
    """A verified count of what a node holds of an item, without what published waves gave it."""
    node, item = read.text("node", problem.index), read.text("item", problem.item_index)
    stock = read.whole("stock", 0, MAX_UNITS)
    row = problem.rows_of(
        np.array([problem.index[node]]), np.array([problem.item_index[item]])
    ).item()
    if row < 0:
        read.refuse("node", f'node "{node}" states no need of "{item}"')
    counted = problem.needs.stock.copy()
    counted[row] = stock
    return _with_needs(problem, stock=counted)


def _with_needs(problem: Problem, **columns: Any) -> Problem:
    held = {name: getattr(problem.needs, name) for name in Needs.__dataclass_fields__}
    return problem.changed(needs=Needs(**{**held, **columns}))


# By kind: the names it may have, and what it does.
KINDS: dict[str, tuple[tuple[str, ...], Callable[[Problem, _Reader], Problem]]] = {
    "supply": (("producer", "item", "day", "units", "status"), _supply),
    "producer": (("producer", "item", "factor", "from_day"), _producer),
    "lane": (("from", "to", "units_a_day", "from_day", "until_day", "lead_days"), _lane),
    "inbound": (("node", "units_a_day"), _inbound),
    "need": (("node", "item", "factor"), _need),
    "recount": (("node", "item", "stock"), _recount),
}
