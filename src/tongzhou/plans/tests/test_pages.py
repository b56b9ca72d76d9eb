"""The plans pages as their readers see them, in both languages."""

from datetime import date

import pytest
from django.urls import reverse

from tongzhou.campaigns.actions import change_state
from tongzhou.kit import clock
from tongzhou.kit.models import Event
from tongzhou.people.models import RoleGrant
from tongzhou.people.queries import actor
from tongzhou.plans.actions import compute_run, open_run, review_run
from tongzhou.plans.models import Run
from tongzhou.plans.queries.explain import explain
from tongzhou.plans.queries.runs import difference
from tongzhou.plans.queries.summary import summary
from tongzhou.plans.views.pictures import coverage
from tongzhou.plans.views.words import sentences

from .world import COORDINATOR, NOW, World


@pytest.fixture
def run(world: World) -> Run:
    world.ready(8)
    return compute_run(open_run(world.campaign, by=COORDINATOR), by=COORDINATOR)


class TestPages:
    """What a coordinator and a county officer see of a run."""

    @pytest.mark.parametrize(("language", "words"), [("en", "Plan 1"), ("zh-hans", "方案 1")])
    def test_the_run_shows_its_figures_and_map(self, client, sign_in, world, run, language, words):
        sign_in("coordinator", world.nation)
        page = client.get(reverse("run", args=[run.pk]), HTTP_ACCEPT_LANGUAGE=language)
        body = page.content.decode()
        assert words in body
        assert "<svg" in body
        assert "甘肃省" in body

    def test_a_run_is_opened_by_form_and_computed_by_the_worker(self, client, sign_in, world):
        from tongzhou.kit import jobs

        sign_in("coordinator", world.nation)
        world.ready(4)
        answer = client.post(
            reverse("run-new", args=[world.campaign.public_id]), {"with_promises": "on"}
        )
        made = Run.objects.get()
        assert answer["Location"] == reverse("run", args=[made.pk])
        jobs.drain()
        made.refresh_from_db()
        assert made.state == Run.State.COMPUTED

    def test_a_county_officer_sees_the_county_and_no_other(self, client, sign_in, world, run):
        sign_in("county_officer", world.counties[0])
        mine = client.get(reverse("run-division", args=[run.pk, world.counties[0].code]))
        other = client.get(reverse("run-division", args=[run.pk, world.counties[1].code]))
        assert mine.status_code == 200
        assert "卫生室0" in mine.content.decode()
        assert other.status_code == 404

    def test_the_explanation_says_rank_and_what_comes(self, client, sign_in, world, run):
        sign_in("county_officer", world.counties[1])
        clinic = world.clinics[4]
        page = client.get(
            reverse("run-place", args=[run.pk, clinic.code]), HTTP_ACCEPT_LANGUAGE="en"
        ).content.decode()
        assert "number 5 of" in page
        assert "its drop comes when 2 units more are there" in page
        assert "Change this line" not in page

    @pytest.mark.parametrize(("giver", "told"), [(str(COORDINATOR), True), ("account:1", False)])
    def test_an_approver_named_by_the_runner_is_told(
        self, client, sign_in, world, run, giver, told
    ):
        reviewer = sign_in("reviewer", world.nation)
        RoleGrant.objects.filter(account=reviewer).update(granted_by=giver)
        review_run(run, by=actor(reviewer))
        page = client.get(reverse("run", args=[run.pk]), headers={"accept-language": "en"})
        assert ("also gave its approver a role" in page.text) is told

    def test_an_officer_cannot_override(self, client, sign_in, world, run):
        sign_in("county_officer", world.counties[1])
        url = reverse("run-place", args=[run.pk, world.clinics[4].code])
        assert client.post(url, {"units": 2, "note": "x"}).status_code == 403
        assert not run.overrides.exists()

    def test_a_coordinator_overrides_with_a_note(self, client, sign_in, world, run):
        sign_in("coordinator", world.nation)
        url = reverse("run-place", args=[run.pk, world.clinics[11].code])
        client.post(url, {"units": 2, "note": "floods"})
        assert run.overrides.get().note == "floods"
        assert Event.objects.filter(verb="plan.overridden").count() == 1

    def test_approval_and_publishing_take_two_people(self, client, sign_in, world, run):
        sign_in("reviewer", world.nation)
        client.post(reverse("run-approve", args=[run.pk]))
        answer = client.post(reverse("run-publish", args=[run.pk]))
        run.refresh_from_db()
        assert run.state == Run.State.PUBLISHING
        assert "/desk/jobs/" in answer["Location"]

    def test_an_approved_plan_of_a_closed_campaign_waits_until_it_is_open_again(
        self, client, sign_in, world, run
    ):
        sign_in("reviewer", world.nation)
        client.post(reverse("run-approve", args=[run.pk]))
        change_state(world.campaign, "closed", by=COORDINATOR)
        publish = reverse("run-publish", args=[run.pk])
        page = client.post(publish, HTTP_ACCEPT_LANGUAGE="en").content.decode()
        assert "The campaign is closed. Open it again, then publish the plan." in page
        run.refresh_from_db()
        assert (run.state, run.parts.count()) == (Run.State.REVIEWED, 0)
        change_state(world.campaign, "open", by=COORDINATOR)
        assert "/desk/jobs/" in client.post(publish)["Location"]

    def test_comparing_shows_signed_differences(self, client, sign_in, world, run):
        sign_in("coordinator", world.nation)
        with clock.fixed_at(NOW):
            world.ready(4, dock=1)
        more = compute_run(open_run(world.campaign, by=COORDINATOR), by=COORDINATOR)
        url = reverse("run-compare", args=[more.pk]) + "?other=1"
        page = client.get(url, HTTP_ACCEPT_LANGUAGE="en").content.decode()
        assert "+4" in page
        assert "+2 places served by day 3 (7 January 2023), against Plan 1" in page
        back = reverse("run-compare", args=[run.pk]) + "?other=2"
        fewer = client.get(back, HTTP_ACCEPT_LANGUAGE="en").content.decode()
        assert "−4" in fewer
        assert "−2 places served" in fewer

    def test_the_worst_off_stand_beside_the_average(self, client, sign_in, world, run):
        sign_in("coordinator", world.nation)
        world.ready(16, dock=1)
        more = compute_run(open_run(world.campaign, by=COORDINATOR), by=COORDINATOR)
        url = reverse("run-compare", args=[more.pk]) + "?other=1"
        page = client.get(url, HTTP_ACCEPT_LANGUAGE="en").text
        assert "Share of places served, average" in page
        assert "+67 points" in page
        assert "Fill of the worst-off place" in page
        assert page.count("not reached") == 3

    def test_a_province_opens_its_counties_and_nobody_elses(self, client, sign_in, world, run):
        world.ready(4, dock=1)
        more = compute_run(open_run(world.campaign, by=COORDINATOR), by=COORDINATOR)
        url = reverse("run-compare", args=[more.pk]) + "?other=1&within="
        sign_in("county_officer", world.counties[0])
        assert client.get(url + world.provinces[0].code).status_code == 404
        sign_in("coordinator", world.nation)
        page = client.get(url + world.provinces[0].code).text
        assert world.counties[1].name in page
        assert world.counties[2].name not in page

    def test_an_empty_list_says_what_to_do_first(self, client, sign_in, world):
        sign_in("coordinator", world.nation)
        url = reverse("runs", args=[world.campaign.public_id])
        page = client.get(url, HTTP_ACCEPT_LANGUAGE="en").content.decode()
        assert "Run the first plan" in page


class TestExplaining:
    """Every quantity can be explained in sentences."""

    def test_a_served_place_has_nothing_to_wait_for(self, world, run):
        (fact,) = explain(run, world.clinics[0])
        assert fact.waiting == 0
        assert fact.more_units is None
        assert "It then has all it may get." in sentences(fact)

    def test_a_directed_wave_is_named_to_those_it_passes_by(self, world):
        world.ready(4)
        opened = open_run(world.campaign, by=COORDINATOR, directed=[world.recipients[1]])
        run = compute_run(opened, by=COORDINATOR)
        (fact,) = explain(run, world.clinics[0])
        assert any("directed to 青海省" in line for line in sentences(fact))

    def test_the_difference_of_two_runs_is_by_division(self, world, run):
        world.ready(4, dock=1)
        more = compute_run(open_run(world.campaign, by=COORDINATOR), by=COORDINATOR)
        (top,) = difference(run, more, world.nation, level=0)
        assert (top.units_change, top.served_change) == (4, 2)


class TestWavesAndDays:
    """Who is served after each wave, on maps and by day."""

    @pytest.fixture
    def two_waves(self, world: World) -> Run:
        world.ready(8)
        opened = open_run(world.campaign, by=COORDINATOR, directed=[world.recipients[1]])
        return compute_run(opened, by=COORDINATOR)

    def test_counties_are_counted_before_the_run_and_after_each_wave(self, world, run):
        found = summary(run)
        assert found.places.tolist() == [3, 3, 3, 3]
        assert found.served[:, -1].tolist() == [3, 1, 0, 0]
        assert found.shares() == [0.0, pytest.approx(4 / 12)]

    def test_the_least_served_place_and_the_spread_are_told(self, run):
        (item,) = summary(run).fairness
        assert (item.least, item.p5) == (0.0, 0.0)
        assert 0 < item.gini < 1

    def test_equal_units_for_equal_weights_are_even(self, world):
        type(world.clinics[0]).objects.update(people65=100.0)
        world.ready(24)
        run = compute_run(open_run(world.campaign, by=COORDINATOR), by=COORDINATOR)
        (item,) = summary(run).fairness
        assert (item.least, item.gini) == (1.0, pytest.approx(0.0))

    def test_a_directed_wave_names_its_recipients_and_frames_them(
        self, client, sign_in, world, two_waves
    ):
        sign_in("coordinator", world.nation)
        page = client.get(reverse("run", args=[two_waves.pk]), HTTP_ACCEPT_LANGUAGE="en")
        assert page.text.count('class="tiles small"') == 1
        assert page.text.count('stroke="var(--tz-series2)" stroke-width="3"') == 1
        assert ">青海省</td>" in page.text

    def test_the_finding_says_what_the_goods_do_not_reach(self, client, sign_in, world, run):
        sign_in("coordinator", world.nation)
        page = client.get(reverse("run", args=[run.pk]), HTTP_ACCEPT_LANGUAGE="en").text
        assert "The goods known to this plan do not reach 50%, 95%, 99%." in page
        assert ">Deadline</span>" in page
        assert ">Today</span>" in page

    def test_whoever_sees_one_county_gets_it_as_a_bar_that_opens(self, client, sign_in, world, run):
        sign_in("county_officer", world.counties[1])
        page = client.get(reverse("run", args=[run.pk])).text
        inside = reverse("run-division", args=[run.pk, world.counties[1].code])
        assert 'class="tiles' not in page
        assert page.count(f"/desk/plans/{run.pk}/divisions/") == 1
        assert client.get(inside).status_code == 200

    def test_a_second_look_asks_few_questions(
        self, client, sign_in, world, run, django_assert_max_num_queries
    ):
        sign_in("coordinator", world.nation)
        client.get(reverse("run", args=[run.pk]))
        with django_assert_max_num_queries(40):
            client.get(reverse("run", args=[run.pk]))

    def test_of_the_days_before_it_a_plan_says_nothing(self, world, run):
        planned = coverage(run, list(run.waves.all()))
        assert planned.on(date(2023, 1, 6)) is None
        assert planned.on(date(2023, 1, 7)) == pytest.approx(4 / 12)
        assert planned.day_of(0.5) is None
