"""Plan: who gets how many units in which wave, with the cuts that decided it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..ledger import Ledger
from ..problem import Problem, Wave
from ..ties import Seed
from ..waves import Cut

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Allocations:
    """Parallel arrays, int64 of one length: node and item index, wave number, units (above 0)."""

    node: Ints
    item: Ints
    wave: Ints
    units: Ints

    def __len__(self) -> int:
        return len(self.node)


@dataclass(frozen=True, eq=False)
class Plan:
    """A plan. Indices in `allocations` refer to `node_ids` and `item_ids`, waves to `waves`.

    `published` lists waves that were published before this plan and are kept as they were.
    `problem` is attached by `solve`, or when a file is read together with its problem; metrics
    and explanations need it.
    """

    problem_sha256: str
    seed: Seed
    node_ids: Sequence[str]
    item_ids: tuple[str, ...]
    waves: tuple[Wave, ...]
    allocations: Allocations
    cuts: tuple[Cut, ...]
    published: tuple[int, ...] = ()
    problem: Problem | None = field(default=None, repr=False)
    ledgers: Mapping[int, tuple[Ledger, NDArray[np.int16]]] = field(
        default_factory=dict, repr=False
    )

    def publish(self, waves: Sequence[int]) -> "Plan":
        """The same plan with these waves marked as published."""
        marked = tuple(sorted({*self.published, *waves}))
        unknown = [wave for wave in marked if not 0 <= wave < len(self.waves)]
        if unknown:
            raise ValueError(f"wave {unknown[0]} is not in the plan (0 to {len(self.waves) - 1}).")
        return replace(self, published=marked)

    @cached_property
    def units(self) -> Ints:
        """int64[R, W]: units by needs row of the problem and wave."""
        units: Ints = dense(self.need_problem(), self.allocations)
        return units

    def need_problem(self) -> Problem:
        """The problem this plan answers; ValueError when it was read without it."""
        if self.problem is None:
            raise ValueError("The plan was read without its problem; read it again with problem=.")
        return self.problem


def needs_rows(problem: Problem, node: Ints, item: Ints) -> Ints:
    """int64: needs row of each (node, item), -1 where that node states no need of that item."""
    width = len(problem.items)
    place = problem.needs.node * width + problem.needs.item
    table = np.full(len(problem.node_ids) * width, -1, dtype=np.int64)
    table[place] = np.arange(len(place))
    return table[node * width + item]


def dense(problem: Problem, allocations: Allocations) -> Ints:
    """int64[R, W] of allocations whose nodes and items are the problem's."""
    rows = needs_rows(problem, allocations.node, allocations.item)
    units = np.zeros((len(problem.needs), len(problem.waves)), dtype=np.int64)
    np.add.at(units, (rows, allocations.wave), allocations.units)
    return units


def sparse(problem: Problem, units: Ints) -> Allocations:
    """The non-zero cells of int64[R, W] in the order of needs rows, then waves."""
    row, wave = np.nonzero(units)
    return Allocations(
        node=problem.needs.node[row],
        item=problem.needs.item[row],
        wave=wave.astype(np.int64),
        units=units[row, wave],
    )
