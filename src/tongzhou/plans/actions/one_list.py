"""One item of a run made ready for the engine; and solved where every dock reaches everybody at
once: one ranked list, cut wave by wave."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from tongzhou.campaigns.models import CampaignItem, Recipient
from tongzhou.planning import (
    Allocations,
    Item,
    Plan,
    Problem,
    ProblemError,
    Supply,
    Wave,
    check,
    solve,
)
from tongzhou.planning.weights import weights
from tongzhou.plans.models import Run, RunWave
from tongzhou.plans.queries.inputs import Inputs, read_inputs
from tongzhou.plans.queries.results import Result
from tongzhou.plans.rules import FIGURE_BITS, Ints

from .refusal import PlanRefused
from .runs import refuse_if_too_many

ROUNDS_AT_MOST = 12
# Recipient, units, the waves and what each has left; gives a wave, or raises PlanRefused.
Pick = Callable[[int, int, list[RunWave], Ints], int]


@dataclass(frozen=True, slots=True)
class Task:
    """One item of a run, ready for the engine. `fixed`: what overrides decide, before any ranking;
    `supply`: units of each wave, int64[waves]."""

    item: CampaignItem
    inputs: Inputs
    weight: NDArray[np.float64]
    flags: Ints
    fixed: Allocations
    supply: Ints
    waves: list[RunWave]
    hubs: list[int]


def items_of(run: Run) -> list[CampaignItem]:
    return list(run.campaign.items.select_related("item").order_by("item_id", "pk"))


def decided(task: Task) -> list[str]:
    """What overrides decide, as a part of the input that is hashed."""
    return [str(row) for row in np.column_stack(task.fixed.columns()).tolist()]


def hubs_of(wave: RunWave) -> list[Recipient]:
    """To whom a wave is directed; a wave that a question adds is not stored, and for everybody."""
    return list(wave.hubs.all()) if wave.pk else []


def task_of(
    run: Run,
    item: CampaignItem,
    waves: list[RunWave],
    pick: Pick,
    given: Mapping[int, Result] | None = None,
) -> Task:
    """An item as the campaign's tables say. `given`: results by item that say what places had
    when a plan was computed; without them it is what they have now."""
    inputs = read_inputs(run.campaign, item, (given or {}).get(item.item_id))
    weight, missing = weights(run.campaign.policy.formula, inputs.figures, inputs.medians)
    flags = np.zeros(inputs.size, dtype=np.int64)
    for bit, name in FIGURE_BITS:
        flags |= np.where(missing[name], bit, 0)
    supply = np.zeros(len(waves), dtype=np.int64)
    place_of = {wave.number: at for at, wave in enumerate(waves)}
    for wave, units in run.supply.filter(item=item.item).values_list("wave", "units"):
        supply[place_of[wave]] += units
    hubs = list(run.campaign.recipients.order_by("pk").values_list("pk", flat=True))
    return Task(
        item=item,
        inputs=inputs,
        weight=weight,
        flags=flags,
        fixed=_overrides(run, item, inputs, waves, supply.copy(), len(hubs), pick),
        supply=supply,
        waves=waves,
        hubs=hubs,
    )


def _overrides(
    run: Run,
    item: CampaignItem,
    inputs: Inputs,
    waves: list[RunWave],
    left: Ints,
    hubs: int,
    pick: Pick,
) -> Allocations:
    """What overrides give, each out of the wave that `pick` says; hubs come before places.
    Refuses what cannot be given."""
    rows = []
    for override in run.overrides.filter(item=item.item).order_by("at", "pk"):
        found = np.flatnonzero(inputs.place == override.place_id)
        if not len(found):
            raise PlanRefused(_("A changed place is no longer active. Take the change back."))
        row, units = int(found[0]), override.units_after
        if units and not inputs.recipient[row]:
            raise PlanRefused(_("No recipient serves a changed place. Add one, then run it again."))
        room = int(inputs.cap[row] - inputs.stock[row] - inputs.given[row])
        refuse_if_too_many(units, room, item.drop_units)
        wave = pick(int(inputs.recipient[row]), units, waves, left)
        left[wave] -= units
        rows.append((hubs + row, 0, wave, units))
    return Allocations(*np.array(rows, dtype=np.int64).reshape(-1, 4).T)


def wave_for(recipient: int, units: int, waves: list[RunWave], supply: Ints) -> int:
    """The first wave that may reach a recipient and still has the units."""
    for at, wave in enumerate(waves):
        hubs = {hub.pk for hub in hubs_of(wave)}
        if (not hubs or recipient in hubs) and supply[at] >= units:
            return at
    raise PlanRefused(_("No wave has so many units left. Give less, or lower another line first."))


def solved(run: Run, task: Task) -> tuple[Problem, Plan]:
    """The plan of an item. Raises PlanRefused where the check has findings."""
    return settled(
        task, task.supply, lambda problem: solve(problem, seed=run.seed, fixed=task.fixed)
    )


def settled(
    task: Task, supply: Ints, plan_for: Callable[[Problem], Plan], *, of: Plan | None = None
) -> tuple[Problem, Plan]:
    """Plan and check. Units of a directed wave that find no place stay out of later waves.

    of: the plan before the change, whose published waves stay.
    """
    try:
        for _round in range(ROUNDS_AT_MOST):
            problem = problem_of(task, supply)
            plan = plan_for(problem)
            stranded = stranded_in(task, plan)
            if not stranded.any():
                break
            supply = supply - stranded
    except ProblemError as refusal:
        raise PlanRefused(str(refusal)) from refusal
    named = [(problem.node_ids[node], task.item.item.code) for node in task.fixed.node.tolist()]
    findings = check(problem, plan, fixed=named, freeze=published_in(plan, of))
    if findings:
        raise PlanRefused(
            _("The check refuses this plan: %(findings)s") % {"findings": " ".join(findings[:3])}
        )
    return problem, plan


def published_in(plan: Plan, of: Plan | None) -> Plan | Allocations:
    """What the check must find published in a plan: what the plan before it has, but for what its
    last change takes back by name; of a new plan nothing is."""
    if of is None or not of.published:
        return Allocations(*(np.zeros(0, dtype=np.int64) for _column in range(4)))
    taken = [(gone.node, gone.item, gone.wave, -gone.units) for gone in plan.forced[-1].withdrawn]
    node = {code: at for at, code in enumerate(of.node_ids)} if taken else {}
    rows = [(node[n], of.item_ids.index(i), wave, units) for n, i, wave, units in taken]
    less = np.array(rows, dtype=np.int64).reshape(-1, 4).T
    columns = zip(of.allocations.columns(), less, strict=True)
    return replace(of, allocations=Allocations(*(np.concatenate(pair) for pair in columns)))


def problem_of(task: Task, supply: Ints) -> Problem:
    """Hubs first, then places. A wave is a day of its own, so that each keeps its own supply."""
    inputs, item, code = task.inputs, task.item, task.item.item.code
    hub_count = len(task.hubs)
    parents = np.searchsorted(task.hubs, inputs.recipient)
    held = inputs.stock + inputs.given
    return Problem.from_arrays(
        [f"hub:{hub}" for hub in task.hubs] + inputs.codes,
        np.concatenate((np.full(hub_count, -1), np.where(inputs.recipient == 0, -1, parents))),
        node=np.arange(hub_count, hub_count + inputs.size),
        weight=task.weight,
        floor=item.floor_units,
        # A place that no recipient serves takes part in no ranking.
        cap=np.where(inputs.recipient == 0, held, inputs.cap),
        stock=held,
        drop=item.drop_units,
        items=[Item(code, carton_units=item.carton_units)],
        supply=[Supply(code, day, units) for day, units in enumerate(supply.tolist()) if units > 0],
        waves=[
            Wave(day, tuple(f"hub:{hub.pk}" for hub in hubs_of(wave)))
            for day, wave in enumerate(task.waves)
        ],
        horizon_days=len(task.waves),
    )


def stranded_in(task: Task, plan: Plan) -> Ints:
    """Units of a directed wave that find no place where they may go, by wave."""
    stranded = np.zeros(len(task.waves), dtype=np.int64)
    for cut in plan.cuts:
        if hubs_of(task.waves[cut.wave]) and cut.wave + 1 < len(task.waves):
            stranded[cut.wave] = cut.left
    return stranded


def ranks_in(task: Task, plan: Plan) -> Ints:
    """Place of each row's first drop in the one list, 1 first; 0 where it has none."""
    ledger = plan.standing(0).ledger
    rank = np.zeros(task.inputs.size, dtype=np.int64)
    ranked = ledger.offset[:-1] < ledger.offset[1:]
    rank[ledger.rows[ranked]] = ledger.rank[ledger.offset[:-1][ranked]] + 1
    return rank


def result_of(task: Task, rank: Ints, units: NDArray[np.integer]) -> Result:
    inputs = task.inputs
    return Result(
        item_id=task.item.item_id,
        place=inputs.place,
        county=inputs.county,
        recipient=inputs.recipient,
        weight=task.weight.astype(np.float32),
        rank=rank,
        cap=np.maximum(inputs.cap - inputs.stock, inputs.given),
        given=inputs.given,
        flags=task.flags,
        units=units.astype(np.int32),
    )
