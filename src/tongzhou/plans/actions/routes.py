"""Last-mile routes of a run: set them going, compute county after county, try one again."""

import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict

from django.conf import settings as house
from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from tongzhou.kit import clock, jobs
from tongzhou.kit.actions import record
from tongzhou.kit.models import Job
from tongzhou.kit.rules import Actor
from tongzhou.places.models import Division
from tongzhou.places.queries import chain_of
from tongzhou.planning.fanout import DONE, Executor, Here, Outcome, Pool, Task, spread
from tongzhou.planning.routing.county import CountyTask, county_routes, seed_of, warm_up
from tongzhou.planning.routing.settings import LITRES, RouteSettings
from tongzhou.plans.models import CountyRoutes, RouteRun, Run
from tongzhou.plans.queries.deliveries import ROUTABLE, instance_of, items_of, loads
from tongzhou.plans.queries.routes import JOB, routing_under_way

from .cluster import Cluster
from .refusal import PlanRefused

Report = Callable[[int, int, str], None]
LIMIT_S = 600.0
FAILED = CountyRoutes.State.FAILED


@transaction.atomic
def start_routes(
    run: Run,
    settings: RouteSettings,
    *,
    by: Actor,
    circuity: Mapping[str, float] | None = None,
) -> RouteRun:
    """Write down which counties are to be routed, with what, and set the work going.

    `circuity` by code of a province or county, where it is not that of the settings; the county's
    own comes first. Raises PlanRefused where the run is not computed, gives nothing that is on
    hand, or other routes of it are being computed.
    """
    run = (
        Run.objects.select_for_update(of=("self",))
        .select_related("campaign__division")
        .get(pk=run.pk)
    )
    _refuse_unless_routable(run, settings)
    found = loads(run)
    if not found:
        raise PlanRefused(_("This plan gives nothing that is on hand; there is nothing to drive."))
    last = run.route_runs.aggregate(Max("number"))["number__max"] or 0
    route_run = RouteRun.objects.create(
        run=run,
        number=last + 1,
        settings=settings.to_json(),
        seed=run.seed,
        by=str(by),
        created_at=clock.now(),
    )
    counties = Division.objects.in_bulk([load.county_id for load in found])
    CountyRoutes.objects.bulk_create(
        [
            CountyRoutes(
                route_run=route_run,
                county_id=load.county_id,
                circuity=_circuity(counties[load.county_id], settings, circuity or {}),
                places=load.places,
                units=load.units,
            )
            for load in found
        ],
        batch_size=500,
    )
    record(
        "routes.started",
        route_run,
        by=by,
        chain=chain_of(run.campaign.division),
        after={
            "run": run.pk,
            "number": route_run.number,
            "counties": len(found),
            "settings": route_run.settings,
        },
    )
    _enqueue(route_run, by=by, total=len(found))
    return route_run


@transaction.atomic
def resume_routes(route_run: RouteRun, *, by: Actor) -> Job:
    """Go on with the counties that are not done after the work was cancelled or has failed.

    Raises PlanRefused where it is under way, or nothing is left to do.
    """
    route_run = _stopped(route_run)
    waiting = route_run.counties.filter(state=CountyRoutes.State.WAITING).count()
    if not waiting:
        raise PlanRefused(_("All counties are computed; there is nothing to go on with."))
    record(
        "routes.resumed",
        route_run,
        by=by,
        chain=chain_of(route_run.run.campaign.division),
        after={"run": route_run.run_id, "waiting": waiting},
    )
    return _enqueue(route_run, by=by, total=route_run.counties.count())


@transaction.atomic
def retry_county(row: CountyRoutes, *, by: Actor, circuity: float | None = None) -> Job:
    """Compute one county again, with another circuity where one is given; what was kept of it goes.

    Raises PlanRefused while routes of its plan are being computed.
    """
    route_run = _stopped(row.route_run)
    if route_run.run.route_runs.exclude(pk=route_run.pk).filter(state="going").exists():
        raise PlanRefused(_("Other routes of this plan are being computed. Wait for them."))
    before = {"state": row.state, "circuity": row.circuity}
    row.circuity = circuity or row.circuity
    row.state, row.reason, row.detail, row.data = CountyRoutes.State.WAITING, "", "", b""
    row.save(update_fields=["circuity", "state", "reason", "detail", "data"])
    route_run.state, route_run.finished_at = RouteRun.State.GOING, None
    route_run.save(update_fields=["state", "finished_at"])
    record(
        "routes.retried",
        row,
        by=by,
        chain=chain_of(row.county),
        before=before,
        after={"circuity": row.circuity, "run": route_run.run_id},
    )
    back = reverse("county-routes", args=[route_run.run_id, route_run.number, row.county.code])
    return _enqueue(route_run, by=by, total=route_run.counties.count(), back=back)


def compute_routes(
    route_run: RouteRun, report: Report, *, by: Actor, executor: Executor | None = None
) -> dict[str, int]:
    """Compute every county that waits; each is stored in a transaction of its own as it arrives.

    Safe to stop anywhere and start again: what is stored stays, and a county's seed hangs on
    nothing but the plan and its code. Returns how many counties are done and failed.
    """
    total = route_run.counties.count()
    waiting = route_run.counties.filter(state=CountyRoutes.State.WAITING)
    rows = {
        row.county.code: row
        for row in waiting.defer("data").select_related("county").order_by("county__first")
    }
    done = total - len(rows)
    report(done, total, gettext_noop("Routing counties"))

    def store(outcome: Outcome) -> None:
        nonlocal done
        _store(rows.pop(outcome.name), outcome)
        done += 1
        report(done, total, gettext_noop("Routing counties"))

    if rows:
        tasks = _tasks(route_run, rows)
        chosen = executor or executor_of_house(route_run.settings["seconds"] or 0.0)
        spread(county_routes, tasks, done=store, executor=chosen)
    return finish_routes(route_run, by=by)


def executor_of_house(seconds: float) -> Executor:
    """Where counties are computed: a Dask cluster, processes of this machine, or this process.
    `seconds` are those that each county may search."""
    limit_s = LIMIT_S + 2 * seconds
    if house.DASK_SCHEDULER:
        return Cluster(house.DASK_SCHEDULER, limit_s=limit_s)
    if house.ROUTE_WORKERS == 0:
        return Here()
    return Pool(house.ROUTE_WORKERS, limit_s=limit_s, prepare=warm_up)


@transaction.atomic
def finish_routes(route_run: RouteRun, *, by: Actor) -> dict[str, int]:
    """Say that every county is done or has failed; a second call changes nothing."""
    rows = RouteRun.objects.select_for_update(of=("self",))
    route_run = rows.select_related("run__campaign__division").get(pk=route_run.pk)
    counts = {
        str(state): route_run.counties.filter(state=state).count() for state in CountyRoutes.State
    }
    if route_run.state == RouteRun.State.DONE or counts["waiting"]:
        return counts
    route_run.state, route_run.finished_at = RouteRun.State.DONE, clock.now()
    route_run.save(update_fields=["state", "finished_at"])
    record(
        "routes.finished",
        route_run,
        by=by,
        chain=chain_of(route_run.run.campaign.division),
        after={"run": route_run.run_id, "number": route_run.number, **counts},
    )
    return counts


def _tasks(route_run: RouteRun, rows: Mapping[str, CountyRoutes]) -> Iterator[Task]:
    """One county after the other as workers become free, so that a nation is never in memory."""
    settings = RouteSettings.from_json(route_run.settings)
    # `rows` loses what is stored while this goes on.
    for code, row in list(rows.items()):
        instance, row.depot = instance_of(route_run.run, row, settings)
        seed = seed_of(route_run.seed, code)
        task = CountyTask(instance, seed, settings.iterations, settings.seconds, house.MATRIX_URL)
        yield Task(code, task)


@transaction.atomic
def _store(row: CountyRoutes, outcome: Outcome) -> None:
    row.computed_at = clock.now()
    if outcome.state != DONE:
        row.state, row.reason, row.detail = FAILED, outcome.state, outcome.reason[:500]
        row.save(update_fields=["state", "reason", "detail", "depot", "computed_at"])
        return
    result = outcome.value
    row.state, row.reason, row.detail = CountyRoutes.State.DONE, "", ""
    for name, value in asdict(result.totals).items():
        # Units are what was to be delivered; what is left out stays in them.
        if name != "units":
            setattr(row, name, value or 0)
    row.left_out, row.estimated, row.roads = result.left_out, result.estimated, result.roads
    row.data = zlib.compress(result.document, 6)
    row.save()


def _circuity(county: Division, settings: RouteSettings, given: Mapping[str, float]) -> float:
    province = county.code[:2]
    return given.get(county.code, given.get(province, settings.circuity))


def _refuse_unless_routable(run: Run, settings: RouteSettings) -> None:
    if run.state not in ROUTABLE:
        raise PlanRefused(
            _("Routes are made for a plan that is computed or published. Wait until it is.")
        )
    if run.route_runs.filter(state=RouteRun.State.GOING).exists():
        raise PlanRefused(_("Routes of this plan are being computed. Wait, or cancel that work."))
    unknown = [item.name for item in items_of(run) if item.volume_l is None]
    if settings.measure == LITRES and unknown:
        raise PlanRefused(
            _("No volume is recorded of %(item)s. Record it, or count in units.")
            % {"item": unknown[0]}
        )


def _stopped(route_run: RouteRun) -> RouteRun:
    """The route run, locked; raises PlanRefused while a job computes it."""
    rows = RouteRun.objects.select_for_update(of=("self",))
    found = rows.select_related("run__campaign__division").get(pk=route_run.pk)
    if routing_under_way(found):
        raise PlanRefused(_("Routes of this plan are being computed. Wait, or cancel that work."))
    return found


def _enqueue(route_run: RouteRun, *, by: Actor, total: int, back: str = "") -> Job:
    """Each start is a job of its own, and leads back to the page it was asked for on."""
    starts = Job.objects.filter(kind=JOB, payload__route_run=route_run.pk).count()
    page = reverse("route-run", args=[route_run.run_id, route_run.number])
    payload = {"route_run": route_run.pk, "return_to": back or page}
    return jobs.enqueue(JOB, f"route:{route_run.pk}:{starts + 1}", payload, by=by, total=total)
