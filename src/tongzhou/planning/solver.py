"""solve: each wave is a cut in one ranked list; what was published is never taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .lanes import Grouped, Keep, Outcome, binds, carry, plan_lanes
from .ledger import Ledger, build, reused
from .plan import Allocations, Plan, Shipment, Standing
from .plan.cells import dense, nothing, sparse
from .plan.certificate import certify_stages
from .problem import Problem, ProblemError
from .ties import Seed, Ties
from .waves import OPEN, Cut, arrivals, cut, describe, enter

# A table of units as small as this stays with its plan; a larger one is made when asked for.
MAX_CELLS_KEPT = 4_000_000

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


def solve(
    problem: Problem,
    *,
    seed: Seed = 0,
    freeze: Plan | Allocations | None = None,
    fixed: Allocations | None = None,
    stability: float = 0.0,
) -> Plan:
    """Allocate the supply of every item, wave by wave, down to each node.

    seed: published before the supply is known; it orders equal claims.
    freeze: a plan whose published waves (all its waves, when none is marked), or published
    allocations, stay as they are; verified stock in `problem` must not hold these units too.
    fixed: what a named person decided: each (node, item) listed gets exactly the units listed,
    wave by wave (units 0 is allowed, and a published wave needs no line); it is not ranked.
    stability: how much more the shipments may cost, as a share, to stay like those of the plan in
    `freeze`; at 0.0 only equally cheap ones are chosen between. It changes nothing for the nodes.
    Raises ProblemError when what is asked for cannot be planned.
    """
    previous = freeze.shipments if isinstance(freeze, Plan) else ()
    preset = _preset(problem, freeze, fixed)
    return solve_from(problem, seed, preset, previous, stability)


def solve_from(
    problem: Problem,
    seed: Seed,
    preset: "Preset",
    previous: Sequence[Shipment] = (),
    stability: float = 0.0,
    ledgers: Mapping[int, Ledger] = MappingProxyType({}),
    cuts: Sequence[Cut] = (),
    grouped: Grouped | None = None,
) -> Plan:
    """`solve`, with what is settled as a `Preset`, and the shipments to stay near.

    ledgers: lists by item that were ranked before with the same seed, used where they serve, and
    grouped, the curves made of them; cuts: of a plan near which the new one may lie.
    """
    if not 0.0 <= stability <= 1.0:
        raise ProblemError(["stability is a share of the cost, from 0.0 to 1.0."])
    _refuse_stranded(problem)
    keep = Keep(tuple(previous), stability, ledgers, tuple(cuts), grouped)
    if binds(problem):
        return _by_hub(problem, seed, preset, keep)
    units = preset.units.copy() if preset.some else preset.units
    made: list[Cut] = []
    ties = Ties(seed, problem.node_ids)
    reach = [
        problem.under(wave.hubs)[problem.needs.node]
        if wave.hubs
        else np.broadcast_to(np.True_, len(problem.needs))
        for wave in problem.waves
    ]
    standings = {
        item: _give(problem, item, ties, preset, units, reach, made, ledgers.get(item))
        for item in range(len(problem.items))
    }
    shipments = carry(problem, units, keep) if problem.lanes else ()
    return _plan(problem, seed, preset, units, made, standings, shipments=shipments)


def _refuse_stranded(problem: Problem) -> None:
    """With lanes given there is no other way: a producer left out of them is a slip of the pen."""
    sending = {lane.source for lane in problem.lanes}
    offered: dict[str, int] = {}
    for row in problem.supply:
        offered[row.producer] = offered.get(row.producer, 0) + row.units
    faults = [
        f'producer "{name}" has {units:,} units and no lane; add one, or take its supply out.'
        for name, units in offered.items()
        if units and problem.lanes and name not in sending
    ]
    if faults:
        raise ProblemError(faults)


def _by_hub(problem: Problem, seed: Seed, preset: "Preset", keep: Keep) -> Plan:
    """The plan where something on the way limits who gets what: one list for each hub."""
    ties = Ties(seed, problem.node_ids)
    found: Outcome = plan_lanes(problem, ties, preset.units, preset.closed, preset.published, keep)
    plan = _plan(
        problem,
        seed,
        preset,
        found.units,
        found.cuts,
        found.standings,
        shipments=found.shipments,
        prices=found.prices,
        by_hub=True,
    )
    vars(plan)["certificate"] = certify_stages(found.bounds)
    vars(plan)["hubs"] = found.hubs
    vars(plan)["grouped"] = found.grouped
    return plan


def _plan(
    problem: Problem,
    seed: Seed,
    preset: "Preset",
    units: Ints,
    cuts: Sequence[Cut],
    standings: dict[int, Standing],
    **more: Any,
) -> Plan:
    plan = Plan(
        problem_sha256=problem.sha256,
        seed=seed,
        node_ids=problem.node_ids,
        item_ids=tuple(item.id for item in problem.items),
        waves=problem.waves,
        allocations=sparse(problem, units),
        cuts=tuple(cuts),
        published=preset.published,
        fixed=preset.fixed,
        problem=problem,
        standings=standings,
        **more,
    )
    if units.size <= MAX_CELLS_KEPT:
        units.flags.writeable = False
        vars(plan)["units"] = units
    return plan.ready()


@dataclass(frozen=True, eq=False)
class Preset:
    """What is settled before ranking: units[R, W], rows that are not ranked, published waves."""

    units: Ints
    closed: Mask
    published: tuple[int, ...]
    fixed: tuple[tuple[str, str], ...]

    @property
    def some(self) -> bool:
        return bool(self.published or self.fixed)

    @cached_property
    def settled(self) -> Ints:
        """int64[R]: units settled before ranking."""
        settled = (
            self.units.sum(axis=1) if self.some else np.broadcast_to(np.int64(0), len(self.units))
        )
        return np.asarray(settled, dtype=np.int64)


def _give(
    problem: Problem,
    item: int,
    ties: Ties,
    preset: Preset,
    units: Ints,
    reach: list[Mask],
    cuts: list[Cut],
    known: Ledger | None,
) -> Standing:
    """Cut the item's list for each wave that is not published; adds into units[R, W] and cuts."""
    total, firm = arrivals(problem, item)
    limits = (preset.settled, preset.closed, int(total[-1]))
    ledger = None if known is None else reused(known, problem, item, *limits)
    if ledger is None:
        ledger = build(problem, item, ties, *limits)
    wave_of = np.full(len(ledger), OPEN, dtype=np.int16)
    settled = np.zeros(len(problem.waves), dtype=np.int64)
    if preset.some:
        settled = units[ledger.rows].sum(axis=0)
    spent = np.cumsum(settled)
    firm_spent = 0
    everywhere = np.broadcast_to(np.True_, len(ledger.rows))
    for wave in range(len(problem.waves)):
        firm_spent += min(int(settled[wave]), max(0, int(firm[wave]) - firm_spent))
        if wave in preset.published:
            continue
        within = reach[wave][ledger.rows] if problem.waves[wave].hubs else everywhere
        # Units that a later published wave has taken are not there to give now.
        available = max(0, int((total - spent)[wave:].min()))
        given, next_rank = cut(ledger, wave_of, wave, within, available)
        # Firm units go first, so that what is given early rests on what is certain.
        firm_left = max(0, int(firm[wave]) - firm_spent)
        made = describe(ledger, wave, given, next_rank, available, firm_left)
        cuts.append(made)
        firm_spent += made.units - made.expected
        spent[wave:] += made.units
    enter(ledger, wave_of, units)
    return Standing(ledger, wave_of, max(0, int(total[-1] - spent[-1])))


# ------------------------------------------------------------------------ what is settled


def _preset(
    problem: Problem, freeze: Plan | Allocations | None, fixed: Allocations | None
) -> Preset:
    units = nothing(problem)
    closed = np.zeros(len(problem.needs), dtype=bool)
    published: tuple[int, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    if isinstance(freeze, Plan):
        published = freeze.published or tuple(np.unique(freeze.allocations.wave).tolist())
        rows = _matched(problem, freeze.allocations, freeze.node_ids, freeze.item_ids)
        units = _as_cells(problem, rows, published)
    elif freeze is not None:
        published = tuple(np.unique(freeze.wave).tolist())
        units = _as_cells(problem, freeze, published)
    if fixed is not None and len(fixed):
        # What was published is a fact; a decision can only concern what is still open.
        waves = [wave for wave in range(len(problem.waves)) if wave not in published]
        units = units + _as_cells(problem, fixed, waves)
        rows_fixed = np.unique(problem.rows_of(fixed.node, fixed.item))
        closed[rows_fixed] = True
        needs = problem.needs
        pairs = tuple(
            (problem.node_ids[needs.node[row]], problem.items[needs.item[row]].id)
            for row in rows_fixed.tolist()
        )
    return Preset(units, closed, published, pairs)


def _matched(
    problem: Problem, rows: Allocations, node_ids: Sequence[str], item_ids: Sequence[str]
) -> Allocations:
    """The rows with the indices of `problem`, -1 for what it does not know."""
    node, item = rows.node, rows.item
    # The same list object needs no matching, which at national size saves a second.
    if node_ids is not problem.node_ids:
        node = np.array([problem.index.get(name, -1) for name in node_ids], dtype=np.int64)[node]
    item = np.array([problem.item_index.get(name, -1) for name in item_ids], dtype=np.int64)[item]
    return Allocations(node, item, rows.wave, rows.units)


def _as_cells(problem: Problem, rows: Allocations, waves: Sequence[int]) -> Ints:
    """int64[R, W] of the rows of these waves; ProblemError where the problem has no place."""
    for wave in waves:
        if not 0 <= wave < len(problem.waves):
            raise ProblemError([f"Wave {wave} was published; the problem has no such wave."])
    if ((rows.wave < 0) | (rows.wave >= len(problem.waves))).any():
        raise ProblemError([f"A line names a wave outside 0 to {len(problem.waves) - 1}."])
    kept = np.isin(rows.wave, np.array(waves, dtype=np.int64))
    row = problem.rows_of(rows.node, rows.item)
    lost = np.flatnonzero(kept & (row < 0))
    if len(lost):
        raise ProblemError(
            [
                f"Line {i} gives {rows.units[i]} units to a node that has no need row in this "
                "problem; keep the row (cap 0), so that what was decided stays in view."
                for i in lost.tolist()
            ]
        )
    if (rows.units[kept] < 0).any():
        raise ProblemError(["A published or fixed line has units below 0."])
    return dense(problem, Allocations(*(column[kept] for column in rows.columns())))
