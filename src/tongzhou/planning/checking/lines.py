"""The lines of a plan, placed on the needs of the problem, and compared with what was published."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from ..plan import Allocations, Plan
    from ..problem import Problem

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

SHOWN = 20
CHUNK = 2**18  # lines that are placed at a time, so that a nation's plan needs no room for it
MOST = 10**10  # units of one line; far more would overflow the sums below


def cells_of(problem: Problem, plan: Plan) -> tuple[Ints | None, list[str]]:
    """Whole numbers [R, W] of the plan's units, or None when its rows cannot be placed."""
    faults = list(_column_faults(problem, plan))
    if faults:
        return None, faults
    rows, lines = Rows(problem, plan.node_ids, plan.item_ids), plan.allocations
    width = len(problem.waves)
    # Units are at most MOST each; where all are small, half the memory does.
    small = not len(lines) or int(lines.units.max()) < 2**31
    cells = np.zeros((len(problem.needs), width), dtype=np.int32 if small else np.int64)
    flat, before, twice = cells.reshape(-1), -1, False
    for start in range(0, len(lines), CHUNK):
        part = slice(start, start + CHUNK)
        row = rows.of(lines.node[part], lines.item[part])
        faults += _unplaced(plan, start, row)
        place = row * width + lines.wave[part]
        twice = twice or place[0] <= before or bool((place[1:] <= place[:-1]).any())
        before = int(place[-1])
        flat[place] = lines.units[part]
    if faults:
        return None, faults[:SHOWN]
    if twice:
        # Not in the order of rows and waves, so a cell may have been named before.
        place = np.sort(rows.of(lines.node, lines.item) * width + lines.wave)
        for cell in np.unique(place[1:][place[1:] == place[:-1]])[:SHOWN].tolist():
            row, number = divmod(cell, width)
            faults.append(f"{name_of(problem, row)} is listed more than once in wave {number}.")
    return cells, faults


def _column_faults(problem: Problem, plan: Plan) -> Iterator[str]:
    rows = plan.allocations
    for name in ("node", "item", "wave", "units"):
        values = getattr(rows, name)
        if values.dtype.kind != "i" or values.shape != rows.units.shape:
            yield f"allocations.{name} is {values.dtype} {values.shape}; whole numbers are needed."
            return
    limits = (
        ("node", len(plan.node_ids)),
        ("item", len(plan.item_ids)),
        ("wave", len(problem.waves)),
    )
    for name, limit in limits:
        values = getattr(rows, name)
        for i in np.flatnonzero((values < 0) | (values >= limit))[:SHOWN].tolist():
            yield f"Allocation {i}: {name} {values[i]} does not exist (0 to {limit - 1})."
    for i in np.flatnonzero((rows.units <= 0) | (rows.units > MOST))[:SHOWN].tolist():
        yield f"Allocation {i}: {rows.units[i]} units; an allocation has 1 to {MOST:,}."


def _unplaced(plan: Plan, start: int, row: Ints) -> Iterator[str]:
    for i in (start + np.flatnonzero(row < 0)[:SHOWN]).tolist():
        lines = plan.allocations
        node, item = plan.node_ids[lines.node[i]], plan.item_ids[lines.item[i]]
        yield f'Allocation {i}: node "{node}" states no need of "{item}" in the problem.'


class Rows:
    """Finds the needs row of a node and an item that are given by their places in two lists."""

    def __init__(self, problem: Problem, nodes: Sequence[str], items: Sequence[str]) -> None:
        needs = problem.needs
        self.width = len(problem.items)
        self.node: Ints | None = None
        # Equal lists need no matching, and of one and the same list that is seen at once.
        if nodes is not problem.node_ids and list(nodes) != list(problem.node_ids):
            self.node = np.array([problem.index.get(name, -1) for name in nodes], dtype=np.int64)
        places = [problem.item_index.get(name, -1) for name in items]
        self.item = np.array(places, dtype=np.int64)
        self.stated = self._place(needs.node, needs.item)
        self.order: Ints | None = None
        if not (self.stated[1:] > self.stated[:-1]).all():
            self.order = np.argsort(self.stated)
            self.stated = self.stated[self.order]

    def of(self, node: Ints, item: Ints) -> Ints:
        """int64: needs row of each, -1 where the problem has none."""
        node, item = node if self.node is None else self.node[node], self.item[item]
        if not len(self.stated):
            return np.full(len(node), -1, dtype=np.int64)
        wanted = self._place(node, item)
        at = np.minimum(np.searchsorted(self.stated, wanted), len(self.stated) - 1)
        hit = (node >= 0) & (item >= 0) & (self.stated[at] == wanted)
        return np.where(hit, at if self.order is None else self.order[at], -1)

    def _place(self, node: Ints, item: Ints) -> NDArray[np.int32]:
        """Node and item as one number; 2 million nodes and 200 items stay below 2**31."""
        place: NDArray[np.int32] = node.astype(np.int32) * np.int32(self.width)
        place += item.astype(np.int32)
        return place


def taken_back(
    problem: Problem, cells: Ints, published: Mask, freeze: Plan | Allocations
) -> Iterator[str]:
    """Where the published waves of the plan are not what was published."""
    rows = cast("Allocations", getattr(freeze, "allocations", freeze))
    kept = set(getattr(freeze, "published", ())) or set(np.unique(rows.wave).tolist())
    nodes = getattr(freeze, "node_ids", problem.node_ids)
    items = getattr(freeze, "item_ids", [item.id for item in problem.items])
    row = Rows(problem, nodes, items).of(rows.node, rows.item)
    held = np.isin(rows.wave, sorted(kept)) & (row >= 0) & (rows.wave < cells.shape[1])
    for i in np.flatnonzero((row < 0) & np.isin(rows.wave, sorted(kept)))[:SHOWN].tolist():
        yield f'Published units of node "{nodes[rows.node[i]]}" have no need row in the problem.'
    truth = np.zeros_like(cells)
    # Records may name a row more than once; all of it was published.
    np.add.at(truth, (row[held], rows.wave[held]), rows.units[held])
    for wave in sorted(kept | set(np.flatnonzero(published).tolist())):
        if wave not in kept or wave >= cells.shape[1] or not published[wave]:
            yield f"Wave {wave} is published in one of plan and records, not in both."
            continue
        for i in np.flatnonzero(cells[:, wave] != truth[:, wave])[:SHOWN].tolist():
            verb = "takes back from" if cells[i, wave] < truth[i, wave] else "adds to"
            yield (
                f"Wave {wave} is published with {truth[i, wave]} units for {name_of(problem, i)}; "
                f"the plan {verb} it ({cells[i, wave]})."
            )


def name_of(problem: Problem, row: int) -> str:
    needs = problem.needs
    item = problem.items[int(needs.item[row])].id
    return f'node "{problem.node_ids[int(needs.node[row])]}", item "{item}"'
