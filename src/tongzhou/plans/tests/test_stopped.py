"""A publishing that stopped is resumed, or its rest is taken back by two people."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from tongzhou.kit import clock, jobs
from tongzhou.kit.models import Event, Job
from tongzhou.people.models import Account, RoleGrant
from tongzhou.places.rules import Scope
from tongzhou.plans import actions
from tongzhou.plans.actions import PlanRefused, compute_run, open_run, publish_run, review_run
from tongzhou.plans.actions.publish import post_parts
from tongzhou.plans.models import AllocationLine, Run, TakenBack
from tongzhou.plans.queries.campaigns import runs_open
from tongzhou.plans.queries.publishing import counties, missing_goods, progress
from tongzhou.plans.queries.results import read_result
from tongzhou.supplies.actions import Command, Leg, post
from tongzhou.supplies.models import Balance, Bucket, Entry

from .world import COORDINATOR, NOW, REVIEWER, World


def frozen(world: World) -> Run:
    run = compute_run(open_run(world.campaign, by=COORDINATOR), by=COORDINATOR)
    return publish_run(review_run(run, by=REVIEWER), by=REVIEWER)


def moved(world: World, units: int, *, back: bool = False) -> None:
    """Units leave the dock's free stock, or come back to it."""
    dock, known = world.docks[0].pk, (world.item.pk, world.lot.pk, world.fund.pk)
    sign = -1 if back else 1
    legs = [
        Leg(dock, Bucket.ON_HAND, *known, -sign * units),
        Leg(dock, Bucket.QUARANTINE, *known, sign * units),
    ]
    name = f"check:{units}:{back}:{Entry.objects.count()}"
    (result,) = post([Command(name, "correct", clock.now(), COORDINATOR, legs)])
    assert result.status == "done", result.reason


@pytest.fixture
def stopped(world: World, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Four counties should get six units each. The worker is killed after the first, ten units
    leave the dock, and when it goes on there is enough for one county more."""
    monkeypatch.setattr("tongzhou.plans.actions.publish.LINES_A_TRANSACTION", 1)
    world.ready(24)
    run = frozen(world)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        post_parts(run, stop, by=REVIEWER)
    moved(world, 10)
    jobs.work()
    run.refresh_from_db()
    return run


def ledger() -> tuple[int, list[tuple[int, int]]]:
    return Entry.objects.count(), list(
        Balance.objects.order_by("account_id", "lot_id").values_list("account_id", "units")
    )


def ended(run: Run) -> Run:
    actions.ask_take_back(run, "The lot is on hold.", by=COORDINATOR)
    return actions.take_back(run, by=REVIEWER)


class TestStopping:
    """The run's page can say what is missing, and where."""

    def test_the_job_fails_at_once_and_does_not_try_four_times_more(self, stopped: Run) -> None:
        job = Job.objects.get(kind="plans.publish")
        assert (job.state, job.attempt) == (Job.State.FAILED, 1)
        assert "cannot be reserved" in job.error

    def test_what_is_missing_is_named_by_dock_item_lot_and_donation(
        self, world: World, stopped: Run
    ) -> None:
        (row,) = missing_goods(stopped)
        assert (row.dock, row.item, row.lot, row.fund) == (
            world.docks[0],
            world.item,
            world.lot,
            world.fund,
        )
        assert (row.needed, row.free, row.missing) == (12, 2, 10)

    def test_its_counties_are_counted_by_state(self, world: World, stopped: Run) -> None:
        assert progress(stopped) == {
            "posted": 2,
            "posted_units": 12,
            "waiting": 2,
            "waiting_units": 12,
            "taken_back": 0,
            "taken_back_units": 0,
        }
        rows = counties(stopped, Scope.of(world.nation))
        assert [row.county for row in rows] == [*world.counties[2:], *world.counties[:2]]
        assert [row.units for row in counties(stopped, Scope.of(world.counties[2]))] == [6]


class TestResuming:
    """Once the goods are back, it goes on where it stopped."""

    def test_it_is_refused_while_goods_are_missing(self, stopped: Run) -> None:
        with pytest.raises(PlanRefused, match="10 units"):
            actions.resume_publishing(stopped, by=REVIEWER)
        assert not Event.objects.filter(verb="plan.publishing_resumed").exists()

    def test_it_goes_on_and_nothing_is_posted_twice(self, world: World, stopped: Run) -> None:
        moved(world, 10, back=True)
        actions.ask_take_back(stopped, "The lot is on hold.", by=COORDINATOR)
        job = actions.resume_publishing(stopped, by=REVIEWER)
        assert job.payload["return_to"] == reverse("run", args=[stopped.pk])
        jobs.work()
        stopped.refresh_from_db()
        assert (stopped.state, stopped.take_back_by) == (Run.State.PUBLISHED, "")
        assert AllocationLine.objects.filter(run=stopped).count() == 12
        assert progress(stopped)["waiting"] == 0

    def test_a_publishing_under_way_is_neither_resumed_nor_taken_back(self, world: World) -> None:
        world.ready(24)
        run = frozen(world)
        for act in (
            lambda: actions.resume_publishing(run, by=REVIEWER),
            lambda: actions.ask_take_back(run, "x", by=REVIEWER),
            lambda: actions.take_back(run, by=REVIEWER),
        ):
            with pytest.raises(PlanRefused, match="under way"):
                act()

    def test_a_run_that_is_not_published_has_nothing_to_resume(self, world: World) -> None:
        world.ready(24)
        run = open_run(world.campaign, by=COORDINATOR)
        with pytest.raises(PlanRefused, match="not being published"):
            actions.resume_publishing(run, by=REVIEWER)


class TestTakingBack:
    """Two people end the run as published in part; nothing in the ledger moves."""

    def test_posted_parts_stay_and_the_rest_is_kept_as_taken_back(
        self, world: World, stopped: Run
    ) -> None:
        run = ended(stopped)
        assert run.state == Run.State.PARTLY
        assert run.published_at == clock.now()
        assert AllocationLine.objects.filter(run=run).count() == 6
        assert [part.county for part in run.parts.order_by("county__first")] == world.counties[:2]
        rows = [(row.county, row.state, row.units) for row in counties(run, Scope.of(world.nation))]
        assert rows == [
            (world.counties[2], "taken_back", 6),
            (world.counties[3], "taken_back", 6),
            (world.counties[0], "posted", 6),
            (world.counties[1], "posted", 6),
        ]
        assert str(run.taken_back.first()).endswith("6 taken back")
        own = [(row.county, row.state) for row in counties(run, Scope.of(world.counties[3]))]
        assert own == [(world.counties[3], "taken_back")]

    def test_the_ledger_is_the_same_before_and_after(self, stopped: Run) -> None:
        before = ledger()
        ended(stopped)
        assert ledger() == before

    def test_delivery_hears_of_it_as_of_a_published_run(self, stopped: Run) -> None:
        ended(stopped)
        event = Event.objects.latest("pk")
        assert event.verb == "plan.published"
        assert event.after["counties_taken_back"] == 2
        assert event.after["asked_by"] == str(COORDINATOR)

    def test_a_second_agreement_has_no_second_effect(self, stopped: Run) -> None:
        ended(stopped)
        events = Event.objects.count()
        assert actions.take_back(stopped, by=REVIEWER).state == Run.State.PARTLY
        assert (Event.objects.count(), TakenBack.objects.count()) == (events, 2)

    def test_whoever_asks_does_not_agree(self, stopped: Run) -> None:
        with pytest.raises(PlanRefused, match="Nobody has asked"):
            actions.take_back(stopped, by=REVIEWER)
        actions.ask_take_back(stopped, "The lot is on hold.", by=COORDINATOR)
        with pytest.raises(PlanRefused, match="second person"):
            actions.take_back(stopped, by=COORDINATOR)
        with pytest.raises(PlanRefused, match="Say why"):
            actions.ask_take_back(stopped, "  ", by=COORDINATOR)
        assert Run.objects.get(pk=stopped.pk).state == Run.State.PUBLISHING

    def test_a_kill_in_the_middle_of_it_leaves_everything_as_it_was(
        self, stopped: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        actions.ask_take_back(stopped, "The lot is on hold.", by=COORDINATOR)

        def killed(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr("tongzhou.plans.actions.stopped.record", killed)
            with pytest.raises(KeyboardInterrupt):
                actions.take_back(stopped, by=REVIEWER)
        stopped.refresh_from_db()
        assert stopped.state == Run.State.PUBLISHING
        assert progress(stopped)["waiting"] == 2
        assert not TakenBack.objects.exists()
        assert actions.take_back(stopped, by=REVIEWER).state == Run.State.PARTLY

    def test_a_worker_that_is_late_posts_nothing_of_what_was_taken_back(
        self, world: World, stopped: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        moved(world, 10, back=True)
        waiting = list(stopped.parts.filter(posted_at__isnull=True).values_list("pk", "lines"))
        ended(stopped)
        # It had read its list before the others agreed.
        monkeypatch.setattr("tongzhou.plans.actions.publish.joined", lambda *_: [[waiting[0][0]]])
        with pytest.raises(PlanRefused, match="nothing more"):
            post_parts(stopped, lambda *_: None, by=REVIEWER)
        assert AllocationLine.objects.filter(run=stopped).count() == 6

    def test_where_nothing_was_posted_the_run_is_withdrawn(self, world: World) -> None:
        world.ready(24)
        run = frozen(world)
        moved(world, 24)
        jobs.work()
        run = ended(run)
        assert (run.state, run.published_at) == (Run.State.WITHDRAWN, None)
        assert Event.objects.latest("pk").verb == "plan.withdrawn"
        assert progress(run)["taken_back_units"] == 24

    def test_the_next_wave_takes_the_places_that_were_left(
        self, world: World, stopped: Run
    ) -> None:
        ended(stopped)
        moved(world, 10, back=True)
        with clock.fixed_at(NOW + timedelta(hours=1)):
            run = frozen(world)
            jobs.work()
        run.refresh_from_db()
        assert run.state == Run.State.PUBLISHED
        (result,) = read_result(run)
        served = dict(zip(result.place.tolist(), result.total.tolist(), strict=True))
        assert [served[clinic.pk] for clinic in world.clinics] == [0] * 6 + [2] * 6

    def test_a_plan_before_the_one_that_ended_in_part_is_no_open_step(
        self, world: World, stopped: Run
    ) -> None:
        older = Run.objects.create(
            campaign=world.campaign, number=90, seed="s", state="computed", created_at=NOW
        )
        assert [step.count for step in runs_open(world.campaign)] == [2]
        Run.objects.filter(pk=stopped.pk).update(number=91)
        ended(stopped)
        assert [step.count for step in runs_open(world.campaign)] == [0]
        Run.objects.filter(pk=older.pk).update(number=92)
        assert [step.count for step in runs_open(world.campaign)] == [1]

    def test_a_county_is_taken_back_once_and_of_something(self, world: World, stopped: Run) -> None:
        TakenBack.objects.create(run=stopped, county=world.counties[0], lines=1, units=2)
        for units in (2, 0):
            with pytest.raises(IntegrityError), transaction.atomic():
                TakenBack.objects.create(
                    run=stopped, county=world.counties[1 if units == 0 else 0], lines=1, units=units
                )


class TestPages:
    """What the two people see and press."""

    @pytest.fixture
    def sign_in(self, client, world):
        def as_(email: str, role: str = "coordinator", division=None) -> Account:
            account, made = Account.objects.get_or_create(email=email, defaults={"name": "王"})
            if made:
                RoleGrant.objects.create(
                    account=account,
                    role=role,
                    division=division or world.nation,
                    granted_by="system:test",
                    granted_at=NOW,
                )
            client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
            client.force_login(account)
            return account

        return as_

    @pytest.mark.parametrize(
        ("language", "words"),
        [
            ("en", ("has stopped", "Still to be posted", "12 units, nothing of them has moved")),
            ("zh-hans", ("发布已停止", "尚需过账", "12 件，均未移动")),
        ],
    )
    def test_the_stopped_run_says_what_is_missing(self, client, sign_in, stopped, language, words):
        sign_in("a@example.org")
        url = reverse("run", args=[stopped.pk])
        page = client.get(url, HTTP_ACCEPT_LANGUAGE=language).content.decode()
        assert all(word in page for word in words)
        assert "码头0" in page
        assert reverse("run-resume", args=[stopped.pk]) not in page

    def test_with_the_goods_back_it_offers_to_try_again(self, client, sign_in, world, stopped):
        sign_in("a@example.org")
        answer = client.post(reverse("run-resume", args=[stopped.pk]))
        assert "still missing" in client.get(answer["Location"]).content.decode()
        moved(world, 10, back=True)
        page = client.get(reverse("run", args=[stopped.pk])).content.decode()
        assert reverse("run-resume", args=[stopped.pk]) in page
        answer = client.post(reverse("run-resume", args=[stopped.pk]))
        assert "/desk/jobs/" in answer["Location"]

    def test_one_asks_and_another_agrees(self, client, sign_in, stopped):
        url = reverse("run-take-back", args=[stopped.pk])
        sign_in("a@example.org")
        assert "There is something to correct" in client.post(url, {"ask": "1"}).content.decode()
        client.post(url, {"ask": "1", "note": "The lot is on hold."})
        assert "You asked for this" in client.get(url).content.decode()
        assert "Ask a second person" in client.post(url, {"agree": "1"}).content.decode()
        sign_in("b@example.org", "reviewer")
        assert "The lot is on hold." in client.get(url).content.decode()
        client.post(url, {"agree": "1"})
        stopped.refresh_from_db()
        assert stopped.state == Run.State.PARTLY
        page = client.get(reverse("run", args=[stopped.pk])).content.decode()
        assert "Published in part" in page
        assert "nothing to take back now" in client.get(url).content.decode()

    def test_an_officer_sees_the_own_county_only(self, client, sign_in, world, stopped):
        sign_in("o@example.org", "county_officer", world.counties[2])
        page = client.get(reverse("run-counties", args=[stopped.pk])).content.decode()
        assert world.counties[2].name in page
        assert world.counties[0].name not in page
        assert client.get(reverse("run-take-back", args=[stopped.pk])).status_code == 403

    def test_counties_are_filtered_by_state_and_an_empty_answer_says_so(
        self, client, sign_in, world, stopped
    ):
        sign_in("a@example.org")
        url = reverse("run-counties", args=[stopped.pk])
        waiting = client.get(url + "?state=waiting").content.decode()
        assert world.counties[2].name in waiting
        assert world.counties[0].name not in waiting
        assert (
            "No county is in this state" in client.get(url + "?state=taken_back").content.decode()
        )
