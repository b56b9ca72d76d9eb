"""Questions that somebody wrote by hand, asked twice, or of what is gone: never an error page."""

import json
import re
from datetime import timedelta

import pytest
from django.urls import reverse

from tongzhou.campaigns.actions import NewItem, add_item
from tongzhou.kit import clock, jobs
from tongzhou.kit.jobs import JobError
from tongzhou.kit.models import Job
from tongzhou.kit.rules import Actor
from tongzhou.people.models import Account
from tongzhou.places.models import Place
from tongzhou.plans import actions
from tongzhou.plans.actions import PlanRefused, compute_run
from tongzhou.plans.actions.asked import planned
from tongzhou.plans.actions.one_list import published_in
from tongzhou.plans.forms import changes_in, written_change
from tongzhou.plans.models import CampaignLane, Run
from tongzhou.plans.queries.results import read_result, written
from tongzhou.supplies.models import Item

from .test_asked import computed, goods, promise, published
from .world import COORDINATOR, NOW, REVIEWER, World

EN = {"accept-language": "en"}


@pytest.fixture
def run(world: World) -> Run:
    world.ready(8)
    return computed(world)


@pytest.fixture
def signed_in(client, sign_in):
    sign_in("coordinator")
    return client


def need(code: str = "62", percent: object = 5, **more: object) -> dict:
    return {"kind": "need", "division": code, "item": "", "percent": percent, **more}


class TestWritten:
    """What an address may say; `json.dumps` escapes what no database can keep."""

    @pytest.mark.parametrize(
        "change",
        [
            need("a\0b"),
            need("\ud800"),
            need("62\n"),
            need(""),
            need(percent=5.0),
            need(percent=float("nan")),
            need(percent=1_001),
            need(percent=-1),
            {"kind": "recount", "place": "x", "item": "\ud800", "units": 5},
            {"kind": "recount", "place": "x", "item": "", "units": 5},
            {"kind": "more", "dock": 1, "item": "", "day": "2023-01-10", "units": 5},
            {"kind": "fewer", "dock": 1, "item": "", "day": "2023-01-10", "units": 5},
            {"kind": "more", "dock": 1, "item": "x", "day": "2200-01-01", "units": 5},
            {"kind": "more", "dock": 1, "item": "x", "day": "1999-12-31", "units": 5},
            {"kind": "more", "dock": 1, "item": "x", "day": "2023-01-10", "units": 10**9 + 1},
            {"kind": "more", "dock": 2**63, "item": "x", "day": "2023-01-10", "units": 5},
            {"kind": "more", "dock": 0, "item": "x", "day": "2023-01-10", "units": 5},
            {"kind": "share", "dock": 1, "item": "", "day": "2023-01-10", "percent": 100},
            {"kind": "later", "dock": 1, "item": "", "days": 0},
            {"kind": "later", "dock": 1, "item": "", "days": 91},
            {"kind": ["need"]},
        ],
    )
    def test_it_is_not_read(self, change):
        assert changes_in([json.dumps(change)]) == ([], True)

    def test_at_its_limits_it_is(self):
        for change in (
            need(percent=1_000),
            {"kind": "more", "dock": 1, "item": "x", "day": "2199-12-31", "units": 10**9},
            {"kind": "share", "dock": 1, "item": "", "day": "2023-01-10", "percent": 99},
            {"kind": "later", "dock": 1, "item": "", "days": 90},
        ):
            assert changes_in([json.dumps(change)]) == ([change], False)

    def test_of_eleven_the_last_is_left_out(self):
        texts = [written_change(need(percent=n)) for n in range(11)]
        assert changes_in(texts[:10]) == ([need(percent=n) for n in range(10)], False)
        assert changes_in(texts) == ([need(percent=n) for n in range(10)], True)

    def test_a_page_with_ten_thousand_letters_is_a_page(self, signed_in, run):
        url = reverse("run-whatif", args=[run.pk])
        page = signed_in.get(url, {"change": ["x" * 10_000, json.dumps(need("\ud800"))]})
        assert page.status_code == 200

    def test_days_of_another_year_are_left_out(self, signed_in, world, run):
        url = reverse("run-whatif", args=[run.pk])
        for day, lost in (("2024-01-07", False), ("2024-01-08", True)):
            text = written_change(goods(world, "more", day=day, units=2))
            page = signed_in.get(url, {"change": text}, headers=EN).text
            assert ("was left out" in page) is lost

    def test_a_dock_that_no_lane_leads_away_from_is_left_out(self, signed_in, world):
        CampaignLane.objects.create(
            campaign=world.campaign, dock=world.docks[0], recipient=world.recipients[0], lead_days=1
        )
        world.ready(8)
        url = reverse("run-whatif", args=[computed(world).pk])
        for dock, lost in ((0, False), (1, True)):
            text = written_change(goods(world, "more", dock, day="2023-01-10", units=2))
            assert ("was left out" in signed_in.get(url, {"change": text}, headers=EN).text) is lost


class TestTooMuch:
    def test_needs_beyond_all_numbers_are_refused_in_words(self, run):
        with pytest.raises(PlanRefused, match=r"more than 1,000,000,000 units"):
            planned(run, [need("cn", 1_000)] * 9)

    def test_goods_beyond_what_the_engine_takes_are_refused_in_words(self, world, run):
        most = goods(world, "more", day="2023-01-10", units=10**9)
        assert planned(run, [most] * 9).after[0].result.total.sum() == 24
        with pytest.raises(PlanRefused, match="units is 11000000000"):
            planned(run, [most] * 11)

    def test_a_plan_has_thirty_changes_at_most(self, run):
        run.changes = [need(percent=100)] * 21
        actions.ask(run, [need(percent=100)] * 9, by=COORDINATOR)
        actions.keep(run, [need(percent=100)] * 9, by=COORDINATOR)
        for do in (actions.ask, actions.keep):
            with pytest.raises(PlanRefused, match="has 21 changes already"):
                do(run, [need(percent=100)] * 10, by=COORDINATOR)

    def test_units_that_wait_before_a_place_may_be_more_than_two_thousand_million(self, run):
        from dataclasses import replace

        (result,) = read_result(run)
        result = replace(result, ahead=result.ahead + 2**40)
        run.arrays.data = written([result])
        run.arrays.sha256 = "of another block"
        run.arrays.save()
        assert read_result(run)[0].ahead.tolist() == result.ahead.tolist()


class TestGone:
    def test_an_item_that_no_place_gets_changes_nothing(self, world):
        mask = Item.objects.create(code="mask", name="口罩", base_unit="只")
        add_item(world.campaign, NewItem(mask, "hospital", 1, 1, 1, 10), by=COORDINATOR)
        world.ready(8)
        change = goods(world, "more", day="2023-01-10", units=6)
        answer = planned(computed(world), [change, change | {"item": "mask"}])
        assert [step.units_more for step in answer.steps] == [6, 0]
        assert [len(piece.result.place) for piece in answer.after] == [12, 0]

    @pytest.mark.parametrize("kind", ["recount", "need"])
    def test_what_a_change_names_may_be_gone_when_it_is_planned(self, world, run, kind):
        count = {
            "kind": "recount",
            "place": world.clinics[0].code,
            "item": "oximeter",
            "units": 2,
        }
        change = count if kind == "recount" else need(world.counties[0].code)
        job = actions.ask(run, [change], by=COORDINATOR)
        Place.objects.filter(pk=world.clinics[0].pk).update(code="other")
        type(world.nation).objects.filter(pk=world.counties[0].pk).update(code="other")
        with pytest.raises(JobError, match="is no longer there"):
            jobs.drain()
        job.refresh_from_db()
        assert job.state == Job.State.FAILED
        assert job.attempt == 1


class TestTwice:
    def answered(self, run: Run, world: World) -> Job:
        change = goods(world, "more", day="2023-01-10", units=6)
        job = actions.ask(run, [change], by=COORDINATOR)
        jobs.drain()
        job.refresh_from_db()
        return job

    def test_an_answer_is_kept_once(self, signed_in, world, run):
        url = reverse("run-keep", args=[run.pk, self.answered(run, world).pk])
        first, second = signed_in.post(url)["Location"], signed_in.post(url)["Location"]
        assert first == second == reverse("run", args=[Run.objects.get(number=2).pk])

    def test_asking_again_does_not_forget_that_it_was_kept(self, world, run):
        job = self.answered(run, world)
        kept = actions.keep_answer(run, job, by=COORDINATOR)
        assert self.answered(run, world).pk == job.pk
        assert actions.keep_answer(run, job, by=REVIEWER) == kept
        assert Run.objects.count() == 2

    def test_what_is_not_answered_cannot_be_kept(self, world, run):
        change = goods(world, "more", day="2023-01-10", units=6)
        job = actions.ask(run, [change], by=COORDINATOR)
        with pytest.raises(PlanRefused, match="not answered"):
            actions.keep_answer(run, job, by=COORDINATOR)

    def test_a_published_plan_is_asked_anew(self, world, run):
        """What it gave stays now: the answer of the day before it is another one."""
        job = self.answered(run, world)
        published(run)
        run.refresh_from_db()
        assert self.answered(run, world).pk != job.pk

    def test_a_worker_that_comes_late_does_not_undo_a_person_s_change(self, world, monkeypatch):
        """Two compute one run; between them somebody settles a line of it."""
        from tongzhou.plans.actions import compute

        world.ready(8)
        run = actions.open_run(world.campaign, by=COORDINATOR)
        keep = compute._keep

        def late(*args, **options):
            monkeypatch.setattr(compute, "_keep", keep)
            compute_run(run, by=COORDINATOR)
            last = world.clinics[11]
            actions.override_line(run, last, world.item, 2, note="x", by=COORDINATOR)
            return keep(*args, **options)

        monkeypatch.setattr(compute, "_keep", late)
        compute_run(run, by=COORDINATOR)
        run.refresh_from_db()
        assert run.state == Run.State.DRAFT
        jobs.drain()
        (result,) = read_result(run)
        assert result.total[result.position(world.clinics[11].pk)] == 2


class TestWhole:
    """What a question may not lose on its way through the run it is asked of."""

    def test_an_answer_of_a_published_plan_keeps_what_it_gave(self, world, run):
        published(run)
        run.refresh_from_db()
        job = actions.ask(run, [goods(world, "more", day="2023-01-10", units=6)], by=COORDINATOR)
        jobs.drain()
        job.refresh_from_db()
        units = [job.result[name]["metrics"]["units"] for name in ("before", "after")]
        assert units == [8, 14]
        places = [clinic.pk for clinic in world.clinics[:4]]
        (piece,) = planned(run, [], then=True).before
        assert set(piece.result.place[piece.result.total > 0].tolist()) == set(places)
        assert job.result["before"]["metrics"]["served"] == 4

    def test_a_plan_kept_of_a_kept_one_has_the_changes_of_both(self, world, run):
        first, second = (goods(world, "more", day="2023-01-10", units=n) for n in (2, 4))
        kept = compute_run(actions.keep(run, [first], by=COORDINATOR), by=COORDINATOR)
        again = actions.keep(kept, [second], by=COORDINATOR)
        assert again.changes == [first, second]

    def test_a_need_changes_in_its_division_and_not_beyond(self, world):
        world.ready(24)
        (piece,) = planned(computed(world), [need(world.counties[1].code, 0)]).after
        assert piece.result.total.tolist() == [2] * 3 + [0] * 3 + [2] * 6

    def test_what_a_published_directed_wave_could_not_place_reaches_nobody_later(self, world):
        world.ready(20)
        promise(world, 4, 12)
        run = published(computed(world, directed=[world.recipients[1]]))
        run.refresh_from_db()
        answer = planned(run, [goods(world, "more", day="2023-01-12", units=2)], then=True)
        totals = [p.result.total.sum() for p in (*answer.before, *answer.after)]
        assert totals == [16, 18]

    def test_an_officer_opens_no_other_province_of_an_answer(self, client, sign_in, world, run):
        by = Actor("account", str(sign_in("county_officer", world.counties[1]).pk))
        job = actions.ask(run, [goods(world, "more", day="2023-01-10", units=6)], by=by)
        jobs.drain()
        url = reverse("run-answer", args=[run.pk, job.pk])
        for division in (world.provinces[1], world.counties[0], world.nation):
            assert client.get(url, {"within": division.code}).status_code == 404
        assert client.get(url, {"within": world.counties[1].code}).status_code == 200


class TestAskedBefore:
    """The page lists what its reader asked of its plan in the last 24 hours, five at most."""

    def ask(self, run: Run, world: World, units: int, by=COORDINATOR) -> None:
        actions.ask(run, [goods(world, "more", day="2023-01-10", units=units)], by=by)
        Job.objects.filter(kind="plans.whatif").update(state=Job.State.DONE)

    def listed(self, client, run: Run) -> list[str]:
        page = client.get(reverse("run-whatif", args=[run.pk]), headers=EN).text
        return re.findall(r"(\d+) units of 血氧仪 more", page)

    def test_the_newest_five_of_one_s_own(self, signed_in, world, run):
        me = Actor("account", str(Account.objects.get().pk))
        for units in range(1, 8):
            self.ask(run, world, units, by=me)
        self.ask(run, world, 9)
        assert self.listed(signed_in, run) == ["7", "6", "5", "4", "3"]

    def test_not_of_another_plan_and_not_of_yesterday(self, signed_in, world, run):
        me = Actor("account", str(Account.objects.get().pk))
        self.ask(run, world, 1, by=me)
        assert self.listed(signed_in, computed(world)) == []
        assert self.listed(signed_in, run) == ["1"]
        with clock.fixed_at(NOW + timedelta(hours=25)):
            assert self.listed(signed_in, run) == []


class TestPublished:
    """What the check is told to find published in a plan."""

    def test_a_new_plan_has_nothing_published(self, run):
        (piece,) = planned(run).after
        assert len(published_in(piece.plan, None)) == 0
        assert len(published_in(piece.plan, piece.plan)) == 0

    def test_a_plan_that_claims_a_published_wave_is_refused(self, run, monkeypatch):
        from tongzhou.plans.actions import one_list

        solve = one_list.solve
        monkeypatch.setattr(one_list, "solve", lambda *a, **k: solve(*a, **k).publish([0]))
        with pytest.raises(PlanRefused, match="published in one of plan and records"):
            planned(run)

    def test_with_lanes_too(self, world, monkeypatch):
        from tongzhou.plans.actions import by_lane

        CampaignLane.objects.create(
            campaign=world.campaign, dock=world.docks[0], recipient=world.recipients[0], lead_days=1
        )
        world.ready(8)
        run = computed(world)
        solve = by_lane.solve
        monkeypatch.setattr(by_lane, "solve", lambda *a, **k: solve(*a, **k).publish([0]))
        with pytest.raises(PlanRefused, match="published in one of plan and records"):
            planned(run)

    def test_only_what_is_taken_back_by_name_may_be_missing(self, world, run):
        """Half of what was published is not there after all."""
        published(run)
        run.refresh_from_db()
        answer = planned(run, [goods(world, "fewer", day="2023-01-07", units=4)], then=True)
        (before,), (after,) = answer.before, answer.after
        marked = before.plan.publish([0])
        true = published_in(after.plan, marked)
        assert true.units.sum(axis=1).tolist() == after.plan.units.sum(axis=1).tolist()
        assert sum(gone.units for gone in after.plan.forced[-1].withdrawn) == 4
