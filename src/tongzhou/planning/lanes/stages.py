"""Stages: floors in the end, then worth by day; each is solved, fixed, and left alone.

A curve has as many points as drops, up to 60,000 a group. A programme of a few dozen pieces a curve
finds where its optimum lies, and is solved again with fine pieces there, until the computed bound
says that nothing better is left or no piece can be finer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .bounds import days_bound, floor_bound, promised_toll, tolls_of
from .curves import Curve, Curves
from .programme import Pieces, Programme, Solution
from .staying import worth_first

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

PIECES = 24  # of a curve in one programme
ROUNDS = 8
STAY = 2e-5  # share of the value that a replan gives up to leave cells as they were
CLOSE = 2e-6  # share of the value that is not worth another round


@dataclass(frozen=True, eq=False)
class Task:
    """What the stages work on. curves: by item; days: float64[W], days from a wave to the next;
    unmet: float64[C, W], promised units that cannot be carried, None where nothing is promised."""

    programme: Programme
    curves: Sequence[Curves]
    days: Floats
    unmet: Floats | None

    @cached_property
    def points(self) -> list[Curve]:
        """The sampled curve of each cell."""
        return [self.curves[k].points(g) for k, g in self.programme.cells.tolist()]

    def whole(self, cell: int) -> Curve:
        """The curve of a cell, every drop a point."""
        item, group = self.programme.cells[cell].tolist()
        curve: Curve = self.curves[item].whole(group)
        return curve

    @cached_property
    def floors(self) -> Ints:
        """int64[C]: units up to the floors."""
        cells = self.programme.cells.tolist()
        return np.array([self.curves[k].floors[g] for k, g in cells], dtype=np.int64)

    def cut(self, given: Floats) -> Ints:
        """int64[C, W]: given (cumulative) cut down to whole drops, never falling by wave."""
        found = np.zeros(given.shape, dtype=np.int64)
        for cell, (item, group) in enumerate(self.programme.cells.tolist()):
            row = [self.curves[item].cut(group, units) for units in given[cell].tolist()]
            found[cell] = np.maximum.accumulate(row)
        return found


@dataclass(frozen=True, slots=True)
class Line:
    """One curve of the value: of a cell, for units that are there by a wave, worth by so many
    days; `curve` ends with the most units that count."""

    cell: int
    wave: int
    days: float
    curve: Curve


def best_floors(task: Task, near: Floats | None) -> tuple[Floats, Floats]:
    """The most worth of floor drops in the end: float64[C, W] given, cumulative, and the prices.

    near: float64[C, W], cumulative, about where the optimum may lie, None where nobody knows.
    """
    programme = task.programme
    last = programme.waves - 1
    lines = [
        Line(cell, last, 1.0, _up_to(task.points[cell], int(task.floors[cell])))
        for cell in np.flatnonzero(task.floors * programme.may.any(axis=1)).tolist()
    ]
    nothing = np.zeros(len(programme.cells), dtype=np.int64)

    def bound(price: Floats) -> float:
        tolls = tolls_of(programme, price)
        most = np.where(programme.may.any(axis=1), task.floors, 0)
        return floor_bound(tolls, task.points, most, programme.last) - promised_toll(
            programme, tolls, task.unmet
        )

    return _refined(task, lines, nothing, near, bound)


def best_days(task: Task, least: Ints, near: Floats | None) -> tuple[Floats, Floats]:
    """The most worth of all drops, each day that a unit is there counted; `least` in the end."""
    programme = task.programme
    lines = [
        Line(cell, wave, float(task.days[wave]), task.points[cell])
        for cell in range(len(programme.cells))
        for wave in range(programme.waves)
        if programme.may[cell, : wave + 1].any()
    ]

    def bound(price: Floats) -> float:
        tolls = tolls_of(programme, price)
        total = days_bound(tolls, task.points, programme.may, task.days, least)
        return total - promised_toll(programme, tolls, task.unmet)

    if near is None or not lines:
        return _refined(task, lines, least, near, bound)
    return _stayed(task, lines, least, near, bound)


def _stayed(
    task: Task,
    lines: Sequence[Line],
    least: Ints,
    near: Floats,
    bound: Callable[[Floats], float],
) -> tuple[Floats, Floats]:
    """What is worth the most, but for a share of STAY, and nearest to `near`; and the prices.

    What is left of that share when the optimum is known less closely would be lost for staying.
    """
    was = np.diff(near, axis=1, prepend=0.0)
    around = [_widening(line.curve, float(near[line.cell, line.wave])) for line in lines]
    marks, best, price = around, np.inf, np.zeros(0)
    for _ in range(ROUNDS):
        staying = worth_first(task.programme, _pieces(lines, marks), least, task.unmet, was)
        solution = staying.least_cost()
        limit = bound(solution.price)
        if limit < best:
            best, price = limit, solution.price
        if best - _value(lines, solution) <= CLOSE * max(best, 1.0):
            break
        finer = [
            np.union1d(mark, _widening(line.curve, float(solution.given[line.cell, line.wave])))
            for line, mark in zip(lines, around, strict=True)
        ]
        if _same(marks, finer):
            break
        marks = finer
    enough = min(best - STAY * max(best, 1.0), solution.value * (1.0 - 1e-9))
    return staying.least_change(-enough).given, price


def _widening(curve: Curve, given: float) -> Ints:
    """All points of a short curve; of a long one those 1, 3, 9 ... points from the solution."""
    last = len(curve.units) - 1
    if last <= 2 * PIECES:
        return np.arange(last + 1)
    at = int(np.searchsorted(curve.units, given + 1e-6, side="right")) - 1
    steps = 3 ** np.arange(int(np.log(last) / np.log(3)) + 1)
    return np.unique(np.clip(np.concatenate(([0, at, last], at - steps, at + steps)), 0, last))


# ------------------------------------------------------------------------------ refining


def _refined(
    task: Task,
    lines: Sequence[Line],
    least: Ints,
    near: Floats | None,
    bound: Callable[[Floats], float],
) -> tuple[Floats, Floats]:
    """Solve with finer and finer pieces; the units, and the prices that prove the least bound."""
    marks = [_even(line.curve) for line in lines]
    if near is not None:
        marks = [
            _around(line.curve, mark, float(near[line.cell, line.wave]))
            for line, mark in zip(lines, marks, strict=True)
        ]
    best = np.inf
    price: Floats | None = None
    for _ in range(ROUNDS):
        solution = task.programme.most_worth(_pieces(lines, marks), least, task.unmet)
        limit = bound(solution.price)
        if limit < best:
            best, price = limit, solution.price
        value = _value(lines, solution)
        finer = [_around(line.curve, mark, solution.given[line.cell, line.wave])
                 for line, mark in zip(lines, marks, strict=True)]  # fmt: skip
        if best - value <= CLOSE * max(best, 1.0) or _same(marks, finer):
            break
        marks = finer
    assert price is not None
    return solution.given, price


def _same(marks: Sequence[Ints], finer: Sequence[Ints]) -> bool:
    return all(np.array_equal(old, new) for old, new in zip(marks, finer, strict=True))


def _up_to(curve: Curve, units: int) -> Curve:
    """The curve up to so many units."""
    inside = curve.units < units
    worth = np.append(curve.worth[inside], curve.at(units))
    return Curve(np.append(curve.units[inside], units), worth)


def _even(curve: Curve) -> Ints:
    """Points of the curve, by number, that cut it evenly."""
    return np.unique(np.linspace(0, len(curve.units) - 1, PIECES + 1).astype(np.int64))


def _around(curve: Curve, marks: Ints, given: float) -> Ints:
    """Fewer points over all, and many where the solution stands."""
    at = int(np.searchsorted(curve.units, given + 1e-6, side="right")) - 1
    place = int(np.searchsorted(marks, at, side="right"))
    low = int(marks[max(0, place - 2)])
    high = int(marks[min(len(marks) - 1, place + 1)])
    fine = np.linspace(low, high, min(PIECES, high - low) + 1).astype(np.int64)
    rough = np.linspace(0, int(marks[-1]), PIECES // 3 + 1).astype(np.int64)
    return np.unique(np.concatenate((rough, fine)))


def _pieces(lines: Sequence[Line], marks: Sequence[Ints]) -> Pieces:
    sizes = [len(mark) - 1 for mark in marks]
    units, value = [np.zeros(0)], [np.zeros(0)]
    for line, mark in zip(lines, marks, strict=True):
        curve = line.curve
        width = np.diff(curve.units[mark]).astype(np.float64)
        units.append(width)
        value.append(line.days * np.diff(curve.worth[mark]) / width)
    return Pieces(
        np.repeat(np.array([line.cell for line in lines], dtype=np.int64), sizes),
        np.repeat(np.array([line.wave for line in lines], dtype=np.int64), sizes),
        np.concatenate(units),
        np.concatenate(value),
    )


def _value(lines: Sequence[Line], solution: Solution) -> float:
    """What a fractional solution is worth on the sampled curves."""
    return sum(line.days * line.curve.at(solution.given[line.cell, line.wave]) for line in lines)
