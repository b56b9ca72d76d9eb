"""Planner: from a problem with lanes to units by node, cuts by hub, shipments and prices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from ..ledger import Ledger, build, reused
from ..plan.cells import nothing
from ..plan.certificate import StageBound
from ..plan.metrics import days_counted
from ..plan.transport import Hubs, Price, Shipment
from ..problem import Problem
from ..ties import Seed, Ties
from ..waves import OPEN, Cut, arrivals, enter
from .bounds import days_bound, floor_bound, promised_toll, tolls_of
from .curves import Curve, Curves, curves_of
from .integers import fits, share_out, use_up, whole_units
from .network import Network, network_of
from .programme import Pieces, Programme
from .shipping import firm_share, shipments_of
from .stages import Task, best_days, best_floors
from .ways import Ways, recipes_of, ways_of

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

STAGES = ("floor", "days")


@dataclass(frozen=True, eq=False)
class Given:
    """What an item's list gave: wave_of: int16[D] by rank; left: units that reached nobody."""

    ledger: Ledger
    wave_of: NDArray[np.int16]
    left: int


@dataclass(frozen=True, eq=False)
class Outcome:
    """A plan with lanes. units: int64[R, W], what was settled included."""

    units: Ints
    cuts: tuple[Cut, ...]
    given: dict[int, Given]
    shipments: tuple[Shipment, ...]
    prices: tuple[Price, ...]
    bounds: tuple[StageBound, ...]
    hubs: Hubs


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
    task = prepare(problem, ties, settled, closed, published, keep.ledgers)
    near = _near(task, keep.cuts)
    floors, floor_proof = best_floors(task, near)
    least = np.minimum(task.cut(floors)[:, -1], task.floors)
    days, days_proof = best_days(task, least, near)
    target = task.cut(days)
    y = _carried(task, target, keep)
    given, made, _ = share_out(task, y, target)
    ways = task.programme.ways
    standings = _standings(problem, task, given, settled)
    units = nothing(problem) + settled if settled.any() else nothing(problem)
    for found in standings.values():
        enter(found.ledger, found.wave_of, units)
    return Outcome(
        units=units,
        cuts=tuple(_cuts(problem, task, y, given, made)),
        given=standings,
        shipments=shipments_of(problem, ways, y),
        prices=tuple(
            price
            for stage, proof in (("floor", floor_proof), ("days", days_proof))
            for price in prices_of(problem, ways, stage, proof)
        ),
        bounds=bounds_of(task, given, {"floor": floor_proof, "days": days_proof}),
        hubs=hubs_of(ways.network),
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
    ranked lists by item, used where they serve; and its cuts, near which the search begins."""

    shipments: tuple[Shipment, ...] = ()
    stability: float = 0.0
    ledgers: Mapping[int, Ledger] = field(default_factory=dict)
    cuts: tuple[Cut, ...] = ()


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


def prepare(
    problem: Problem,
    ties: Ties,
    settled: Ints,
    closed: NDArray[np.bool_],
    published: tuple[int, ...],
    ledgers: Mapping[int, Ledger] = MappingProxyType({}),
) -> Task:
    """The programme and the curves of a problem; arguments as of `plan_lanes`."""
    network = network_of(problem)
    recipes = recipes_of(problem)
    given = settled.sum(axis=1) if settled.any() else np.zeros(len(settled), dtype=np.int64)
    group = network.group_of[problem.needs.node]
    curves = []
    for item in range(len(problem.items)):
        supply = units_at_most(problem, item, recipes)
        known, limits = ledgers.get(item), (given, closed, supply)
        ledger = None if known is None else reused(known, problem, item, *limits)
        if ledger is None:
            ledger = build(problem, item, ties, *limits)
        curves.append(curves_of(ledger, group, len(network.groups)))
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
    solution = programme.least_cost(fresh, task.unmet, cost[arcs])
    before = None
    if keep.shipments:
        most = float(cost[arcs] @ solution.y) * (1.0 + keep.stability)
        before = _before(programme.ways, keep.shipments)
        solution = programme.least_change(fresh, task.unmet, cost[arcs], most, before)
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


def _standings(problem: Problem, task: Task, given: Ints, settled: Ints) -> dict[int, Given]:
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
        found[item] = Given(curves.ledger, wave_of, max(0, total - spent))
    return found


def _cuts(problem: Problem, task: Task, y: Ints, given: Ints, made: Ints) -> list[Cut]:
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
