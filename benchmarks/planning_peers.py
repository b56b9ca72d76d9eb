"""The peer of the measurement of plans: OR-Tools' min-cost flow, the same problem and optimum.

Without floors and with one wave, the plan minimises a sum of convex costs under one sum of units,
which a min-cost flow solves exactly: one arc a drop, of capacity 1 and the drop's key as its cost.
"""

import time
from importlib.util import find_spec
from typing import NamedTuple

import numpy as np

from tongzhou.planning import Problem

SCALE = 10**9  # costs of the flow are whole numbers: keys times this


class Flow(NamedTuple):
    """Units by needs row, CPU seconds of the solver, and with building the network."""

    units: np.ndarray
    solving: float
    whole: float


def there() -> bool:
    return find_spec("ortools") is not None


def flow(problem: Problem, drops: int) -> Flow:
    """Give `drops` drops; needs without floor or stock, one drop size, weights above 0."""
    from ortools.graph.python import min_cost_flow

    begun = time.process_time()
    needs, size = problem.needs, int(problem.needs.drop[0])
    count = needs.cap // size
    rows = len(needs)
    of_row = np.repeat(np.arange(rows), count)
    number = np.arange(len(of_row)) - np.repeat(np.cumsum(count) - count, count)
    cost = (2 * number * size + size) / (2 * needs.weight[of_row])
    network = min_cost_flow.SimpleMinCostFlow()
    source, sink = rows, rows + 1
    whole = np.rint(cost * SCALE).astype(np.int64)
    arcs = network.add_arcs_with_capacity_and_unit_cost(
        np.full(len(of_row), source), of_row, np.ones(len(of_row), np.int64), whole
    )
    network.add_arcs_with_capacity_and_unit_cost(
        np.arange(rows), np.full(rows, sink), count, np.zeros(rows, np.int64)
    )
    network.set_node_supply(source, drops)
    network.set_node_supply(sink, -drops)
    built = time.process_time()
    if network.solve() != network.OPTIMAL:
        raise SystemExit("OR-Tools found no optimal flow.")
    solved = time.process_time()
    given = np.bincount(of_row, weights=network.flows(arcs), minlength=rows).astype(np.int64)
    return Flow(given * size, solved - built, solved - begun)
