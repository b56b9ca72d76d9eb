"""Run the engine for a run: read, solve, check, keep. A plan that the check refuses is not kept."""

import hashlib
from collections.abc import Callable
from importlib.metadata import version

from django.db import transaction
from django.utils.translation import gettext_noop

from tongzhou.kit import clock
from tongzhou.kit.actions import record
from tongzhou.kit.rules import Actor
from tongzhou.places.queries import chain_of
from tongzhou.planning import Plan, Problem
from tongzhou.plans.models import Run, RunArrays, RunWave, RunWays
from tongzhou.plans.queries.results import Result, written
from tongzhou.plans.rules import sha256_of

from .asked import planned
from .ends import ended
from .sums import write_sums, write_waves

Report = Callable[[int, int, str], None]


def compute_run(run: Run, report: Report | None = None, *, by: Actor) -> Run:
    """Compute every item of a run, with the changes it was kept with, and keep the result; the run
    is then ready for approval.

    `report(done, total, stage)` is called before the result is kept: a job that was cancelled by
    then keeps nothing. The computing itself holds no lock: others write meanwhile.
    Raises PlanRefused with the first findings where the independent check refuses the plan.
    """
    run = Run.objects.select_related("campaign__division", "campaign__policy").get(pk=run.pk)
    if run.state not in (Run.State.DRAFT, Run.State.FAILED):
        return run
    made = planned(run, run.changes)
    results = [ended(p.result, p.plan, p.item, p.first) for p in made.after]
    digest = hashlib.sha256("".join(made.digests).encode()).hexdigest()
    supplied = sum(row.units for row in made.goods)
    if report:
        report(1, 2, gettext_noop("Keeping the result"))
    return _keep(run, made.waves, results, supplied, digest, made.sent, by=by)


def planned_again(run: Run) -> list[tuple[Problem, Plan]]:
    """The problems of a computed run with their plans: with lanes one for all items, else one for
    each. Nothing is written; for questions about a plan."""
    made = planned(run, run.changes, base=len(run.changes), then=True)
    plans = {id(piece.plan): piece.plan for piece in made.before}
    return [(plan.need_problem(), plan) for plan in plans.values()]


@transaction.atomic
def _keep(
    run: Run,
    waves: list[RunWave],
    results: list[Result],
    supplied: int,
    digest: str,
    sent: bytes,
    *,
    by: Actor,
) -> Run:
    locked = Run.objects.select_for_update().get(pk=run.pk)
    before = locked.state
    if before not in (Run.State.DRAFT, Run.State.FAILED) or locked.computed_at != run.computed_at:
        # Another worker was faster; and what it made may have been changed since.
        return locked
    data = written(results)
    RunArrays.objects.update_or_create(run=run, defaults={"data": data, "sha256": sha256_of(data)})
    RunWays.objects.filter(run=run).update(data=sent)
    write_waves(waves, results)
    run.divisions.all().delete()
    run.metrics = write_sums(run, results, supplied)
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
