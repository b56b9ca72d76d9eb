"""Posting to the ledger: what stands, what is refused and why, and that once is once."""

from datetime import date, datetime
from typing import Any

import numpy as np
import pytest

from tongzhou.kit.clock import fixed_at
from tongzhou.kit.rules import SYSTEM
from tongzhou.supplies.actions import Leg, ManyLegs, Status, post, reverse, set_lot_state
from tongzhou.supplies.models import (
    LINES_PER_MOVE,
    Account,
    Balance,
    Bucket,
    Entry,
    FundFlow,
    Item,
    Lot,
    Move,
    Refusal,
)

from .stock import AT, World, make_fund


def test_a_batch_ready_at_the_dock_is_on_hand_there(world: World) -> None:
    result = world.ready(100)
    assert result.status == Status.DONE
    assert world.held(world.dock) == 100
    assert world.held(world.dock, Bucket.PRODUCER) == -100
    move = Move.objects.get(pk=result.move_id)
    assert (move.kind, move.by, move.sealed) == ("batch", "system:tongzhou", True)
    assert move.occurred_at == AT
    assert Account.objects.count() == 2


def test_entries_are_numbered_by_move_and_line(world: World) -> None:
    move = world.ready(100).move_id
    assert list(Entry.objects.order_by("id").values_list("id", flat=True)) == [
        move * LINES_PER_MOVE,
        move * LINES_PER_MOVE + 1,
    ]


def _to_clinics(world: World, units: Any, places: Any = None) -> list[Any]:
    ids = [clinic.pk for clinic in world.clinics] if places is None else places
    many = ManyLegs(ids, Bucket.RESERVED, world.item.pk, world.lot.pk, world.fund.pk, units)
    return [world.leg(world.dock, Bucket.ON_HAND, -int(sum(units))), many]


@pytest.mark.parametrize("units", [[2, 4, 2], np.array([2, 4, 2], dtype=np.int32)])
def test_many_legs_reach_as_many_clinics_in_one_move(world: World, units: Any) -> None:
    world.ready(10)
    result = post([world.command(*_to_clinics(world, units))])[0]
    assert result.status == Status.DONE
    assert [world.held(clinic, Bucket.RESERVED) for clinic in world.clinics] == [2, 4, 2]
    assert world.held(world.dock) == 2


def test_many_legs_and_single_legs_are_the_same_command(world: World) -> None:
    world.ready(10)
    one, two, three = world.clinics
    take = world.leg(world.dock, Bucket.ON_HAND, -6)
    single = [world.leg(place, Bucket.RESERVED, 2) for place in (three, two, one)]
    first = post([world.command(take, *single, id="publish-1")])[0]
    second = post([world.command(*_to_clinics(world, [2, 2, 2]), id="publish-1")])[0]
    assert (second.status, second.move_id) == (Status.DUPLICATE, first.move_id)


def test_legs_on_one_account_are_merged_to_one_entry(world: World) -> None:
    world.ready(10)
    hub = [world.leg(world.hub, Bucket.IN_TRANSIT, units) for units in (1, 2)]
    back = world.leg(world.dock, Bucket.ON_HAND, 1)
    move = post([world.command(world.leg(world.dock, Bucket.ON_HAND, -4), back, *hub)])[0].move_id
    assert list(Entry.objects.filter(move=move).order_by("id").values_list("units", flat=True)) == [
        -3,
        3,
    ]


def test_a_command_sent_again_later_has_no_second_effect(world: World) -> None:
    first = world.ready(100, id="c1")
    again = world.ready(100, id="c1", occurred_at=datetime.fromisoformat("2023-01-09T00:00+08:00"))
    assert (again.status, again.move_id) == (Status.DUPLICATE, first.move_id)
    assert world.held(world.dock) == 100


def test_another_body_under_a_used_id_is_a_conflict(world: World) -> None:
    world.ready(100, id="c1")
    result = world.ready(101, id="c1")
    assert result.status == Status.CONFLICT
    assert "c1 was used before" in result.reason
    assert world.held(world.dock) == 100


def test_another_kind_under_a_used_id_is_a_conflict(world: World) -> None:
    ends = (world.dock, Bucket.PRODUCER), (world.dock, Bucket.ON_HAND)
    post([world.move(5, *ends, id="c1", kind="batch")])
    assert post([world.move(5, *ends, id="c1", kind="gift")])[0].status == Status.CONFLICT


def test_the_same_id_twice_in_one_call_counts_once(world: World) -> None:
    ends = (world.dock, Bucket.PRODUCER), (world.dock, Bucket.ON_HAND)
    results = post([world.move(units, *ends, id="c1") for units in (5, 5, 6)])
    assert [r.status for r in results] == [Status.DONE, Status.DUPLICATE, Status.CONFLICT]
    assert results[0].move_id == results[1].move_id
    assert world.held(world.dock) == 5


def test_too_little_stock_is_refused_and_names_place_item_and_numbers(world: World) -> None:
    world.ready(3)
    command = world.move(5, (world.dock, Bucket.ON_HAND), (world.hub, Bucket.IN_TRANSIT))
    result = post([command])[0]
    assert result.status == Status.REFUSED
    assert "dock has 3 of 血氧仪 on hand (lot A1, fund F-1), and 5 are needed" in result.reason
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


def test_a_refused_id_with_another_body_is_a_conflict(world: World) -> None:
    ends = (world.dock, Bucket.ON_HAND), (world.hub, Bucket.IN_TRANSIT)
    assert post([world.move(5, *ends, id="c1")])[0].status == Status.REFUSED
    assert post([world.move(6, *ends, id="c1")])[0].status == Status.CONFLICT


def test_commands_of_one_call_see_each_other_and_a_refused_one_harms_no_other(
    world: World,
) -> None:
    out = (world.dock, Bucket.ON_HAND), (world.hub, Bucket.IN_TRANSIT)
    results = post(
        [
            world.move(5, (world.dock, Bucket.PRODUCER), (world.dock, Bucket.ON_HAND)),
            world.move(9, *out),
            world.move(4, *out),
            world.move(2, *out),
        ]
    )
    assert [r.status for r in results] == ["done", "refused", "done", "refused"]
    assert world.held(world.dock) == 1
    assert world.held(world.hub, Bucket.IN_TRANSIT) == 4


def test_units_of_one_lot_or_fund_never_pay_for_another(world: World) -> None:
    world.ready(5)
    for other in (
        {"lot_id": Lot.objects.create(item=world.item, number="B2").pk},
        {"fund_id": make_fund("F-2").pk},
    ):
        legs = (
            world.leg(world.dock, Bucket.ON_HAND, -5, **other),
            world.leg(world.hub, Bucket.IN_TRANSIT, 5, **other),
        )
        assert post([world.command(*legs)])[0].status == Status.REFUSED
    assert world.held(world.dock) == 5


def test_what_is_taken_from_one_fund_leaves_every_other_as_it_was(world: World) -> None:
    funds = [world.fund, make_fund("F-2"), make_fund("F-3")]
    for fund in funds:
        ends = (world.dock, Bucket.PRODUCER, -5), (world.dock, Bucket.ON_HAND, 5)
        post([world.command(*(world.leg(*end, fund_id=fund.pk) for end in ends))])
    ends = (world.dock, Bucket.ON_HAND, -2), (world.hub, Bucket.IN_TRANSIT, 2)
    post([world.command(*(world.leg(*end, fund_id=funds[1].pk) for end in ends))])
    rows = Balance.objects.filter(account=world.dock.pk * 8 + Bucket.ON_HAND).order_by("fund")
    assert list(rows.values_list("units", flat=True)) == [5, 3, 5]


def test_producer_and_donor_may_be_negative_and_nothing_else(world: World) -> None:
    for bucket in Bucket:
        result = post([world.move(1, (world.hub, bucket), (world.hub, (bucket + 1) % 8))])[0]
        outside = bucket in (Bucket.PRODUCER, Bucket.DONOR)
        # Each step but the first two takes what the one before has just put there.
        assert result.status == Status.DONE, (bucket, outside)
    assert post([world.move(1, (world.hub, Bucket.LOST), (world.hub, Bucket.ON_HAND))])[
        0
    ].status == (Status.REFUSED)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"units": [0]}, "A leg of 0 units moves nothing"),
        ({"units": [5.5]}, "whole numbers"),
        ({"units": [float("nan")]}, "whole numbers"),
        ({"units": [10**12 + 1]}, "at most 10^12"),
        ({"units": [-(10**12) - 1]}, "at most 10^12"),
        ({"units": [4]}, "do not balance: -1 units"),
        ({"bucket": 8}, "no bucket 8"),
        ({"bucket": -1}, "no bucket -1"),
        ({"units": [5, 5]}, "as many units as places"),
    ],
)
def test_an_unsound_command_says_why(world: World, change: Any, sentence: str) -> None:
    world.ready(5)
    values = {"place_ids": [world.hub.pk], "bucket": Bucket.IN_TRANSIT, "units": [5]} | change
    many = ManyLegs(item_id=world.item.pk, lot_id=world.lot.pk, fund_id=world.fund.pk, **values)
    command = world.command(world.leg(world.dock, Bucket.ON_HAND, -5), many)
    result = post([command])[0]
    assert result.status == Status.REFUSED
    assert sentence in result.reason
    assert world.held(world.dock) == 5
    assert Move.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"id": "x" * 81}, "1 to 80 characters"),
        ({"kind": "Not a kind"}, "small letters"),
        ({"occurred_at": datetime(2023, 1, 7)}, "time zone"),  # noqa: DTZ001
    ],
)
def test_the_frame_of_a_command_is_checked(world: World, change: Any, sentence: str) -> None:
    result = world.ready(5, **change) if "kind" not in change else _of_kind(world, **change)
    assert result.status == Status.REFUSED
    assert sentence in result.reason


def _of_kind(world: World, kind: str) -> Any:
    ends = (world.dock, Bucket.PRODUCER), (world.dock, Bucket.ON_HAND)
    return post([world.move(5, *ends, kind=kind)])[0]


def test_a_command_that_moves_nothing_is_refused(world: World) -> None:
    legs = (world.leg(world.dock, 2, 5), world.leg(world.dock, 2, -5))
    for command in (world.command(), world.command(*legs)):
        assert "moves nothing" in post([command])[0].reason


def test_too_many_lines_and_too_many_commands_are_refused(world: World) -> None:
    ids = range(10**6, 10**6 + 10_001)
    command = world.command(*_to_clinics(world, [1] * 10_001, ids))
    assert "send it in parts" in post([command])[0].reason
    with pytest.raises(ValueError, match="at most 1000"):
        post([command] * 1_001)


@pytest.mark.parametrize(
    ("leg", "sentence"),
    [
        ({"place_id": 10**9}, "There is no place 1000000000"),
        ({"fund_id": 999}, "There is no fund 999"),
        ({"lot_id": 999}, "There is no lot 999"),
    ],
)
def test_unknown_places_funds_and_lots_are_refused(
    world: World, leg: dict[str, int], sentence: str
) -> None:
    ids = {
        "place_id": world.dock.pk,
        "item_id": world.item.pk,
        "lot_id": world.lot.pk,
        "fund_id": world.fund.pk,
    } | leg
    legs = [Leg(bucket=0, units=-1, **ids), Leg(bucket=2, units=1, **ids)]
    result = post([world.command(*legs)])[0]
    assert result.status == Status.REFUSED
    assert sentence in result.reason


def test_a_lot_of_another_item_is_refused(world: World) -> None:
    mask = Item.objects.create(code="mask", name="口罩", base_unit="只")
    legs = [
        world.leg(world.dock, Bucket.PRODUCER, -1, item_id=mask.pk),
        world.leg(world.dock, Bucket.ON_HAND, 1, item_id=mask.pk),
    ]
    assert "no lot" in post([world.command(*legs)])[0].reason


@pytest.mark.parametrize("state", [Lot.State.HOLD, Lot.State.RECALLED])
def test_a_held_lot_is_neither_reserved_nor_sent_on_but_still_received(
    world: World, state: str
) -> None:
    world.ready(10)
    post([world.move(4, (world.dock, Bucket.ON_HAND), (world.hub, Bucket.RESERVED))])
    post([world.move(2, (world.hub, Bucket.RESERVED), (world.hub, Bucket.IN_TRANSIT))])
    set_lot_state(world.lot, state, by=SYSTEM, note="丙厂通知")
    clinic = world.clinics[0]
    refused = [
        world.move(1, (world.dock, Bucket.ON_HAND), (clinic, Bucket.RESERVED)),
        world.move(1, (world.hub, Bucket.RESERVED), (clinic, Bucket.IN_TRANSIT)),
        world.move(1, (world.dock, Bucket.ON_HAND), (world.dock, Bucket.HANDED_OVER)),
    ]
    for result in post(refused):
        assert result.status == Status.REFUSED
        assert "Lot A1 is held, recalled or expired" in result.reason
    allowed = [
        world.move(2, (world.hub, Bucket.IN_TRANSIT), (world.hub, Bucket.RESERVED)),
        world.move(4, (world.hub, Bucket.RESERVED), (world.hub, Bucket.QUARANTINE)),
    ]
    assert [result.status for result in post(allowed)] == [Status.DONE, Status.DONE]


def test_a_lot_is_reserved_on_its_last_day_and_not_the_day_after(world: World) -> None:
    Lot.objects.filter(pk=world.lot.pk).update(expires_on=date(2023, 1, 10))
    world.ready(10)
    ends = (world.dock, Bucket.ON_HAND), (world.hub, Bucket.RESERVED)
    with fixed_at(datetime.fromisoformat("2023-01-10T12:00+08:00")):
        assert post([world.move(1, *ends)])[0].status == Status.DONE
    with fixed_at(datetime.fromisoformat("2023-01-11T12:00+08:00")):
        assert post([world.move(1, *ends)])[0].status == Status.REFUSED


def test_a_reversal_restores_every_balance_and_keeps_both_moves(world: World) -> None:
    first = world.ready(10)
    move = Move.objects.get(pk=first.move_id)
    result = reverse(move, by=SYSTEM, command_id="undo-1")
    assert result.status == Status.DONE
    assert world.held(world.dock) == world.held(world.dock, Bucket.PRODUCER) == 0
    assert Move.objects.get(pk=result.move_id).reverses == move
    assert Entry.objects.count() == 4


def test_a_move_is_reversed_once_and_the_same_reversal_again_is_a_duplicate(world: World) -> None:
    move = Move.objects.get(pk=world.ready(10).move_id)
    first = reverse(move, by=SYSTEM, command_id="undo-1")
    again = reverse(move, by=SYSTEM, command_id="undo-1")
    other = reverse(move, by=SYSTEM, command_id="undo-2")
    assert (again.status, again.move_id) == (Status.DUPLICATE, first.move_id)
    assert "has been reversed before" in other.reason


def test_a_move_whose_units_have_gone_on_cannot_be_reversed(world: World) -> None:
    move = Move.objects.get(pk=world.ready(10).move_id)
    post([world.move(8, (world.dock, Bucket.ON_HAND), (world.hub, Bucket.IN_TRANSIT))])
    result = reverse(move, by=SYSTEM, command_id="undo-1")
    assert result.status == Status.REFUSED
    assert "has 2" in result.reason


def test_a_reversal_with_other_lines_than_its_move_is_refused(world: World) -> None:
    move = world.ready(10).move_id
    back = world.move(9, (world.dock, Bucket.ON_HAND), (world.dock, Bucket.PRODUCER), reverses=move)
    assert "exactly the lines" in post([back])[0].reason
    nothing = world.move(
        9, (world.dock, Bucket.ON_HAND), (world.dock, Bucket.PRODUCER), reverses=10**6
    )
    assert "exactly the lines" in post([nothing])[0].reason


def test_two_reversals_of_one_move_in_one_call_count_once(world: World) -> None:
    move = world.ready(10).move_id
    world.ready(10)
    back = [
        world.move(10, (world.dock, Bucket.ON_HAND), (world.dock, Bucket.PRODUCER), reverses=move)
        for _ in range(2)
    ]
    results = post(back)
    assert [result.status for result in results] == [Status.DONE, Status.REFUSED]
    assert "has been reversed before" in results[1].reason


def test_the_roll_up_by_day_follows_every_posting(world: World) -> None:
    world.ready(10)
    # Half past midnight in China is still the day before in UTC.
    night = datetime.fromisoformat("2023-01-07T16:30+00:00")
    move = world.move(
        4, (world.dock, Bucket.ON_HAND), (world.hub, Bucket.IN_TRANSIT), occurred_at=night
    )
    post([move])
    flows = FundFlow.objects.order_by("day", "bucket").values_list("day", "bucket", "units")
    assert list(flows) == [
        (date(2023, 1, 7), Bucket.PRODUCER, -10),
        (date(2023, 1, 7), Bucket.ON_HAND, 10),
        (date(2023, 1, 8), Bucket.ON_HAND, -4),
        (date(2023, 1, 8), Bucket.IN_TRANSIT, 4),
    ]


def test_an_account_is_made_on_first_posting_and_only_once(world: World) -> None:
    world.ready(1)
    world.ready(1)
    assert Account.objects.count() == 2
    assert Balance.objects.count() == 2
