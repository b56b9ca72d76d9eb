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
MOST = 10**10  # units of one line; far more would overflow the sums below


def cells_of(problem: Problem, plan: Plan) -> tuple[Ints | None, list[str]]:
    """int64[R, W] of the plan's units, or None when its rows cannot be placed."""
    faults = list(_row_faults(problem, plan))
    if faults:
        return None, faults
    rows = _rows_of(problem, plan.node_ids, plan.item_ids, plan.allocations)
    cells = np.zeros((len(problem.needs), len(problem.waves)), dtype=np.int64)
    wave, units = plan.allocations.wave, plan.allocations.units
    place = rows * cells.shape[1] + wave
    ordered = np.sort(place)
    twice = ordered[1:][ordered[1:] == ordered[:-1]]
    for cell in np.unique(twice)[:SHOWN].tolist():
        row, number = divmod(cell, cells.shape[1])
        faults.append(f"{name_of(problem, row)} is listed more than once in wave {number}.")
    cells.reshape(-1)[place] = units
    return cells, faults


def _row_faults(problem: Problem, plan: Plan) -> Iterator[str]:
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
    # Looked up only once every index exists; else the look-up itself would fail.
    if all(((getattr(rows, n) >= 0) & (getattr(rows, n) < limit)).all() for n, limit in limits):
        placed = _rows_of(problem, plan.node_ids, plan.item_ids, rows)
        for i in np.flatnonzero(placed < 0)[:SHOWN].tolist():
            node, item = plan.node_ids[rows.node[i]], plan.item_ids[rows.item[i]]
            yield f'Allocation {i}: node "{node}" states no need of "{item}" in the problem.'


def _rows_of(
    problem: Problem, node_ids: Sequence[str], item_ids: Sequence[str], rows: Allocations
) -> Ints:
    """Needs row of each allocation, -1 where the problem has none."""
    node = rows.node
    # Equal lists need no matching, and of one and the same list that is seen at once.
    if node_ids is not problem.node_ids and list(node_ids) != list(problem.node_ids):
        table = np.array([problem.index.get(name, -1) for name in node_ids], dtype=np.int64)
        node = table[rows.node]
    places = np.array([problem.item_index.get(name, -1) for name in item_ids], dtype=np.int64)
    item = places[rows.item]
    width = len(problem.items)
    stated = problem.needs.node * width + problem.needs.item
    order = np.argsort(stated)
    wanted = node * width + item
    at = np.searchsorted(stated, wanted, sorter=order)
    hit = (node >= 0) & (item >= 0) & (at < len(stated))
    hit[hit] = stated[order[at[hit]]] == wanted[hit]
    found = np.full(len(wanted), -1, dtype=np.int64)
    found[hit] = order[at[hit]]
    return found


def taken_back(
    problem: Problem, cells: Ints, published: Mask, freeze: Plan | Allocations
) -> Iterator[str]:
    """Where the published waves of the plan are not what was published."""
    rows = cast("Allocations", getattr(freeze, "allocations", freeze))
    kept = set(getattr(freeze, "published", ())) or set(np.unique(rows.wave).tolist())
    nodes = getattr(freeze, "node_ids", problem.node_ids)
    items = getattr(freeze, "item_ids", [item.id for item in problem.items])
    row = _rows_of(problem, nodes, items, rows)
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
