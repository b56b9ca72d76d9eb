"""The pages of routes as their readers see them, in both languages."""

import csv
import json
from collections import Counter

import pytest
from django.urls import reverse

from tongzhou.kit import jobs
from tongzhou.kit.actions import cancel_job
from tongzhou.kit.models import Event
from tongzhou.places.models import Place
from tongzhou.planning.routing import Vehicle
from tongzhou.planning.routing.documents import answer_from_bytes
from tongzhou.plans import actions
from tongzhou.plans.forms import RouteForm
from tongzhou.plans.models import CountyRoutes, RouteRun
from tongzhou.plans.queries.routes import document_of, routing_job

from .routing import computed_plan, on_the_map, row_of, started
from .test_routes import Poisoned, quiet
from .world import COORDINATOR, World

TYPED = {
    "capacity": "4",
    "count": "",
    "days": "2",
    "starts": "08:30",
    "ends": "17:00",
    "service": "15",
    "speed": "30",
    "circuity": "1.5",
    "terrains": "62 山区\n630101 1.2",
    "effort": "20000",
}


@pytest.fixture(autouse=True)
def in_this_process(settings):
    settings.ROUTE_WORKERS = 0
    settings.DASK_SCHEDULER = settings.MATRIX_URL = ""


@pytest.fixture
def routed(world: World) -> RouteRun:
    route_run = started(world)
    jobs.drain()
    return route_run


def read(client, name: str, *args, language: str = "en", query: str = "") -> str:
    page = client.get(reverse(name, args=args) + query, HTTP_ACCEPT_LANGUAGE=language)
    assert page.status_code == 200
    return page.content.decode()


class TestStarting:
    """From the plan's page to the list of counties."""

    def test_the_plan_leads_to_its_routes_and_they_to_the_form(self, client, sign_in, world):
        run = computed_plan(world)
        sign_in("coordinator", world.nation)
        assert reverse("run-routes", args=[run.pk]) in read(client, "run", run.pk)
        body = read(client, "run-routes", run.pk)
        assert "No routes of this plan were found yet." in body
        assert reverse("routes-new", args=[run.pk]) in body
        assert 'value="08:00"' in read(client, "routes-new", run.pk)

    def test_the_form_sets_the_work_going(self, client, sign_in, world):
        on_the_map(world)
        run = computed_plan(world)
        sign_in("coordinator", world.nation)
        answer = client.post(reverse("routes-new", args=[run.pk]), TYPED)
        route_run = RouteRun.objects.get()
        assert answer["Location"] == reverse("route-run", args=[run.pk, 1])
        assert route_run.settings["vehicles"][0]["capacity"] == 4
        assert (route_run.settings["start_s"], route_run.settings["end_s"]) == (30_600, 61_200)
        assert route_run.settings["service_s"] == 900
        rows = route_run.counties.order_by("county__first")
        assert [row.circuity for row in rows] == [1.8, 1.8, 1.2, 1.5]
        assert "0 of 4 counties are computed" in read(client, "route-run", run.pk, 1)

    @pytest.mark.parametrize(
        ("typed", "words"),
        [
            ({"terrains": "62"}, "Write a code and plain"),
            ({"terrains": "62 7"}, "Write a code and plain"),
            ({"terrains": "62 steep"}, "Write a code and plain"),
            ({"terrains": "1 1.2\n" * 3_001}, "at most 3000 are read"),
            ({"ends": "08:30"}, "Choose an hour after"),
            ({"capacity": "0"}, "greater than or equal to 1"),
            ({"circuity": "3"}, "valid choice"),
        ],
    )
    def test_what_makes_no_sense_is_said_beside_its_field(self, typed, words):
        form = RouteForm({**TYPED, **typed})
        assert not form.is_valid()
        assert words in str(form.errors)

    def test_a_refusal_is_shown_on_the_form(self, client, sign_in, world):
        route_run = started(world)
        sign_in("coordinator", world.nation)
        url = reverse("routes-new", args=[route_run.run_id])
        page = client.post(url, TYPED, HTTP_ACCEPT_LANGUAGE="en")
        assert "being computed" in page.content.decode()

    def test_a_plan_that_is_not_computed_says_so(self, client, sign_in, world):
        world.ready(4)
        run = actions.open_run(world.campaign, by=COORDINATOR)
        sign_in("coordinator", world.nation)
        assert "this one is not" in read(client, "run-routes", run.pk)


class TestLooking:
    """The list of counties, and one county with its trips."""

    @pytest.mark.parametrize(
        ("language", "words"),
        [("en", ("Routes 1", "vehicle-days")), ("zh-hans", ("路线 1", "出车"))],
    )
    def test_the_counties_are_listed_with_their_figures(
        self, client, sign_in, world, routed, language, words
    ):
        sign_in("coordinator", world.nation)
        body = read(client, "route-run", routed.run_id, 1, language=language)
        assert all(word in body for word in (*words, "甘1县", "青2县"))
        assert words[0] in read(client, "run-routes", routed.run_id, language=language)

    def test_a_county_officer_sees_one_county_only(self, client, sign_in, world, routed):
        sign_in("county_officer", world.counties[0])
        body = read(client, "route-run", routed.run_id, 1)
        assert "甘1县" in body
        assert "甘2县" not in body
        assert "甘1县" in read(client, "county-routes", routed.run_id, 1, "620101")
        away = client.get(reverse("county-routes", args=[routed.run_id, 1, "620102"]))
        assert away.status_code == 404

    @pytest.mark.parametrize("language", ["en", "zh-hans"])
    def test_a_county_shows_its_trips_its_map_and_what_is_estimated(
        self, client, sign_in, world, routed, language
    ):
        sign_in("county_officer", world.counties[0])
        body = read(client, "county-routes", routed.run_id, 1, "620101", language=language)
        assert body.count("?trip=") == 2
        assert "<svg" in body
        words = {
            "en": ("1 of 3 stops stand at estimated points", "the straight line times 1.35"),
            "zh-hans": ("3 个停靠点中有 1 个的位置是估计的", "直线距离乘以 1.35"),
        }
        assert all(word in body for word in words[language])

    def test_one_trip_is_shown_alone_with_its_stops(self, client, sign_in, world, routed):
        sign_in("county_officer", world.counties[0])
        args = (routed.run_id, 1, "620101")
        body = read(client, "county-routes", *args, query="?trip=1")
        assert "Stops of trip 1 in their order" in body
        assert "estimated point" in body or "卫生室1" in body
        assert "Stops of trip" not in read(client, "county-routes", *args, query="?trip=99")
        assert "Stops of trip" not in read(client, "county-routes", *args, query="?trip=x")

    def test_clinics_on_no_route_are_named_with_the_reason(self, client, sign_in, world):
        route_run = started(world, vehicles=(Vehicle("bike", 1),))
        jobs.drain()
        sign_in("coordinator", world.nation)
        body = read(client, "county-routes", route_run.run_id, 1, "620101")
        assert "卫生室0" in body
        assert "It gets more than the largest vehicle holds" in body
        row_of(route_run, "630102").delete()
        CountyRoutes.objects.filter(county__code="620101").update(left_out=0)
        body = read(client, "route-run", route_run.run_id, 1)
        assert "3 clinics on no route" in body
        assert body.index("甘2县") < body.index("甘1县")
        only = read(client, "route-run", route_run.run_id, 1, query="?state=left_out")
        assert "甘2县" in only
        assert "甘1县" not in only

    def test_a_fleet_that_is_too_small_is_said(self, client, sign_in, world):
        route_run = started(world, vehicles=(Vehicle("van", 2, 1),))
        jobs.drain()
        sign_in("coordinator", world.nation)
        body = read(client, "county-routes", route_run.run_id, 1, "620101")
        assert "it takes 3 days; the plan gives 1." in body
        assert "Takes 3 days" in read(client, "route-run", route_run.run_id, 1)

    @pytest.mark.parametrize(("depot", "words"), [("seat", "county's seat"), ("middle", "middle")])
    def test_where_routes_begin_without_a_depot_is_said(
        self, client, sign_in, world, routed, depot, words
    ):
        CountyRoutes.objects.filter(route_run=routed).update(depot=depot)
        sign_in("coordinator", world.nation)
        body = read(client, "county-routes", routed.run_id, 1, "620101").replace("&#x27;", "'")
        assert words in body

    def test_a_failed_county_comes_first_with_its_reason(self, client, sign_in, world):
        route_run = started(world)
        actions.compute_routes(route_run, quiet, by=COORDINATOR, executor=Poisoned())
        sign_in("coordinator", world.nation)
        body = read(client, "route-run", route_run.run_id, 1)
        assert body.index("甘2县") < body.index("甘1县")
        assert "It ended the process that computed it" in body
        body = read(client, "county-routes", route_run.run_id, 1, "620102")
        assert "It ended its worker 3 times." in body
        only = read(client, "route-run", route_run.run_id, 1, query="?state=failed")
        assert "甘1县" not in only
        none = read(client, "route-run", route_run.run_id, 1, query="?state=waiting")
        assert "No county is in this state." in none


class TestGoingOn:
    """Work that stopped goes on; a county is computed again."""

    def test_stopped_work_is_said_and_goes_on_by_a_button(self, client, sign_in, world):
        route_run = started(world)
        cancel_job(routing_job(route_run), by=COORDINATOR)
        sign_in("coordinator", world.nation)
        assert "The work stopped; 4 counties" in read(client, "route-run", route_run.run_id, 1)
        assert "Stopped" in read(client, "run-routes", route_run.run_id)
        client.post(reverse("routes-resume", args=[route_run.run_id, 1]))
        jobs.drain()
        assert "The work stopped" not in read(client, "route-run", route_run.run_id, 1)
        url = reverse("routes-resume", args=[route_run.run_id, 1])
        client.post(url, HTTP_ACCEPT_LANGUAGE="en")
        assert "nothing to go on with" in read(client, "route-run", route_run.run_id, 1)

    def test_a_county_is_computed_again_by_form(self, client, sign_in, world, routed):
        account = sign_in("coordinator", world.nation)
        args = [routed.run_id, 1, "620101"]
        CountyRoutes.objects.filter(route_run=routed).update(circuity=1.2)
        assert "As now: 1.2 times" in read(client, "county-routes", *args)
        assert reverse("routes-retry", args=args) in read(client, "county-routes", *args)
        answer = client.post(reverse("routes-retry", args=args), {"circuity": "1.8"})
        assert answer["Location"] == reverse("job", args=[routing_job(routed).pk])
        assert Event.objects.get(verb="routes.retried").actor == f"account:{account.pk}"
        again = client.post(reverse("routes-retry", args=args), {"circuity": "1.8"})
        assert again["Location"] == reverse("county-routes", args=args)
        assert "still to be put on routes" in read(client, "county-routes", *args)
        jobs.drain()
        assert row_of(routed, "620101").circuity == 1.8
        assert client.get(reverse("job", args=[routing_job(routed).pk]))["Location"].endswith(
            "/routes/1/620101/"
        )


class TestFiles:
    """The same routes for a spreadsheet and for a map."""

    def test_the_table_has_a_row_for_each_stop_in_the_order_of_driving(
        self, client, sign_in, world, routed
    ):
        sign_in("county_officer", world.counties[0])
        Place.objects.filter(pk=world.clinics[0].pk).update(name="=HYPERLINK(1)")
        actions.retry_county(row_of(routed, "620101"), by=COORDINATOR)
        jobs.drain()
        answer = client.get(reverse("county-routes-csv", args=[routed.run_id, 1, "620101"]))
        text = b"".join(answer.streaming_content).decode("utf-8-sig")
        rows = list(csv.DictReader(text.splitlines()))
        assert {row["stop"] for row in rows} == {clinic.code for clinic in world.clinics[:3]}
        assert [row["vehicle"] for row in rows] == ["van 1", "van 1", "van 2"]
        assert [row["order"] for row in rows] == ["1", "2", "1"]
        assert {(row["units"], row["items"]) for row in rows} == {("2", "血氧仪 2")}
        assert [row["name"] for row in rows if "HYPERLINK" in row["name"]] == ["'=HYPERLINK(1)"]
        assert [row["estimated"] for row in rows].count("yes") == 1

    def test_the_map_file_has_a_line_for_each_trip_and_a_point_for_each_stop(
        self, client, sign_in, world, routed
    ):
        sign_in("county_officer", world.counties[0])
        answer = client.get(reverse("county-routes-geojson", args=[routed.run_id, 1, "620101"]))
        features = json.loads(b"".join(answer.streaming_content))["features"]
        kinds = Counter(feature["properties"]["kind"] for feature in features)
        assert kinds == {"depot": 2, "trip": 2, "stop": 3}
        lines = [
            f["geometry"]["coordinates"] for f in features if f["properties"]["kind"] == "trip"
        ]
        assert all(line[0] == line[-1] == [103.0, 36.0] for line in lines)
        driven = [point for line in lines for point in line]
        for feature in features:
            if feature["properties"]["kind"] == "stop":
                assert feature["geometry"]["coordinates"] in driven

    def test_a_county_that_is_not_done_has_no_files(self, client, sign_in, world):
        route_run = started(world)
        sign_in("county_officer", world.counties[0])
        for name in ("county-routes-csv", "county-routes-geojson"):
            url = reverse(name, args=[route_run.run_id, 1, "620101"])
            assert client.get(url).status_code == 404


def test_a_program_reads_the_document_of_its_county(client, sign_in, world, routed):
    sign_in("county_officer", world.counties[0])
    answer = client.get(f"/api/v1/plans/{routed.run_id}/routes/620101")
    assert answer.status_code == 200
    assert answer.content == document_of(row_of(routed, "620101"))
    assert len(answer_from_bytes(answer.content).trips) == 2
    assert client.get(f"/api/v1/plans/{routed.run_id}/routes/620102").status_code == 404
    assert client.get(f"/api/v1/plans/{routed.run_id}/routes/62").status_code == 404
