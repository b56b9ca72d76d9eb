"""Shipping: the units of an interval spread over its days, and which of them are firm."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ..plan.transport import Shipment
from ..problem import Problem
from .network import EVERYWHERE
from .ways import Ways

Ints = NDArray[np.int64]


def shipments_of(problem: Problem, ways: Ways, y: Ints) -> tuple[Shipment, ...]:
    """What travels, day by day; nothing where the problem names no lanes.

    An interval's units go out as evenly as whole units can: at each hub, a lane's remainder goes on
    the days that follow those of the remainder before it, round and round. So no day carries more
    than the interval's limit divided by its days, for a lane and for the hub that it enters.
    """
    network = ways.network
    units: dict[tuple[int, int, int, int], int] = {}
    turn: dict[tuple[int, int], int] = {}
    lane_of = network.arc_lane[ways.arc]
    hub = np.array([_hub(problem, lane.target) for lane in network.lanes], dtype=np.int64)[lane_of]
    # By interval, hub and lane: what shares a limit stands together.
    order = np.lexsort((ways.item, ways.group, lane_of, hub, ways.interval))
    for column in order[y[order] > 0].tolist():
        lane, interval = int(lane_of[column]), int(ways.interval[column])
        days = int(network.days[interval])
        even, rest = divmod(int(y[column]), days)
        start = turn.get((interval, int(hub[column])), 0)
        for at in range(days):
            here = even + (1 if (at - start) % days < rest else 0)
            if here:
                key = (lane, int(ways.item[column]), int(network.grid[interval]) + at, interval)
                units[key] = units.get(key, 0) + here
        turn[interval, int(hub[column])] = (start + rest) % days
    return tuple(_named(problem, ways, units))


def _hub(problem: Problem, target: str) -> int:
    return -1 if target == EVERYWHERE else problem.index[target]


def _named(
    problem: Problem, ways: Ways, units: dict[tuple[int, int, int, int], int]
) -> Iterator[Shipment]:
    for (number, item, arrive, _), sent in sorted(units.items()):
        lane = ways.network.lanes[number]
        if lane.target != EVERYWHERE:
            yield Shipment(
                lane.source,
                lane.target,
                problem.items[item].id,
                arrive - lane.lead_days,
                arrive,
                sent,
            )


def firm_share(problem: Problem, ways: Ways, y: Ints) -> Ints:
    """int64[Y]: of the units of each way, those that rest on firm supply; firm units go first."""
    network = ways.network
    firm = np.zeros(len(y), dtype=np.int64)
    ships = network.grid[:-1][ways.interval] - network.lead[ways.arc]
    left: dict[tuple[str, str], list[list[int]]] = {}
    for row in sorted(problem.supply, key=lambda row: row.day):
        if row.firm:
            left.setdefault((row.producer, row.item), []).append([row.day, row.units])
    for column in np.lexsort((ways.arc, ways.item, ships))[::1].tolist():
        lane = network.lanes[int(network.arc_lane[ways.arc[column]])]
        rest = int(y[column])
        for stock in left.get((lane.source, problem.items[int(ways.item[column])].id), []):
            if not rest or stock[0] > ships[column]:
                break
            used = min(rest, stock[1])
            stock[1] -= used
            rest -= used
            firm[column] += used
    return firm
