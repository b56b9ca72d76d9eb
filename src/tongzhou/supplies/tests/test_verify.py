"""A sound ledger has no fault; every planted fault is found and called by its name."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from tongzhou.kit.rules import SYSTEM
from tongzhou.supplies import actions
from tongzhou.supplies.actions import ReadyLine, post, reverse
from tongzhou.supplies.models import (
    LINES_PER_MOVE,
    Balance,
    Bucket,
    Entry,
    Fund,
    FundFlow,
    Item,
    Lot,
    Move,
    OrderLine,
    ProcurementOrder,
)
from tongzhou.supplies.queries import verify_ledger
from tongzhou.supplies.queries.verify import CHECKS, SEALS

from .stock import DAY, World, make_fund


@pytest.fixture
def busy(world: World) -> World:
    """A world in which everything has happened once."""
    order = world.placed(units=100, price=50_00)
    line = order.lines.get()
    ready = [ReadyLine(line, 60, "A1"), ReadyLine(line, 20, "B2")]
    actions.receive_batch(order, ready, command_id="batch-1", by=SYSTEM)
    actions.pay_order(order, 4_000_00, paid_on=DAY, command_id="pay-1", by=SYSTEM)
    post([world.move(30, (world.dock, Bucket.ON_HAND), (world.hub, Bucket.RESERVED))])
    wrong = post([world.move(5, (world.hub, Bucket.RESERVED), (world.hub, Bucket.LOST))])[0]
    reverse(Move.objects.get(pk=wrong.move_id), by=SYSTEM, command_id="undo-1")
    return world


def faults() -> set[str]:
    return {fault.name for fault in verify_ledger()}


def test_a_world_in_which_everything_happened_has_no_fault(busy: World) -> None:
    assert verify_ledger() == []


def test_an_empty_database_has_no_fault(db: Any) -> None:
    assert verify_ledger() == []


def unseal() -> None:
    """Take the triggers down, as somebody with the database in hand could."""
    place = " ON " if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for name in SEALS:
            table = re.match(r"supplies_(entry|move)", name)
            assert table
            cursor.execute(f"DROP TRIGGER {name}" + (place and place + table[0]))


def _change_an_entry() -> None:
    Entry.objects.filter(units=20).update(units=21)


def _delete_an_entry() -> None:
    Entry.objects.filter(units=20).first().delete()


def _unseal_a_move() -> None:
    Move.objects.filter(kind="batch").update(sealed=False)


def _write_a_move_without_entries() -> None:
    kept = Move.objects.first()
    kept.pk, kept.command_id = None, "empty"
    kept.save()


def _spoil_a_reversal() -> None:
    entries = Entry.objects.filter(move__kind="reversal")
    for entry in entries:
        Entry.objects.filter(pk=entry.pk).update(units=entry.units * 2)


def _change_a_balance() -> None:
    Balance.objects.filter(units=20).update(units=19)


def _write_a_hidden_pair() -> None:
    """Units appear at a clinic, taken from nowhere, in a move that looks sound."""
    move = Move.objects.get(kind="batch")
    rows = list(Entry.objects.filter(move=move).order_by("-pk")[:2])
    for number, row in enumerate(rows):
        Entry.objects.create(
            id=move.pk * LINES_PER_MOVE + 100 + number,
            move=move,
            account=row.account,
            item=row.item,
            lot=row.lot,
            fund=row.fund,
            units=(-1) ** number,
        )


def _change_the_roll_up() -> None:
    row = FundFlow.objects.filter(kind="batch", bucket=Bucket.ON_HAND).get()
    row.units += 7
    row.save()


def _mix_up_a_lot() -> None:
    mask = Item.objects.create(code="mask", name="口罩", base_unit="只")
    Lot.objects.filter(number="B2").update(item=mask)


def _change_received_money() -> None:
    Fund.objects.update(received_fen=1)


def _change_paid_money() -> None:
    ProcurementOrder.objects.update(paid_fen=4_000_01)


def _pay_more_than_the_order_costs() -> None:
    OrderLine.objects.update(unit_price_fen=1)


def _commit_more_than_came() -> None:
    OrderLine.objects.update(unit_price_fen=51_00)


def _let_a_gift_pay() -> None:
    item = Item.objects.first()
    gift = make_fund("F-9", kind="in_kind", pledged_fen=0, item=item, pledged_units=1)
    OrderLine.objects.update(fund=gift)


def _deliver_too_much() -> None:
    OrderLine.objects.update(units=79)


def _change_what_was_delivered() -> None:
    OrderLine.objects.update(delivered_units=81)


PLANTED: list[tuple[str, Callable[[], None]]] = [
    ("move_unbalanced", _change_an_entry),
    ("move_unbalanced", _delete_an_entry),
    ("balance_differs", _delete_an_entry),
    ("move_unsealed", _unseal_a_move),
    ("move_empty", _write_a_move_without_entries),
    ("reversal_not_mirror", _spoil_a_reversal),
    ("balance_differs", _write_a_hidden_pair),
    ("balance_differs", _change_a_balance),
    ("fund_not_conserved", _change_a_balance),
    ("flow_differs", _change_the_roll_up),
    ("lot_of_other_item", _mix_up_a_lot),
    ("receipts_differ", _change_received_money),
    ("payments_differ", _change_paid_money),
    ("paid_over_order", _pay_more_than_the_order_costs),
    ("fund_overcommitted", _commit_more_than_came),
    ("line_of_gift", _let_a_gift_pay),
    ("line_over_delivered", _deliver_too_much),
    ("batches_differ", _change_what_was_delivered),
    ("bought_differs", _change_what_was_delivered),
]


@pytest.mark.parametrize(("name", "plant"), PLANTED)
def test_a_planted_fault_is_found(busy: World, name: str, plant: Callable[[], None]) -> None:
    unseal()
    assert {fault.name for fault in verify_ledger()} == {"seal_missing"}
    plant()
    assert name in faults()


def test_a_negative_balance_is_found_where_the_constraint_is_gone(busy: World) -> None:
    """Shown on the question itself: neither database lets such a row in."""
    (check,) = [check for check in CHECKS if check.name == "balance_negative"]
    sql = check.sql.replace(
        "supplies_balance",
        "(SELECT -1 AS units, 10 AS account_id, 1 AS item_id, 1 AS lot_id, 1 AS fund_id) AS held",
    )
    with connection.cursor() as cursor:
        cursor.execute(sql)
        (row,) = cursor.fetchall()
        assert check.tells.format(*row) == "account 10, item 1, lot 1, fund 1 holds -1 units"
        cursor.execute(sql.replace("10 AS account_id", "8 AS account_id"))
        assert cursor.fetchall() == []


def test_every_check_has_a_planted_fault() -> None:
    assert {check.name for check in CHECKS} == {name for name, _ in PLANTED} | {"balance_negative"}


def test_each_missing_seal_is_named(busy: World) -> None:
    unseal()
    told = " ".join(str(fault) for fault in verify_ledger())
    assert all(name in told for name in SEALS)


def test_a_fault_names_where_it_is(busy: World) -> None:
    unseal()
    Balance.objects.filter(units=20).update(units=19)
    fault = next(f for f in verify_ledger() if f.name == "balance_differs")
    account = busy.dock.pk * 8 + Bucket.ON_HAND
    assert f"account {account}, item {busy.item.pk}" in fault.where
    assert "differ by +1 units" in str(fault)


def test_a_thousand_faults_of_one_kind_are_cut_short(busy: World) -> None:
    unseal()
    Entry.objects.update(units=3)
    found = [f.name for f in verify_ledger(most=2)]
    assert found.count("balance_differs") == 2


def test_verifying_inside_a_transaction_sees_it(world: World) -> None:
    with transaction.atomic():
        world.ready(5)
        assert faults() == {"bought_differs"}
