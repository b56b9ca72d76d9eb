"""Routes of a plan: started, computed county by county, kept, tried again."""

import json
from datetime import date

import pytest
from django.db import IntegrityError, transaction

from tongzhou.campaigns.actions import record_promise
from tongzhou.campaigns.actions.promises import NewPromise
from tongzhou.kit import jobs
from tongzhou.kit.actions import cancel_job, retry_job
from tongzhou.kit.models import Event, Job
from tongzhou.people.models import Organisation
from tongzhou.places.models import Place
from tongzhou.places.rules import Scope
from tongzhou.planning.fanout import Here, Outcome, Task
from tongzhou.planning.routing import Vehicle
from tongzhou.plans import actions
from tongzhou.plans.actions import PlanRefused
from tongzhou.plans.models import CountyRoutes, RouteRun
from tongzhou.plans.queries.deliveries import instance_of, loads, units_in
from tongzhou.plans.queries.routes import (
    answer_in,
    counties_of,
    document_of,
    latest_county_routes,
    routing_job,
    sums_of,
)

from .routing import computed_plan, on_the_map, published, row_of, settings, started
from .world import COORDINATOR, World

EVERYWHERE = Scope(((0, 9_999),))


@pytest.fixture(autouse=True)
def in_this_process(settings):
    settings.ROUTE_WORKERS = 0
    settings.DASK_SCHEDULER = settings.MATRIX_URL = ""


def units_of(run):
    return [(load.places, load.units) for load in loads(run)]


class TestWhatIsDriven:
    """The clinics that get units from goods on hand, from their county's depot."""

    def test_a_computed_plan_drives_what_is_on_hand_and_a_published_one_what_was_posted(
        self, world: World
    ):
        run = computed_plan(world, 8)
        assert units_of(run) == [(3, 6), (1, 2)]
        published(run)
        assert units_of(run) == [(3, 6), (1, 2)]
        assert {k: v.total() for k, v in units_in(run, world.counties[1].pk).items()} == {
            world.clinics[3].pk: 2
        }

    def test_promises_are_driven_nowhere(self, world: World):
        maker = Organisation.objects.create(
            code="maker", name="厂家", kind="producer", dock=world.docks[0]
        )
        promise = NewPromise(maker, world.item, 1, date(2023, 1, 9), 24, "firm")
        record_promise(world.campaign, promise, by=COORDINATOR)
        run = actions.open_run(world.campaign, by=COORDINATOR)
        run = actions.compute_run(run, by=COORDINATOR)
        assert units_of(run) == []
        with pytest.raises(PlanRefused, match="nothing to drive"):
            actions.start_routes(run, settings(), by=COORDINATOR)

    def test_stops_carry_their_units_and_whether_their_point_is_estimated(self, world: World):
        route_run = started(world)
        row = row_of(route_run, "620101")
        instance, depot = instance_of(route_run.run, row, settings())
        assert depot == "depot"
        assert instance.depot.id == "620101-depot"
        assert instance.depot.estimated
        assert [(s.id, s.demand, s.estimated) for s in instance.stops] == [
            (clinic.code, 2, clinic.placed) for clinic in world.clinics[:3]
        ]

    def test_a_place_without_a_point_stands_at_its_village(self, world: World):
        route_run = started(world)
        Place.objects.filter(pk=world.clinics[1].pk).update(lat=None, lon=None)
        village = world.clinics[1].division
        village.lat, village.lon = 36.3, 103.1
        village.save()
        instance, _ = instance_of(route_run.run, row_of(route_run, "620101"), settings())
        assert (instance.stops[1].lat, instance.stops[1].estimated) == (36.3, True)

    def test_a_county_without_a_depot_begins_at_its_seat_or_in_its_middle(self, world: World):
        route_run = started(world)
        row = row_of(route_run, "620101")
        Place.objects.filter(code="620101-depot").update(state="closed")
        instance, depot = instance_of(route_run.run, row, settings())
        assert (depot, instance.depot.id, instance.depot.lat) == ("seat", "620101", 36.0)
        row.county.lat = row.county.lon = None
        instance, depot = instance_of(route_run.run, row, settings())
        assert depot == "middle"
        assert instance.depot.lat == pytest.approx(36.1)

    def test_litres_decide_the_load_and_units_are_handed_over(self, world: World):
        world.item.volume_l = 1.1
        world.item.save()
        route_run = started(world, measure="litres")
        instance, _ = instance_of(
            route_run.run, row_of(route_run, "620101"), settings(measure="litres")
        )
        assert [(s.demand, s.pieces) for s in instance.stops] == [(3, 2)] * 3

    def test_litres_need_a_volume(self, world: World):
        with pytest.raises(PlanRefused, match="No volume is recorded of 血氧仪"):
            started(world, measure="litres")


class TestComputing:
    """Every county is stored by itself, with one event at the beginning and one at the end."""

    def test_all_counties_are_routed_and_kept(self, world: World):
        route_run = started(world)
        jobs.drain()
        route_run.refresh_from_db()
        assert route_run.state == RouteRun.State.DONE
        sums = sums_of(route_run, EVERYWHERE)
        assert (sums.counties, sums.done, sums.failed) == (4, 4, 0)
        assert (sums.places, sums.stops, sums.units, sums.trips) == (12, 12, 24, 8)
        row = row_of(route_run, "620101")
        answer = answer_in(row)
        assert {s.id for s in answer.stops} == {c.code for c in world.clinics[:3]}
        assert row.distance_m == answer.totals.distance_m
        assert row.estimated == 1
        assert json.loads(document_of(row))["name"] == "620101"
        assert latest_county_routes(route_run.run, row.county) == row

    def test_one_event_tells_of_the_start_and_one_of_the_end(self, world: World):
        started(world)
        jobs.drain()
        told = Event.objects.filter(verb__startswith="routes.").order_by("pk")
        assert [event.verb for event in told] == ["routes.started", "routes.finished"]
        assert told[1].after["done"] == 4
        assert told[0].actor == told[1].actor == str(COORDINATOR)

    def test_the_seed_hangs_on_plan_and_county_alone(self, world: World):
        first = started(world)
        jobs.drain()
        second = actions.start_routes(first.run, settings(), by=COORDINATOR)
        # Backwards, so that neither order nor neighbours can matter.
        actions.compute_routes(second, quiet, by=COORDINATOR, executor=Backwards())
        for code in ("620101", "630102"):
            assert bytes(row_of(first, code).data) == bytes(row_of(second, code).data)

    def test_a_province_and_a_county_may_have_their_own_terrain(self, world: World):
        on_the_map(world)
        route_run = actions.start_routes(
            computed_plan(world),
            settings(),
            by=COORDINATOR,
            circuity={"62": 1.5, "620102": 1.8},
        )
        rows = route_run.counties.order_by("county__first")
        assert [row.circuity for row in rows] == [1.5, 1.8, 1.35, 1.35]

    def test_clinics_of_which_nobody_knows_the_point_are_on_no_route(self, world: World):
        route_run = started(world)
        Place.objects.filter(code="620102-depot").update(lat=None, lon=None)
        world.counties[1].lat = world.counties[1].lon = None
        world.counties[1].save()
        Place.objects.filter(pk__in=[c.pk for c in world.clinics[3:6]]).update(lat=None, lon=None)
        jobs.drain()
        row = row_of(route_run, "620102")
        assert (row.state, row.stops, row.left_out) == ("done", 0, 3)
        assert {one.why for one in answer_in(row).left_out} == {"no_point"}

    def test_a_county_that_fails_says_why_and_comes_first(self, world: World):
        route_run = started(world)
        actions.compute_routes(route_run, quiet, by=COORDINATOR, executor=Poisoned())
        rows = list(counties_of(route_run, EVERYWHERE))
        assert [row.county.code for row in rows] == ["620102", "620101", "630101", "630102"]
        assert (rows[0].state, rows[0].reason) == ("failed", "poison")
        assert rows[0].detail == "It ended its worker 3 times."
        assert sums_of(route_run, EVERYWHERE).failed == 1
        route_run.refresh_from_db()
        assert route_run.state == RouteRun.State.DONE

    def test_a_wrong_setting_is_said_on_every_county(self, world: World, settings):
        settings.MATRIX_URL = "roads"
        route_run = started(world)
        jobs.drain()
        assert sums_of(route_run, EVERYWHERE).failed == 4
        assert "no address of a matrix service" in row_of(route_run, "620101").detail

    def test_a_scope_sees_its_own_counties_only(self, world: World):
        route_run = started(world)
        jobs.drain()
        county = world.counties[2]
        mine = Scope(((county.first, county.last),))
        assert [row.county for row in counties_of(route_run, mine)] == [county]
        assert sums_of(route_run, mine).counties == 1


class TestStoppingAndGoingOn:
    """What is stored stays; the rest is computed by whoever goes on."""

    def test_a_cancelled_work_goes_on_where_it_stopped(self, world: World):
        route_run = started(world)
        job = routing_job(route_run)

        def cancelled(done, total, stage):
            if done == 2:
                raise jobs.Cancelled

        with pytest.raises(jobs.Cancelled):
            actions.compute_routes(route_run, cancelled, by=COORDINATOR)
        assert sums_of(route_run, EVERYWHERE).done == 2
        stored = {row.pk: row.computed_at for row in route_run.counties.filter(state="done")}
        with pytest.raises(PlanRefused, match="being computed"):
            actions.resume_routes(route_run, by=COORDINATOR)
        cancel_job(job, by=COORDINATOR)
        actions.resume_routes(route_run, by=COORDINATOR)
        jobs.drain()
        assert sums_of(route_run, EVERYWHERE).done == 4
        for row in route_run.counties.filter(pk__in=stored):
            assert row.computed_at == stored[row.pk]
        with pytest.raises(PlanRefused, match="nothing to go on with"):
            actions.resume_routes(route_run, by=COORDINATOR)

    def test_the_job_itself_can_be_tried_again(self, world: World):
        route_run = started(world)
        job = routing_job(route_run)
        cancel_job(job, by=COORDINATOR)
        retry_job(job, by=COORDINATOR)
        jobs.drain()
        assert sums_of(route_run, EVERYWHERE).done == 4
        assert Job.objects.get(pk=job.pk).result["done"] == 4

    def test_a_second_end_changes_nothing(self, world: World):
        route_run = started(world)
        jobs.drain()
        actions.compute_routes(route_run, quiet, by=COORDINATOR)
        assert Event.objects.filter(verb="routes.finished").count() == 1

    def test_one_county_is_computed_again_with_another_terrain(self, world: World):
        route_run = started(world)
        jobs.drain()
        before = row_of(route_run, "620101")
        other = row_of(route_run, "620102").computed_at
        actions.retry_county(before, by=COORDINATOR, circuity=1.8)
        route_run.refresh_from_db()
        assert route_run.state == RouteRun.State.GOING
        with pytest.raises(PlanRefused, match="being computed"):
            actions.retry_county(row_of(route_run, "620102"), by=COORDINATOR)
        jobs.drain()
        after = row_of(route_run, "620101")
        assert after.distance_m > before.distance_m
        assert row_of(route_run, "620102").computed_at == other
        told = Event.objects.get(verb="routes.retried")
        assert told.before == {"state": "done", "circuity": 1.35}
        assert told.chain == "county:620101"

    def test_routes_are_refused_while_others_of_the_plan_are_computed(self, world: World):
        route_run = started(world)
        with pytest.raises(PlanRefused, match="are being computed"):
            actions.start_routes(route_run.run, settings(), by=COORDINATOR)
        with pytest.raises(IntegrityError), transaction.atomic():
            RouteRun.objects.create(
                run=route_run.run, number=9, settings={}, by="x", created_at=route_run.created_at
            )

    def test_a_plan_that_is_not_computed_has_no_routes(self, world: World):
        world.ready(4)
        run = actions.open_run(world.campaign, by=COORDINATOR)
        with pytest.raises(PlanRefused, match="computed or published"):
            actions.start_routes(run, settings(), by=COORDINATOR)


class TestWhatMustBeTrue:
    """The database refuses what makes no sense."""

    @pytest.mark.parametrize(
        "values", [{"state": "done"}, {"state": "failed"}, {"county": "of another row"}]
    )
    def test_a_row_says_when_or_why(self, world: World, values):
        route_run = started(world)
        row = row_of(route_run, "620101")
        if "county" in values:
            values = {"county": world.counties[1]}
        with pytest.raises(IntegrityError), transaction.atomic():
            CountyRoutes.objects.filter(pk=row.pk).update(**values)

    def test_a_document_that_unpacks_without_end_is_refused(self, world: World, monkeypatch):
        route_run = started(world)
        jobs.drain()
        monkeypatch.setattr("tongzhou.plans.queries.routes.LARGEST_DOCUMENT_BYTES", 100)
        with pytest.raises(ValueError, match="unpack to more"):
            document_of(row_of(route_run, "620101"))

    def test_a_fleet_that_is_too_small_says_how_many_days_it_takes(self, world: World):
        route_run = started(world, vehicles=(Vehicle("van", 2, 1),))
        jobs.drain()
        assert row_of(route_run, "620101").days == 3


class Backwards:
    """An executor that has all tasks at once and begins with the last."""

    def run(self, work, tasks: list[Task]):
        yield from Here().run(work, list(tasks)[::-1])


class Poisoned:
    """An executor in which one county ends its process."""

    def run(self, work, tasks):
        for task in tasks:
            if task.name == "620102":
                yield Outcome(task.name, "poison", None, "It ended its worker 3 times.")
            else:
                yield from Here().run(work, [task])


def quiet(done: int, total: int, stage: str) -> None: ...
