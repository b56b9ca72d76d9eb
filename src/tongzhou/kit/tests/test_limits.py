"""So often and no oftener, from one connection, and nobody's address is kept."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.test import RequestFactory

from tongzhou.kit import clock
from tongzhou.kit.limits import allowed, home_of

NOW = datetime(2023, 1, 8, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _counts_of_its_own():
    cache.clear()
    with clock.fixed_at(NOW):
        yield


def test_so_many_are_let_through_and_no_more():
    assert [allowed("x", "a", most=2, seconds=60) for _ in range(4)] == [True, True, False, False]


def test_kinds_and_people_are_counted_apart():
    assert allowed("x", "a", most=1, seconds=60)
    assert allowed("y", "a", most=1, seconds=60)
    assert allowed("x", "b", most=1, seconds=60)
    assert not allowed("x", "a", most=1, seconds=60)


def test_the_next_window_begins_anew():
    assert allowed("x", "a", most=1, seconds=60)
    with clock.fixed_at(NOW + timedelta(seconds=60)):
        assert allowed("x", "a", most=1, seconds=60)


def test_none_at_all_may_be_the_limit():
    assert not allowed("x", "a", most=0, seconds=60)


def test_no_address_is_in_the_cache():
    allowed("x", "192.0.2.44", most=1, seconds=60)
    assert "192.0.2" not in str(cache._cache)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8:0:1::5", "2001:db8:0:1:ffff::9", True),
        ("2001:db8:0:1::5", "2001:db8:0:2::5", False),
        ("", "", True),
    ],
)
def test_a_household_is_one(one, other, same):
    requests = [RequestFactory(REMOTE_ADDR=address).get("/") for address in (one, other)]
    assert (home_of(requests[0]) == home_of(requests[1])) is same
