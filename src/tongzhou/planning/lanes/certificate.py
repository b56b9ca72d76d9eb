"""The certificate of a plan with lanes that was read from a file: made again from its prices."""

import numpy as np
from numpy.typing import NDArray

from ..plan.certificate import Certificate, certify_stages
from ..plan.transport import Price
from ..problem import Problem
from ..ties import Seed, Ties
from .planner import STAGES, bounds_of, prepare
from .report import price_names

Ints = NDArray[np.int64]


def certify_lanes(
    problem: Problem,
    seed: Seed,
    units: Ints,
    closed: NDArray[np.bool_],
    published: tuple[int, ...],
    prices: tuple[Price, ...],
) -> Certificate:
    """units: int64[R, W] of the plan; closed: bool[R], rows a person fixed. ValueError where a
    price names a limit that the problem has not."""
    settled = np.where(closed[:, None], units, 0)
    settled[:, list(published)] = units[:, list(published)]
    task = prepare(problem, Ties(seed, problem.node_ids), settled, closed, published)
    programme = task.programme
    groups = len(programme.ways.network.groups)
    total = np.zeros((len(problem.items), groups, programme.waves), dtype=np.int64)
    rows = np.flatnonzero((units != settled).any(axis=1))
    where = programme.ways.network.group_of[problem.needs.node[rows]]
    np.add.at(total, (problem.needs.item[rows], where), (units - settled)[rows])
    given = np.cumsum(total[programme.cells[:, 0], programme.cells[:, 1]], axis=1)
    names = {name: at for at, name in enumerate(price_names(problem, programme.ways))}
    vectors = {stage: np.zeros(len(names)) for stage in STAGES}
    for price in prices:
        name = (price.kind, price.what, price.first_day, price.last_day)
        if price.stage not in vectors or name not in names:
            raise ValueError(
                "The plan does not fit the problem; `check` names the prices at fault."
            )
        vectors[price.stage][names[name]] = price.price
    return certify_stages(bounds_of(task, given, vectors))
