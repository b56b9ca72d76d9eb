"""Asking what would change: who may, what is refused, what is shown, and what is kept of it."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from tongzhou.campaigns.actions import NewItem, add_item
from tongzhou.kit import clock, jobs
from tongzhou.kit.models import Event, Job
from tongzhou.kit.rules import Actor
from tongzhou.people.models import Account
from tongzhou.plans import actions
from tongzhou.plans.actions import PlanRefused, compute_run
from tongzhou.plans.actions.publish import post_parts
from tongzhou.plans.forms import changes_in, written_change
from tongzhou.plans.models import AllocationLine, CampaignLane, Run
from tongzhou.plans.queries.results import read_result
from tongzhou.supplies.models import Item
from tongzhou.supplies.queries import verify_ledger

from .test_asked import computed, goods, promise, published
from .world import COORDINATOR, NOW, REVIEWER, World

EN = {"accept-language": "en"}


@pytest.fixture
def run(world: World) -> Run:
    world.ready(8)
    return computed(world)


@pytest.fixture
def more(world) -> dict:
    return goods(world, "more", day="2023-01-10", units=6)


def actor(account: Account) -> Actor:
    return Actor("account", str(account.pk))


def asked(run: Run, *changes, by=COORDINATOR) -> Job:
    job = actions.ask(run, changes, by=by)
    jobs.drain()
    job.refresh_from_db()
    return job


def form(run: Run, **fields: object) -> tuple[str, dict]:
    return reverse("run-whatif", args=[run.pk]), {"add": "1", **fields}


class TestAsking:
    def test_an_answer_is_kept_with_the_job(self, world, run, more):
        job = asked(run, more)
        assert job.state == Job.State.DONE
        before, after = (job.result[name]["metrics"] for name in ("before", "after"))
        assert (before["units"], after["units"]) == (8, 14)
        assert (before["waiting"], after["waiting"]) == (8, 5)
        assert job.result["steps"][0]["units_more"] == 6
        assert not job.result["moved"]

    def test_the_same_question_is_the_same_job(self, run, more):
        assert (
            asked(run, more).pk
            == actions.ask(run, [dict(reversed(more.items()))], by=COORDINATOR).pk
        )

    def test_another_person_s_question_is_another_job(self, run, more):
        assert asked(run, more).pk != asked(run, more, by=REVIEWER).pk

    def test_a_plan_that_was_computed_again_is_asked_anew(self, world, run, more):
        first = asked(run, more)
        actions.override_line(run, world.clinics[11], world.item, 2, note="x", by=COORDINATOR)
        jobs.drain()
        run.refresh_from_db()
        assert asked(run, more).pk != first.pk

    def test_a_fourth_open_question_is_refused(self, world, run):
        for units in (2, 4, 6):
            actions.ask(run, [goods(world, "more", day="2023-01-10", units=units)], by=COORDINATOR)
        fourth = [goods(world, "more", day="2023-01-10", units=8)]
        with pytest.raises(PlanRefused, match="Three of your questions"):
            actions.ask(run, fourth, by=COORDINATOR)
        actions.ask(run, fourth, by=REVIEWER)

    @pytest.mark.parametrize("count", [0, 11])
    def test_one_to_ten_changes_are_asked(self, run, more, count):
        with pytest.raises(PlanRefused, match="Choose 1 to 10"):
            actions.ask(run, [more] * count, by=COORDINATOR)

    def test_a_plan_that_is_not_computed_cannot_be_asked(self, world, run, more):
        draft = actions.open_run(world.campaign, by=COORDINATOR)
        with pytest.raises(PlanRefused, match="computed or published"):
            actions.ask(draft, [more], by=COORDINATOR)

    def test_a_lane_of_a_plan_without_lanes_is_refused(self, world, run):
        change = {
            "kind": "lane",
            "dock": world.docks[0].pk,
            "recipient": world.recipients[0].pk,
            "day": "2023-01-08",
            "units": 0,
        }
        with pytest.raises(PlanRefused, match="no lanes"):
            actions.ask(run, [change], by=COORDINATOR)

    def test_answers_go_after_a_day(self, run, more):
        job = asked(run, more)
        with clock.fixed_at(NOW + timedelta(hours=23)):
            assert actions.forget_old() == 0
        with clock.fixed_at(NOW + timedelta(hours=25)):
            assert actions.forget_old() == 1
        assert not Job.objects.filter(pk=job.pk).exists()

    def test_needs_that_changed_meanwhile_are_told(self, world, run, more):
        type(world.clinics[0]).objects.filter(pk=world.clinics[11].pk).update(people65=9_000.0)
        assert asked(run, more).result["moved"]

    def test_a_refusal_in_the_work_is_said(self, world, run):
        """The check refuses what a person settled where the need no longer allows it."""
        actions.override_line(run, world.clinics[11], world.item, 2, note="x", by=COORDINATOR)
        jobs.drain()
        run.refresh_from_db()
        none = {"kind": "need", "division": world.counties[3].code, "item": "", "percent": 0}
        with pytest.raises(jobs.JobError, match="The check refuses this plan"):
            asked(run, none)


class TestKeeping:
    """An answer becomes a plan of its own; what was asked about stays."""

    def test_a_kept_plan_gives_what_the_answer_said(self, world, run, more):
        promise(world, 4, 12)
        run = computed(world)
        job = asked(run, more)
        kept = actions.keep(run, job.payload["changes"], by=COORDINATOR)
        assert kept.number == run.number + 1
        assert [wave.day.day for wave in kept.waves.order_by("number")] == [7, 10, 12]
        kept = compute_run(kept, by=COORDINATOR)
        assert kept.metrics["units"] == job.result["after"]["metrics"]["units"] == 18
        assert kept.metrics["left_units"] == 0
        (result,) = read_result(kept)
        assert result.units.sum(axis=0).tolist() == [8, 6, 4]

    def test_its_event_names_the_changes(self, world, run, more):
        kept = actions.keep(run, [more], by=COORDINATOR)
        event = Event.objects.filter(verb="plan.opened").order_by("pk").last()
        assert event.subject_id == str(kept.pk)
        assert event.after["changes"] == [more]

    def test_it_keeps_to_whom_goods_were_directed(self, world):
        world.ready(8)
        run = computed(world, directed=[world.recipients[1]])
        rises = {"kind": "need", "division": world.counties[0].code, "item": "", "percent": 500}
        kept = compute_run(actions.keep(run, [rises], by=COORDINATOR), by=COORDINATOR)
        (result,) = read_result(kept)
        assert set(result.recipient[result.total > 0].tolist()) == {world.recipients[1].pk}

    def test_what_nobody_has_is_planned_and_not_published(self, world, run):
        kept = actions.keep(run, [goods(world, "more", day="2023-01-07", units=6)], by=COORDINATOR)
        kept = actions.review_run(compute_run(kept, by=COORDINATOR), by=REVIEWER)
        assert kept.metrics["units"] == 14
        before = verify_ledger()
        kept = actions.publish_run(kept, by=REVIEWER)
        post_parts(kept, lambda *_: None, by=REVIEWER)
        lines = AllocationLine.objects.all()
        assert sum(line.units for line in lines) == 8
        assert {line.place_id for line in lines} == {c.pk for c in world.clinics[:4]}
        assert verify_ledger() == before

    def test_of_a_published_plan_the_next_one_has_what_is_left(self, world, run, more):
        published(run)
        world.ready(2, dock=1)
        run.refresh_from_db()
        kept = compute_run(actions.keep(run, [more], by=COORDINATOR), by=COORDINATOR)
        assert kept.metrics["units"] == 8

    def test_a_change_that_no_longer_fits_opens_nothing(self, world, run):
        less = goods(world, "fewer", day="2023-01-07", units=8)
        published(run)
        world.ready(2, dock=1)
        with pytest.raises(PlanRefused, match="takes away more than the 0 units"):
            actions.keep(run, [less], by=COORDINATOR)
        assert Run.objects.count() == 1

    def test_a_kept_plan_is_asked_about_with_its_changes(self, world, run, more):
        kept = compute_run(actions.keep(run, [more], by=COORDINATOR), by=COORDINATOR)
        job = asked(kept, goods(world, "more", day="2023-01-10", units=2))
        assert job.result["before"]["metrics"]["units"] == 14
        assert job.result["after"]["metrics"]["units"] == 16
        assert len(job.result["steps"]) == 1
        assert not job.result["moved"]


class TestForms:
    """One change at a time, out of what the plan has; without a script."""

    def add(self, client, run, **fields):
        url, data = form(run, **fields)
        return client.get(url, data, headers=EN)

    def chosen(self, answer) -> list[dict]:
        texts = parse_qs(urlsplit(answer["Location"]).query)["change"]
        changes, lost = changes_in(texts)
        assert not lost
        return changes

    def test_an_empty_page_says_what_to_choose(self, client, sign_in, world, run):
        sign_in("coordinator", world.nation)
        page = client.get(reverse("run-whatif", args=[run.pk]), headers=EN).text
        assert "Nothing is chosen yet" in page
        assert "More goods come" in page
        # There are no lanes to change and no promises to delay.
        assert "A lane closes" not in page
        assert "Goods come later" not in page

    def test_more_goods_are_added_to_the_address(self, client, sign_in, world, run):
        sign_in("coordinator", world.nation)
        fields = {"dock": world.docks[0].pk, "units": 6, "day": "2023-01-10"}
        answer = self.add(client, run, kind="more", **fields)
        assert self.chosen(answer) == [goods(world, "more", day="2023-01-10", units=6)]
        page = client.get(answer["Location"], headers=EN).text
        assert "6 units of 血氧仪 more at 码头0 on 10 January 2023" in page
        assert "Work out what would change" in page

    def test_with_two_items_the_item_is_asked(self, client, sign_in, world, run):
        mask = Item.objects.create(code="mask", name="口罩", base_unit="只")
        add_item(world.campaign, NewItem(mask, "clinic", 1, 1, 1, 10), by=COORDINATOR)
        sign_in("coordinator", world.nation)
        fields = {"dock": world.docks[0].pk, "units": 6, "day": "2023-01-10"}
        assert self.add(client, run, kind="more", **fields).status_code == 200
        answer = self.add(client, run, kind="more", item=mask.pk, **fields)
        assert self.chosen(answer)[0]["item"] == "mask"

    def test_fewer_than_there_are_is_said_at_the_field(self, client, sign_in, world, run):
        sign_in("coordinator", world.nation)
        fields = {"dock": world.docks[0].pk, "units": 9, "day": "2023-01-07"}
        page = self.add(client, run, kind="fewer", **fields).text
        assert "The dock has only 8 units from that day on" in page

    def test_a_county_must_be_in_the_area_of_who_asks(self, client, sign_in, world, run):
        sign_in("county_officer", world.counties[0])
        mine = self.add(client, run, kind="need", division=world.counties[0].code, percent=150)
        assert self.chosen(mine) == [
            {"kind": "need", "division": world.counties[0].code, "item": "oximeter", "percent": 150}
        ]
        other = self.add(client, run, kind="need", division=world.counties[1].code, percent=150)
        assert "Nothing in your area has this name" in other.text

    def test_a_place_counts_its_stock(self, client, sign_in, world, run):
        sign_in("coordinator", world.nation)
        answer = self.add(client, run, kind="recount", place=world.clinics[3].code, units=2)
        assert self.chosen(answer)[0]["place"] == world.clinics[3].code
        page = self.add(client, run, kind="recount", place="nowhere", units=2).text
        assert "Nothing in your area" in page

    def test_lanes_are_chosen_by_name(self, client, sign_in, world):
        CampaignLane.objects.create(
            campaign=world.campaign,
            dock=world.docks[0],
            recipient=world.recipients[0],
            lead_days=1,
        )
        world.ready(8)
        run = computed(world)
        sign_in("coordinator", world.nation)
        page = client.get(reverse("run-whatif", args=[run.pk]) + "?kind=lane", headers=EN).text
        assert "码头0 → 甘肃省" in page
        pair = f"{world.docks[0].pk}-{world.recipients[0].pk}"
        answer = self.add(client, run, kind="lane", lane=pair, units=0, day="2023-01-08")
        page = client.get(answer["Location"], headers=EN).text
        assert "The lane from 码头0 to 甘肃省 closes on 8 January 2023" in page
        takes = self.add(client, run, kind="inbound", recipient=world.recipients[0].pk, units=5)
        page = client.get(takes["Location"], headers=EN).text
        assert "甘肃省 takes in 5 units a day" in page

    def test_a_share_and_a_delay_are_said_in_words(self, client, sign_in, world):
        promise(world, 8, 10)
        run = computed(world)
        sign_in("coordinator", world.nation)
        dock = world.docks[1].pk
        half = self.add(client, run, kind="share", dock=dock, percent=50, day="2023-01-08")
        assert "码头1 gives 50% of its 血氧仪" in client.get(half["Location"], headers=EN).text
        late = self.add(client, run, kind="later", dock=dock, days=1)
        assert "comes 1 day later" in client.get(late["Location"], headers=EN).text

    def test_a_chosen_change_can_be_taken_out(self, client, sign_in, world, run, more):
        sign_in("coordinator", world.nation)
        url = reverse("run-whatif", args=[run.pk])
        page = client.get(url, {"change": [written_change(more)]}, headers=EN).text
        assert f'<a href="{url}"><span class="visually-hidden">Take out:' in page

    @pytest.mark.parametrize(
        "text",
        [
            "no json",
            "[]",
            '{"kind":"other"}',
            '{"kind":"inbound","recipient":1}',
            '{"kind":"inbound","recipient":true,"units":1}',
            '{"kind":"later","dock":1,"item":"","days":1,"more":1}',
            '{"kind":"more","dock":1,"item":"","day":"soon","units":1}',
            "x" * 401,
        ],
    )
    def test_what_cannot_be_read_is_left_out_and_said(self, client, sign_in, world, run, text):
        assert changes_in([text]) == ([], True)
        sign_in("coordinator", world.nation)
        page = client.get(reverse("run-whatif", args=[run.pk]), {"change": text}, headers=EN)
        assert "was left out" in page.text

    def test_what_is_not_of_this_plan_is_left_out(self, client, sign_in, world, run):
        sign_in("county_officer", world.counties[0])
        strange = [
            goods(world, "more", day="2023-01-10", units=1) | {"item": "mask"},
            goods(world, "more", day="2023-01-10", units=1) | {"dock": world.clinics[0].pk},
            {"kind": "inbound", "recipient": world.recipients[0].pk, "units": 1},
            {"kind": "need", "division": world.counties[1].code, "item": "", "percent": 5},
            {"kind": "recount", "place": world.clinics[9].code, "item": "oximeter", "units": 1},
        ]
        for change in strange:
            page = client.get(
                reverse("run-whatif", args=[run.pk]),
                {"change": written_change(change)},
                headers=EN,
            )
            assert "was left out" in page.text, change


class TestAnswers:
    def ask(self, client, run: Run, *changes: dict) -> str:
        """Ask on the page; the address of the answer."""
        url = reverse("run-whatif", args=[run.pk])
        answer = client.post(url, {"change": [written_change(change) for change in changes]})
        assert answer["Location"].startswith("/desk/jobs/")
        jobs.drain()
        return client.get(answer["Location"])["Location"]

    def test_the_answer_stands_beside_the_plan(self, client, sign_in, world, run, more):
        sign_in("coordinator", world.nation)
        page = client.get(self.ask(client, run, more), headers=EN).text
        assert "+3 places served by day 6 (10 January 2023), against Plan 1" in page
        assert "3 places get more: 6 units in all." in page
        assert page.count("<svg") >= 1
        assert "Keep this as a new plan" in page
        assert "+6" in page
        assert "Fill of the worst-off place" in page

    def test_before_it_is_answered_the_page_shows_the_work(self, client, sign_in, run, world, more):
        by = actor(sign_in("coordinator", world.nation))
        job = actions.ask(run, [more], by=by)
        answer = client.get(reverse("run-answer", args=[run.pk, job.pk]))
        assert answer["Location"] == reverse("job", args=[job.pk])

    def test_the_refusal_is_said_on_the_page(self, client, sign_in, world, run, more):
        by = actor(sign_in("coordinator", world.nation))
        for units in (2, 4, 6):
            actions.ask(run, [goods(world, "more", day="2023-01-11", units=units)], by=by)
        url = reverse("run-whatif", args=[run.pk])
        page = client.post(url, {"change": written_change(more)}, headers=EN).text
        assert "Three of your questions" in page
        assert "6 units of 血氧仪 more" in page

    def test_a_county_officer_sees_their_county_of_it(self, client, sign_in, world, run, more):
        sign_in("county_officer", world.counties[1])
        page = client.get(self.ask(client, run, more), headers=EN).text
        assert world.counties[1].name in page
        assert world.counties[2].name not in page
        assert "Keep this as a new plan" not in page

    def test_whoever_sees_less_sees_only_their_own_answers(self, client, sign_in, world, run, more):
        job = asked(run, more, by=REVIEWER)
        url = reverse("run-answer", args=[run.pk, job.pk])
        sign_in("county_officer", world.counties[1])
        assert client.get(url).status_code == 404
        sign_in("auditor", world.nation)
        assert client.get(url).status_code == 200

    def test_a_place_of_another_county_is_not_named(self, client, sign_in, world, run):
        full = {
            "kind": "recount",
            "place": world.clinics[0].code,
            "item": "oximeter",
            "units": 2,
        }
        kept = compute_run(actions.keep(run, [full], by=COORDINATOR), by=COORDINATOR)
        sign_in("county_officer", world.counties[3])
        page = client.get(reverse("run", args=[kept.pk]), headers=EN).text
        assert "a place outside your area counts 2 units" in page

    def test_an_answer_of_yesterday_is_not_there(self, client, sign_in, world, run, more):
        by = actor(sign_in("coordinator", world.nation))
        job = asked(run, more, by=by)
        with clock.fixed_at(NOW + timedelta(hours=25)):
            assert client.get(reverse("run-answer", args=[run.pk, job.pk])).status_code == 404

    def test_a_province_opens_its_counties(self, client, sign_in, world, run, more):
        sign_in("coordinator", world.nation)
        url = self.ask(client, run, more)
        page = client.get(url, {"within": world.provinces[0].code}, headers=EN).text
        assert world.counties[1].name in page
        assert world.counties[2].name not in page

    def test_keeping_leads_to_the_new_plan(self, client, sign_in, world, run, more):
        by = actor(sign_in("coordinator", world.nation))
        job = asked(run, more, by=by)
        answer = client.post(reverse("run-keep", args=[run.pk, job.pk]))
        kept = Run.objects.get(number=2)
        assert answer["Location"] == reverse("run", args=[kept.pk])
        jobs.drain()
        page = client.get(answer["Location"], headers=EN).text
        assert "Planned with changes" in page
        assert "6 units of 血氧仪 more at 码头0" in page
        sign_in("reviewer", world.nation)
        page = client.get(reverse("run-approve", args=[kept.pk]), headers=EN).text
        assert "6 units of 血氧仪 more at 码头0" in page

    def test_whoever_may_not_run_plans_keeps_nothing(self, client, sign_in, world, run, more):
        by = actor(sign_in("auditor", world.nation))
        job = asked(run, more, by=by)
        assert client.post(reverse("run-keep", args=[run.pk, job.pk])).status_code == 403
        assert Run.objects.count() == 1

    def test_a_refused_keeping_is_said(self, client, sign_in, world, run, more):
        from tongzhou.campaigns.actions import change_state

        by = actor(sign_in("coordinator", world.nation))
        job = asked(run, more, by=by)
        change_state(world.campaign, "closed", by=COORDINATOR)
        page = client.post(reverse("run-keep", args=[run.pk, job.pk]), headers=EN, follow=True).text
        assert "The campaign is not open" in page

    def test_chinese_says_it_whole(self, client, sign_in, world, run, more):
        sign_in("coordinator", world.nation)
        url = self.ask(client, run, more)
        page = client.get(url, headers={"accept-language": "zh-hans"}).text
        assert "另存为新方案" in page
        assert "2023年1月10日" in page
