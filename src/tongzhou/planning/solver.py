"""solve: each wave is a cut in one ranked list; what was published is never taken back."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .ledger import Ledger, build
from .plan.model import Allocations, Plan, needs_rows, sparse
from .problem import Problem, ProblemError
from .ties import Seed, Ties
from .waves import OPEN, Cut, arrivals, cut, describe

Ints = NDArray[np.int64]


def solve(
    problem: Problem,
    *,
    seed: Seed = 0,
    freeze: Plan | Allocations | None = None,
    stability: float = 0.0,
) -> Plan:
    """Allocate the supply of every item, wave by wave, down to each node.

    seed: published before the supply is known; it orders equal claims. freeze: a plan whose
    published waves (all its waves when none is marked) or published allocations stay as they are.
    stability other than 0 is refused: with one list there is no second optimum to choose between.
    Raises ProblemError when something asked for is not planned by this version.
    """
    if stability != 0.0:
        raise ProblemError(
            ["stability must be 0.0: a single ranked list keeps published drops through freeze."]
        )
    frozen, published = _frozen(problem, freeze)
    units = frozen.copy()
    cuts: list[Cut] = []
    ledgers: dict[int, tuple[Ledger, NDArray[np.int16]]] = {}
    reach = [problem.under(wave.hubs)[problem.needs.node] for wave in problem.waves]
    ties = Ties(seed, problem.node_ids)
    for item in range(len(problem.items)):
        ledger, wave_of = _give(problem, item, ties, units, published, reach, cuts)
        ledgers[item] = (ledger, wave_of)
    return Plan(
        problem_sha256=problem.sha256,
        seed=seed,
        node_ids=problem.node_ids,
        item_ids=tuple(item.id for item in problem.items),
        waves=problem.waves,
        allocations=sparse(problem, units),
        cuts=tuple(cuts),
        published=published,
        problem=problem,
        ledgers=ledgers,
    )


def _give(
    problem: Problem,
    item: int,
    ties: Ties,
    units: Ints,
    published: tuple[int, ...],
    reach: list[NDArray[np.bool_]],
    cuts: list[Cut],
) -> tuple[Ledger, NDArray[np.int16]]:
    """Cut the item's list for each wave that is not published; adds into units[R, W] and cuts."""
    total, firm = arrivals(problem, item)
    ledger = build(problem, item, ties, units.sum(axis=1), int(total[-1]))
    wave_of = np.full(len(ledger), OPEN, dtype=np.int16)
    spent = np.cumsum(units[ledger.rows].sum(axis=0))
    for wave in range(len(problem.waves)):
        if wave in published:
            continue
        # Units that a later published wave has taken are not there to give now.
        available = max(0, int((total - spent)[wave:].min()))
        firm_left = max(0, int((firm - spent)[wave:].min()))
        given, next_rank = cut(ledger, wave_of, wave, reach[wave][ledger.rows], available)
        cuts.append(describe(ledger, wave, given, next_rank, available, firm_left))
        here = np.bincount(ledger.row_of[given], minlength=len(ledger.rows))
        units[ledger.rows, wave] += here * problem.needs.drop[ledger.rows]
        spent[wave:] += cuts[-1].units
    return ledger, wave_of


def _frozen(problem: Problem, freeze: Plan | Allocations | None) -> tuple[Ints, tuple[int, ...]]:
    """int64[R, W] of units already published, and the waves they were published in."""
    if freeze is None:
        return np.zeros((len(problem.needs), len(problem.waves)), dtype=np.int64), ()
    if isinstance(freeze, Plan):
        rows, nodes, items = freeze.allocations, freeze.node_ids, freeze.item_ids
        published = freeze.published or tuple(np.unique(rows.wave).tolist())
    else:
        rows, nodes, items = freeze, problem.node_ids, tuple(item.id for item in problem.items)
        published = tuple(np.unique(rows.wave).tolist())
    return _as_cells(problem, rows, nodes, items, published), published


def _as_cells(
    problem: Problem,
    rows: Allocations,
    nodes: Sequence[str],
    items: Sequence[str],
    published: tuple[int, ...],
) -> Ints:
    """int64[R, W] of the published rows; ProblemError where the problem has no row for them."""
    for wave in published:
        if not 0 <= wave < len(problem.waves):
            raise ProblemError([f"Published wave {wave} is not among the waves of the problem."])
    kept = np.isin(rows.wave, published)
    node, item = rows.node[kept], rows.item[kept]
    if nodes is not problem.node_ids:
        node = np.array([problem.index.get(name, -1) for name in nodes], dtype=np.int64)[node]
    item = np.array([problem.item_index.get(name, -1) for name in items], dtype=np.int64)[item]
    known = (node >= 0) & (item >= 0)
    row = np.where(known, needs_rows(problem, node, item), -1)
    lost = rows.node[kept][row < 0]
    if len(lost):
        raise ProblemError(
            [
                f'Published units of node "{nodes[i]}" have no need row in this problem; keep the '
                "row (cap 0), so that what was published stays in view."
                for i in np.unique(lost).tolist()
            ]
        )
    cells = np.zeros((len(problem.needs), len(problem.waves)), dtype=np.int64)
    np.add.at(cells, (row, rows.wave[kept]), rows.units[kept])
    return cells
