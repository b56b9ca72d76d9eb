"""Planner: from a problem with lanes to units by node, cuts by hub, shipments and prices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..ledger import Ledger, build, reused
from ..plan.cells import nothing
from ..plan.certificate import StageBound
from ..plan.metrics import days_counted
from ..plan.standing import Standing
from ..plan.transport import Hubs, Price, Shipment
from ..problem import Problem
from ..ties import Seed, Ties
from ..waves import Cut, arrivals, enter
from .bounds import days_bound, floor_bound, promised_toll, tolls_of
from .curves import Curve, Curves, Grouped, curves_of
from .integers import fits, share_out, use_up, whole_units
from .network import Network, network_of
from .programme import Pieces, Programme
from .report import cuts_of, hubs_of, prices_of, standings_of
from .shipping import shipments_of
from .stages import Task, best_days, best_floors
from .staying import cost_first
from .ways import Ways, recipes_of, ways_of

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

STAGES = ("floor", "days")


@dataclass(frozen=True, eq=False)
class Outcome:
    """A plan with lanes. units: int64[R, W], what was settled included."""

    units: Ints
    cuts: tuple[Cut, ...]
    standings: dict[int, Standing]
    shipments: tuple[Shipment, ...]
    prices: tuple[Price, ...]
    bounds: tuple[StageBound, ...]
    hubs: Hubs
    grouped: Grouped


def plan_lanes(
    problem: Problem,
    ties: Ties,
    settled: Ints,
    closed: NDArray[np.bool_],
    published: tuple[int, ...],
    keep: "Keep",
) -> Outcome:
    """Plan with lanes, inbound limits, kits and cartons.

    settled: int64[R, W], units published or fixed by a person; closed: bool[R], rows that are not
    ranked; published: waves that give no more; keep: the shipments to stay near. Raises
    ProblemError beyond the limits of size.
    """
    task = prepare(problem, ties, settled, closed, published, keep)
    near = _near(task, keep.cuts)
    floors, floor_proof = best_floors(task, near)
    least = np.minimum(task.cut(floors)[:, -1], task.floors)
    days, days_proof = best_days(task, least, near)
    target = task.cut(days)
    y = _carried(task, target, keep)
    given, made, _ = share_out(task, y, target)
    ways = task.programme.ways
    standings = standings_of(problem, task, given, settled)
    units = nothing(problem) + settled if settled.any() else nothing(problem)
    for found in standings.values():
        enter(found.ledger, found.wave_of, units)
    return Outcome(
        units=units,
        cuts=tuple(cuts_of(problem, task, y, given, made)),
        standings=standings,
        shipments=shipments_of(problem, ways, y),
        prices=tuple(
            price
            for stage, proof in (("floor", floor_proof), ("days", days_proof))
            for price in prices_of(problem, ways, stage, proof)
        ),
        bounds=bounds_of(task, given, {"floor": floor_proof, "days": days_proof}),
        hubs=hubs_of(ways.network),
        grouped=Grouped(ways.network.group_of, tuple(task.curves)),
    )


def _near(task: Task, cuts: Sequence[Cut]) -> Floats | None:
    """float64[C, W]: what earlier cuts gave each cell, cumulative; None without any."""
    if not cuts:
        return None
    groups = {group.label: n for n, group in enumerate(task.programme.ways.network.groups)}
    places = {tuple(cell): n for n, cell in enumerate(task.programme.cells.tolist())}
    found = np.zeros(task.programme.may.shape)
    for cut in cuts:
        cell = places.get((cut.item, groups.get(cut.hub or "", -1)))
        if cell is not None:
            found[cell, cut.wave :] += cut.units
    return found


@dataclass(frozen=True, slots=True)
class Keep:
    """What an earlier plan had: shipments to stay near, and the share that this may cost more; its
    ranked lists by item and their curves, used where they serve; and its cuts, near which the
    search begins."""

    shipments: tuple[Shipment, ...] = ()
    stability: float = 0.0
    ledgers: Mapping[int, Ledger] = field(default_factory=dict)
    cuts: tuple[Cut, ...] = ()
    grouped: Grouped | None = None


NOTHING = Keep()


def carry(problem: Problem, units: Ints, keep: Keep) -> tuple[Shipment, ...]:
    """The cheapest shipments that bring units (int64[R, W]) of a plan whose lanes bind nowhere."""
    closed = np.ones(len(problem.needs), dtype=bool)
    task = prepare(problem, Ties(0, problem.node_ids), units, closed, ())
    y = _carried(task, np.zeros_like(task.programme.promised), keep)
    return shipments_of(problem, task.programme.ways, y)


def undeliverable(
    problem: Problem, ties: Ties, settled: Ints, closed: NDArray[np.bool_]
) -> list[tuple[int, Ints, int]]:
    """Where settled units (int64[R, W]) can never be brought: item, its needs rows in the group,
    and units. Empty where all of them can, if late."""
    task = prepare(problem, ties, settled, closed, ())
    if task.unmet is None:
        return []
    programme = task.programme
    group_of = programme.ways.network.group_of[problem.needs.node]
    found = []
    for cell in np.flatnonzero(task.unmet[:, -1] > 1e-6).tolist():
        item, group = programme.cells[cell].tolist()
        rows = np.flatnonzero((problem.needs.item == item) & (group_of == group))
        found.append((item, rows, int(np.ceil(task.unmet[cell, -1] - 1e-6))))
    rows = np.flatnonzero((group_of < 0) & settled.any(axis=1))
    # No lane leads to these any more.
    found += [
        (int(problem.needs.item[row]), np.array([row]), int(settled[row].sum())) for row in rows
    ]
    return found


def most_unit_days(problem: Problem, seed: Seed, by_hub: bool) -> float:
    """The most unit-days that any plan could have, fair or not: units given times days left."""
    days = days_counted(problem)
    if not by_hub and not any(wave.hubs for wave in problem.waves):
        return float(sum(_given_at_once(problem, item, days) for item in range(len(problem.items))))
    settled = np.zeros((len(problem.needs), len(problem.waves)), dtype=np.int64)
    closed = np.zeros(len(problem.needs), dtype=bool)
    task = prepare(problem, Ties(seed, problem.node_ids), settled, closed, ())
    programme = task.programme
    cells = np.repeat(np.arange(len(programme.cells)), programme.waves)
    waves = np.tile(np.arange(programme.waves), len(programme.cells))
    # What a wave gives counts for the days up to the next one, and so does what earlier ones gave.
    each = -np.diff(np.append(days, 0.0))
    pieces = Pieces(cells, waves, programme.wanted[cells].astype(np.float64), each[waves])
    nothing = np.zeros(len(programme.cells), dtype=np.int64)
    return programme.most_worth(pieces, nothing, None).value


def _given_at_once(problem: Problem, item: int, days: Floats) -> float:
    """Unit-days where all that has arrived is given in each wave, as far as its nodes have room."""
    arrived, _ = arrivals(problem, item)
    rows = np.flatnonzero(problem.needs.item == item)
    drops = problem.needs.room[rows] // problem.needs.drop[rows]
    room = drops * problem.needs.drop[rows]
    given = np.zeros(len(days))
    spent = 0
    for wave in range(len(days)):
        given[wave] = max(0, min(int(arrived[wave]), int(room.sum())) - spent)
        spent += int(given[wave])
    return float(given @ days)


def prepare(
    problem: Problem,
    ties: Ties,
    settled: Ints,
    closed: NDArray[np.bool_],
    published: tuple[int, ...],
    keep: Keep = NOTHING,
) -> Task:
    """The programme and the curves of a problem; arguments as of `plan_lanes`."""
    network = network_of(problem)
    recipes = recipes_of(problem)
    given = settled.sum(axis=1) if settled.any() else np.zeros(len(settled), dtype=np.int64)
    group, groups = network.group_of[problem.needs.node], len(network.groups)
    curves = []
    for item in range(len(problem.items)):
        supply = units_at_most(problem, item, recipes)
        known, limits = keep.ledgers.get(item), (given, closed, supply)
        ledger = None if known is None else reused(known, problem, item, *limits)
        if ledger is None:
            ledger = build(problem, item, ties, *limits)
        made = keep.grouped and keep.grouped.of(ledger, item, network.group_of, groups)
        curves.append(made or curves_of(ledger, group, groups))
    return _task(problem, network, curves, settled, published)


def bounds_of(task: Task, given: Ints, price: dict[str, Floats]) -> tuple[StageBound, ...]:
    """What the plan is worth in each stage, and what the prices prove that none exceeds.

    given: int64[C, W], cumulative; price: by stage, float64[limits].
    """
    programme = task.programme
    whole = [task.whole(cell) for cell in range(len(programme.cells))]
    most = np.where(programme.may.any(axis=1), task.floors, 0)
    floors = np.minimum(given[:, -1], task.floors)
    units = int(given[:, -1].sum())
    found = []
    for stage in STAGES:
        tolls = tolls_of(programme, price[stage])
        if stage == "floor":
            worth = sum(curve.at(n) for curve, n in zip(whole, floors.tolist(), strict=True))
            bound = floor_bound(tolls, whole, most, programme.last)
        else:
            worth = sum(
                _by_day(curve, row, task.days) for curve, row in zip(whole, given, strict=True)
            )
            bound = days_bound(tolls, whole, programme.may, task.days, floors)
        bound -= promised_toll(programme, tolls, task.unmet)
        found.append(StageBound(None, stage, units, float(worth), float(bound), None))
    return tuple(found)


def _by_day(curve: Curve, given: Ints, days: Floats) -> float:
    return float((np.interp(given, curve.units, curve.worth) * days).sum())


def units_at_most(
    problem: Problem, item: int, recipes: dict[int, tuple[tuple[int, int], ...]]
) -> int:
    """Units of an item that all supply together could be, kits put together included."""
    total = int(arrivals(problem, item)[0][-1])
    if item in recipes:
        total += min(int(arrivals(problem, part)[0][-1]) // n for part, n in recipes[item])
    return total


def _task(
    problem: Problem,
    network: Network,
    curves: Sequence[Curves],
    settled: Ints,
    published: tuple[int, ...],
) -> Task:
    items, groups, waves = len(curves), len(network.groups), len(problem.waves)
    promised = np.zeros((items, groups, waves), dtype=np.int64)
    rows = np.flatnonzero(settled.any(axis=1))
    group = network.group_of[problem.needs.node[rows]]
    reached = group >= 0
    np.add.at(promised, (problem.needs.item[rows][reached], group[reached]), settled[rows[reached]])
    wanted = np.array([curve.wanted for curve in curves], dtype=np.int64).reshape(items, groups)
    cells = np.argwhere((wanted > 0) | promised.any(axis=2))
    may = np.array([where.reached for where in network.groups], dtype=bool)[cells[:, 1]]
    may[:, list(published)] = False
    ways = ways_of(problem, network, (wanted > 0) | promised.any(axis=2))
    programme = Programme(
        ways,
        cells,
        wanted[cells[:, 0], cells[:, 1]],
        may & (wanted[cells[:, 0], cells[:, 1]] > 0)[:, None],
        promised[cells[:, 0], cells[:, 1]],
    )
    unmet = programme.least_unmet().unmet if promised.any() else None
    last = [wave.day for wave in problem.waves]
    ends = [*last[1:], max(problem.horizon_days, last[-1]) + 1]
    days = np.array([end - day for day, end in zip(last, ends, strict=True)], dtype=np.float64)
    return Task(programme, curves, days, unmet)


def _carried(task: Task, given: Ints, keep: Keep) -> Ints:
    """int64[Y]: the cheapest whole ways that let `given` (cumulative) be given, of these the ones
    most like the shipments to keep, and no spare unit left that a claim could still have."""
    programme = task.programme
    lanes = programme.ways.network.lanes
    cost = np.array([lane.cost for lane in lanes], dtype=np.float64)
    arcs = programme.ways.network.arc_lane[programme.ways.arc]
    fresh = np.diff(given, axis=1, prepend=0)
    before = None
    if keep.shipments and len(arcs):
        before = _before(programme.ways, keep.shipments)
        staying = cost_first(programme, fresh, task.unmet, cost[arcs], before)
        most = float(cost[arcs] @ staying.least_cost().y) * (1.0 + keep.stability)
        solution = staying.least_change(most * (1 + 1e-9) + 1e-6)
    else:
        solution = programme.least_cost(fresh, task.unmet, cost[arcs])
    best = use_up(task, whole_units(task, solution.y), given)
    if not programme.promised.any():
        return best
    # Cartons may leave a promise without its goods; then one begins with what was on the way, or
    # with nothing, and promises come first.
    earlier = np.zeros_like(best) if before is None else whole_units(task, before)
    for start in (earlier, np.zeros_like(best)):
        short = share_out(task, best, given)[2]
        if short and fits(programme.ways, start):
            other = use_up(task, start, given)
            best = other if share_out(task, other, given)[2] < short else best
    return best


def _before(ways: Ways, shipments: Sequence[Shipment]) -> Floats:
    """float64[Y]: the units of earlier shipments that each way stands for.

    A lane, item and interval may have several ways, one a group: the first stands for all of them.
    """
    network = ways.network
    lanes: dict[tuple[str, str], list[int]] = {}
    for number, lane in enumerate(network.lanes):
        lanes.setdefault((lane.source, lane.target), []).append(number)
    first: dict[tuple[int, int, int], int] = {}
    lane_of = network.arc_lane[ways.arc]
    for column, key in enumerate(np.column_stack((lane_of, ways.item, ways.interval)).tolist()):
        first.setdefault(tuple(key), column)
    before = np.zeros(len(ways.arc))
    index = network.problem.item_index
    for row in shipments:
        interval = int(np.searchsorted(network.grid, row.arrive_day, side="right")) - 1
        for number in lanes.get((row.source, row.target), ()):
            column = first.get((number, index.get(row.item, -1), interval), -1)
            if column >= 0 and network.lanes[number].from_day <= row.ship_day:
                before[column] += row.units
                break
    return before
