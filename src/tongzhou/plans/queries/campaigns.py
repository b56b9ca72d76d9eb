"""What the plans know of a campaign, for its own pages: whether it is planned, and what is open."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from tongzhou.campaigns.models import Campaign
from tongzhou.campaigns.queries import OpenStep, counts_open_steps, knows_of_plans
from tongzhou.plans.models import Run

NOT_ENDED = (Run.State.COMPUTED, Run.State.REVIEWED, Run.State.PUBLISHING)


@knows_of_plans("plans.runs")
def has_runs(campaign: Campaign) -> bool:
    return Run.objects.filter(campaign=campaign).exists()


@counts_open_steps("plans.runs")
def runs_open(campaign: Campaign) -> Iterable[OpenStep]:
    """Plans that are computed and not published; those before the last published one are over."""
    runs = Run.objects.filter(campaign=campaign)
    last = runs.filter(published_at__isnull=False).order_by("number").last()
    waiting = runs.filter(state__in=NOT_ENDED, number__gt=last.number if last else 0)
    yield OpenStep(
        _("plans that are not published"),
        waiting.count(),
        reverse("runs", args=[campaign.public_id]),
    )
