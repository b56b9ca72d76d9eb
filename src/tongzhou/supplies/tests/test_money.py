"""Funds and orders: what they commit, spend and refuse; one event an action, once a command."""

from datetime import date, datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from tongzhou.kit.clock import fixed_at
from tongzhou.kit.models import Event
from tongzhou.kit.rules import Actor
from tongzhou.people.models import Organisation
from tongzhou.supplies import actions, queries
from tongzhou.supplies.actions import LineDraft, LotUnits, ReadyLine, SupplyRefused
from tongzhou.supplies.models import (
    Batch,
    Bucket,
    Entry,
    Fund,
    FundReceipt,
    Lot,
    Move,
    OrderLine,
    Payment,
    ProcurementOrder,
)

from .stock import DAY, World, make_fund, make_place

BY = Actor("account", "7", "device")


def verbs() -> list[str]:
    return list(Event.objects.order_by("pk").values_list("verb", flat=True))


def test_a_fund_is_pledged_confirmed_and_received(world: World) -> None:
    fund = actions.create_fund(
        name="甲基金会捐款", kind="cash", pledged_fen=100_00, by=BY, given_on=DAY
    )
    assert fund.public_id.startswith("D-")
    assert fund.state == Fund.State.PLEDGED
    actions.confirm_fund(fund, by=BY)
    actions.receive_money(fund, 40_00, received_on=DAY, command_id="m1", by=BY)
    fund.refresh_from_db()
    assert (fund.state, fund.received_fen) == (Fund.State.PART_RECEIVED, 40_00)
    actions.receive_money(fund, 60_00, received_on=DAY, command_id="m2", by=BY)
    fund.refresh_from_db()
    assert (fund.state, fund.received_fen) == (Fund.State.CLOSED, 100_00)
    assert verbs() == [
        "fund.created",
        "fund.confirmed",
        "fund.money_received",
        "fund.money_received",
    ]


def test_the_contact_of_a_donor_is_not_readable_in_the_log(world: World) -> None:
    actions.create_fund(name="x", kind="cash", pledged_fen=1, by=BY, contact="王女士 13800000000")
    after = Event.objects.get().after
    assert after["contact"].startswith("hmac:")
    assert after["pledged_fen"] == 1


def test_events_of_a_fund_lie_in_the_chain_of_its_office(world: World) -> None:
    at = {"name": "x", "kind": "cash", "pledged_fen": 1, "by": BY}
    actions.create_fund(**at)
    actions.create_fund(**at, division=world.gansu)
    actions.create_fund(**at, division=world.county)
    chains = Event.objects.order_by("pk").values_list("chain", flat=True)
    assert list(chains) == ["division:0", "division:62", "county:620102"]


def test_the_same_receipt_of_money_counts_once(world: World) -> None:
    first = actions.receive_money(world.fund, 5_00, received_on=DAY, command_id="m1", by=BY)
    again = actions.receive_money(world.fund, 5_00, received_on=DAY, command_id="m1", by=BY)
    assert first == again
    assert queries.fund_money(Fund.objects.get(pk=world.fund.pk)).received_fen == 5_00
    assert verbs() == ["fund.money_received"]


def test_the_same_receipt_with_another_amount_is_refused(world: World) -> None:
    actions.receive_money(world.fund, 5_00, received_on=DAY, command_id="m1", by=BY)
    with pytest.raises(SupplyRefused, match="sent before with 5 yuan"):
        actions.receive_money(world.fund, 6_00, received_on=DAY, command_id="m1", by=BY)


@pytest.mark.parametrize("fen", [0, -1, 10**15 + 1])
def test_an_amount_that_cannot_be_is_refused(world: World, fen: int) -> None:
    with pytest.raises(SupplyRefused, match="Enter an amount"):
        actions.receive_money(world.fund, fen, received_on=DAY, command_id="m1", by=BY)


def test_money_does_not_arrive_in_the_future(world: World) -> None:
    late = datetime.fromisoformat("2023-01-07T23:30+00:00")  # already the 8th in China
    with fixed_at(late), pytest.raises(SupplyRefused, match="lies in the future"):
        actions.receive_money(world.fund, 1, received_on=date(2023, 1, 9), command_id="m1", by=BY)
    with fixed_at(late):
        actions.receive_money(world.fund, 1, received_on=date(2023, 1, 8), command_id="m1", by=BY)


@pytest.mark.parametrize("state", ["closed", "withdrawn"])
def test_a_closed_or_withdrawn_fund_takes_no_more(world: World, state: str) -> None:
    Fund.objects.update(state=state)
    with pytest.raises(SupplyRefused, match="cannot take this step"):
        actions.receive_money(world.fund, 1, received_on=DAY, command_id="m1", by=BY)


def test_a_fund_that_brought_money_is_closed_not_withdrawn(world: World) -> None:
    fund = world.pay_in(1_00)
    with pytest.raises(SupplyRefused):
        actions.withdraw_fund(fund, by=BY, note="x")
    assert actions.close_fund(fund, by=BY, note="余款不再到账").state == Fund.State.CLOSED
    assert Event.objects.last().after["note"] == "余款不再到账"


def test_a_fund_is_withdrawn_while_nothing_has_come(world: World) -> None:
    assert actions.withdraw_fund(world.fund, by=BY, note="x").state == Fund.State.WITHDRAWN
    with pytest.raises(SupplyRefused):
        actions.confirm_fund(world.fund, by=BY)


@pytest.mark.parametrize(
    "amounts",
    [
        {"kind": "cash", "pledged_fen": 0},
        {"kind": "cash", "pledged_fen": 1, "pledged_units": 1},
        {"kind": "cash", "pledged_fen": 10**15 + 1},
        {"kind": "in_kind", "pledged_units": 5},
        {"kind": "in_kind", "pledged_fen": 1},
    ],
)
def test_a_donation_is_money_or_goods(world: World, amounts: dict[str, Any]) -> None:
    with pytest.raises(SupplyRefused, match="needs"):
        actions.create_fund(name="x", by=BY, **amounts)


def test_restrictions_are_kept_and_replaced(world: World) -> None:
    fund = actions.create_fund(
        name="x", kind="cash", pledged_fen=1, by=BY, restrictions=[world.gansu, world.gansu]
    )
    assert [r.division for r in fund.restrictions.all()] == [world.gansu]
    actions.restrict_fund(fund, [world.county], by=BY)
    event = Event.objects.last()
    assert event.before == {"restricted_to": ["62"]}
    assert event.after == {"restricted_to": ["620102"]}


def test_a_gift_in_kind_is_on_hand_where_it_stands(world: World) -> None:
    gift = actions.create_fund(name="x", kind="in_kind", item=world.item, pledged_units=100, by=BY)
    lots = [LotUnits(60, "A1"), LotUnits(20, "C3", date(2025, 1, 1))]
    actions.receive_goods(gift, world.hub, lots, command_id="g1", by=BY)
    assert queries.fund_units(gift) == {Bucket.DONOR: -80, Bucket.ON_HAND: 80}
    gift.refresh_from_db()
    assert gift.state == Fund.State.PART_RECEIVED
    assert Lot.objects.get(number="C3").expires_on == date(2025, 1, 1)
    actions.receive_goods(gift, world.hub, lots, command_id="g1", by=BY)
    assert queries.on_hand(place=world.hub, item=world.item) == 80
    assert verbs().count("fund.goods_received") == 1


def test_a_gift_over_its_pledge_is_refused_whole(world: World) -> None:
    gift = actions.create_fund(name="x", kind="in_kind", item=world.item, pledged_units=10, by=BY)
    with pytest.raises(SupplyRefused, match="more than the 10 pledged"):
        actions.receive_goods(gift, world.hub, [LotUnits(11)], command_id="g1", by=BY)
    assert Move.objects.count() == 0
    actions.receive_goods(gift, world.hub, [LotUnits(10)], command_id="g1", by=BY)
    gift.refresh_from_db()
    assert gift.state == Fund.State.CLOSED


def test_money_and_goods_are_not_mixed_up(world: World) -> None:
    gift = actions.create_fund(name="x", kind="in_kind", item=world.item, pledged_units=9, by=BY)
    with pytest.raises(SupplyRefused, match="in kind"):
        actions.receive_money(gift, 1, received_on=DAY, command_id="m1", by=BY)
    with pytest.raises(SupplyRefused, match="is money"):
        actions.receive_goods(world.fund, world.hub, [LotUnits(1)], command_id="g1", by=BY)
    with pytest.raises(SupplyRefused, match=r"Line 1: fund .* is in kind"):
        world.draft(LineDraft(gift, world.item, 1, 1, DAY))


def test_a_draft_commits_nothing_and_a_placed_order_does(world: World) -> None:
    fund = world.pay_in(10_000_00)
    order = world.draft(units=100, price=50_00)
    assert queries.fund_money(fund).committed_fen == 0
    actions.place_order(order, by=BY)
    money = queries.fund_money(fund)
    assert (money.committed_fen, money.free_fen, money.spent_fen) == (5_000_00, 5_000_00, 0)
    assert money.unspent_fen == 10_000_00


def test_an_order_commits_no_more_than_has_arrived(world: World) -> None:
    world.pay_in(5_000_00)
    order = world.draft(units=101, price=50_00)
    with pytest.raises(SupplyRefused) as refused:
        actions.place_order(order, by=BY)
    assert str(refused.value) == (
        "Fund F-1 has 5,000 yuan free (received 5,000, committed 0), and this order needs 5,050."
        " Confirm the receipt of more money first, or order less."
    )
    order.refresh_from_db()
    assert order.state == "draft"


def test_all_lines_of_a_fund_count_together(world: World) -> None:
    world.pay_in(5_000_00)
    half = LineDraft(world.fund, world.item, 51, 50_00, DAY)
    with pytest.raises(SupplyRefused, match="this order needs 5,100"):
        actions.place_order(world.draft(half, half), by=BY)


def test_two_orders_do_not_commit_the_same_money(world: World) -> None:
    world.pay_in(5_000_00)
    first, second = (world.draft(units=60) for _ in range(2))
    actions.place_order(first, by=BY)
    with pytest.raises(SupplyRefused, match="2,000 yuan free"):
        actions.place_order(second, by=BY)


def test_several_funds_share_an_order_and_each_unit_keeps_its_fund(world: World) -> None:
    other = make_fund("F-2")
    world.pay_in(3_000_00)
    world.pay_in(2_000_00, other)
    lines = [
        LineDraft(world.fund, world.item, 60, 50_00, DAY),
        LineDraft(other, world.item, 40, 50_00, DAY),
    ]
    order = actions.place_order(world.draft(*lines), by=BY)
    ready = [ReadyLine(line, line.units, "A1") for line in order.lines.order_by("pk")]
    actions.receive_batch(order, ready, command_id="b1", by=BY)
    assert queries.fund_units(world.fund) == {Bucket.PRODUCER: -60, Bucket.ON_HAND: 60}
    assert queries.fund_units(other) == {Bucket.PRODUCER: -40, Bucket.ON_HAND: 40}
    paid = [queries.fund_money(f).spent_fen for f in (world.fund, other)]
    assert sum(paid) == queries.order_total_fen(order) == 5_000_00
    assert Move.objects.filter(kind="batch").count() == 1


def test_an_order_needs_a_producer_and_lines_that_can_be(world: World) -> None:
    donor = Organisation.objects.create(code="d", name="d", kind="donor")
    line = LineDraft(world.fund, world.item, 1, 1, DAY)
    with pytest.raises(SupplyRefused, match="goes to a producer"):
        actions.create_order(producer=donor, lines=[line], by=BY)
    with pytest.raises(SupplyRefused, match="1 to 200 lines"):
        actions.create_order(producer=world.producer, lines=[], by=BY)
    for units, price in ((0, 1), (-5, 1), (1, -1), (10**12, 10**12)):
        with pytest.raises(SupplyRefused, match="Line 1: check"):
            world.draft(LineDraft(world.fund, world.item, units, price, DAY))
    assert not ProcurementOrder.objects.exists()


def test_order_numbers_run_on_and_are_used_once(world: World) -> None:
    line = LineDraft(world.fund, world.item, 1, 1, DAY)
    first = world.draft(line)
    assert first.number == "PO000001"
    typed = actions.create_order(
        producer=world.producer, lines=[line], by=BY, number=f"PO{first.pk + 2:06d}"
    )
    assert world.draft(line).number not in (first.number, typed.number)
    with pytest.raises(SupplyRefused, match="already"):
        actions.create_order(producer=world.producer, lines=[line], by=BY, number="PO000001")


def test_only_a_draft_is_changed(world: World) -> None:
    world.pay_in(5_000_00)
    order = world.draft()
    actions.replace_lines(order, [LineDraft(world.fund, world.item, 7, 1_00, DAY)], by=BY)
    assert order.lines.get().units == 7
    actions.place_order(order, by=BY)
    with pytest.raises(SupplyRefused, match="Only a draft"):
        actions.replace_lines(order, [], by=BY)


def test_an_order_goes_its_way_step_by_step(world: World) -> None:
    order = world.placed()
    with pytest.raises(SupplyRefused, match="cannot take this step"):
        actions.place_order(order, by=BY)
    with pytest.raises(SupplyRefused, match="cannot take this step"):
        actions.advance_order(order, "producing", by=BY)
    with pytest.raises(SupplyRefused, match="steps of their own"):
        actions.advance_order(order, "short_closed", by=BY)
    actions.confirm_order(order, by=BY)
    for state in ("producing", "shipped"):
        assert actions.advance_order(order, state, by=BY).state == state
    assert verbs()[-3:] == ["order.confirmed", "order.producing", "order.shipped"]


def test_an_unknown_step_is_refused(world: World) -> None:
    with pytest.raises(SupplyRefused, match="cannot take this step"):
        actions.advance_order(world.placed(), "teleported", by=BY)


def test_a_batch_comes_in_several_lots_and_leaves_the_rest_open(world: World) -> None:
    order = world.placed(units=100)
    line = order.lines.get()
    ready = [ReadyLine(line, 60, "A1"), ReadyLine(line, 20, "B2"), ReadyLine(line, 5, "A1")]
    batch = actions.receive_batch(order, ready, command_id="b1", by=BY, ready_on=DAY)
    assert sorted(batch.lines.values_list("lot__number", "units")) == [("A1", 65), ("B2", 20)]
    line.refresh_from_db()
    order.refresh_from_db()
    assert (line.delivered_units, order.state) == (85, "ordered")
    assert queries.on_hand(place=world.dock, item=world.item) == 85
    assert queries.fund_money(world.fund).spent_fen == 85 * 50_00
    actions.receive_batch(order, [ReadyLine(line, 15, "B2")], command_id="b2", by=BY)
    order.refresh_from_db()
    assert order.state == "received"
    assert verbs().count("order.batch_received") == 2


def test_the_same_batch_again_is_the_same_batch(world: World) -> None:
    order = world.placed(units=100)
    ready = [ReadyLine(order.lines.get(), 60, "A1")]
    first = actions.receive_batch(order, ready, command_id="b1", by=BY)
    again = actions.receive_batch(order, ready, command_id="b1", by=BY)
    assert first == again
    assert queries.on_hand(place=world.dock, item=world.item) == 60
    assert verbs().count("order.batch_received") == 1


def test_the_last_batch_sent_again_after_the_order_is_received(world: World) -> None:
    order = world.placed(units=100)
    ready = [ReadyLine(order.lines.get(), 100, "A1")]
    first = actions.receive_batch(order, ready, command_id="b1", by=BY)
    assert actions.receive_batch(order, ready, command_id="b1", by=BY) == first


def test_the_same_batch_with_other_units_is_refused(world: World) -> None:
    order = world.placed(units=100)
    line = order.lines.get()
    actions.receive_batch(order, [ReadyLine(line, 60, "A1")], command_id="b1", by=BY)
    with pytest.raises(SupplyRefused, match="sent before with other numbers"):
        actions.receive_batch(order, [ReadyLine(line, 61, "A1")], command_id="b1", by=BY)


def test_the_id_of_another_orders_batch_is_refused(world: World) -> None:
    """The ledger sees the same units at the same dock; it is another order all the same."""
    first, second = world.placed(units=100), world.placed(units=100)
    ready = [ReadyLine(first.lines.get(), 60, "A1")]
    actions.receive_batch(first, ready, command_id="b1", by=BY, ready_on=DAY)
    other = [ReadyLine(second.lines.get(), 60, "A1")]
    with pytest.raises(SupplyRefused, match="sent before"):
        actions.receive_batch(second, other, command_id="b1", by=BY, ready_on=DAY)
    assert queries.on_hand(place=world.dock, item=world.item) == 60
    assert not second.batches.exists()


def test_more_than_was_ordered_is_refused_whole(world: World) -> None:
    order = world.placed(units=100)
    line = order.lines.get()
    actions.receive_batch(order, [ReadyLine(line, 60, "A1")], command_id="b1", by=BY)
    with pytest.raises(SupplyRefused) as refused:
        actions.receive_batch(order, [ReadyLine(line, 41, "NEW")], command_id="b2", by=BY)
    assert "41 units are more than the 40 still to come of 100. Enter 40" in str(refused.value)
    assert not Lot.objects.filter(number="NEW").exists()
    assert Batch.objects.count() == 1
    actions.receive_batch(order, [ReadyLine(line, 40, "A1")], command_id="b2", by=BY)


def test_a_batch_that_cannot_be_says_why(world: World) -> None:
    order = world.placed(units=100)
    line = order.lines.get()
    other = world.draft().lines.get()
    for ready, sentence in (
        ([], "at least one line"),
        ([ReadyLine(line, 0)], "at least 1 unit"),
        ([ReadyLine(line, -5)], "at least 1 unit"),
        ([ReadyLine(other, 5)], "belongs to another order"),
    ):
        with pytest.raises(SupplyRefused, match=sentence):
            actions.receive_batch(order, ready, command_id="b1", by=BY)
    with pytest.raises(SupplyRefused, match="draft and takes no batch"):
        actions.receive_batch(other.order, [ReadyLine(other, 5)], command_id="b1", by=BY)


def test_a_lot_with_two_expiry_dates_is_refused(world: World) -> None:
    order = world.placed(units=100)
    line = order.lines.get()
    ready = [ReadyLine(line, 1, "X", date(2024, 1, 1)), ReadyLine(line, 1, "X", date(2025, 1, 1))]
    with pytest.raises(SupplyRefused, match="known to expire on 2024-01-01, not 2025-01-01"):
        actions.receive_batch(order, ready, command_id="b1", by=BY)


def test_a_producer_without_a_dock_needs_one_named(world: World) -> None:
    order = world.placed(units=100)
    Organisation.objects.update(dock=None)
    ready = [ReadyLine(order.lines.get(), 5)]
    with pytest.raises(SupplyRefused, match="甲厂 has no dock"):
        actions.receive_batch(order, ready, command_id="b1", by=BY)
    shed = make_place("shed", world.nation, "producer")
    actions.receive_batch(order, ready, command_id="b1", by=BY, dock=shed)
    assert queries.on_hand(place=shed, item=world.item) == 5


def test_a_batch_entered_wrongly_is_taken_back_once(world: World) -> None:
    order = world.placed(units=100)
    line = order.lines.get()
    batch = actions.receive_batch(order, [ReadyLine(line, 100, "A1")], command_id="b1", by=BY)
    for _ in range(2):
        actions.undo_batch(batch, command_id="u1", by=BY, note="数错了")
    line.refresh_from_db()
    order.refresh_from_db()
    assert (line.delivered_units, order.state) == (0, "producing")
    assert queries.on_hand(place=world.dock, item=world.item) == 0
    assert verbs().count("order.batch_undone") == 1
    assert queries.verify_ledger() == []
    with pytest.raises(SupplyRefused, match="reversed before"):
        actions.undo_batch(batch, command_id="u2", by=BY, note="x")


def test_a_batch_whose_units_have_left_is_not_taken_back(world: World) -> None:
    order = world.placed(units=100)
    ready = [ReadyLine(order.lines.get(), 100, "A1")]
    batch = actions.receive_batch(order, ready, command_id="b1", by=BY)
    actions.post([world.move(1, (world.dock, Bucket.ON_HAND), (world.hub, Bucket.RESERVED))])
    with pytest.raises(SupplyRefused, match="has 99"):
        actions.undo_batch(batch, command_id="u1", by=BY, note="x")
    assert OrderLine.objects.get().delivered_units == 100


def test_an_order_closed_short_frees_the_money_of_what_is_missing(world: World) -> None:
    order = world.placed(units=100, price=50_00)
    ready = [ReadyLine(order.lines.get(), 60, "A1")]
    actions.receive_batch(order, ready, command_id="b1", by=BY)
    actions.close_short(order, by=BY, note="停产")
    money = queries.fund_money(Fund.objects.get())
    assert (money.committed_fen, money.free_fen) == (3_000_00, 2_000_00)
    assert queries.order_total_fen(order) == 3_000_00
    assert Event.objects.last().after["missing_units"] == 40
    with pytest.raises(SupplyRefused, match="closed short and takes no batch"):
        actions.receive_batch(order, ready, command_id="b2", by=BY)
    assert queries.verify_ledger() == []


def test_an_order_is_paid_once_and_not_above_its_cost(world: World) -> None:
    order = world.placed(units=100, price=50_00)
    first = actions.pay_order(order, 3_000_00, paid_on=DAY, command_id="p1", by=BY)
    again = actions.pay_order(order, 3_000_00, paid_on=DAY, command_id="p1", by=BY)
    assert first == again
    with pytest.raises(SupplyRefused, match="sent before"):
        actions.pay_order(order, 1, paid_on=DAY, command_id="p1", by=BY)
    with pytest.raises(SupplyRefused, match=r"costs 5,000 yuan and 3,000 are paid: .* most 2,000"):
        actions.pay_order(order, 2_000_01, paid_on=DAY, command_id="p2", by=BY)
    with pytest.raises(SupplyRefused, match="draft cannot be paid"):
        actions.pay_order(world.draft(), 1, paid_on=DAY, command_id="p3", by=BY)
    assert ProcurementOrder.objects.get(pk=order.pk).paid_fen == 3_000_00
    assert verbs().count("order.paid") == 1


def test_what_a_refused_action_began_is_undone(world: World) -> None:
    order = world.placed(units=100)
    line = order.lines.get()
    before = (Event.objects.count(), Entry.objects.count())
    with pytest.raises(SupplyRefused):
        actions.receive_batch(order, [ReadyLine(line, 101)], command_id="b1", by=BY)
    assert (Event.objects.count(), Entry.objects.count()) == before


def test_items_are_recorded_once_with_their_carton(world: World) -> None:
    item = actions.create_item(code="mask", name="口罩", base_unit="只", by=BY, carton_units=2_000)
    assert item.packs.get().units == 2_000
    with pytest.raises(SupplyRefused, match="already"):
        actions.create_item(code="mask", name="x", base_unit="x", by=BY)


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "cash", "pledged_units": 5},
        {"kind": "in_kind"},
        {"kind": "cash", "pledged_fen": -1},
        {"kind": "cash", "received_fen": -1},
    ],
)
def test_the_database_refuses_a_fund_that_cannot_be(world: World, values: Any) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Fund.objects.create(public_id="x", name="x", given_on=DAY, **values)


@pytest.mark.parametrize("model", [FundReceipt, Payment])
def test_the_database_refuses_an_amount_of_nothing(world: World, model: Any) -> None:
    owner = {"fund": world.fund} if model is FundReceipt else {"order": world.draft()}
    day = {"received_on": DAY} if model is FundReceipt else {"paid_on": DAY}
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.create(fen=0, command_id="x", by="x", recorded_at=_now(), **owner, **day)


def _now() -> datetime:
    return datetime.fromisoformat("2023-01-07T00:00+00:00")
