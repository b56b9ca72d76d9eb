"""The decisions of the app, without a database."""

from datetime import UTC, date, datetime
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongzhou.kit.rules import SYSTEM, Actor
from tongzhou.supplies.models import Bucket, Fund, Lot, ProcurementOrder
from tongzhou.supplies.rules import FundMoney, SupplyRefused, orders, yuan
from tongzhou.supplies.rules import ledger as rules
from tongzhou.supplies.rules.ledger import Command, Leg, ManyLegs, Unsound, posting_of
from tongzhou.supplies.rules.money import refuse_over_commitment
from tongzhou.supplies.rules.words import BUCKETS, FUND_STATES, LOT_STATES, ORDER_STATES

AT = datetime(2023, 1, 7, tzinfo=UTC)


def command(*legs: Any, **other: Any) -> Command:
    values = {"command_id": "c", "kind": "test", "occurred_at": AT, "by": SYSTEM} | other
    return Command(legs=list(legs), **values)


def leg(place: int, bucket: int, units: int, item: int = 1, lot: int = 1, fund: int = 1) -> Leg:
    return Leg(place, bucket, item, lot, fund, units)


@st.composite
def balanced(draw: st.DrawFn) -> list[Leg]:
    """Legs that sum to nothing for each lot and fund, and do not all cancel out."""
    legs = []
    for lot, fund in draw(st.sets(st.tuples(st.integers(1, 3), st.integers(1, 2)), min_size=1)):
        total = 0
        for place in draw(st.sets(st.integers(2, 30), min_size=1, max_size=5)):
            units = draw(st.integers(1, 1000))
            legs.append(leg(place, draw(st.sampled_from([2, 3, 4])), units, lot=lot, fund=fund))
            total += units
        legs.append(leg(1, 2, -total, lot=lot, fund=fund))
    return legs


@given(balanced(), st.randoms())
def test_a_posting_does_not_depend_on_the_order_of_its_legs(legs: list[Leg], random: Any) -> None:
    first = posting_of(command(*legs))
    random.shuffle(legs)
    again = posting_of(command(*legs))
    assert first.body_hash == again.body_hash
    assert list(first.lines.items()) == list(again.lines.items())


@given(balanced())
def test_lines_are_sorted_merged_and_sum_to_nothing(legs: list[Leg]) -> None:
    posting = posting_of(command(*legs))
    assert list(posting.lines) == sorted(posting.lines)
    assert 0 not in posting.lines.values()
    assert sum(posting.lines.values()) == sum(posting.flow.values()) == 0


@given(balanced(), st.integers(-50, 50).filter(bool))
def test_one_unit_too_many_or_few_never_passes(legs: list[Leg], error: int) -> None:
    with pytest.raises(Unsound, match="do not balance"):
        posting_of(command(*legs, leg(99, 3, error)))


@given(balanced())
def test_reversed_twice_is_what_it_was(legs: list[Leg]) -> None:
    lines = posting_of(command(*legs)).lines
    once = rules.reversed_legs((*key, units) for key, units in lines.items())
    mirror = posting_of(command(*once)).lines
    assert mirror == {key: -units for key, units in lines.items()}
    twice = rules.reversed_legs((*key, units) for key, units in mirror.items())
    assert posting_of(command(*twice)).lines == lines


def test_what_a_command_does_is_in_its_digest_and_when_and_who_is_not() -> None:
    legs = (leg(1, 2, -5), leg(2, 3, 5))
    same = posting_of(command(*legs)).body_hash
    later = command(*legs, occurred_at=datetime(2023, 2, 1, tzinfo=UTC), by=Actor("device", "x"))
    assert posting_of(later).body_hash == same
    others = [
        command(*legs, kind="other"),
        command(*legs, reverses=5),
        command(leg(1, 2, -6), leg(2, 3, 6)),
        command(leg(1, 2, -5), leg(3, 3, 5)),
        command(leg(1, 2, -5), leg(2, 4, 5)),
        command(leg(1, 2, -5, lot=2), leg(2, 3, 5, lot=2)),
        command(leg(1, 2, -5, fund=2), leg(2, 3, 5, fund=2)),
    ]
    assert same not in {posting_of(one).body_hash for one in others}


@pytest.mark.parametrize(
    ("source", "target", "issued"),
    [
        (Bucket.ON_HAND, Bucket.RESERVED, True),
        (Bucket.ON_HAND, Bucket.IN_TRANSIT, True),
        (Bucket.ON_HAND, Bucket.HANDED_OVER, True),
        (Bucket.RESERVED, Bucket.IN_TRANSIT, True),
        (Bucket.QUARANTINE, Bucket.RESERVED, True),
        (Bucket.RESERVED, Bucket.RESERVED, False),
        (Bucket.IN_TRANSIT, Bucket.RESERVED, False),
        (Bucket.IN_TRANSIT, Bucket.ON_HAND, False),
        (Bucket.IN_TRANSIT, Bucket.LOST, False),
        (Bucket.RESERVED, Bucket.ON_HAND, False),
        (Bucket.RESERVED, Bucket.QUARANTINE, False),
        (Bucket.ON_HAND, Bucket.QUARANTINE, False),
        (Bucket.PRODUCER, Bucket.ON_HAND, False),
    ],
)
def test_which_moves_take_a_lot_towards_use(source: int, target: int, issued: bool) -> None:
    legs = (leg(1, source, -5, lot=7), leg(2, target, 5, lot=7))
    assert posting_of(command(*legs)).issued_lots == ({7} if issued else set())
    assert posting_of(command(*legs, reverses=1)).issued_lots == set()


@pytest.mark.parametrize("name", ["", "x" * 81, "a\x00b", "a\nb"])
def test_a_command_id_is_short_and_without_hidden_characters(name: str) -> None:
    with pytest.raises(Unsound, match="1 to 80 characters"):
        posting_of(command(leg(1, 2, -5), leg(2, 3, 5), command_id=name))


def test_the_senders_name_fits_its_column() -> None:
    legs = (leg(1, 2, -5), leg(2, 3, 5))
    for by in (Actor("device", "x" * 80), Actor("device", "a\x00")):
        with pytest.raises(Unsound, match="name of the sender"):
            posting_of(command(*legs, by=by))


@pytest.mark.parametrize("number", [0, -1, 2**53 + 1, 2**70])
@pytest.mark.parametrize("name", ["item_id", "lot_id", "fund_id", "place_ids"])
def test_an_id_that_cannot_be_is_refused_before_any_database(name: str, number: int) -> None:
    values: dict[str, Any] = {"place_ids": [1], "bucket": 2, "units": [5]}
    values |= {"item_id": 1, "lot_id": 1, "fund_id": 1}
    values[name] = [number] if name == "place_ids" else number
    with pytest.raises(Unsound, match="cannot be"):
        posting_of(command(ManyLegs(**values)))


@pytest.mark.parametrize("number", [None, "7", 1.0])
def test_an_id_is_a_whole_number(number: Any) -> None:
    with pytest.raises(Unsound, match="whole numbers"):
        posting_of(command(leg(1, 2, 5, fund=number)))


def test_the_first_shortfall_is_named_and_outside_there_is_none() -> None:
    lines = {(16 + 2, 1, 1, 1): -5, (24 + 2, 1, 1, 1): -5, (16, 1, 1, 1): -99}
    held = {(16 + 2, 1, 1, 1): 5, (24 + 2, 1, 1, 1): 4}
    assert rules.shortfall(lines, held) == ((24 + 2, 1, 1, 1), 4, 5)
    assert rules.shortfall({(16, 1, 1, 1): -99, (17, 1, 1, 1): -99}, {}) is None


def test_the_money_of_a_fund_adds_up() -> None:
    money = FundMoney(pledged_fen=100, received_fen=80, committed_fen=50, spent_fen=30)
    assert (money.unspent_fen, money.free_fen, money.bound_fen) == (50, 30, 20)
    assert money.spent_fen + money.bound_fen + money.free_fen == money.received_fen
    assert money.received_fen + money.awaited_fen == money.whole_fen == 100


def test_more_money_than_was_pledged_lengthens_the_bar() -> None:
    money = FundMoney(pledged_fen=100, received_fen=130)
    assert (money.awaited_fen, money.whole_fen) == (0, 130)


def test_the_last_fen_may_be_committed_and_not_one_more() -> None:
    money = FundMoney(pledged_fen=1000, received_fen=100, committed_fen=40)
    refuse_over_commitment("F", money, 60)
    with pytest.raises(SupplyRefused, match=r"has 0\.60 yuan free .* needs 0\.61"):
        refuse_over_commitment("F", money, 61)


@pytest.mark.parametrize(
    ("fen", "words"),
    [(0, "0"), (5, "0.05"), (100, "1"), (-150, "-1.50"), (12_500_000_000, "125,000,000")],
)
def test_fen_are_told_as_yuan(fen: int, words: str) -> None:
    assert yuan(fen) == words


STATES = list(ORDER_STATES)
STEPS = {
    ("draft", "ordered"),
    ("ordered", "confirmed"),
    ("confirmed", "producing"),
    ("confirmed", "shipped"),
    ("producing", "shipped"),
    ("ordered", "short_closed"),
    ("confirmed", "short_closed"),
    ("producing", "short_closed"),
    ("shipped", "short_closed"),
}


@pytest.mark.parametrize(("state", "wanted"), list(product(STATES, STATES)))
def test_every_step_of_an_order_is_allowed_or_refused_by_name(state: str, wanted: str) -> None:
    if (state, wanted) in STEPS:
        orders.refuse_step(state, wanted, state)
        return
    with pytest.raises(SupplyRefused, match=f"The order is {state}"):
        orders.refuse_step(state, wanted, state)


@pytest.mark.parametrize("state", STATES)
def test_a_batch_comes_while_the_order_is_open(state: str) -> None:
    if state in ("ordered", "confirmed", "producing", "shipped"):
        orders.refuse_batch(state, state)
        return
    with pytest.raises(SupplyRefused, match="takes no batch"):
        orders.refuse_batch(state, state)


def test_the_last_unit_may_come_and_not_one_more() -> None:
    orders.refuse_over_delivery("x", 40, 100, 60)
    with pytest.raises(SupplyRefused, match="41 units are more than the 40"):
        orders.refuse_over_delivery("x", 41, 100, 60)


def test_today_is_not_the_future() -> None:
    orders.refuse_future(date(2023, 1, 7), date(2023, 1, 7))
    orders.refuse_future(None, date(2023, 1, 7))
    with pytest.raises(SupplyRefused, match="2023-01-08 lies in the future"):
        orders.refuse_future(date(2023, 1, 8), date(2023, 1, 7))


def test_rules_and_models_use_the_same_words_and_numbers() -> None:
    assert [bucket.value for bucket in Bucket] == list(rules.BUCKETS)
    assert (Bucket.PRODUCER, Bucket.DONOR) == rules.EXTERNAL
    assert len(BUCKETS) == len(Bucket)
    assert set(FUND_STATES) == set(Fund.State.values)
    assert set(ORDER_STATES) == set(ProcurementOrder.State.values) == set(orders.NEXT)
    assert set(LOT_STATES) == set(Lot.State.values)
