"""Counting, sharing out, packing, slips and reports: decided without a database."""

from collections import Counter
from math import gcd

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongzhou.delivery.rules import (
    Count,
    Found,
    Held,
    Planned,
    Refused,
    found_units,
    pack,
    receive_token,
    settle,
    shared_out,
    slip_hash,
)
from tongzhou.delivery.rules.commands import Malformed, read_call
from tongzhou.delivery.rules.reports import read_report
from tongzhou.interchange import receive_tokens

SIZES = st.lists(st.integers(0, 500), min_size=1, max_size=12)
OXIMETER, MASK = 1, 2


def held(*units: int, item: int = OXIMETER) -> list[Held]:
    return [Held(n, item, 1, 1, count) for n, count in enumerate(units, 1)]


def found(*rows: Found) -> list[tuple[str, int]]:
    return [(row.kind, row.units) for row in rows]


# Sharing out


@given(SIZES, st.data())
def test_shares_sum_up_and_none_is_larger_than_its_size(
    sizes: list[int], data: st.DataObject
) -> None:
    amount = data.draw(st.integers(0, sum(sizes)))
    shares = shared_out(amount, sizes)
    assert sum(shares) == amount
    assert all(0 <= share <= size for share, size in zip(shares, sizes, strict=True))


@given(SIZES, st.data())
def test_at_most_one_share_breaks_a_pair(sizes: list[int], data: st.DataObject) -> None:
    pairs = [2 * size for size in sizes]
    amount = data.draw(st.integers(0, sum(pairs)))
    step = gcd(*pairs) or 1
    assert sum(share % step > 0 for share in shared_out(amount, pairs)) <= 1


def test_shares_are_in_proportion_in_whole_steps() -> None:
    assert shared_out(9, [15, 30]) == [9, 0]
    assert shared_out(15, [15, 30]) == [0, 15]
    assert shared_out(30, [15, 30]) == [15, 15]
    assert shared_out(4, [10, 20, 31]) == [1, 1, 2]


def test_more_than_there_is_cannot_be_shared() -> None:
    with pytest.raises(ValueError, match="cannot be shared"):
        shared_out(5, [2, 2])


# Counting


def test_everything_arrived() -> None:
    result = settle(held(4, 2), None)
    assert [(line.good, line.damaged, line.missing) for line in result.lines] == [
        (4, 0, 0),
        (2, 0, 0),
    ]
    assert result.found == ()


def test_pairs_stay_pairs_when_some_are_missing() -> None:
    result = settle(held(4, 2), [Count(OXIMETER, good=4)])
    assert sorted(line.missing for line in result.lines) == [0, 2]
    assert found(*result.found) == [("short", 2)]


def test_what_is_over_is_no_part_of_any_line() -> None:
    result = settle(held(4), [Count(OXIMETER, good=6)])
    assert result.good == 4
    assert found(*result.found) == [("over", 2)]
    assert result.found[0].parts == ()


def test_damaged_units_count_before_good_ones() -> None:
    result = settle(held(2), [Count(OXIMETER, good=2, damaged=1)])
    assert found(*result.found) == [("damaged", 1), ("over", 1)]


def test_something_else_stands_in_place_of_what_is_missing() -> None:
    result = settle(held(4), [Count(OXIMETER, good=1, wrong=2)])
    assert found(*result.found) == [("short", 1), ("wrong", 2)]
    assert [sum(units for _held, units in row.parts) for row in result.found] == [1, 2]


@given(
    st.lists(st.integers(1, 60), min_size=1, max_size=6),
    st.integers(0, 400),
    st.integers(0, 100),
    st.integers(0, 100),
)
def test_no_unit_is_counted_twice_or_forgotten(
    units: list[int], good: int, damaged: int, wrong: int
) -> None:
    result = settle(held(*units), [Count(OXIMETER, good, damaged, wrong)])
    for line in result.lines:
        assert line.good + line.damaged + line.missing == line.line.units
        assert min(line.good, line.damaged, line.missing) >= 0
    missing = sum(line.missing for line in result.lines)
    in_ledger = Counter[str]()
    for row in result.found:
        in_ledger[row.kind] += sum(count for _line, count in row.parts)
    assert in_ledger["short"] + in_ledger["wrong"] == missing
    arrived = result.good + sum(line.damaged for line in result.lines)
    assert arrived + found_units(result.found, "over") == good + damaged


@pytest.mark.parametrize(
    "counts",
    [
        [],
        [Count(MASK, 2)],
        [Count(OXIMETER, 1), Count(OXIMETER, 1)],
        [Count(OXIMETER, -1)],
        [Count(OXIMETER, 10**9)],
    ],
)
def test_a_count_that_cannot_be_is_refused(counts: list[Count]) -> None:
    with pytest.raises(Refused):
        settle(held(2), counts)


# Packing


def want(place: int, *lines: tuple[int, int, int, int]) -> Planned:
    return Planned(place, lines)


def test_parcels_are_filled_in_order_whole_or_not_at_all() -> None:
    planned = [want(place, (OXIMETER, 1, 1, 2)) for place in (7, 8, 9)]
    packed, waiting = pack(planned, {(OXIMETER, 1, 1): 5})
    assert [one.place_id for one in packed] == [7, 8]
    assert waiting == [9]


def test_a_smaller_need_further_down_is_still_met() -> None:
    planned = [want(7, (OXIMETER, 1, 1, 4)), want(8, (OXIMETER, 1, 1, 2))]
    packed, waiting = pack(planned, {(OXIMETER, 1, 1): 3})
    assert [one.place_id for one in packed] == [8]
    assert waiting == [7]


def test_a_better_rank_may_take_another_lot_of_the_same_item() -> None:
    planned = [want(7, (OXIMETER, 1, 1, 2)), want(8, (OXIMETER, 2, 1, 2))]
    packed, waiting = pack(planned, {(OXIMETER, 1, 1): 1, (OXIMETER, 2, 1): 2})
    assert packed[0].lines == ((OXIMETER, 1, 1, 1), (OXIMETER, 2, 1, 1))
    assert waiting == [8]


def test_another_item_is_never_taken() -> None:
    packed, waiting = pack([want(7, (OXIMETER, 1, 1, 2))], {(MASK, 1, 1): 9})
    assert (packed, waiting) == ([], [7])


@given(
    st.lists(st.tuples(st.integers(1, 2), st.integers(1, 2), st.integers(1, 4)), max_size=12),
    st.dictionaries(st.tuples(st.integers(1, 2), st.just(1), st.integers(1, 2)), st.integers(0, 9)),
)
def test_packing_never_uses_more_than_arrived(
    wants: list[tuple[int, int, int]], arrived: dict[tuple[int, int, int], int]
) -> None:
    planned = [want(n, (item, 1, fund, units)) for n, (item, fund, units) in enumerate(wants)]
    packed, waiting = pack(planned, arrived)
    used: Counter[tuple[int, int, int]] = Counter()
    for one in packed:
        for item, lot, fund, units in one.lines:
            used[item, lot, fund] += units
    assert all(units <= arrived.get(key, 0) for key, units in used.items())
    assert len(packed) + len(waiting) == len(planned)
    for one in packed:
        assert sum(line[3] for line in one.lines) == wants[one.place_id][2]


# Slips


def test_a_slip_is_the_same_each_time_it_is_printed() -> None:
    token = receive_token("key", "P-1", 1)
    assert token == receive_token("key", "P-1", 1)
    assert receive_tokens.token(token) == token
    assert slip_hash("key", "P-1", 1) == receive_tokens.token_hash(token)


def test_every_key_parcel_and_version_has_another_slip() -> None:
    tokens = {
        receive_token(key, parcel, version)
        for key in ("a", "b")
        for parcel in ("P-1", "P-2")
        for version in (1, 2)
    }
    assert len(tokens) == 8


# Reports and calls


def test_a_report_is_cleaned_of_spaces() -> None:
    report = read_report({"arrived": "all", "signed_by": "  王 \n 医生 "}, {}, photo=False)
    assert report.signed_by == "王 医生"


def test_a_witness_or_a_photograph_stands_for_the_signature() -> None:
    assert read_report({"arrived": "all", "witness": "李"}, {}, photo=False).witness == "李"
    assert read_report({"arrived": "all"}, {}, photo=True).counts is None


def test_the_limit_of_bytes_is_kept() -> None:
    with pytest.raises(Malformed) as malformed:
        read_call(b" " * (6 * 2**20 + 1))
    assert malformed.value.status == 413


def test_the_digest_does_not_depend_on_the_order_of_names() -> None:
    one = b'{"device":"d","commands":[{"id":"a","kind":"k","body":{"x":1,"y":2}}]}'
    two = b'{"device":"d","commands":[{"body":{"y":2,"x":1},"kind":"k","id":"a"}]}'
    assert read_call(one).commands[0].sha256 == read_call(two).commands[0].sha256
