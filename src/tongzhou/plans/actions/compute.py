"""Run the engine for a run: read, solve, check, keep. A plan that the check refuses is not kept."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from tongzhou.campaigns.models import CampaignItem
from tongzhou.kit import clock
from tongzhou.kit.actions import record
from tongzhou.kit.rules import Actor
from tongzhou.places.queries import chain_of
from tongzhou.planning import Allocations, Item, Plan, Problem, Supply, Wave, check, solve
from tongzhou.planning.weights import weights
from tongzhou.plans.models import Run, RunArrays, RunWave, RunWays
from tongzhou.plans.queries.inputs import Inputs, read_inputs
from tongzhou.plans.queries.results import Result, written
from tongzhou.plans.queries.ways import carried_to, ways_of
from tongzhou.plans.rules import FIGURE_BITS, Ints, sha256_of

from .by_lane import first_wave, plan_by_lane, ranks_of
from .ends import ended
from .refusal import PlanRefused
from .runs import refuse_if_too_many
from .sums import write_sums, write_waves

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


def compute_run(run: Run, *, by: Actor) -> Run:
    """Compute every item of a run and keep the result; the run is then ready for approval.

    The computing itself holds no lock: others write meanwhile. Raises PlanRefused with the first
    findings where the independent check refuses the plan.
    """
    run = Run.objects.select_related("campaign__division", "campaign__policy").get(pk=run.pk)
    if run.state not in (Run.State.DRAFT, Run.State.FAILED):
        return run
    waves = list(run.waves.order_by("number").prefetch_related("hubs"))
    ways = ways_of(run)
    results, digests, sent = _by_lane(run, ways, waves) if ways else _in_one_list(run, waves)
    digest = hashlib.sha256("".join(digests).encode()).hexdigest()
    return _keep(run, waves, results, digest, sent, by=by)


def planned_again(run: Run) -> list[tuple[Problem, Plan]]:
    """The problems of a computed run with their plans: with lanes one for all items, else one for
    each. Nothing is written; for questions about a plan."""
    waves = list(run.waves.order_by("number").prefetch_related("hubs"))
    ways = ways_of(run)
    if ways is None:
        return [_solved(run, _task(run, item, waves, _wave_for)) for item in _items(run)]
    planned = plan_by_lane(run, ways, _tasks(run, ways, waves))
    return [(planned.problem, planned.plan)]


def _tasks(run: Run, ways: RunWays, waves: list[RunWave]) -> list[Task]:
    days = [(wave.day - ways.opened_on).days for wave in waves]

    def pick(recipient: int, _units: int, _waves: list[RunWave], _left: Ints) -> int:
        return first_wave(ways, days, recipient)

    return [_task(run, item, waves, pick) for item in _items(run)]


def _in_one_list(run: Run, waves: list[RunWave]) -> tuple[list[Result], list[str], bytes]:
    """Every dock reaches everybody at once: one ranked list for each item."""
    results, digests = [], []
    for item in _items(run):
        task = _task(run, item, waves, _wave_for)
        problem, plan = _solved(run, task)
        digests += [problem.sha256, *_decided(task)]
        results.append(ended(_result(task, _ranks(task, plan), plan.units), plan, 0, 0))
    return results, digests, b""


def _by_lane(
    run: Run, ways: RunWays, waves: list[RunWave]
) -> tuple[list[Result], list[str], bytes]:
    """With lanes: all items at once, and what the plan sends by which lane on which day."""
    tasks = _tasks(run, ways, waves)
    if not tasks:
        return [], [], b""
    planned = plan_by_lane(run, ways, tasks)
    results = []
    for at, task in enumerate(tasks):
        size = task.inputs.size
        units = planned.plan.units[planned.rows[at] : planned.rows[at] + size]
        made = _result(task, ranks_of(planned, at, size), units)
        results.append(ended(made, planned.plan, planned.items[at], planned.rows[at]))
    digests = [planned.problem.sha256, *(line for task in tasks for line in _decided(task))]
    return results, digests, carried_to(planned.carried)


def _items(run: Run) -> list[CampaignItem]:
    return list(run.campaign.items.select_related("item").order_by("item_id", "pk"))


def _decided(task: Task) -> list[str]:
    """What overrides decide, as a part of the input that is hashed."""
    return [str(row) for row in np.column_stack(task.fixed.columns()).tolist()]


@transaction.atomic
def _keep(
    run: Run,
    waves: list[RunWave],
    results: list[Result],
    digest: str,
    sent: bytes,
    *,
    by: Actor,
) -> Run:
    locked = Run.objects.select_for_update().get(pk=run.pk)
    before = locked.state
    if before not in (Run.State.DRAFT, Run.State.FAILED):
        return locked  # another worker was faster
    data = written(results)
    RunArrays.objects.update_or_create(run=run, defaults={"data": data, "sha256": sha256_of(data)})
    RunWays.objects.filter(run=run).update(data=sent)
    write_waves(waves, results)
    run.divisions.all().delete()
    run.metrics = write_sums(run, results)
    run.input_sha256, run.engine_version = digest, f"tongzhou {version('tongzhou')}"
    run.state, run.computed_at, run.error = Run.State.COMPUTED, clock.now(), ""
    run.save()
    record(
        "plan.computed",
        run,
        by=by,
        chain=chain_of(run.campaign.division),
        before={"state": before},
        after={"state": run.state, "input_sha256": run.input_sha256, "metrics": run.metrics},
    )
    return run


def _task(run: Run, item: CampaignItem, waves: list[RunWave], pick: Pick) -> Task:
    inputs = read_inputs(run.campaign, item)
    weight, missing = weights(run.campaign.policy.formula, inputs.figures, inputs.medians)
    flags = np.zeros(inputs.size, dtype=np.int64)
    for bit, name in FIGURE_BITS:
        flags |= np.where(missing[name], bit, 0)
    supply = np.zeros(len(waves), dtype=np.int64)
    for wave, units in run.supply.filter(item=item.item).values_list("wave", "units"):
        supply[wave - 1] += units
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


def _wave_for(recipient: int, units: int, waves: list[RunWave], supply: Ints) -> int:
    """The first wave that may reach a recipient and still has the units."""
    for at, wave in enumerate(waves):
        hubs = {hub.pk for hub in wave.hubs.all()}
        if (not hubs or recipient in hubs) and supply[at] >= units:
            return at
    raise PlanRefused(_("No wave has so many units left. Give less, or lower another line first."))


def _solved(run: Run, task: Task) -> tuple[Problem, Plan]:
    """Solve and check. Units of a directed wave that find no place stay out of later waves."""
    supply = task.supply
    for _round in range(ROUNDS_AT_MOST):
        problem = _problem(task, supply)
        plan = solve(problem, seed=run.seed, fixed=task.fixed)
        stranded = _stranded(task, plan)
        if not stranded.any():
            break
        supply = supply - stranded
    decided = [(problem.node_ids[node], task.item.item.code) for node in task.fixed.node.tolist()]
    findings = check(problem, plan, fixed=decided)
    if findings:
        raise PlanRefused(
            _("The check refuses this plan: %(findings)s") % {"findings": " ".join(findings[:3])}
        )
    return problem, plan


def _problem(task: Task, supply: Ints) -> Problem:
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
            Wave(day, tuple(f"hub:{hub.pk}" for hub in wave.hubs.all()))
            for day, wave in enumerate(task.waves)
        ],
        horizon_days=len(task.waves),
    )


def _stranded(task: Task, plan: Plan) -> Ints:
    """Units of a directed wave that find no place where they may go, by wave."""
    stranded = np.zeros(len(task.waves), dtype=np.int64)
    for cut in plan.cuts:
        if task.waves[cut.wave].hubs.all() and cut.wave + 1 < len(task.waves):
            stranded[cut.wave] = cut.left
    return stranded


def _ranks(task: Task, plan: Plan) -> Ints:
    """Place of each row's first drop in the one list, 1 first; 0 where it has none."""
    ledger = plan.standing(0).ledger
    rank = np.zeros(task.inputs.size, dtype=np.int64)
    ranked = ledger.offset[:-1] < ledger.offset[1:]
    rank[ledger.rows[ranked]] = ledger.rank[ledger.offset[:-1][ranked]] + 1
    return rank


def _result(task: Task, rank: Ints, units: NDArray[np.integer]) -> Result:
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
