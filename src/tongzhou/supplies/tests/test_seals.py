"""The database itself keeps the ledger, on SQLite and on PostgreSQL, whoever writes to it."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from tongzhou.supplies.models import LINES_PER_MOVE, Account, Balance, Bucket, Entry, Fund, Move

from .stock import AT, World


def _refused(sql: str, *values: Any) -> str:
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        _run(sql, *values)
    return str(caught.value)


def _run(sql: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def _open_move(command: str = "by-hand") -> Move:
    return Move.objects.create(
        kind="test", command_id=command, body_hash="", occurred_at=AT, recorded_at=AT, by="x"
    )


def _entry(world: World, move: int, line: int, units: int, **other: Any) -> None:
    account = Account.objects.get_or_create(
        id=world.dock.pk * 8 + Bucket.ON_HAND, place=world.dock, bucket=Bucket.ON_HAND
    )[0]
    values = {"account": account, "item": world.item, "lot": world.lot, "fund": world.fund}
    Entry.objects.create(
        id=move * LINES_PER_MOVE + line, move_id=move, units=units, **values | other
    )


def test_an_entry_is_never_changed(world: World) -> None:
    world.ready(5)
    assert "appended, never changed" in _refused("UPDATE supplies_entry SET units = units + 1")


def test_an_entry_is_never_deleted(world: World) -> None:
    world.ready(5)
    assert "appended, never changed" in _refused("DELETE FROM supplies_entry")
    assert Entry.objects.count() == 2


def test_a_move_is_never_deleted(world: World) -> None:
    _open_move()
    assert "appended, never changed" in _refused("DELETE FROM supplies_move")


@pytest.mark.parametrize(
    "change",
    [
        "kind = 'other'",
        "command_id = 'other'",
        "body_hash = 'other'",
        "\"by\" = 'other'",
        "sealed = NOT sealed",
        "occurred_at = recorded_at",
        "reverses_id = id",
    ],
)
def test_a_sealed_move_never_changes(world: World, change: str) -> None:
    world.ready(5)
    assert "appended, never changed" in _refused(f"UPDATE supplies_move SET {change}")


def test_sealing_changes_nothing_else_of_a_move(world: World) -> None:
    move = _open_move()
    _entry(world, move.pk, 0, 5)
    _entry(world, move.pk, 1, -5)
    _refused("UPDATE supplies_move SET sealed = NOT sealed, kind = 'other'")
    _run("UPDATE supplies_move SET sealed = NOT sealed")
    assert Move.objects.get().sealed


def test_a_sealed_move_takes_no_more_entries(world: World) -> None:
    move = world.ready(5).move_id
    with pytest.raises(IntegrityError, match="takes no more entries"), transaction.atomic():
        _entry(world, move, 2, 5)


def test_a_move_whose_entries_do_not_sum_to_zero_is_not_sealed(world: World) -> None:
    move = _open_move()
    _entry(world, move.pk, 0, 5)
    _entry(world, move.pk, 1, -4)
    assert "sum to zero" in _refused("UPDATE supplies_move SET sealed = NOT sealed")


def test_entries_of_different_funds_do_not_balance_each_other(world: World) -> None:
    move = _open_move()
    other = Fund.objects.create(public_id="F-2", name="x", kind="cash", given_on=AT.date())
    _entry(world, move.pk, 0, 5)
    _entry(world, move.pk, 1, -5, fund=other)
    assert "sum to zero" in _refused("UPDATE supplies_move SET sealed = NOT sealed")


def test_a_move_without_entries_is_not_sealed(world: World) -> None:
    _open_move()
    assert "sum to zero" in _refused("UPDATE supplies_move SET sealed = NOT sealed")


def test_a_move_is_not_born_sealed(world: World) -> None:
    with pytest.raises(IntegrityError, match="sealed when its entries are in"):
        Move.objects.create(
            kind="x",
            command_id="x",
            body_hash="",
            occurred_at=AT,
            recorded_at=AT,
            by="x",
            sealed=True,
        )


def test_a_command_id_is_used_once(world: World) -> None:
    _open_move("same")
    with pytest.raises(IntegrityError), transaction.atomic():
        _open_move("same")


@pytest.mark.parametrize("bucket", [b for b in Bucket if b not in (Bucket.PRODUCER, Bucket.DONOR)])
def test_no_balance_inside_is_negative(world: World, bucket: int) -> None:
    Account.objects.create(id=world.hub.pk * 8 + bucket, place=world.hub, bucket=bucket)
    with pytest.raises(IntegrityError, match="balance_not_negative"), transaction.atomic():
        _balance(world, bucket, -1)
    _balance(world, bucket, 0)


@pytest.mark.parametrize("bucket", [Bucket.PRODUCER, Bucket.DONOR])
def test_what_stands_outside_may_be_negative(world: World, bucket: int) -> None:
    Account.objects.create(id=world.hub.pk * 8 + bucket, place=world.hub, bucket=bucket)
    _balance(world, bucket, -1)
    assert Balance.objects.get().units == -1


def _balance(world: World, bucket: int, units: int) -> None:
    Balance.objects.create(
        account_id=world.hub.pk * 8 + bucket,
        item=world.item,
        lot=world.lot,
        fund=world.fund,
        units=units,
    )


def test_an_account_is_its_place_and_bucket(world: World) -> None:
    with pytest.raises(IntegrityError, match="account_id_is_place_and_bucket"):
        Account.objects.create(id=world.hub.pk * 8 + 3, place=world.hub, bucket=2)


def test_an_entry_lies_with_its_move_and_is_not_zero(world: World) -> None:
    move = _open_move().pk
    with pytest.raises(IntegrityError, match="entry_id_is_move_and_line"), transaction.atomic():
        _entry(world, move, LINES_PER_MOVE, 5)
    with pytest.raises(IntegrityError, match="entry_not_zero"), transaction.atomic():
        _entry(world, move, 0, 0)
    assert LINES_PER_MOVE == 16_384, "the triggers and the verifier spell this number out"


@pytest.mark.parametrize("table", ["supplies_entry", "supplies_move"])
def test_postgresql_does_not_truncate_the_ledger(world: World, table: str) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no TRUNCATE")
    assert "appended, never changed" in _refused(f"TRUNCATE {table} CASCADE")
