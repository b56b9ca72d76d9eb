"""Every row comes on exactly one page, in order, whatever is added meanwhile."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from tongzhou.kit.models import Event
from tongzhou.kit.paging import CursorError, page

DAY = datetime(2023, 1, 8, tzinfo=UTC)


@pytest.fixture
def events(db):
    """Seven events, several at one moment."""
    return Event.objects.bulk_create(
        Event(chain="c", seq=n, at=DAY + timedelta(hours=n // 3), actor="a", verb="v", digest="")
        for n in range(1, 8)
    )


def walk(*order, size):
    after, seen = "", []
    for _ in range(20):
        found = page(Event.objects.all(), *order, after=after, size=size)
        seen += [event.seq for event in found.rows]
        after = found.next
        if not after:
            return seen
    raise AssertionError("the pages do not end")


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50])
def test_every_row_comes_once_in_order(events, size):
    assert walk("pk", size=size) == [1, 2, 3, 4, 5, 6, 7]
    assert walk("-pk", size=size) == [7, 6, 5, 4, 3, 2, 1]
    assert walk("-at", "seq", "pk", size=size) == [6, 7, 3, 4, 5, 1, 2]


def test_a_row_added_in_front_does_not_move_the_next_page(events):
    first = page(Event.objects.all(), "-pk", size=3)
    Event.objects.create(chain="c", seq=8, at=DAY, actor="a", verb="v", digest="")
    second = page(Event.objects.all(), "-pk", after=first.next, size=3)
    assert [event.seq for event in second.rows] == [4, 3, 2]


def test_the_last_page_has_no_next(events):
    assert page(Event.objects.all(), "pk", size=7).next == ""
    assert page(Event.objects.none(), "pk", size=7).rows == []


def test_a_page_is_never_larger_than_500(events, monkeypatch):
    monkeypatch.setattr("tongzhou.kit.paging.LARGEST_PAGE", 2)
    assert len(page(Event.objects.all(), "pk", size=10**9).rows) == 2
    assert len(page(Event.objects.all(), "pk", size=-3).rows) == 1


@pytest.mark.parametrize("cursor", ["x", "bnVsbA", "WzEsMl0", "W10", "WyJ4Il0", "药", "W3t9XQ"])
def test_a_cursor_of_another_list_is_refused_in_words(db, cursor):
    with override("en"), pytest.raises(CursorError, match="not a cursor of this list"):
        page(Event.objects.all(), "pk", after=cursor)


@given(st.text(max_size=40))
def test_no_cursor_at_all_breaks_it(cursor):
    with suppress(CursorError):
        page(Event.objects.none(), "-at", "pk", after=cursor)
