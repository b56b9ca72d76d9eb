"""Long work of the plans app: computing a run, publishing it, finding its routes."""

from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from tongzhou.campaigns.models import Campaign
from tongzhou.interchange.tables import Table
from tongzhou.kit.jobs import JobError, Running, runner
from tongzhou.kit.rules import Actor, Json
from tongzhou.places.actions import ImportKind, Report, Task, register_import

from . import actions
from .actions import PlanRefused, compute_routes, compute_run, finish_publishing, post_parts
from .models import RouteRun, Run
from .rules import LANES


@runner("plans.compute", title=_("Computing a plan"))
def compute(running: Running) -> Json:
    """Compute a run; a refusal is kept with the run, where the coordinator reads it."""
    run = Run.objects.get(pk=running.payload["run"])
    running.report(0, 2, gettext_noop("Planning and checking"))
    try:
        compute_run(run, running.report, by=_actor(running))
    except PlanRefused as refusal:
        actions.fail_run(run, str(refusal), by=_actor(running))
    running.report(2, 2, gettext_noop("Computed"))
    return {"run": run.pk}


@runner("plans.publish", title=_("Publishing a plan"))
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


@runner("plans.whatif", title=_("Working out what would change"))
def whatif(running: Running) -> Json:
    """Answer a question about a run; a refusal is said where the work is shown."""
    run = Run.objects.get(pk=running.payload["run"])
    changes = running.payload["changes"]
    running.report(0, len(changes) + 1, gettext_noop("Planning with the changes"))
    try:
        told = actions.answer(run, changes, running.report)
    except PlanRefused as refusal:
        raise JobError(str(refusal)) from refusal
    running.report(len(changes) + 1)
    return told


@runner("plans.whatif.forget", title=_("Taking away old answers"), every=timedelta(hours=1))
def forget(_running: Running) -> Json:
    return {"forgotten": actions.forget_old()}


@runner("plans.route", title=_("Finding routes"))
def route(running: Running) -> Json:
    """Compute the routes of every county that waits; what is stored stays whatever happens."""
    route_run = RouteRun.objects.select_related("run").get(pk=running.payload["route_run"])
    try:
        counts = compute_routes(route_run, running.report, by=_actor(running))
    except PlanRefused as refusal:
        raise JobError(str(refusal)) from refusal
    return {"route_run": route_run.pk, **counts}


def _actor(running: Running) -> Actor:
    kind, _colon, ref = running.by.partition(":")
    return Actor(kind, ref)


def _campaign(task: Task) -> Campaign:
    return Campaign.objects.select_related("division").get(public_id=task.context)


def _preview_lanes(table: Table, task: Task) -> Report:
    return actions.preview_lanes(table, campaign=_campaign(task), within=task.within)


def _import_lanes(table: Table, task: Task) -> Report:
    return actions.import_lanes(table, by=task.by, campaign=_campaign(task), within=task.within)


register_import(
    ImportKind(
        name="lanes",
        title=_("Import lanes"),
        permission="plans.run",
        columns=LANES,
        read=actions.read_lanes,
        preview=_preview_lanes,
        apply=_import_lanes,
        back=lambda context: reverse("lanes", args=[context]),
        known=lambda context: Campaign.objects.filter(public_id=context).exists(),
    )
)
