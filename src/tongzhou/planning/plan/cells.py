"""Units by needs row and wave, as a table and as lines, and the one made from the other."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..problem import Problem

Ints = NDArray[np.int64]
Whole = NDArray[np.signedinteger[Any]]

WIDE = 2**31


@dataclass(frozen=True, eq=False)
class Allocations:
    """Parallel arrays of whole numbers: node and item index, wave number, units."""

    node: Whole
    item: Whole
    wave: Whole
    units: Whole

    def __len__(self) -> int:
        return len(self.node)

    def columns(self) -> tuple[Whole, Whole, Whole, Whole]:
        return self.node, self.item, self.wave, self.units


def nothing(problem: Problem) -> Whole:
    """[R, W] of 0: int32 where all supply fits into it, which a nation's does, else int64."""
    supply = sum(row.units for row in problem.supply)
    shape = (len(problem.needs), len(problem.waves))
    return np.zeros(shape, dtype=np.int32 if supply < WIDE else np.int64)


def dense(problem: Problem, allocations: Allocations) -> Whole:
    """[R, W] of allocations; ValueError where a line has no needs row or wave."""
    units = nothing(problem)
    if allocations.units.sum() >= WIDE:
        units = units.astype(np.int64)
    if problem.by_node is None and _laid(problem, allocations, units):
        return units
    rows, wave = problem.rows_of(allocations.node, allocations.item), allocations.wave
    if (rows < 0).any() or ((wave < 0) | (wave >= len(problem.waves))).any():
        raise ValueError("The plan does not fit the problem; `check` names the lines at fault.")
    units[:] = 0
    np.add.at(units.reshape(-1), rows * units.shape[1] + wave, allocations.units)
    return units


def _laid(problem: Problem, allocations: Allocations, units: Whole) -> bool:
    """Add the lines into `units` where they stand in the order of rows; else it is left half done.

    In that order, which is that of every plan made here, no row has to be looked for.
    """
    from .. import cutting

    columns = allocations.columns()[:3]
    if any(len(column) and not 0 <= column.min() <= column.max() < WIDE for column in columns):
        return False
    small = [np.ascontiguousarray(column, dtype=np.int32) for column in columns]
    given = np.ascontiguousarray(allocations.units, dtype=np.int64)
    needs = problem.needs
    return bool(cutting.lay(units, needs.node, needs.item, *small, given) == len(given))


def sparse(problem: Problem, units: Whole) -> Allocations:
    """The cells of [R, W] that are not 0, in the order of node, item and wave."""
    from .. import cutting

    order = np.zeros(0, np.int32) if problem.by_node is None else problem.by_node.astype(np.int32)
    count = int(np.count_nonzero(units))
    node, item, wave = np.empty((3, count), dtype=np.int32)
    given = np.empty(count, dtype=np.int64)
    cutting.lines(units, order, problem.needs.node, problem.needs.item, node, item, wave, given)
    return Allocations(node, item, wave, given)
