"""Open a run, compute it, review it, override a line of it."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext as _

from tongzhou.campaigns.models import Campaign, Recipient
from tongzhou.kit import clock, jobs
from tongzhou.kit.actions import record
from tongzhou.kit.models import Job
from tongzhou.kit.rules import Actor
from tongzhou.places.models import Place
from tongzhou.places.queries import chain_of
from tongzhou.plans.models import Override, Run
from tongzhou.plans.queries.results import read_result
from tongzhou.plans.queries.runs import computing_of, computing_under_way
from tongzhou.supplies.models import Item

from .goods import Change, add_waves
from .refusal import PlanRefused
from .supply import add_supply


@transaction.atomic
def open_run(
    campaign: Campaign,
    *,
    by: Actor,
    directed: Sequence[Recipient] = (),
    with_promises: bool = True,
    note: str = "",
    changes: Sequence[Change] = (),
) -> Run:
    """Freeze what may be given now and later as a new run, and set its computation going.

    `directed` sends the goods on hand to these recipients only; `changes`: what the plan takes to
    be different from what the tables say. Raises PlanRefused if the campaign is not open, nothing
    is there to plan, or a change does not fit.
    """
    # Locked, so that two who plan at once do not give out one number twice.
    campaign = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if campaign.state != Campaign.State.OPEN:
        raise PlanRefused(_("The campaign is not open. Open it, then run a plan."))
    last = campaign.runs.aggregate(Max("number"))["number__max"] or 0
    run = Run.objects.create(
        campaign=campaign,
        number=last + 1,
        seed=campaign.seed,
        note=note,
        changes=list(changes),
        by=str(by),
        created_at=clock.now(),
    )
    add_supply(run, directed=directed, with_promises=with_promises)
    if not run.supply.exists():
        raise PlanRefused(
            _(
                "No goods are on hand at a dock and none are promised. Receive a batch of an order,"
                " or record a producer's promise, then run the plan again."
            )
        )
    add_waves(run, changes)
    record(
        "plan.opened",
        run,
        by=by,
        chain=chain_of(campaign.division),
        after={
            "campaign": campaign.public_id,
            "number": run.number,
            "directed": [recipient.pk for recipient in directed],
            "units": sum(run.supply.values_list("units", flat=True)),
            **({"changes": list(changes)} if changes else {}),
        },
    )
    _start_computing(run, f"compute:{run.pk}", by=by)
    return run


@transaction.atomic
def compute_again(run: Run, *, by: Actor) -> Job:
    """Set the computing of a run going whose job was cancelled, failed or is gone, or which was
    refused and may pass now: its goods are those it was opened with, needs are read anew.

    Raises PlanRefused where the run is computed, or being computed.
    """
    run = _locked(run)
    if run.state not in (Run.State.DRAFT, Run.State.FAILED):
        raise PlanRefused(_("This plan is computed already. Run a new plan to plan anew."))
    if computing_under_way(run):
        raise PlanRefused(_("This plan is being computed. Wait for it, or cancel it first."))
    before, run.state, run.error = run.state, Run.State.DRAFT, ""
    run.save(update_fields=["state", "error"])
    record(
        "plan.compute_asked",
        run,
        by=by,
        chain=chain_of(run.campaign.division),
        before={"state": before},
        after={"state": run.state},
    )
    # The job that ended is in the key: a run may be asked for again as often as it stops.
    last = computing_of(run)
    return _start_computing(run, f"compute:{run.pk}:after:{last.pk if last else 0}", by=by)


def _start_computing(run: Run, key: str, *, by: Actor) -> Job:
    payload = {"run": run.pk, "return_to": reverse("run", args=[run.pk])}
    return jobs.enqueue("plans.compute", key, payload, by=by)


@transaction.atomic
def fail_run(run: Run, reason: str, *, by: Actor) -> bool:
    """Keep with a run why it could not be computed; False where another worker has done it."""
    run = _locked(run)
    if run.state not in (Run.State.DRAFT, Run.State.FAILED):
        return False
    before, run.state, run.error = run.state, Run.State.FAILED, reason
    run.save(update_fields=["state", "error"])
    record(
        "plan.failed",
        run,
        by=by,
        chain=chain_of(run.campaign.division),
        before={"state": before},
        after={"state": run.state, "error": reason},
    )
    return True


@transaction.atomic
def review_run(run: Run, *, by: Actor) -> Run:
    """A second person says that the computed run may be published.

    Raises PlanRefused where the reviewer ran it or changed a line of it, or it is not computed.
    """
    run = _locked(run)
    if run.state != Run.State.COMPUTED:
        raise PlanRefused(_("Only a computed run can be approved. Wait for it, or run a new one."))
    if run.by == str(by):
        raise PlanRefused(_("The person who ran the plan cannot approve it. Ask a second person."))
    if run.overrides.filter(by=str(by)).exists():
        raise PlanRefused(_("You changed a line of this plan. Ask a second person to approve it."))
    run.state, run.reviewed_by = Run.State.REVIEWED, str(by)
    run.save(update_fields=["state", "reviewed_by"])
    record(
        "plan.reviewed",
        run,
        by=by,
        chain=chain_of(run.campaign.division),
        before={"state": Run.State.COMPUTED},
        after={"state": Run.State.REVIEWED},
    )
    return run


@transaction.atomic
def override_line(
    run: Run, place: Place, item: Item, units: int, *, note: str, by: Actor
) -> Override:
    """Change what one place gets in this run, by name and with a reason; the run is computed anew.

    The ranking then gives the rest to the others, and the check decides whether it is kept.
    Approval already given is taken back. Raises PlanRefused with the reason.
    """
    run = _locked(run)
    if run.state not in (Run.State.COMPUTED, Run.State.REVIEWED):
        raise PlanRefused(_("Only a run that is computed and not yet published can be changed."))
    if not note.strip():
        raise PlanRefused(_("Say why this line is changed: the note is kept and shown with it."))
    override, _created = Override.objects.update_or_create(
        run=run,
        place=place,
        item=item,
        defaults={
            "units_before": _units_now(run, place, item, units),
            "units_after": units,
            "note": note.strip(),
            "by": str(by),
            "at": clock.now(),
        },
    )
    run.state, run.reviewed_by = Run.State.DRAFT, ""
    run.save(update_fields=["state", "reviewed_by"])
    record(
        "plan.overridden",
        override,
        by=by,
        chain=chain_of(place.division),
        before={"units": override.units_before},
        after={"units": units, "note": override.note, "run": run.pk, "place": place.code},
    )
    # The moment is in the key, because a second change of the same line computes again.
    key = f"compute:{run.pk}:{place.pk}:{item.pk}:{clock.now().isoformat()}"
    _start_computing(run, key, by=by)
    return override


def _locked(run: Run) -> Run:
    """The run alone: its campaign and division are what others refer to meanwhile."""
    rows = Run.objects.select_for_update(of=("self",)).select_related("campaign__division")
    return rows.get(pk=run.pk)


def _units_now(run: Run, place: Place, item: Item, units: int) -> int:
    """What the run gives the place now; refuses units that break its cap or split a drop."""
    drop = run.campaign.items.get(item=item, place_kind=place.kind).drop_units
    for result in read_result(run):
        at = result.position(place.pk) if result.item_id == item.pk else None
        if at is None:
            continue
        refuse_if_too_many(units, int(result.cap[at] - result.given[at]), drop)
        return int(result.total[at])
    raise PlanRefused(_("This run knows nothing of this place. Choose one of its places."))


def refuse_if_too_many(units: int, room: int, drop: int) -> None:
    """Raises PlanRefused where units are more than a place may still get, or split a drop."""
    if units > max(0, room):
        raise PlanRefused(
            _("%(units)s units are more than the %(room)s this place may still get.")
            % {"units": units, "room": max(0, room)}
        )
    if units % drop:
        raise PlanRefused(
            _("Units go in drops of %(drop)s. Give a multiple of it.") % {"drop": drop}
        )
