"""Report: what whole units on the way mean for lists, cuts, hubs and prices, by name."""

import numpy as np
from numpy.typing import NDArray

from ..plan.standing import Standing
from ..plan.transport import Hubs, Price
from ..problem import Problem
from ..waves import OPEN, Cut, arrivals
from .curves import Curves
from .network import Network
from .shipping import firm_share
from .stages import Task
from .ways import Ways

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def standings_of(problem: Problem, task: Task, given: Ints, settled: Ints) -> dict[int, Standing]:
    found = {}
    gone = settled.sum(axis=1) if settled.any() else np.zeros(len(settled), dtype=np.int64)
    for item, curves in enumerate(task.curves):
        wave_of = np.full(len(curves.ledger), OPEN, dtype=np.int16)
        for cell in np.flatnonzero(task.programme.cells[:, 0] == item).tolist():
            group = int(task.programme.cells[cell, 1])
            ranks = curves.ranks[curves.of(group)]
            start = 0
            for wave, units in enumerate(given[cell].tolist()):
                end = curves.count(group, units)
                wave_of[ranks[start:end]] = wave
                start = end
        total = int(arrivals(problem, item)[0][-1])
        mine = task.programme.cells[:, 0] == item
        spent = int(given[mine, -1].sum() + gone[curves.ledger.rows].sum())
        found[item] = Standing(curves.ledger, wave_of, max(0, total - spent))
    return found


def cuts_of(problem: Problem, task: Task, y: Ints, given: Ints, made: Ints) -> list[Cut]:
    """One cut for each item, open wave and group; hub is the label of the group."""
    programme, ways = task.programme, task.programme.ways
    groups = ways.network.groups
    shape = (len(task.curves), len(groups), programme.waves)
    arrived, firm = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    np.add.at(arrived, (ways.item, ways.group, ways.wave), y)
    np.add.at(firm, (ways.item, ways.group, ways.wave), firm_share(problem, ways, y))
    arrived, firm = np.cumsum(arrived, axis=2), np.cumsum(firm, axis=2)
    for cell in programme.kit_cells.tolist():
        kit, group = programme.cells[cell].tolist()
        arrived[kit, group] += made[cell]
        parts = ways.recipes[kit]
        firm[kit, group] += np.minimum(
            made[cell], np.min([firm[part, group] // units for part, units in parts], axis=0)
        )
        for part, units in parts:
            arrived[part, group] -= units * made[cell]
            firm[part, group] = np.maximum(firm[part, group] - units * made[cell], 0)
    cuts = []
    for cell, (item, group) in enumerate(programme.cells.tolist()):
        curves = task.curves[item]
        promised = np.cumsum(programme.promised[cell])
        before = 0
        for wave in range(programme.waves):
            held = int(given[cell, wave])
            if programme.may[cell, wave]:
                free = int((arrived[item, group, wave:] - promised[wave:]).min())
                spent = int(promised[wave]) + before
                sure = max(0, int(firm[item, group, wave]) - spent)
                cuts.append(
                    _cut(curves, group, groups[group].label, wave, before, held, free, sure, item)
                )
            before = held
    return sorted(cuts, key=lambda cut: (cut.item, cut.wave, cut.hub or ""))


def _cut(
    curves: Curves,
    group: int,
    label: str,
    wave: int,
    before: int,
    held: int,
    free: int,
    firm: int,
    item: int,
) -> Cut:
    ledger, ranks = curves.ledger, curves.ranks[curves.of(group)]
    start, end = curves.count(group, before), curves.count(group, held)
    last = int(ranks[end - 1]) if end > start else None
    units = held - before
    available = max(0, free - before)
    return Cut(
        item=item,
        wave=wave,
        stage=None if last is None else ledger.stage(last),
        key=None if last is None else ledger.key_at(last),
        rank=int(ranks[end]) if end < len(ranks) else None,
        available=available,
        units=units,
        left=available - units,
        expected=max(0, units - firm),
        hub=label,
        last=last,
    )


def prices_of(problem: Problem, ways: Ways, stage: str, price: Floats) -> list[Price]:
    """The prices above 0, by name. price: float64[limits]."""
    names = price_names(problem, ways)
    return [
        Price(stage, *name, value)
        for name, value in zip(names, price.tolist(), strict=True)
        if value > 0
    ]


def price_names(problem: Problem, ways: Ways) -> list[tuple[str, tuple[str, ...], int, int]]:
    """Kind, names, first and last day of each limit, as `Price` has them."""
    grid, lanes = ways.network.grid.tolist(), ways.network.lanes
    names: list[tuple[str, tuple[str, ...], int, int]] = []
    for limit in ways.limits:
        if limit.kind == "supply":
            producer, item, first, last = limit.what
            names.append(("supply", (producer, problem.items[item].id), first, last))
            continue
        number, at = limit.what
        if limit.kind == "lane":
            what: tuple[str, ...] = (lanes[number].source, lanes[number].target)
            # Rows of one pair of ends differ in the days they ship; days of arrival may overlap.
            lead = lanes[number].lead_days
        else:
            what, lead = (problem.inbound[number].node,), 0
        names.append((limit.kind, what, grid[at] - lead, grid[at + 1] - 1 - lead))
    return names


def hubs_of(network: Network) -> Hubs:
    """Which hub each node belongs to, and which lanes and inbound limits stand before it."""
    ids = network.problem.node_ids
    limits = []
    for number, group in enumerate(network.groups):
        lanes = {network.lanes[lane] for lane in network.arc_lane[network.arc_group == number]}
        stops = network.stops_above.get(group.stop, [])
        limits.append(
            frozenset((lane.source, lane.target) for lane in lanes)
            | frozenset((ids[stop],) for stop in stops)
            | frozenset((lane.source,) for lane in lanes)
        )
    return Hubs(tuple(group.label for group in network.groups), network.group_of, tuple(limits))
