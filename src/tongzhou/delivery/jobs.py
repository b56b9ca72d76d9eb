"""What delivery does on news and on schedule."""

from tongzhou.kit.handlers import on
from tongzhou.kit.models import Event
from tongzhou.kit.rules import SYSTEM
from tongzhou.plans.models import Run

from .actions.planned import plan_shipments


@on("plan.published", "delivery.shipments")
def make_shipments(event: Event) -> None:
    """Make a published run's shipments; idempotent, a recipient that has them is left alone."""
    run = Run.objects.select_related("campaign").get(pk=(event.after or {})["run"])
    plan_shipments(run, by=SYSTEM)
