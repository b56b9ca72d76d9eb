"""Runs of a campaign with lanes: what binds on the way, and where published units come from."""

import random
from collections import Counter
from datetime import date, timedelta

import pytest

from tongzhou.campaigns.actions import NewItem, add_item, record_promise
from tongzhou.campaigns.actions.promises import NewPromise
from tongzhou.campaigns.models import CampaignFund
from tongzhou.kit import clock
from tongzhou.people.models import Organisation
from tongzhou.planning import check, whatif
from tongzhou.plans import actions
from tongzhou.plans.actions import PlanRefused, compute_run, open_run, publish_run, review_run
from tongzhou.plans.actions.by_lane import lane_changes
from tongzhou.plans.actions.compute import planned_again
from tongzhou.plans.actions.publish import post_parts
from tongzhou.plans.models import AllocationLine, CampaignLane, InboundLimit, Run
from tongzhou.plans.queries.results import read_result
from tongzhou.plans.queries.ways import carried_in, given_in, sent_on_hand, ways_of
from tongzhou.supplies.actions import Command, Leg, post
from tongzhou.supplies.models import Balance, Bucket, FundRestriction, Item, Lot
from tongzhou.supplies.queries import verify_ledger

from .world import COORDINATOR, NOW, REVIEWER, World, make_fund

NEAR, FAR = 0, 1


def lane(world: World, dock: int, recipient: int, lead: int = 0, most: int | None = None, **more):
    return CampaignLane.objects.create(
        campaign=world.campaign,
        dock=world.docks[dock],
        recipient=world.recipients[recipient],
        lead_days=lead,
        units_a_day=most,
        **more,
    )


@pytest.fixture
def lanes(world: World) -> None:
    """Each dock reaches both; the first one's lane to the far recipient takes three days, and
    carries one unit a day."""
    lane(world, 0, NEAR, 1)
    lane(world, 0, FAR, 3, 1)
    lane(world, 1, NEAR, 1)
    lane(world, 1, FAR, 3)


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


def posted(world: World) -> Counter:
    """Published units by dock and recipient."""
    found: Counter = Counter()
    for row in AllocationLine.objects.select_related("supply", "part"):
        found[row.supply.dock_id, row.part.recipient_id] += row.units
    return found


class TestComputing:
    def test_a_wave_is_a_day_on_which_goods_can_be_there(self, world, lanes):
        world.ready(8)
        run = computed(world)
        days = [(wave.day - date(2023, 1, 7)).days for wave in run.waves.order_by("number")]
        # After one day and after three; then goods come unit by unit until the deadline.
        assert days == [1, 3, 5, 7, 9]

    def test_lanes_that_do_not_bind_give_what_one_list_gives(self, world):
        world.ready(8)
        before = given(world, computed(world))
        for recipient in (NEAR, FAR):
            lane(world, 0, recipient)
        run = computed(world)
        assert given(world, run) == before
        assert not carried_in(ways_of(run)).by_hub
        assert run.waves.get().day == date(2023, 1, 7)

    def test_a_narrow_lane_limits_and_the_rest_goes_to_others(self, world):
        lane(world, 0, NEAR, 0, 1)
        lane(world, 0, FAR)
        world.ready(24)
        run = computed(world)
        units = given(world, run)
        # Ten days carry ten units to the near half; it needs twelve.
        assert (sum(units[:6]), sum(units[6:])) == (10, 12)
        worths = [w for w in carried_in(ways_of(run)).worths if w.kind == "lane" and w.price > 0]
        assert {w.recipient for w in worths} == {world.recipients[NEAR].pk}

    def test_a_far_recipient_is_not_starved_by_a_near_one(self, world):
        lane(world, 0, NEAR)
        lane(world, 0, FAR, 5)
        for clinic in world.clinics[6:]:
            clinic.people65 = 9_000.0
            clinic.save()
        world.ready(12)
        # All could be given on the first day nearby; the first claims are far away.
        assert given(world, computed(world)) == [0] * 6 + [2] * 6

    def test_a_hub_takes_in_no_more_than_it_can(self, world):
        InboundLimit.objects.create(
            campaign=world.campaign, recipient=world.recipients[NEAR], units_a_day=1
        )
        world.ready(24)
        run = computed(world)
        arrived = Counter()
        for row in carried_in(ways_of(run)).sent:
            arrived[row.recipient, row.arrive_day] += row.units
        near = world.recipients[NEAR].pk
        assert max(units for (hub, _), units in arrived.items() if hub == near) == 1
        assert sum(given(world, run)[:6]) == 10

    def test_places_that_no_lane_reaches_get_nothing(self, world):
        lane(world, 0, NEAR)
        world.ready(24)
        assert given(world, computed(world)) == [2] * 6 + [0] * 6

    def test_two_items_share_a_lane(self, world):
        mask = Item.objects.create(code="mask", name="口罩", base_unit="只")
        add_item(world.campaign, NewItem(mask, "clinic", 1, 1, 1, 10), by=COORDINATOR)
        lane(world, 0, NEAR, 0, 2)
        world.ready(12)
        lot = Lot.objects.create(item=mask)
        known = (mask.pk, lot.pk, world.fund.pk)
        dock = world.docks[0].pk
        legs = [
            Leg(dock, Bucket.PRODUCER, *known, -6),
            Leg(dock, Bucket.ON_HAND, *known, 6),
        ]
        post([Command("masks", "ready", clock.now(), COORDINATOR, legs)])
        run = computed(world)
        by_day = Counter()
        for row in carried_in(ways_of(run)).sent:
            by_day[row.ship_day] += row.units
        assert max(by_day.values()) == 2
        assert [int(result.total.sum()) for result in read_result(run)] == [12, 6]

    def test_a_dock_without_a_lane_is_refused_by_name(self, world):
        lane(world, 0, NEAR)
        world.ready(4, dock=1)
        with pytest.raises(PlanRefused, match="码头1"):
            open_run(world.campaign, by=COORDINATOR)

    def test_lanes_whose_days_are_over_are_refused(self, world):
        lane(world, 0, NEAR, until_date=date(2023, 1, 6))
        world.ready(4)
        with pytest.raises(PlanRefused, match="No lane that is open starts at 码头0"):
            open_run(world.campaign, by=COORDINATOR)

    def test_a_run_keeps_the_lanes_it_was_opened_with(self, world, lanes):
        world.ready(8)
        run = open_run(world.campaign, by=COORDINATOR)
        CampaignLane.objects.all().delete()
        run = compute_run(run, by=COORDINATOR)
        assert len(given_in(ways_of(run)).lanes) == 4
        assert sum(given(world, run)) == 8

    def test_a_restricted_donation_goes_nowhere_else(self, world, lanes):
        bound = make_fund("D-BOUND")
        FundRestriction.objects.create(fund=bound, division=world.provinces[FAR])
        CampaignFund.objects.create(campaign=world.campaign, fund=bound)
        world.ready(4, dock=1)
        world.ready(4, dock=1, fund=bound)
        run = computed(world)
        assert given(world, run) == [2, 2] + [0] * 4 + [2, 2] + [0] * 4
        sources = given_in(ways_of(run)).sources
        far = world.recipients[FAR].pk
        for row in carried_in(ways_of(run)).sent:
            assert not sources[row.source].hubs or row.recipient == far

    def test_two_sources_of_one_dock_share_its_lane(self, world):
        bound = make_fund("D-BOUND")
        FundRestriction.objects.create(fund=bound, division=world.provinces[NEAR])
        CampaignFund.objects.create(campaign=world.campaign, fund=bound)
        lane(world, 0, NEAR, 0, 2)
        lane(world, 0, FAR)
        world.ready(12)
        world.ready(12, fund=bound)
        run = computed(world)
        by_day = Counter()
        for row in carried_in(ways_of(run)).sent:
            if row.recipient == world.recipients[NEAR].pk:
                by_day[row.ship_day] += row.units
        assert max(by_day.values()) <= 2

    def test_a_changed_line_is_kept(self, world, lanes):
        world.ready(4)
        run = computed(world)
        last = world.clinics[11]
        actions.override_line(run, last, world.item, 2, note="floods", by=COORDINATOR)
        units = given(world, compute_run(run, by=COORDINATOR))
        assert (units[11], sum(units)) == (2, 4)

    def test_a_changed_line_that_no_lane_can_bring_is_refused(self, world):
        lane(world, 0, NEAR)
        world.ready(4)
        run = computed(world)
        actions.override_line(run, world.clinics[11], world.item, 2, note="x", by=COORDINATOR)
        with pytest.raises(PlanRefused):
            compute_run(run, by=COORDINATOR)


class TestPublishing:
    def test_lines_come_from_the_docks_that_the_shipments_leave(self, world, lanes):
        world.ready(8)
        world.ready(8, dock=1)
        before = verify_ledger()
        run = published(world)
        sent = Counter()
        for source, recipient, units in sent_on_hand(ways_of(run), world.item.pk):
            sent[source.dock, recipient] += units
        lines = posted(world)
        assert sum(lines.values()) == 16
        assert all(units <= sent[pair] for pair, units in lines.items())
        # One unit a day on its narrow lane, so most for the far ones comes from the other dock.
        assert lines[world.docks[0].pk, world.recipients[FAR].pk] <= 7
        assert verify_ledger() == before

    def test_docks_give_no_more_than_they_hold(self, world, lanes):
        world.ready(6)
        world.ready(10, dock=1)
        published(world)
        held = Balance.objects.filter(account__bucket=Bucket.ON_HAND)
        assert [row.units for row in held if row.units < 0] == []
        by_dock = Counter()
        for (dock, _recipient), units in posted(world).items():
            by_dock[dock] += units
        assert by_dock == {world.docks[0].pk: 6, world.docks[1].pk: 10}

    def test_a_restricted_donation_is_reserved_where_its_donor_said(self, world, lanes):
        bound = make_fund("D-BOUND")
        FundRestriction.objects.create(fund=bound, division=world.provinces[FAR])
        CampaignFund.objects.create(campaign=world.campaign, fund=bound)
        world.ready(4, dock=1)
        world.ready(4, dock=1, fund=bound)
        before = verify_ledger()
        published(world)
        places = AllocationLine.objects.filter(supply__fund=bound).values_list("place", flat=True)
        assert set(places) == {clinic.pk for clinic in world.clinics[6:8]}
        assert verify_ledger() == before

    def test_promised_goods_are_planned_and_not_published(self, world, lanes):
        producer = Organisation.objects.create(
            code="p", name="厂", kind="producer", dock=world.docks[1]
        )
        promise = NewPromise(producer, world.item, 2, date(2023, 1, 9), 10, "firm")
        record_promise(world.campaign, promise, by=COORDINATOR)
        world.ready(4)
        run = published(world)
        assert sum(given(world, run)) == 14
        assert sum(posted(world).values()) == 4
        # Those who were first in the list have the goods that are there.
        places = set(AllocationLine.objects.values_list("place", flat=True))
        assert places <= {clinic.pk for clinic in world.clinics[:2]} | {world.clinics[6].pk}

    def test_the_next_run_counts_what_a_lane_still_carries(self, world):
        lane(world, 0, NEAR, 0, 2)
        world.ready(6)
        published(world)  # two units a day on the 7th, the 8th and the 9th
        with clock.fixed_at(NOW + timedelta(days=1)):
            world.ready(4)
            second = computed(world)
        days = {row.ship_day for row in carried_in(ways_of(second)).sent}
        assert min(days) == 2  # the 10th


class TestFollowing:
    """Whatever the lanes are, what is published keeps to the shipments and to what lies there."""

    @pytest.mark.parametrize("seed", range(6))
    def test_lines_keep_to_shipments_stock_drops_and_donors(self, world, seed):
        r = random.Random(seed)
        bound = make_fund("D-BOUND")
        FundRestriction.objects.create(fund=bound, division=world.provinces[r.randint(0, 1)])
        CampaignFund.objects.create(campaign=world.campaign, fund=bound)
        for dock in (0, 1):
            world.ready(r.randint(1, 14), dock=dock)
            if r.random() < 0.7:
                world.ready(r.randint(1, 9), dock=dock, fund=bound)
            for recipient in (NEAR, FAR):
                lane(world, dock, recipient, r.randint(0, 4), r.choice([None, 1, 2, 3]))
        run = published(world)
        sent: Counter = Counter()
        for source, recipient, units in sent_on_hand(ways_of(run), world.item.pk):
            sent[source.dock, recipient] += units
        assert all(units <= sent[pair] for pair, units in posted(world).items())
        rows = AllocationLine.objects.select_related("supply")
        by_place, by_supply = Counter(), Counter()
        for row in rows:
            by_place[row.place_id] += row.units
            by_supply[row.supply] += row.units
        assert all(units % 2 == 0 for units in by_place.values())
        assert all(units <= supply.units for supply, units in by_supply.items())
        planned = {clinic.pk: n for clinic, n in zip(world.clinics, given(world, run), strict=True)}
        assert all(units <= planned[place] for place, units in by_place.items())
        inside = FundRestriction.objects.get(fund=bound).division
        for row in rows.filter(supply__fund=bound).select_related("place__division"):
            assert inside.first <= row.place.division.first <= inside.last


class TestAsking:
    """What if a lane closes, or carries so much from a day on."""

    @pytest.fixture
    def run(self, world) -> Run:
        """Both lanes of the first dock are wide; each half gets its twelve units."""
        lane(world, 0, NEAR)
        lane(world, 0, FAR, 1)
        lane(world, 1, FAR, 1, 1)
        world.ready(20)
        world.ready(4, dock=1)
        return computed(world)

    def to_far(self, world, run: Run, units: int, day: date) -> int:
        ((problem, plan),) = planned_again(run)
        far = world.recipients[FAR].pk
        pair = (world.docks[0].pk, far)
        after = whatif(problem, plan, lane_changes(run, ways_of(run), pair, units, day))
        assert check(after.problem, after) == []
        return sum(row.units for row in after.shipments if row.target == f"hub:{far}")

    def test_a_lane_that_closes_leaves_only_the_other_dock(self, world, run):
        assert self.to_far(world, run, 0, date(2023, 1, 7)) == 4

    def test_a_lane_that_closes_later_still_carries_until_then(self, world, run):
        assert self.to_far(world, run, 0, date(2023, 1, 9)) == 12

    def test_a_narrower_lane_carries_its_units_on_each_day(self, world, run):
        # It leaves on nine days and is there by the last wave, on the tenth.
        days = (run.waves.order_by("number").last().day - date(2023, 1, 7)).days
        assert self.to_far(world, run, 1, date(2023, 1, 7)) == min(12, 4 + days)

    def test_the_answer_is_the_plan_where_nothing_changes(self, world, run):
        ((problem, plan),) = planned_again(run)
        (result,) = read_result(run)
        assert (plan.units == result.units).all()
        assert problem.sha256

    def test_a_lane_that_the_run_has_not_is_refused(self, world, run):
        pair = (world.docks[1].pk, world.recipients[NEAR].pk)
        with pytest.raises(PlanRefused, match="sends nothing by that lane"):
            lane_changes(run, ways_of(run), pair, 1, date(2023, 1, 7))
