"""Ask what a change would make of a plan, and keep an answer as a plan of its own."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from tongzhou.campaigns.models import Recipient
from tongzhou.kit import clock, jobs
from tongzhou.kit.models import Job
from tongzhou.kit.queries import history
from tongzhou.kit.rules import Actor, Json, canonical
from tongzhou.plans.models import Run
from tongzhou.plans.queries.results import read_result
from tongzhou.plans.queries.ways import ways_of
from tongzhou.plans.queries.whatif import KIND, told
from tongzhou.plans.rules import CHANGES_AT_MOST, CHANGES_KEPT_AT_MOST

from .asked import PUBLISHED, Piece, Report, planned
from .goods import Change, goods_by_step
from .refusal import PlanRefused
from .runs import open_run

OPEN_AT_MOST = 3
KEPT = timedelta(hours=24)
# A plan that was taken back, in whole or in part, is asked about no more: its goods went elsewhere.
ASKABLE = (Run.State.COMPUTED, Run.State.REVIEWED, Run.State.PUBLISHING, Run.State.PUBLISHED)
OPEN = (Job.State.WAITING, Job.State.RUNNING)


def ask(run: Run, changes: Sequence[Change], *, by: Actor) -> Job:
    """Set the answer going; the same question of the same account is the same job for 24 hours.

    Raises PlanRefused where the run cannot be asked about, nothing is asked, goods are too few, or
    three answers of the account are still being computed.
    """
    refuse_unless_askable(run)
    if not 0 < len(changes) <= CHANGES_AT_MOST:
        raise PlanRefused(_("Choose 1 to %(most)s changes, then ask.") % {"most": CHANGES_AT_MOST})
    refuse_too_many_kept(run, changes)
    goods_by_step(run, ways_of(run), changes)
    forget_old()
    # Of a published plan what it gave stays, so that publishing makes another question of it.
    question = {
        "run": run.pk,
        "input": run.input_sha256,
        "published": run.state in PUBLISHED,
        "changes": list(changes),
    }
    key = f"whatif:{run.pk}:{by.ref}:{hashlib.sha256(canonical(question)).hexdigest()[:32]}"
    mine = Job.objects.filter(kind=KIND, by=str(by), state__in=OPEN).exclude(key=key)
    if mine.count() >= OPEN_AT_MOST:
        raise PlanRefused(
            _("Three of your questions are still being worked out. Wait for one, or cancel it.")
        )
    with transaction.atomic():
        # One that failed or was cancelled is asked anew.
        ended = (Job.State.FAILED, Job.State.CANCELLED)
        Job.objects.filter(key=key, state__in=ended).delete()
        payload = {"run": run.pk, "changes": list(changes)}
        job = jobs.enqueue(KIND, key, payload, by=by, total=len(changes) + 1)
        if "return_to" not in job.payload:
            # Its own number is in the address of its answer, and is known only now.
            job.payload["return_to"] = reverse("run-answer", args=[run.pk, job.pk])
            job.save(update_fields=["payload"])
    return job


def refuse_too_many_kept(run: Run, changes: Sequence[Change]) -> None:
    """Each change is one more plan to compute, and all of them again whenever the plan is."""
    if len(run.changes) + len(changes) > CHANGES_KEPT_AT_MOST:
        raise PlanRefused(
            _(
                "This plan has %(kept)s changes already, and a plan has at most %(most)s. Enter"
                " what has come true, then run a new plan."
            )
            % {"kept": len(run.changes), "most": CHANGES_KEPT_AT_MOST}
        )


def refuse_unless_askable(run: Run) -> None:
    if run.state not in ASKABLE:
        raise PlanRefused(_("Only a computed or published plan can be asked about."))


def answer(run: Run, changes: Sequence[Change], report: Report) -> Json:
    """The run and its changes in figures, for the job. Raises PlanRefused."""
    refuse_unless_askable(run)
    run = Run.objects.select_related("campaign__division", "campaign__policy").get(pk=run.pk)
    # A plan that was kept with changes is asked about with them.
    found = planned(run, [*run.changes, *changes], then=True, report=report, base=len(run.changes))
    before = [piece.result for piece in found.before]
    after = [piece.result for piece in found.after]
    supplied = (sum(row.units for row in found.goods_before), sum(row.units for row in found.goods))
    return {
        **told(run, found.waves, before, after, supplied),
        "steps": [step.numbers() for step in found.steps],
        "moved": _moved(run, found.before),
    }


def _moved(run: Run, before: Sequence[Piece]) -> bool:
    """Whether the campaign's tables have changed since the run was computed."""
    stored = {result.item_id: result for result in read_result(run)}
    return any(
        piece.result.item_id not in stored
        or len(stored[piece.result.item_id].place) != len(piece.result.place)
        or (stored[piece.result.item_id].total != piece.result.total).any()
        for piece in before
    )


@transaction.atomic
def keep(run: Run, changes: Sequence[Change], *, by: Actor) -> Run:
    """A new run of the same campaign that plans with the changes: its goods are those that are
    there and promised now. Raises PlanRefused."""
    refuse_too_many_kept(run, changes)
    return open_run(
        run.campaign,
        by=by,
        directed=_directed(run),
        with_promises=run.supply.filter(on_hand=False).exists(),
        note=_("What if, asked of plan %(number)s") % {"number": run.number},
        changes=[*run.changes, *changes],
    )


@transaction.atomic
def keep_answer(run: Run, job: Job, *, by: Actor) -> Run:
    """`keep` for the question of a job, once: whoever keeps it again gets the same run.

    Raises PlanRefused also where it is not answered.
    """
    # Locked, so that a button that is pressed twice opens one run.
    job = Job.objects.select_for_update().get(pk=job.pk)
    if job.state != Job.State.DONE:
        raise PlanRefused(_("This question is not answered, so there is nothing to keep."))
    kept = Run.objects.filter(pk=job.payload.get("kept", 0)).first()
    if kept is None:
        kept = keep(run, job.payload["changes"], by=by)
        job.payload["kept"] = kept.pk
        job.save(update_fields=["payload"])
    return kept


def _directed(run: Run) -> list[Recipient]:
    """To whom whoever opened the run directed what was on hand; its event says so."""
    opened = history(run).filter(verb="plan.opened").first()
    named = (opened.after or {}).get("directed", []) if opened else []
    return list(Recipient.objects.filter(campaign=run.campaign, pk__in=named))


def forget_old() -> int:
    """Take away answers that are older than 24 hours, and questions that nobody works on."""
    old = Job.objects.filter(kind=KIND, created_at__lt=clock.now() - KEPT)
    return old.exclude(state__in=OPEN).delete()[0]
