"""A publishing that stopped: go on with it, or take back what of it is not posted yet.

Posted parts stay: their units are reserved for their places. Parts that are not posted have moved
nothing, so taking them back moves nothing either: the goods lie free at the docks, and the next run
counts the places as unserved.
"""

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from tongzhou.kit import clock
from tongzhou.kit.actions import record
from tongzhou.kit.models import Job
from tongzhou.kit.rules import Actor
from tongzhou.places.queries import chain_of
from tongzhou.plans.models import Run, TakenBack
from tongzhou.plans.queries.publishing import missing_goods, posting_under_way

from .publish import start_posting
from .refusal import PlanRefused


@transaction.atomic
def resume_publishing(run: Run, *, by: Actor) -> Job:
    """Go on with the parts that are not posted; a wish to take them back is dropped.

    Raises PlanRefused where the run is not being published, its posting is under way, or goods are
    still missing at a dock.
    """
    run = _stopped(run)
    short = missing_goods(run)
    if short:
        raise PlanRefused(
            _("%(units)s units of %(item)s are still missing at %(dock)s. Bring them back first.")
            % {"units": short[0].missing, "item": short[0].item.name, "dock": short[0].dock.name}
        )
    run.take_back_by = run.take_back_note = ""
    run.save(update_fields=["take_back_by", "take_back_note"])
    job = start_posting(run, by=by, total=run.parts.count())
    record(
        "plan.publishing_resumed",
        run,
        by=by,
        chain=chain_of(run.campaign.division),
        after={"run": run.pk, "waiting": run.parts.filter(posted_at__isnull=True).count()},
    )
    return job


@transaction.atomic
def ask_take_back(run: Run, note: str, *, by: Actor) -> Run:
    """Ask a second person to take back what is not posted; the reason is shown to them.

    Raises PlanRefused as `resume_publishing`, or without a reason.
    """
    run = _stopped(run)
    if not note.strip():
        raise PlanRefused(_("Say why it is taken back: the second person reads it."))
    run.take_back_by, run.take_back_note = str(by), note.strip()
    run.save(update_fields=["take_back_by", "take_back_note"])
    record(
        "plan.take_back_asked",
        run,
        by=by,
        chain=chain_of(run.campaign.division),
        after={"run": run.pk, "note": run.take_back_note},
    )
    return run


@transaction.atomic
def take_back(run: Run, *, by: Actor) -> Run:
    """The second person agrees: the run ends as published in part, or, where nothing was posted, as
    withdrawn. A second call changes nothing.

    Delivery hears of what was posted as of any published run. Raises PlanRefused as
    `resume_publishing`, or where nobody asked for it, or for the one who did.
    """
    now = Run.objects.select_for_update().get(pk=run.pk)
    if now.state in (Run.State.PARTLY, Run.State.WITHDRAWN):
        return now
    run = _stopped(run)
    if not run.take_back_by:
        raise PlanRefused(_("Nobody has asked to take it back. Ask first, with the reason."))
    if run.take_back_by == str(by):
        raise PlanRefused(
            _("Whoever asks to take it back cannot agree to it. Ask a second person.")
        )
    # Asked after the release: what is then left of the parts is what was posted.
    counties = _release(run)
    posted = run.parts.exists()
    run.state = Run.State.PARTLY if posted else Run.State.WITHDRAWN
    run.published_at = clock.now() if posted else None
    run.save(update_fields=["state", "published_at"])
    record(
        "plan.published" if posted else "plan.withdrawn",
        run,
        by=by,
        chain=chain_of(run.campaign.division),
        before={"state": Run.State.PUBLISHING},
        after={
            "state": run.state,
            "run": run.pk,
            "campaign": run.campaign.public_id,
            "counties_taken_back": counties,
            "asked_by": run.take_back_by,
            "note": run.take_back_note,
        },
    )
    return run


def _stopped(run: Run) -> Run:
    """The run, locked, if its publishing has stopped. Raises PlanRefused."""
    run = (
        Run.objects.select_for_update(of=("self",))
        .select_related("campaign__division")
        .get(pk=run.pk)
    )
    if run.state != Run.State.PUBLISHING:
        raise PlanRefused(_("This run is not being published."))
    if posting_under_way(run):
        raise PlanRefused(_("The publishing is under way. Wait for it, or cancel it first."))
    return run


def _release(run: Run) -> int:
    """Move what is not posted out of the parts; returns the number of its counties."""
    waiting = run.parts.filter(posted_at__isnull=True)
    sums = waiting.order_by().values_list("county").annotate(Sum("lines"), Sum("units"))
    rows = [
        TakenBack(run=run, county_id=county, lines=lines, units=units)
        for county, lines, units in sums
    ]
    TakenBack.objects.bulk_create(rows, batch_size=500)
    waiting.delete()
    return len(rows)
