"""Network: which groups of nodes a unit can reach, by which lane, and from which day on.

A stop is a node that a lane goes to or that has an inbound limit. A group is what no limit tells
apart: the nodes that have the same nearest stop at or above them and are reached by the same
directed waves. Merging the leaves of a group loses nothing, since nothing on the way to one of them
differs from the way to another. Days are merged in the same way: between two days on which
something changes (goods become ready, a lane opens or closes, a wave is cut) all days are alike.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..problem import Lane, Problem, ProblemError

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

NOWHERE = -1
MAX_DIRECTED = 40  # each is one bit of a number beside the stop
EVERYWHERE = ""  # the target of the lanes that stand in where a problem names none


@dataclass(frozen=True, slots=True)
class Group:
    """Nodes that no limit tells apart: their nearest stop (-1: none), and the waves they are in."""

    label: str
    stop: int
    reached: tuple[bool, ...]


@dataclass(frozen=True, eq=False)
class Network:
    """L lanes, G groups, A arcs (a lane to a group at or below its target), T intervals of days.

    group_of: int64[N], -1 where no lane leads; arc_lane, arc_group: int64[A];
    grid: int64[T + 1], the days of arrival that begin an interval, and the day after the last.
    """

    problem: Problem
    lanes: tuple[Lane, ...]
    groups: tuple[Group, ...]
    group_of: Ints
    arc_lane: Ints
    arc_group: Ints
    grid: Ints

    @cached_property
    def days(self) -> Ints:
        """int64[T]: days in each interval."""
        return np.diff(self.grid)

    @cached_property
    def wave_of(self) -> Ints:
        """int64[T]: the first wave that can give what arrives in the interval."""
        last = np.array([wave.day for wave in self.problem.waves], dtype=np.int64)
        return np.searchsorted(last, self.grid[1:] - 1)

    @cached_property
    def lead(self) -> Ints:
        """int64[A]: lead days of each arc."""
        return np.array([lane.lead_days for lane in self.lanes], dtype=np.int64)[self.arc_lane]

    def is_open(self, lane: Lane) -> Mask:
        """bool[T]: whether the lane ships on the days that arrive in each interval."""
        first = self.grid[:-1] - lane.lead_days
        until = np.inf if lane.until_day is None else lane.until_day
        return (first >= lane.from_day) & (first <= until)

    @cached_property
    def stops_above(self) -> dict[int, list[int]]:
        """By stop: itself and every stop above it."""
        return {
            stop: [at for at in _up(self.problem, stop) if at in self._stops]
            for stop in self._stops
        }

    @cached_property
    def _stops(self) -> set[int]:
        return {group.stop for group in self.groups if group.stop != NOWHERE} | {
            self.problem.index[name] for name in _stop_names(self.problem)
        }


def network_of(problem: Problem) -> Network:
    """The network of a problem; where it names no lane, producers reach every node at once."""
    lanes = problem.lanes or tuple(
        Lane(name, EVERYWHERE) for name in dict.fromkeys(row.producer for row in problem.supply)
    )
    groups, group_of = _groups(problem)
    arcs = [
        (number, group)
        for number, lane in enumerate(lanes)
        for group, where in enumerate(groups)
        if _leads_to(problem, lane, where)
    ]
    pairs = np.array(arcs, dtype=np.int64).reshape(-1, 2)
    reached = np.isin(np.arange(len(groups)), pairs[:, 1])
    return Network(
        problem=problem,
        lanes=lanes,
        groups=groups,
        group_of=np.where((group_of >= 0) & reached[group_of], group_of, NOWHERE),
        arc_lane=pairs[:, 0],
        arc_group=pairs[:, 1],
        grid=_grid(problem, lanes, pairs),
    )


def _stop_names(problem: Problem) -> list[str]:
    targets = [lane.target for lane in problem.lanes]
    return list(dict.fromkeys(targets + [row.node for row in problem.inbound]))


def _groups(problem: Problem) -> tuple[tuple[Group, ...], Ints]:
    """The groups, and int64[N] the group of each node."""
    stop = _nearest(problem, [problem.index[name] for name in _stop_names(problem)])
    directed = [w for w, wave in enumerate(problem.waves) if wave.hubs]
    if len(directed) > MAX_DIRECTED:
        raise ProblemError(
            [f"{len(directed)} waves are directed; with lanes at most {MAX_DIRECTED} are planned."]
        )
    mask = np.zeros(len(stop), dtype=np.int64)
    for bit, wave in enumerate(directed):
        mask |= problem.under(problem.waves[wave].hubs).astype(np.int64) << bit
    code = (stop + 1) << len(directed) | mask
    codes, group_of = np.unique(code, return_inverse=True)
    groups = []
    seen: dict[int, int] = {}
    for value in codes.tolist():
        at = (value >> len(directed)) - 1
        seen[at] = seen.get(at, 0) + 1
        reached = [True] * len(problem.waves)
        for bit, wave in enumerate(directed):
            reached[wave] = bool(value >> bit & 1)
        name = EVERYWHERE if at == NOWHERE else problem.node_ids[at]
        label = name if seen[at] == 1 else f"{name} ({seen[at]})"
        groups.append(Group(label, at, tuple(reached)))
    return tuple(groups), group_of.astype(np.int64)


def _nearest(problem: Problem, stops: list[int]) -> Ints:
    """int64[N]: the nearest of `stops` at or above each node, -1 where there is none."""
    found = np.full(len(problem.node_ids) + 1, NOWHERE, dtype=np.int64)
    found[stops] = stops
    at = problem.parent.copy()
    open_ = np.flatnonzero((found[:-1] == NOWHERE) & (at >= 0))
    while len(open_):
        above = found[at[open_]]
        found[open_[above >= 0]] = above[above >= 0]
        at[open_] = problem.parent[at[open_]]
        open_ = open_[(above < 0) & (at[open_] >= 0)]
    return found[:-1]


def _up(problem: Problem, node: int) -> Iterator[int]:
    while node >= 0:
        yield node
        node = int(problem.parent[node])


def _leads_to(problem: Problem, lane: Lane, group: Group) -> bool:
    if lane.target == EVERYWHERE:
        return True
    return group.stop != NOWHERE and problem.index[lane.target] in _up(problem, group.stop)


def _grid(problem: Problem, lanes: tuple[Lane, ...], arcs: Ints) -> Ints:
    """The days of arrival on which something changes, up to the day after the last wave."""
    ready: dict[str, set[int]] = {}
    for row in problem.supply:
        ready.setdefault(row.producer, set()).add(row.day)
    marks = {wave.day + 1 for wave in problem.waves}
    for lane in lanes:
        changes = {*ready.get(lane.source, ()), lane.from_day}
        if lane.until_day is not None:
            changes.add(lane.until_day + 1)
        marks |= {day + lane.lead_days for day in changes}
    end = problem.waves[-1].day + 1
    # Nothing arrives before the first of these days.
    days = sorted(day for day in marks if day <= end)
    if _is_daily(problem, arcs):
        days = list(range(days[0], end + 1))
    return np.array(days, dtype=np.int64)


def _is_daily(problem: Problem, arcs: Ints) -> bool:
    """Whether each day stands alone: where what fits into an interval may not fit day by day.

    Units of an interval can be spread evenly over its days if the limits they share lie one inside
    the other: each lane to one group, and no inbound limit around several hubs.
    """
    if any(item.whole_cartons for item in problem.items):
        return True
    if not problem.inbound:
        return False
    stops = {problem.index[name] for name in _stop_names(problem)}
    inside = {at for stop in stops for at in _up(problem, int(problem.parent[stop]))}
    around = any(problem.index[row.node] in inside for row in problem.inbound)
    return around or len(np.unique(arcs[:, 0])) < len(arcs)
