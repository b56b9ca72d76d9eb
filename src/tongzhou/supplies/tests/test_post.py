"""Posting to the ledger: what stands, what is refused and why, and that once is once."""

from datetime import datetime

from tongzhou.supplies.actions import ManyLegs, Status, post
from tongzhou.supplies.models import (
    LINES_PER_MOVE,
    Account,
    Bucket,
    Entry,
    Move,
    Refusal,
)

from .stock import World


def test_a_batch_ready_at_the_dock_is_on_hand_there_and_missing_at_the_producer(
    world: World,
) -> None:
    result = world.ready(100)
    assert result.status == Status.DONE
    assert world.held(world.dock) == 100
    assert world.held(world.dock, Bucket.PRODUCER) == -100
    move = Move.objects.get(pk=result.move_id)
    assert move.sealed
    assert move.kind == "batch"
    assert Account.objects.count() == 2


def test_entries_are_numbered_by_move_and_line(world: World) -> None:
    move = world.ready(100).move_id
    assert list(Entry.objects.order_by("id").values_list("id", flat=True)) == [
        move * LINES_PER_MOVE,
        move * LINES_PER_MOVE + 1,
    ]


def test_many_legs_reach_as_many_clinics_in_one_move(world: World) -> None:
    world.ready(10)
    ids = [clinic.pk for clinic in world.clinics]
    many = ManyLegs(ids, Bucket.RESERVED, world.item.pk, world.lot.pk, world.fund.pk, [2, 4, 2])
    result = post([world.command(world.leg(world.dock, Bucket.ON_HAND, -8), many)])[0]
    assert result.status == Status.DONE
    assert [world.held(clinic, Bucket.RESERVED) for clinic in world.clinics] == [2, 4, 2]
    assert world.held(world.dock) == 2


def test_many_legs_and_single_legs_are_the_same_command(world: World) -> None:
    world.ready(10)
    one, two, _ = world.clinics
    take = world.leg(world.dock, Bucket.ON_HAND, -4)
    single = [world.leg(place, Bucket.RESERVED, 2) for place in (two, one)]
    many = ManyLegs(
        [one.pk, two.pk], Bucket.RESERVED, world.item.pk, world.lot.pk, world.fund.pk, [2, 2]
    )
    first = post([world.command(take, *single, id="publish-1")])[0]
    second = post([world.command(take, many, id="publish-1")])[0]
    assert (second.status, second.move_id) == (Status.DUPLICATE, first.move_id)


def test_a_command_sent_again_has_no_second_effect_and_names_the_first_move(world: World) -> None:
    first = world.ready(100, id="c1")
    again = world.ready(100, id="c1", occurred_at=datetime.fromisoformat("2023-01-09T00:00+08:00"))
    assert again.status == Status.DUPLICATE
    assert again.move_id == first.move_id
    assert world.held(world.dock) == 100


def test_another_body_under_a_used_id_is_a_conflict(world: World) -> None:
    world.ready(100, id="c1")
    result = world.ready(101, id="c1")
    assert result.status == Status.CONFLICT
    assert "c1 was used before" in result.reason
    assert world.held(world.dock) == 100


def test_the_same_id_twice_in_one_call_counts_once(world: World) -> None:
    ends = (world.dock, Bucket.PRODUCER), (world.dock, Bucket.ON_HAND)
    results = post(
        [
            world.move(5, *ends, id="c1"),
            world.move(5, *ends, id="c1"),
            world.move(6, *ends, id="c1"),
        ]
    )
    assert [r.status for r in results] == [Status.DONE, Status.DUPLICATE, Status.CONFLICT]
    assert results[0].move_id == results[1].move_id
    assert world.held(world.dock) == 5


def test_too_little_stock_is_refused_and_names_place_item_and_numbers(world: World) -> None:
    world.ready(3)
    command = world.move(5, (world.dock, Bucket.ON_HAND), (world.hub, Bucket.IN_TRANSIT))
    result = post([command])[0]
    assert result.status == Status.REFUSED
    assert "dock has 3 of 血氧仪" in result.reason
    assert "5 are needed" in result.reason
    assert not Account.objects.filter(place=world.hub).exists()
    assert world.held(world.dock) == 3


def test_a_refused_command_is_refused_again_after_the_stock_has_come(world: World) -> None:
    command = world.move(5, (world.dock, Bucket.ON_HAND), (world.hub, Bucket.IN_TRANSIT))
    first = post([command])[0]
    world.ready(100)
    assert post([command])[0] == first
    assert Refusal.objects.count() == 1
    fresh = world.move(5, (world.dock, Bucket.ON_HAND), (world.hub, Bucket.IN_TRANSIT))
    assert post([fresh])[0].status == Status.DONE


def test_commands_of_one_call_see_each_other_and_a_refused_one_harms_no_other(world: World) -> None:
    results = post(
        [
            world.move(5, (world.dock, Bucket.PRODUCER), (world.dock, Bucket.ON_HAND)),
            world.move(9, (world.dock, Bucket.ON_HAND), (world.hub, Bucket.IN_TRANSIT)),
            world.move(4, (world.dock, Bucket.ON_HAND), (world.hub, Bucket.IN_TRANSIT)),
            world.move(2, (world.dock, Bucket.ON_HAND), (world.hub, Bucket.IN_TRANSIT)),
        ]
    )
    assert [r.status for r in results] == ["done", "refused", "done", "refused"]
    assert world.held(world.dock) == 1
    assert world.held(world.hub, Bucket.IN_TRANSIT) == 4
