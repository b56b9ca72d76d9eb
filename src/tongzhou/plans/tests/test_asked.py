"""What a change would make of a plan: the engine's answer, checked, and nothing written."""

from datetime import date, timedelta

import pytest

from tongzhou.campaigns.actions import record_promise
from tongzhou.campaigns.actions.promises import NewPromise
from tongzhou.people.models import Organisation
from tongzhou.plans import actions
from tongzhou.plans.actions import PlanRefused, compute_run, open_run, publish_run, review_run
from tongzhou.plans.actions.asked import planned
from tongzhou.plans.actions.publish import post_parts
from tongzhou.plans.models import CampaignLane, Run
from tongzhou.plans.queries.results import read_result

from .world import COORDINATOR, REVIEWER, World

NEAR, FAR = 0, 1


def promise(world: World, units: int, day: int, dock: int = 1) -> None:
    producer, _made = Organisation.objects.get_or_create(
        code=f"p{dock}", defaults={"name": "厂", "kind": "producer", "dock": world.docks[dock]}
    )
    batch = world.campaign.promises.count() + 2
    row = NewPromise(producer, world.item, batch, date(2023, 1, day), units, "firm")
    record_promise(world.campaign, row, by=COORDINATOR)


def computed(world: World, **options) -> Run:
    return compute_run(open_run(world.campaign, by=COORDINATOR, **options), by=COORDINATOR)


def published(run: Run) -> Run:
    run = publish_run(review_run(run, by=REVIEWER), by=REVIEWER)
    post_parts(run, lambda *_: None, by=REVIEWER)
    return actions.finish_publishing(run, by=REVIEWER)


def goods(world: World, kind: str, dock: int = 0, **more: object) -> dict:
    return {"kind": kind, "dock": world.docks[dock].pk, "item": "oximeter", **more}


def units(world: World, pieces) -> list[int]:
    """Units of each clinic, in the order of the world's clinics."""
    (piece,) = pieces
    found = dict(zip(piece.result.place.tolist(), piece.result.total.tolist(), strict=True))
    return [found[clinic.pk] for clinic in world.clinics]


class TestGoods:
    """More, fewer, a share, later: without lanes a wave is a batch."""

    def test_more_on_a_day_of_its_own_is_a_wave_of_its_own(self, world):
        world.ready(4)
        promise(world, 4, 12)
        answer = planned(computed(world), [goods(world, "more", day="2023-01-10", units=6)])
        assert [wave.day.day for wave in answer.waves] == [7, 10, 12]
        assert units(world, answer.before) == [2] * 4 + [0] * 8
        assert units(world, answer.after) == [2] * 7 + [0] * 5
        assert answer.after[0].result.units.sum(axis=0).tolist() == [4, 6, 4]
        (step,) = answer.steps
        # Two places get theirs two days earlier, three get theirs at all.
        assert (step.more, step.fewer, step.units_more, step.shifted) == (3, 0, 6, 2)

    def test_nothing_is_written(self, world, django_assert_num_queries):
        world.ready(4)
        run = computed(world)
        before = Run.objects.values().get(pk=run.pk)
        planned(run, [goods(world, "more", day="2023-01-10", units=6)], then=True)
        assert Run.objects.values().get(pk=run.pk) == before
        assert run.waves.count() == 1

    def test_fewer_takes_from_what_comes_last(self, world):
        world.ready(4)
        promise(world, 6, 10, dock=0)
        answer = planned(computed(world), [goods(world, "fewer", day="2023-01-07", units=4)])
        assert units(world, answer.after) == [2] * 3 + [0] * 9
        assert answer.after[0].result.units.sum(axis=0).tolist() == [4, 2]

    def test_fewer_than_there_are_is_refused_with_the_number(self, world):
        world.ready(4)
        with pytest.raises(PlanRefused, match="Change 1 takes away more than the 4 units"):
            planned(computed(world), [goods(world, "fewer", day="2023-01-07", units=5)])

    def test_a_producer_that_halves_gives_half_of_each_batch(self, world):
        world.ready(4, dock=1)
        promise(world, 8, 10)
        half = goods(world, "share", 1, day="2023-01-08", percent=50)
        answer = planned(computed(world), [half])
        assert answer.after[0].result.units.sum(axis=0).tolist() == [4, 4]

    def test_a_later_batch_comes_after_one_that_it_was_before(self, world):
        promise(world, 4, 9)
        promise(world, 8, 11, dock=0)
        answer = planned(computed(world), [goods(world, "later", 1, days=5)])
        given = answer.after[0].result.units.sum(axis=0).tolist()
        assert [wave.day.day for wave in answer.waves] == [9, 11, 14]
        assert given == [0, 8, 4]
        assert answer.steps[0].shifted == 4  # two from the 9th to the 11th, two to the 14th

    def test_goods_on_hand_cannot_be_later(self, world):
        world.ready(4)
        answer = planned(computed(world), [goods(world, "later", days=5)])
        assert units(world, answer.after) == units(world, answer.before)

    def test_changes_stand_on_each_other(self, world):
        world.ready(4)
        more = goods(world, "more", day="2023-01-10", units=6)
        less = goods(world, "fewer", day="2023-01-10", units=6)
        answer = planned(computed(world), [more, less])
        assert units(world, answer.after) == units(world, answer.before)
        assert [step.units_more for step in answer.steps] == [6, 0]
        assert answer.steps[1].units_fewer == 6


class TestNeeds:
    def test_a_county_whose_need_rises_comes_before_others(self, world):
        world.ready(8)
        rises = {"kind": "need", "division": world.counties[3].code, "item": "", "percent": 1000}
        answer = planned(computed(world), [rises])
        assert units(world, answer.before) == [2] * 4 + [0] * 8
        assert units(world, answer.after) == [2, 2] + [0] * 7 + [2, 2, 0]

    def test_a_place_without_a_recipient_gets_nothing_however_much_it_needs(self, world):
        world.ready(8)
        world.recipients[FAR].areas.all().delete()
        rises = {"kind": "need", "division": world.provinces[FAR].code, "item": "", "percent": 900}
        answer = planned(computed(world), [rises])
        assert sum(units(world, answer.after)[6:]) == 0

    def test_a_recount_leaves_a_full_place_out(self, world):
        world.ready(8)
        full = {
            "kind": "recount",
            "place": world.clinics[0].code,
            "item": "oximeter",
            "units": 2,
        }
        answer = planned(computed(world), [full])
        assert units(world, answer.after) == [0] + [2] * 4 + [0] * 7
        assert (answer.steps[0].more, answer.steps[0].fewer) == (1, 1)


class TestPublished:
    """A published run is asked about as it was computed."""

    def test_its_own_lines_are_not_counted_twice(self, world):
        world.ready(8)
        run = published(computed(world))
        answer = planned(run, [goods(world, "more", day="2023-01-10", units=2)], then=True)
        (stored,) = read_result(run)
        assert (answer.before[0].result.units[:, 0] == stored.units[:, 0]).all()
        assert units(world, answer.after) == [2] * 5 + [0] * 7
        # Without `then` the same places are full already.
        assert units(world, planned(run).before)[:4] == [0] * 4

    def test_what_is_published_stays_where_the_goods_exist(self, world):
        world.ready(8)
        promise(world, 4, 10)
        run = published(computed(world))
        rises = {"kind": "need", "division": world.counties[3].code, "item": "", "percent": 1000}
        answer = planned(run, [rises], then=True)
        assert units(world, answer.after) == [2] * 4 + [0] * 5 + [2] * 2 + [0]
        assert answer.steps[0].gone_units == 0

    def test_what_is_published_is_named_where_its_goods_do_not_exist(self, world):
        world.ready(8)
        run = published(computed(world))
        answer = planned(run, [goods(world, "fewer", day="2023-01-07", units=4)], then=True)
        assert (answer.steps[0].gone_places, answer.steps[0].gone_units) == (2, 4)


class TestLanes:
    @pytest.fixture
    def run(self, world) -> Run:
        for recipient, lead in ((NEAR, 0), (FAR, 1)):
            CampaignLane.objects.create(
                campaign=world.campaign,
                dock=world.docks[0],
                recipient=world.recipients[recipient],
                lead_days=lead,
                units_a_day=4,
            )
        world.ready(12)
        promise(world, 6, 10, dock=0)
        return computed(world)

    def lane(self, world: World, recipient: int, day: str, most: int) -> dict:
        hub = world.recipients[recipient].pk
        dock = world.docks[0].pk
        return {"kind": "lane", "dock": dock, "recipient": hub, "day": day, "units": most}

    def test_a_lane_that_closes_gives_the_other_half_more(self, world, run):
        answer = planned(run, [self.lane(world, FAR, "2023-01-07", 0)], then=True)
        assert sum(units(world, answer.after)[6:]) == 0
        assert sum(units(world, answer.after)[:6]) == 12
        assert answer.steps[0].units_fewer == 6

    def test_a_hub_that_takes_in_less_limits(self, world, run):
        less = {"kind": "inbound", "recipient": world.recipients[NEAR].pk, "units": 1}
        answer = planned(run, [less], then=True)
        days = (answer.waves[-1].day - date(2023, 1, 7)).days + 1
        assert sum(units(world, answer.after)[:6]) <= days

    def test_more_goods_leave_from_the_dock_s_source(self, world, run):
        answer = planned(run, [goods(world, "more", day="2023-01-08", units=6)], then=True)
        assert sum(units(world, answer.after)) == sum(units(world, answer.before)) + 6

    def test_later_goods_are_there_later(self, world, run):
        answer = planned(run, [goods(world, "later", days=2)], then=True)
        before, after = (p[0].result.units.sum(axis=0) for p in (answer.before, answer.after))
        assert (after.cumsum() <= before.cumsum()).all()
        assert (after != before).any()

    def test_goods_after_the_last_day_reach_nobody(self, world, run):
        answer = planned(run, [goods(world, "later", days=60)], then=True)
        assert sum(units(world, answer.after)) == 12

    def test_a_published_run_keeps_what_left(self, world, run):
        run = published(run)
        answer = planned(run, [self.lane(world, FAR, "2023-01-08", 0)], then=True)
        assert (answer.before[0].result.units == read_result(run)[0].units).all()


def test_goods_of_the_past_come_on_the_first_day(world):
    world.ready(4)
    run = computed(world)
    early = (date(2023, 1, 7) - timedelta(days=3)).isoformat()
    answer = planned(run, [goods(world, "more", day=early, units=2)], then=True)
    assert len(answer.waves) == 1
    assert units(world, answer.after) == [2] * 3 + [0] * 9
