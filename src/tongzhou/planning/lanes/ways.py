"""Ways: what may travel by which lane, to which group, in which interval, and the limits shared.

The limits are rows of the lane programme (programme.py), and their prices make the bound.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..problem import Problem, ProblemError
from .network import Network

Ints = NDArray[np.int64]

MAX_COLUMNS = 2_000_000


@dataclass(frozen=True, eq=False)
class Ways:
    """Y columns y: what may travel, and the limits they share.

    arc, item, interval: int64[Y]; recipes: by kit item, (component, units) pairs;
    limits: rows of supply, lanes and inbound, each the columns it adds up and its bound.
    """

    network: Network
    arc: Ints
    item: Ints
    interval: Ints
    recipes: dict[int, tuple[tuple[int, int], ...]]
    limits: tuple["Limit", ...]

    @property
    def group(self) -> Ints:
        return self.network.arc_group[self.arc]

    @property
    def wave(self) -> Ints:
        return self.network.wave_of[self.interval]


@dataclass(frozen=True, eq=False)
class Limit:
    """One row: the columns of `ways` it adds up stay at or below `most`.

    kind: supply (what: producer, item index, the day and the eve of the next delivery), lane (lane
    and interval, by number) or inbound (row of `Problem.inbound` and interval).
    """

    kind: str
    what: tuple[Any, ...]
    columns: Ints
    most: int


def ways_of(problem: Problem, network: Network, wanted: NDArray[np.bool_]) -> Ways:
    """The ways a unit can go; wanted: bool[K, G], where anybody needs an item as it is."""
    recipes = recipes_of(problem)
    carried = wanted.copy()
    for kit, lines in recipes.items():
        for part, _ in lines:
            carried[part] |= wanted[kit]
    first = _first_ready(problem, network)
    start = network.grid[:-1][None, :] - network.lead[:, None]  # [A, T] first day it ships
    is_open = np.array([network.is_open(lane) for lane in network.lanes], dtype=bool).reshape(
        len(network.lanes), len(network.days)
    )
    allowed = (
        is_open[network.arc_lane][:, None, :]
        & (start[:, None, :] >= first[network.arc_lane][:, :, None])
        & carried.T[network.arc_group][:, :, None]
        & _carries(network)[network.arc_lane][:, None, None]
    )
    arc, item, interval = (index.astype(np.int64) for index in np.nonzero(allowed))
    if len(arc) > MAX_COLUMNS:
        raise ProblemError(
            [
                f"Lanes, items and days make {len(arc):,} ways to plan; at most {MAX_COLUMNS:,} "
                "are. Merge hubs that have the same lanes, or shorten the horizon."
            ]
        )
    ways = Ways(network, arc, item, interval, recipes, ())
    found = [*_supply_rows(problem, ways), *_lane_rows(ways), *_inbound_rows(problem, ways)]
    object.__setattr__(ways, "limits", tuple(found))
    return ways


def recipes_of(problem: Problem) -> dict[int, tuple[tuple[int, int], ...]]:
    """By item index of a kit that somebody needs: (item index, units) of its parts."""
    needed = set(np.unique(problem.needs.item).tolist())
    index = problem.item_index
    found: dict[int, tuple[tuple[int, int], ...]] = {}
    faults = []
    for kit in problem.kits:
        if index.get(kit.id) not in needed:
            continue
        lost = [name for name in kit.lines if name not in index]
        nested = [name for name in kit.lines if any(name == other.id for other in problem.kits)]
        for name in lost:
            faults.append(f'kit "{kit.id}": its part "{name}" is not in items; add it there.')
        for name in nested:
            faults.append(f'kit "{kit.id}": its part "{name}" is a kit; list what is in that kit.')
        if not kit.lines:
            faults.append(f'kit "{kit.id}" has no lines; say what is in it.')
        if not faults:
            found[index[kit.id]] = tuple((index[name], n) for name, n in kit.lines.items())
    if faults:
        raise ProblemError(faults)
    return found


def _first_ready(problem: Problem, network: Network) -> Ints:
    """int64[L, K]: the first day on which the lane's producer has an item; far off if never."""
    never = np.iinfo(np.int64).max // 2
    first = np.full((len(network.lanes), len(problem.items)), never, dtype=np.int64)
    for row in problem.supply:
        if row.units:
            item = problem.item_index[row.item]
            for number, lane in enumerate(network.lanes):
                if lane.source == row.producer:
                    first[number, item] = min(first[number, item], row.day)
    return first


def _carries(network: Network) -> NDArray[np.bool_]:
    return np.array([lane.units_a_day != 0 for lane in network.lanes], dtype=bool)


def _supply_rows(problem: Problem, ways: Ways) -> list[Limit]:
    """What a producer has sent by the eve of its next delivery is at most what it had."""
    network = ways.network
    ready: dict[tuple[str, int], dict[int, int]] = {}
    for row in problem.supply:
        lots = ready.setdefault((row.producer, problem.item_index[row.item]), {})
        lots[row.day] = lots.get(row.day, 0) + row.units
    source = np.array([lane.source for lane in network.lanes], dtype=object)
    of_lane = {
        name: np.flatnonzero(source == name) for name in {lane.source for lane in network.lanes}
    }
    ships = network.grid[:-1][ways.interval] - network.lead[ways.arc]
    found = []
    for (producer, item), units in ready.items():
        lanes = of_lane.get(producer, np.zeros(0, dtype=np.int64))
        mine = (ways.item == item) & np.isin(network.arc_lane[ways.arc], lanes)
        days = sorted(units)
        most = 0
        for day, following in zip(days, [*days[1:], None], strict=True):
            most += units[day]
            columns = np.flatnonzero(mine if following is None else mine & (ships < following))
            if len(columns):
                eve = problem.horizon_days if following is None else following - 1
                found.append(Limit("supply", (producer, item, day, eve), columns, most))
    return found


def _lane_rows(ways: Ways) -> list[Limit]:
    network = ways.network
    lane_of = network.arc_lane[ways.arc]
    found = []
    for number, lane in enumerate(network.lanes):
        if not lane.units_a_day:
            continue
        mine = np.flatnonzero(lane_of == number)
        for interval in np.unique(ways.interval[mine]).tolist():
            columns = mine[ways.interval[mine] == interval]
            most = lane.units_a_day * int(network.days[interval])
            found.append(Limit("lane", (number, interval), columns, most))
    return found


def _inbound_rows(problem: Problem, ways: Ways) -> list[Limit]:
    network = ways.network
    found = []
    for number, row in enumerate(problem.inbound):
        stop = problem.index[row.node]
        below = [
            group
            for group, where in enumerate(network.groups)
            if where.stop >= 0 and stop in network.stops_above[where.stop]
        ]
        mine = np.flatnonzero(np.isin(ways.group, below))
        for interval in np.unique(ways.interval[mine]).tolist():
            columns = mine[ways.interval[mine] == interval]
            most = row.units_a_day * int(network.days[interval])
            found.append(Limit("inbound", (number, interval), columns, most))
    return found
