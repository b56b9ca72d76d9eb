"""Long work of the plans app: computing a run, publishing it, finding its routes."""

from django.utils.translation import gettext_noop

from tongzhou.kit.jobs import JobError, Running, runner
from tongzhou.kit.rules import Actor, Json

from .actions import PlanRefused, compute_routes, compute_run, finish_publishing, post_parts
from .models import RouteRun, Run


@runner("plans.compute")
def compute(running: Running) -> Json:
    """Compute a run; a refusal is kept with the run, where the coordinator reads it."""
    run = Run.objects.get(pk=running.payload["run"])
    running.report(0, 1, gettext_noop("Computing"))
    try:
        compute_run(run, by=_actor(running))
    except PlanRefused as refusal:
        Run.objects.filter(pk=run.pk).update(state=Run.State.FAILED, error=str(refusal))
    running.report(1, 1, gettext_noop("Computed"))
    return {"run": run.pk}


@runner("plans.publish")
def publish(running: Running) -> Json:
    """Post every part of a run, then say that it is published.

    Goods that are gone do not come back by waiting a minute: the job stops, and the run's page says
    what is missing.
    """
    run = Run.objects.get(pk=running.payload["run"])
    by = _actor(running)
    try:
        parts = post_parts(run, running.report, by=by)
        finish_publishing(run, by=by)
    except PlanRefused as refusal:
        raise JobError(str(refusal)) from refusal
    return {"run": run.pk, "parts": parts}


@runner("plans.route")
def route(running: Running) -> Json:
    """Compute the routes of every county that waits; what is stored stays whatever happens."""
    route_run = RouteRun.objects.select_related("run").get(pk=running.payload["route_run"])
    try:
        counts = compute_routes(route_run, running.report, by=_actor(running))
    except PlanRefused as refusal:
        raise JobError(str(refusal)) from refusal
    return {"route_run": route_run.pk, **counts}


def _actor(running: Running) -> Actor:
    kind, _, ref = running.by.partition(":")
    return Actor(kind, ref)
