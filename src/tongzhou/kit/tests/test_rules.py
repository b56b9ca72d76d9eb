"""What may stand in the log, how it is sealed, and how digests and waits are made."""

import hashlib
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongzhou.kit.rules import (
    GENESIS,
    Actor,
    ChainHead,
    backoff,
    canonical,
    digest_of,
    digest_of_heads,
    plain,
    sealed,
)

KEY = b"k" * 32


def test_an_actor_reads_as_kind_and_reference():
    assert str(Actor("account", "7", "phone-1")) == "account:7"


def test_canonical_form_does_not_depend_on_the_order_of_keys():
    assert canonical({"b": 1, "a": "药"}) == canonical({"a": "药", "b": 1})
    assert canonical({"a": "药"}) == '{"a":"药"}'.encode()


def test_a_digest_covers_the_one_before_it():
    first = digest_of(GENESIS, {"seq": 1})
    assert first == hashlib.sha256(GENESIS.encode() + b'{"seq":1}').hexdigest()
    assert digest_of(first, {"seq": 2}) != digest_of(GENESIS, {"seq": 2})


def test_the_head_of_all_chains_does_not_depend_on_their_order():
    one, two = ChainHead("county:620102", 3, "ab"), ChainHead("county:620103", 1, "cd")
    assert digest_of_heads([one, two]) == digest_of_heads([two, one])
    longer = ChainHead("county:620103", 2, "cd")
    assert digest_of_heads([one, two]) != digest_of_heads([one, longer])


def test_only_personal_values_are_sealed():
    values = sealed({"phone": "13812341234", "units": 2}, ("phone",), KEY)
    assert values["units"] == 2
    assert values["phone"].startswith("hmac:")
    assert "1381234" not in str(values)


def test_the_same_value_seals_alike_under_one_key_and_unlike_under_another():
    seal = lambda key: sealed({"name": "张三"}, ("name",), key)["name"]  # noqa: E731
    assert seal(KEY) == seal(KEY)
    assert seal(KEY) != seal(b"j" * 32)


def test_an_empty_personal_value_says_only_that_it_is_empty():
    assert sealed({"name": "", "phone": None}, ("name", "phone"), KEY) == {
        "name": None,
        "phone": None,
    }
    assert sealed(None, ("name",), KEY) is None


def test_plain_values_are_those_that_json_gives_back():
    assert plain(
        {
            "day": date(2023, 1, 8),
            "at": datetime(2023, 1, 8, 4, tzinfo=UTC),
            "share": Decimal("0.5"),
            "units": (2, 4),
            "codes": {"62", "11"},
            1: {"x": -0.0},
        }
    ) == {
        "day": "2023-01-08",
        "at": "2023-01-08T04:00:00+00:00",
        "share": "0.5",
        "units": [2, 4],
        "codes": ["11", "62"],
        "1": {"x": 0.0},
    }
    assert plain(None) is None


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), 1e15, "a\x00b", "\ud800", object(), b"bytes"]
)
def test_a_value_that_a_database_would_change_is_refused(value):
    with pytest.raises(ValueError, match="The log cannot hold"):
        plain({"value": value})


def test_an_event_holds_at_most_64_kib():
    assert plain({"text": "x" * 60_000})
    with pytest.raises(ValueError, match="64 KiB"):
        plain({"text": "x" * 70_000})


@given(st.floats(min_value=-1e14, max_value=1e14, allow_nan=False))
def test_any_float_that_is_let_in_keeps_its_text(value):
    assert plain({"x": value}) == {"x": value}


def test_waits_double_up_to_ten_minutes():
    waits = [backoff(attempt).total_seconds() for attempt in (1, 2, 3, 9, 10, 200)]
    assert waits == [2, 4, 8, 512, 600, 600]
    assert backoff(1) == timedelta(seconds=2)
