"""A run from its supply to its publishing."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext

from tongzhou.campaigns.actions import record_promise, state_need, verify_need
from tongzhou.campaigns.actions.needs import NewNeed
from tongzhou.campaigns.actions.promises import NewPromise
from tongzhou.campaigns.models import CampaignFund, Recipient, RecipientArea
from tongzhou.kit import clock, jobs
from tongzhou.kit.models import Event
from tongzhou.kit.rules import Actor
from tongzhou.people.models import Organisation
from tongzhou.plans import actions
from tongzhou.plans.actions import PlanRefused, compute_run, open_run, publish_run, review_run
from tongzhou.plans.actions.publish import post_parts
from tongzhou.plans.models import AllocationLine, PublishPart, Run
from tongzhou.plans.queries.results import read_result
from tongzhou.plans.queries.supply import on_hand
from tongzhou.supplies.models import Balance, Bucket, FundRestriction, Lot

from .world import COORDINATOR, NOW, REVIEWER, World, make_fund


def computed(world: World, **options) -> Run:
    return compute_run(open_run(world.campaign, by=COORDINATOR, **options), by=COORDINATOR)


def published(world: World, **options) -> Run:
    run = review_run(computed(world, **options), by=REVIEWER)
    run = publish_run(run, by=REVIEWER)
    post_parts(run, lambda *_: None, by=REVIEWER)
    return actions.finish_publishing(run, by=REVIEWER)


def given(world: World, run: Run) -> list[int]:
    """Units of each clinic in a run, in the order of the world's clinics."""
    (result,) = read_result(run)
    units = dict(zip(result.place.tolist(), result.total.tolist(), strict=True))
    return [units[clinic.pk] for clinic in world.clinics]


def reserved(world: World) -> int:
    rows = Balance.objects.filter(account__bucket=Bucket.RESERVED)
    return rows.aggregate(n=Sum("units"))["n"] or 0


class TestComputing:
    """Scarce units go to the largest need, whole drops only."""

    def test_the_clinics_with_most_people_come_first(self, world):
        world.ready(8)
        assert given(world, computed(world)) == [2, 2, 2, 2] + [0] * 8

    def test_an_odd_unit_that_makes_no_drop_is_left_and_said(self, world):
        world.ready(5)
        run = computed(world)
        assert sum(given(world, run)) == 4
        assert run.metrics["left_units"] == 1
        assert run.metrics["waiting"] == 10

    def test_a_directed_run_serves_only_its_recipients(self, world):
        world.ready(4)
        run = computed(world, directed=[world.recipients[1]])
        assert given(world, run) == [0] * 6 + [2, 2] + [0] * 4

    def test_a_restricted_donation_stays_in_its_province(self, world):
        bound = make_fund("D-BOUND")
        FundRestriction.objects.create(fund=bound, division=world.provinces[1])
        CampaignFund.objects.create(campaign=world.campaign, fund=bound)
        world.ready(4)
        world.ready(4, fund=bound)
        run = computed(world)
        assert given(world, run) == [2, 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0]
        assert [wave.hubs.count() for wave in run.waves.order_by("number")] == [1, 0]

    def test_restricted_units_that_find_no_place_do_not_leak_to_others(self, world):
        bound = make_fund("D-BOUND")
        FundRestriction.objects.create(fund=bound, division=world.provinces[1])
        CampaignFund.objects.create(campaign=world.campaign, fund=bound)
        world.ready(20, fund=bound)
        world.ready(2)
        run = computed(world)
        assert given(world, run) == [2, 0, 0, 0, 0, 0] + [2] * 6
        assert run.metrics["left_units"] == 8

    def test_a_donation_for_less_than_anybody_serves_stays_at_its_dock(self, world):
        bound = make_fund("D-BOUND")
        FundRestriction.objects.create(fund=bound, division=world.counties[2])
        CampaignFund.objects.create(campaign=world.campaign, fund=bound)
        world.ready(4, fund=bound)
        with pytest.raises(PlanRefused, match="No goods"):
            open_run(world.campaign, by=COORDINATOR)
        world.ready(2)
        assert given(world, computed(world)) == [2] + [0] * 11

    def test_a_restricted_donation_leaves_out_whoever_serves_beyond_it(self, world):
        RecipientArea.objects.create(recipient=world.recipients[1], division=world.counties[0])
        bound = make_fund("D-BOUND")
        FundRestriction.objects.create(fund=bound, division=world.provinces[1])
        CampaignFund.objects.create(campaign=world.campaign, fund=bound)
        world.ready(4, fund=bound)
        with pytest.raises(PlanRefused, match="No goods"):
            open_run(world.campaign, by=COORDINATOR)
        FundRestriction.objects.create(fund=bound, division=world.counties[0])
        assert given(world, computed(world)) == [2, 2] + [0] * 10

    def test_a_request_only_caps_and_verified_stock_lowers(self, world):
        asks_much, asks_none, has_stock = world.clinics[:3]
        today = date(2023, 1, 6)
        state_need(world.campaign, NewNeed(asks_much, world.item, 500, today), by=COORDINATOR)
        state_need(world.campaign, NewNeed(asks_none, world.item, 0, today), by=COORDINATOR)
        count = NewNeed(has_stock, world.item, 0, today, stock_units=2, source="count")
        verify_need(state_need(world.campaign, count, by=COORDINATOR), by=REVIEWER)
        world.ready(6)
        assert given(world, computed(world)) == [2, 0, 0, 2, 2] + [0] * 7

    def test_a_count_that_nobody_verified_changes_nothing(self, world):
        count = NewNeed(
            world.clinics[0], world.item, 0, date(2023, 1, 6), stock_units=2, source="count"
        )
        state_need(world.campaign, count, by=COORDINATOR)
        world.ready(2)
        assert given(world, computed(world))[0] == 2

    def test_a_missing_figure_takes_the_middle_of_the_county_and_is_flagged(self, world):
        clinic = world.clinics[11]
        clinic.people65 = None
        clinic.save()
        world.ready(2)
        (result,) = read_result(computed(world))
        at = result.position(clinic.pk)
        assert result.flags[at] == 1
        assert result.weight[at] == pytest.approx(250)

    def test_promises_are_planned_as_a_later_wave_and_not_published(self, world):
        producer = Organisation.objects.create(
            code="p", name="厂", kind="producer", dock=world.docks[1]
        )
        promise = NewPromise(producer, world.item, 2, date(2023, 1, 9), 10, "firm")
        record_promise(world.campaign, promise, by=COORDINATOR)
        world.ready(4)
        run = published(world)
        assert [wave.units for wave in run.waves.order_by("number")] == [4, 10]
        assert reserved(world) == 4

    def test_nothing_to_plan_is_refused_with_the_next_step(self, world):
        with pytest.raises(PlanRefused, match="Receive a batch"):
            open_run(world.campaign, by=COORDINATOR)

    def test_the_same_input_and_seed_give_the_same_result(self, world):
        world.ready(6)
        one, other = computed(world), computed(world)
        assert one.input_sha256 == other.input_sha256
        assert one.arrays.sha256 == other.arrays.sha256

    def test_a_refusal_of_a_late_worker_leaves_what_another_kept(self, world):
        world.ready(8)
        run = computed(world)
        assert not actions.fail_run(run, "late", by=COORDINATOR)
        run.refresh_from_db()
        assert (run.state, run.error) == (Run.State.COMPUTED, "")

    def test_a_run_that_fails_leaves_one_event(self, world):
        world.ready(8)
        run = open_run(world.campaign, by=COORDINATOR)
        assert actions.fail_run(run, "no", by=COORDINATOR)
        assert Event.objects.get(verb="plan.failed").after == {"state": "failed", "error": "no"}

    def test_held_and_expired_lots_are_not_on_hand(self, world):
        world.ready(8)
        assert [row.units for row in on_hand(world.campaign)] == [8]
        Lot.objects.update(expires_on=NOW.date())
        assert on_hand(world.campaign) == []
        Lot.objects.update(expires_on=None, state=Lot.State.HOLD)
        assert on_hand(world.campaign) == []

    def test_the_job_keeps_a_refusal_with_the_run(self, world, monkeypatch):
        world.ready(4)
        run = open_run(world.campaign, by=COORDINATOR)
        monkeypatch.setattr("tongzhou.plans.actions.one_list.check", lambda *_, **__: ["a fault"])
        jobs.drain()
        run.refresh_from_db()
        assert run.state == Run.State.FAILED
        assert "a fault" in run.error


class TestReview:
    """A second person approves."""

    def test_whoever_ran_it_cannot_approve_it(self, world):
        world.ready(4)
        with pytest.raises(PlanRefused, match="second person"):
            review_run(computed(world), by=COORDINATOR)

    def test_whoever_changed_a_line_cannot_approve_it(self, world):
        """Else A runs the plan, and B gives a friend more and approves it alone."""
        world.ready(4)
        run = computed(world)
        actions.override_line(run, world.clinics[11], world.item, 2, note="f", by=REVIEWER)
        run = compute_run(run, by=COORDINATOR)
        with pytest.raises(PlanRefused, match="changed a line"):
            review_run(run, by=REVIEWER)
        assert review_run(run, by=Actor("account", "third")).state == Run.State.REVIEWED

    def test_an_unapproved_run_is_not_published(self, world):
        world.ready(4)
        with pytest.raises(PlanRefused, match="approve"):
            publish_run(computed(world), by=REVIEWER)

    def test_a_run_computed_before_another_was_published_is_refused(self, world):
        world.ready(8)
        old = review_run(computed(world), by=REVIEWER)
        with clock.fixed_at(NOW + timedelta(hours=1)):
            published(world)
        with pytest.raises(PlanRefused, match="Run the plan again"):
            publish_run(old, by=REVIEWER)


class TestOverride:
    """A named person changes a line; the ranking gives the rest."""

    def test_the_changed_line_is_kept_and_the_rest_is_ranked(self, world):
        world.ready(4)
        run = computed(world)
        last = world.clinics[11]
        actions.override_line(run, last, world.item, 2, note="floods", by=COORDINATOR)
        run = compute_run(run, by=COORDINATOR)
        assert given(world, run) == [2] + [0] * 10 + [2]

    def test_what_was_decided_is_part_of_the_input_that_is_hashed(self, world):
        world.ready(4)
        hashes = set()
        for units in (0, 2):
            run = computed(world)
            hashes.add(run.input_sha256)
            actions.override_line(
                run, world.clinics[11], world.item, units, note="floods", by=COORDINATOR
            )
            hashes.add(compute_run(run, by=COORDINATOR).input_sha256)
        assert len(hashes) == 3

    def test_a_changed_place_that_nobody_serves_is_refused(self, world):
        world.ready(4)
        run = computed(world)
        actions.override_line(run, world.clinics[11], world.item, 2, note="x", by=COORDINATOR)
        RecipientArea.objects.filter(recipient=world.recipients[1]).delete()
        with pytest.raises(PlanRefused, match="No recipient serves"):
            compute_run(run, by=COORDINATOR)

    def test_an_override_takes_the_approval_back(self, world):
        world.ready(4)
        run = review_run(computed(world), by=REVIEWER)
        actions.override_line(run, world.clinics[0], world.item, 0, note="closed", by=COORDINATOR)
        run.refresh_from_db()
        assert (run.state, run.reviewed_by) == (Run.State.DRAFT, "")

    @pytest.mark.parametrize(
        ("units", "note", "says"),
        [(4, "more", "still get"), (1, "split", "multiple"), (2, "  ", "Say why")],
    )
    def test_what_breaks_cap_drop_or_reason_is_refused(self, world, units, note, says):
        world.ready(4)
        run = computed(world)
        with pytest.raises(PlanRefused, match=says):
            actions.override_line(
                run, world.clinics[5], world.item, units, note=note, by=COORDINATOR
            )
        assert not run.overrides.exists()


class TestPublishing:
    """Parts by county, each posted once, whole or not at all."""

    def test_every_line_is_reserved_at_its_clinic(self, world):
        world.ready(8)
        run = published(world)
        assert run.state == Run.State.PUBLISHED
        assert reserved(world) == 8
        lines = AllocationLine.objects.filter(run=run)
        assert {line.place_id: line.units for line in lines} == {
            clinic.pk: 2 for clinic in world.clinics[:4]
        }

    def test_recipients_of_one_county_have_parts_of_their_own_whatever_their_ids(self, world):
        near, county = world.recipients[0], world.counties[0]
        far = Recipient.objects.create(
            pk=near.pk + 4096, campaign=world.campaign, division=county, hub=world.docks[1]
        )
        RecipientArea.objects.create(recipient=far, division=world.clinics[2].division)
        world.ready(6)
        parts = published(world).parts.order_by("recipient_id")
        assert [(p.recipient_id, p.units) for p in parts] == [(near.pk, 4), (far.pk, 2)]

    def test_what_another_worker_posted_meanwhile_is_posted_once(self, world, monkeypatch):
        monkeypatch.setattr("tongzhou.plans.actions.publish.LINES_A_TRANSACTION", 1)
        world.ready(12)
        run = publish_run(review_run(computed(world), by=REVIEWER), by=REVIEWER)
        count = run.parts.count()
        assert count >= 2

        def faster(done: int, total: int, stage: str) -> None:
            if done == 1:
                post_parts(run, lambda *_: None, by=REVIEWER)

        post_parts(run, faster, by=REVIEWER)
        assert Event.objects.filter(verb="plan.part_published").count() == count
        assert sum(AllocationLine.objects.values_list("units", flat=True)) == reserved(world) == 12

    def test_nobody_waits_for_a_division_while_a_run_is_published(self, world):
        """On PostgreSQL a locked division stops every row that refers to it, elsewhere too."""
        world.ready(4)
        with CaptureQueriesContext(connection) as asked:
            published(world)
        locks = [one["sql"] for one in asked if " FOR UPDATE" in one["sql"]]
        assert bool(locks) == (connection.vendor == "postgresql")
        assert [sql for sql in locks if "places_division" in sql and " OF " not in sql] == []

    def test_a_stop_between_two_parts_is_resumed_without_a_second_effect(self, world, monkeypatch):
        monkeypatch.setattr("tongzhou.plans.actions.publish.LINES_A_TRANSACTION", 1)
        world.ready(8)
        run = publish_run(review_run(computed(world), by=REVIEWER), by=REVIEWER)

        def stop(done: int, total: int, stage: str) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            post_parts(run, stop, by=REVIEWER)
        assert PublishPart.objects.filter(posted_at__isnull=False).count() == 1
        with pytest.raises(PlanRefused, match="not posted yet"):
            actions.finish_publishing(run, by=REVIEWER)
        post_parts(run, lambda *_: None, by=REVIEWER)
        post_parts(run, lambda *_: None, by=REVIEWER)
        assert reserved(world) == 8

    def test_goods_that_are_gone_stop_the_part_and_nothing_of_it_stays(self, world):
        world.ready(8)
        run = publish_run(review_run(computed(world), by=REVIEWER), by=REVIEWER)
        Balance.objects.filter(account__bucket=Bucket.ON_HAND).update(units=1)
        with pytest.raises(PlanRefused, match="cannot be reserved"):
            post_parts(run, lambda *_: None, by=REVIEWER)
        assert not AllocationLine.objects.exists()

    def test_each_county_has_one_event_in_its_own_chain(self, world):
        world.ready(8)
        published(world)
        chains = Event.objects.filter(verb="plan.part_published").values_list("chain", flat=True)
        assert sorted(chains) == ["county:620101", "county:620102"]

    def test_the_next_run_counts_what_was_given(self, world):
        world.ready(8)
        published(world)
        with clock.fixed_at(NOW + timedelta(days=1)):
            world.ready(4)
            second = published(world)
        assert given(world, second) == [0] * 4 + [2, 2] + [0] * 6
        assert second.metrics["served_before"] == 4
        assert second.metrics["served"] == 6
