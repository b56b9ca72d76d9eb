"""What delivery does on news and on schedule."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from tongzhou.campaigns.models import Campaign
from tongzhou.kit.handlers import on
from tongzhou.kit.jobs import Running, runner
from tongzhou.kit.models import Event
from tongzhou.kit.rules import SYSTEM, Json
from tongzhou.plans.models import Run

from .actions.planned import plan_shipments
from .actions.tasks import watch


@on("plan.published", "delivery.shipments")
def make_shipments(event: Event) -> None:
    """Make a published run's shipments; idempotent, a recipient that has them is left alone."""
    run = Run.objects.select_related("campaign").get(pk=(event.after or {})["run"])
    plan_shipments(run, by=SYSTEM)


@runner("delivery.watch", title=_("Looking for overdue steps"), every=timedelta(hours=1))
def watch_deadlines(running: Running) -> Json:
    """Look at every open campaign: what is overdue gets a task, what is mended loses it."""
    campaigns = list(Campaign.objects.filter(state=Campaign.State.OPEN).order_by("pk"))
    opened = closed = 0
    for number, campaign in enumerate(campaigns):
        running.report(number, len(campaigns), gettext_noop("Looking at the deadlines"))
        watched = watch(campaign, by=SYSTEM)
        opened += watched.opened
        closed += watched.closed
    running.report(len(campaigns), len(campaigns), gettext_noop("The deadlines are looked at"))
    return {"opened": opened, "closed": closed}
