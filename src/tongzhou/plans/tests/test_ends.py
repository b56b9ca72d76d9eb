"""What stands before a place's next drop, against planning again with that many units more."""

import random
from datetime import timedelta

import pytest

from tongzhou.campaigns.models import CampaignFund
from tongzhou.kit import clock
from tongzhou.plans import actions
from tongzhou.plans.actions import compute_run, open_run
from tongzhou.plans.models import CampaignLane, Override, Run, RunArrays, RunSupply, RunWave
from tongzhou.plans.queries.explain import explain
from tongzhou.plans.queries.results import NO_NEXT, read_result, written
from tongzhou.plans.rules import packed, sha256_of, unpacked
from tongzhou.supplies.models import FundRestriction

from .world import COORDINATOR, NOW, World, make_fund


def computed(world: World, **options) -> Run:
    return compute_run(open_run(world.campaign, by=COORDINATOR, **options), by=COORDINATOR)


def lane(world: World, dock: int, recipient: int, most: int | None = None) -> None:
    CampaignLane.objects.create(
        campaign=world.campaign,
        dock=world.docks[dock],
        recipient=world.recipients[recipient],
        lead_days=0,
        units_a_day=most,
    )


def lanes(world: World, far: int | None = None) -> None:
    """A lane of one unit a day to the near hub, and one to the far hub."""
    lane(world, 0, 0, 1)
    lane(world, 0, 1, far)


def again(run: Run, more: int) -> Run:
    """The same run with one wave after its last, open to all, that brings `more` units."""
    waves, supply = list(run.waves.order_by("number")), list(run.supply.order_by("pk"))
    last, overrides = waves[-1], list(run.overrides.all())
    copy = Run.objects.create(
        campaign=run.campaign,
        number=run.campaign.runs.count() + 1,
        seed=run.seed,
        by=run.by,
        created_at=clock.now(),
    )
    for wave in waves:
        hubs = list(wave.hubs.all())
        made = RunWave.objects.create(run=copy, number=wave.number, day=wave.day)
        made.hubs.set(hubs)
    for row in supply:
        row.pk, row.run = None, copy
        row.save()
    for row in overrides:
        Override.objects.create(
            **{f.attname: getattr(row, f.attname) for f in row._meta.fields if f.name != "id"}
            | {"run_id": copy.pk}
        )
    if more:
        day = last.day + timedelta(days=1)
        RunWave.objects.create(run=copy, number=last.number + 1, day=day)
        first = supply[0]
        RunSupply.objects.create(
            run=copy,
            wave=last.number + 1,
            dock=first.dock,
            item=first.item,
            units=more,
            on_hand=False,
            day=day,
        )
    return compute_run(copy, by=COORDINATOR)


def total(run: Run) -> dict[int, int]:
    (result,) = read_result(run)
    return dict(zip(result.place.tolist(), result.total.tolist(), strict=True))


def assert_exact(run: Run, places) -> int:
    """With so many units more each place gets its next drop; with one drop less it does not.
    Returns for how many places that was asked."""
    (result,) = read_result(run)
    now, asked = total(run), 0
    for place in places:
        (fact,) = explain(run, place)
        if fact.more_units is None:
            assert result.ahead[result.position(place.pk)] == NO_NEXT
            continue
        asked += 1
        assert total(again(run, fact.more_units))[place.pk] == now[place.pk] + fact.drop
        less = total(again(run, fact.more_units - 1))
        assert less[place.pk] == now[place.pk]
    return asked


class TestAhead:
    """The number that a waiting place is told is exact."""

    def test_one_drop_each(self, world):
        world.ready(9)
        assert assert_exact(computed(world), world.clinics[::3]) == 2

    @pytest.mark.parametrize("seed", range(3))
    def test_several_drops_each_with_equal_weights_and_an_odd_unit(self, world, seed):
        r = random.Random(seed)
        world.campaign.items.update(target_units=r.choice([6, 7]), floor_units=r.choice([0, 2, 4]))
        for clinic in world.clinics:
            clinic.people65 = 100.0 * r.randint(1, 4)
            clinic.save()
        world.ready(r.randint(15, 40))
        assert assert_exact(computed(world), r.sample(world.clinics, 2)) > 0

    def test_a_wave_that_was_directed_elsewhere_has_passed_it_by(self, world):
        world.campaign.items.update(target_units=4)
        world.ready(10)
        run = computed(world, directed=[world.recipients[1]])
        assert assert_exact(run, [world.clinics[0], world.clinics[2], world.clinics[8]]) == 3

    def test_a_place_whose_line_a_person_settled_has_no_next_drop(self, world):
        world.campaign.items.update(target_units=4)
        world.ready(10)
        run = computed(world)
        actions.override_line(run, world.clinics[5], world.item, 2, note="x", by=COORDINATOR)
        run = compute_run(run, by=COORDINATOR)
        assert assert_exact(run, [world.clinics[5], world.clinics[6]]) == 1

    def test_drops_that_the_supply_could_not_fill_still_come_first(self, world):
        """The engine ranks no drop beyond the supply; the first of few goods shows that."""
        world.campaign.items.update(target_units=20, floor_units=0)
        heavy, light = world.clinics[0], world.clinics[11]
        heavy.people65 = 90_000.0
        heavy.save()
        world.ready(4)
        run = computed(world)
        assert total(run)[heavy.pk] == 4
        assert assert_exact(run, [heavy, light]) == 2

    def test_less_than_one_drop_on_hand_ranks_everybody_all_the_same(self, world):
        world.ready(1)
        run = computed(world)
        (fact,) = explain(run, world.clinics[2])
        assert (fact.rank, fact.more_units) == (3, 5)
        assert assert_exact(run, [world.clinics[2]]) == 1

    def test_by_lane_it_counts_what_its_own_hub_lacks(self, world):
        """Ten days carried ten units of twelve to the near hub; what its donor meant for it alone
        comes by another dock, and takes nothing from the far one."""
        lanes(world, far=1)
        bound = make_fund("D-NEAR")
        FundRestriction.objects.create(fund=bound, division=world.provinces[0])
        CampaignFund.objects.create(campaign=world.campaign, fund=bound)
        world.ready(24)
        run = computed(world)
        for clinic in (world.clinics[5], world.clinics[11]):
            (fact,) = explain(run, clinic)
            assert (fact.units, fact.ahead_units, fact.more_units) == (0, 0, 2)
        lane(world, 1, 0)
        world.ready(1, dock=1, fund=bound)
        assert total(computed(world))[world.clinics[5].pk] == 0
        with clock.fixed_at(NOW + timedelta(minutes=1)):
            world.ready(1, dock=1, fund=bound)
        assert total(computed(world))[world.clinics[5].pk] == 2


class TestKept:
    """Ends are kept with the run, and runs from before still read."""

    def test_a_block_without_the_column_reads_and_says_less(self, world):
        world.ready(8)
        run = computed(world)
        stored = RunArrays.objects.get(run=run)
        older = {k: v for k, v in unpacked(bytes(stored.data)).items() if not k.endswith(":ahead")}
        stored.data = packed(older)
        stored.sha256 = sha256_of(stored.data)
        stored.save()
        (result,) = read_result(run)
        assert result.ahead is None
        (fact,) = explain(run, world.clinics[11])
        assert fact.more_units is None
        assert written([result]) == stored.data

    def test_each_wave_keeps_the_weight_that_it_ended_with(self, world):
        world.ready(8)
        run = computed(world, directed=[world.recipients[1]])
        (wave,) = run.waves.all()
        (row,) = wave.cut["lists"]
        # The far province's clinics weigh 600 down to 100; four of them are served.
        assert row == {
            "item": world.item.pk,
            "hub": None,
            "units": 8,
            "places": 4,
            "left": 0,
            "waiting": 16,
            "weight": 300.0,
            "held": 2,
        }

    def test_by_lane_each_recipient_has_an_end_of_its_own(self, world):
        lanes(world)
        world.ready(24)
        run = computed(world)
        waves = list(run.waves.order_by("number"))
        last = {row["hub"]: row for row in waves[-1].cut["lists"]}
        assert last.keys() == {recipient.pk for recipient in world.recipients}
        near, far = (recipient.pk for recipient in world.recipients)
        # One unit a day makes a drop every second day, for the next clinic by weight.
        ends = [r.get("weight") for w in waves for r in w.cut["lists"] if r["hub"] == near]
        assert ends == [None, 1200.0, 1100.0, 1000.0, 900.0, 800.0]
        assert (last[near]["waiting"], last[far]["waiting"]) == (2, 0)
