"""What clinics really got by day, as the page of a plan shows it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from tongzhou.delivery.actions.claims import claim_parcel
from tongzhou.delivery.actions.handed import Handed, receive_parcel
from tongzhou.delivery.models import Parcel
from tongzhou.delivery.queries import received
from tongzhou.delivery.queries.received import received_by_day
from tongzhou.kit import clock
from tongzhou.plans.models import Run

from .world import DOCTOR, World


@pytest.fixture(autouse=True)
def _counted_anew() -> Iterator[None]:
    received._counted.cache_clear()
    yield
    received._counted.cache_clear()


def sign(world: World, day: int, hour: int, county: int, index: int) -> None:
    with clock.fixed_at(datetime(2023, 1, day, hour, tzinfo=UTC)):
        handed = Handed(f"r-{county}-{index}", "slip", signed_by="王")
        receive_parcel(world.parcel(county, index), handed, by=DOCTOR)


def test_nothing_is_told_before_the_first_receipt(world: World) -> None:
    assert received_by_day(world.run) == []
    world.on_the_way()
    assert received_by_day(world.run) == []


def test_each_day_counts_all_receipts_until_its_end_at_the_office(world: World) -> None:
    world.on_the_way()
    sign(world, 8, 7, 0, 0)
    sign(world, 8, 17, 0, 1)  # one in the morning of the 9th in China
    sign(world, 11, 3, 1, 0)
    assert received_by_day(world.run) == [
        (date(2023, 1, 8), 1),
        (date(2023, 1, 9), 2),
        (date(2023, 1, 10), 2),
        (date(2023, 1, 11), 3),
    ]


def test_a_new_receipt_is_seen_at_once(world: World) -> None:
    world.on_the_way()
    sign(world, 8, 7, 0, 0)
    assert received_by_day(world.run)[-1][1] == 1
    sign(world, 8, 7, 0, 1)
    assert received_by_day(world.run)[-1][1] == 2


def test_a_claim_that_nobody_confirmed_does_not_count(world: World) -> None:
    world.on_the_way()
    sign(world, 8, 7, 0, 0)
    claim_parcel(world.parcel(0, 1), Handed("claim", "label"), by=DOCTOR)
    assert received_by_day(world.run) == [(date(2023, 1, 8), 1)]


def test_a_place_counts_once_on_its_first_day_and_later_runs_do_not(world: World) -> None:
    world.on_the_way()
    sign(world, 8, 7, 0, 0)
    sign(world, 9, 7, 0, 1)
    first, second = world.parcel(0, 0), world.parcel(0, 1)
    later = Run.objects.create(
        campaign=world.campaign,
        number=2,
        state="published",
        seed="s",
        by="x",
        created_at=first.packed_at,
    )
    Parcel.objects.filter(pk=second.pk).update(run=later, place=first.place)
    assert received_by_day(world.run) == [(date(2023, 1, 8), 1)]
    assert received_by_day(later)[-1] == (date(2023, 1, 8), 1)


def test_each_run_counts_its_own_and_those_before_it(world: World) -> None:
    """Asked one after the other, with nothing received in between."""
    world.on_the_way()
    sign(world, 8, 7, 0, 0)
    sign(world, 8, 7, 0, 1)
    later = Run.objects.create(
        campaign=world.campaign,
        number=2,
        state="published",
        seed="s",
        by="x",
        created_at=clock.now(),
    )
    Parcel.objects.filter(pk=world.parcel(0, 1).pk).update(run=later)
    assert received_by_day(later) == [(date(2023, 1, 8), 2)]
    assert received_by_day(world.run) == [(date(2023, 1, 8), 1)]


def test_a_parcel_whose_receipt_was_taken_back_does_not_count(world: World) -> None:
    world.on_the_way()
    sign(world, 8, 7, 0, 0)
    sign(world, 8, 7, 0, 1)
    other = next(state for state in Parcel.State if state != Parcel.State.RECEIVED)
    Parcel.objects.filter(pk=world.parcel(0, 1).pk).update(state=other)
    assert received_by_day(world.run) == [(date(2023, 1, 8), 1)]
