"""Integers: whole units (and cartons) on every lane, and what is left of the limits used up.

With one item the optimum of the programme is whole already, since it is a flow in a network. With
several, or with cartons, a few ways end in fractions: they are cut down, and what that leaves free
is given to the first claims that still have a way.
"""

import heapq
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from .programme import Programme
from .stages import Task
from .ways import Ways

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

TRIES = 20_000  # drops that are given out of what fractions left free


def whole_units(task: Task, y: Floats) -> Ints:
    """int64[Y]: whole units, in whole cartons where the item asks for them, within all limits."""
    ways = task.programme.ways
    units = np.floor(y + 1e-6).astype(np.int64)
    size = carton_sizes(task)[ways.item]
    return units // size * size


def fits(ways: Ways, y: Ints) -> bool:
    """Whether y keeps every limit."""
    return all(int(y[limit.columns].sum()) <= limit.most for limit in ways.limits)


def carton_sizes(task: Task) -> Ints:
    """int64[K]: units that a lane carries at once, 1 where cartons may be opened."""
    items = task.programme.ways.network.problem.items
    return np.array([i.carton_units if i.whole_cartons else 1 for i in items], dtype=np.int64)


def share_out(task: Task, y: Ints, target: Ints) -> tuple[Ints, Ints, int]:
    """int64[C, W] each, cumulative: units that y lets every cell give, and kits put together; and
    how many units of what was promised have not come, summed over the waves.

    target: int64[C, W], cumulative, what the programme gave: kits are put together up to it, the
    rest of their parts is given as it is.
    """
    programme, ways = task.programme, task.programme.ways
    groups, waves = len(ways.network.groups), programme.waves
    arrived = np.zeros((len(task.curves), groups, waves), dtype=np.int64)
    np.add.at(arrived, (ways.item, ways.group, ways.wave), y)
    free = np.cumsum(arrived, axis=2)
    item, group = programme.cells.T
    promised = np.cumsum(programme.promised, axis=1)
    made = np.zeros_like(target)
    for cell in programme.kit_cells.tolist():
        kit, where = item[cell], group[cell]
        wanted = np.maximum(target[cell] + promised[cell] - free[kit, where], 0)
        for part, units in ways.recipes[int(kit)]:
            kept = _later(free[part, where] - _promised_of(programme, part, where))
            wanted = np.minimum(wanted, np.maximum(kept, 0) // units)
        made[cell] = np.maximum.accumulate(wanted)
        for part, units in ways.recipes[int(kit)]:
            free[part, where] -= units * made[cell]
    held = _later(free[item, group] + made - promised)
    given = np.zeros_like(held)
    for cell in range(len(held)):
        most = 0
        for wave in np.flatnonzero(programme.may[cell]).tolist():
            most = max(most, task.curves[item[cell]].cut(int(group[cell]), int(held[cell, wave])))
            given[cell, wave:] = most
    return given, made, int(np.maximum(-held, 0).sum())


def _later(free: Ints) -> Ints:
    """What is free by each wave (last axis) and not needed by a later one."""
    later: Ints = np.minimum.accumulate(free[..., ::-1], axis=-1)[..., ::-1]
    return later


def _promised_of(programme: Programme, item: int, group: int) -> Ints:
    cell = np.flatnonzero((programme.cells == (item, group)).all(axis=1))
    promised: Ints = np.cumsum(programme.promised[cell], axis=1).sum(axis=0)
    return promised


def use_up(task: Task, y: Ints, target: Ints) -> Ints:
    """y with more units wherever the next claim of a cell still has a way, best claims first."""
    made = share_out(task, y, target)[1][:, -1]
    for cell in task.programme.kit_cells.tolist():
        # Promised kits need their parts whether or not these are on the way already.
        item, group = task.programme.cells[cell]
        ways = task.programme.ways
        direct = int(y[(ways.item == item) & (ways.group == group)].sum())
        made[cell] = max(int(made[cell]), int(task.programme.promised[cell].sum()) - direct)
    spare = _Spare(task, y, made)
    heap = [entry for cell in range(len(task.programme.cells)) if (entry := spare.claim(cell))]
    heapq.heapify(heap)
    for _ in range(TRIES):
        if not heap:
            break
        ahead, cell, missing = heapq.heappop(heap)
        if spare.send(cell, missing, promised=ahead < 0) and (entry := spare.claim(cell)):
            heapq.heappush(heap, entry)
    return spare.y


class _Spare:
    """What the limits still hold, and what has arrived for each cell in the end."""

    def __init__(self, task: Task, y: Ints, made: Ints) -> None:
        programme = task.programme
        self.made = made
        self.task, self.programme, self.ways = task, programme, programme.ways
        self.y = y.copy()
        self.size = carton_sizes(task)
        limits = self.ways.limits
        used = [int(y[limit.columns].sum()) for limit in limits]
        self.left = np.array(
            [r.most - n for r, n in zip(limits, used, strict=True)], dtype=np.int64
        )
        self.limits_of: list[list[int]] = [[] for _ in range(len(y))]
        for row, limit in enumerate(limits):
            for column in limit.columns.tolist():
                self.limits_of[column].append(row)
        code = self.ways.item * len(self.ways.network.groups) + self.ways.group
        # The earliest way first: a unit that is there sooner is worth more.
        order = np.lexsort((self.ways.interval, code))
        edges = np.searchsorted(code[order], np.arange(code.max(initial=-1) + 2))
        self.columns = {c: order[a:b].tolist() for c, (a, b) in enumerate(_pairs(edges))}
        self.kits = {int(cell) for cell in programme.kit_cells}

    def claim(self, cell: int) -> tuple[float, int, int] | None:
        """(minus the worth of its next drop, cell, units still missing for it), None if none."""
        item, group = self.programme.cells[cell].tolist()
        # Kits are put together as planned: their parts are not sent one by one.
        if cell in self.kits:
            return None
        curves = self.task.curves[item]
        columns = self.columns.get(self._code(cell), [])
        arrived = int(self.y[columns].sum())
        promised = int(self.programme.promised[cell].sum())
        held = arrived - promised - self._in_kits(item, group)
        if held < 0:
            return -1.0, cell, -held  # what was promised comes before every claim
        if self.programme.last[cell] < 0:
            return None
        count = curves.count(group, held)
        if count >= curves.size(group):
            return None
        rank = int(curves.ranks[int(curves.starts[group]) + count])
        return (
            curves.ahead(rank) / max(1, curves.units),
            cell,
            curves.end(group, count + 1) - held,
        )

    def _in_kits(self, item: int, group: int) -> int:
        if not self.kits:
            return 0
        total = 0
        for cell in self.kits:
            kit, where = self.programme.cells[cell].tolist()
            if where == group:
                total += int(self.made[cell]) * dict(self.ways.recipes[kit]).get(item, 0)
        return total

    def _code(self, cell: int) -> int:
        item, group = self.programme.cells[cell].tolist()
        return int(item * len(self.ways.network.groups) + group)

    def send(self, cell: int, missing: int, *, promised: bool) -> bool:
        """Send the missing units by the earliest ways that have room; all of them, or none."""
        size = int(self.size[self.programme.cells[cell, 0]])
        wanted = -(-missing // size) * size
        sent: list[tuple[int, int]] = []
        for column in self.columns.get(self._code(cell), []):
            if not promised and self.ways.wave[column] > self.programme.last[cell]:
                break  # what comes later finds no wave that may give it
            room = min((int(self.left[row]) for row in self.limits_of[column]), default=wanted)
            units = min(wanted, room // size * size)
            if units > 0:
                self._move(column, units)
                sent.append((column, units))
                wanted -= units
            if not wanted:
                return True
        for column, units in sent:
            self._move(column, -units)
        return False

    def _move(self, column: int, units: int) -> None:
        self.y[column] += units
        self.left[self.limits_of[column]] -= units


def _pairs(edges: Ints) -> Iterator[tuple[int, int]]:
    return zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
