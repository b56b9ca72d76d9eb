"""The list of what needs somebody."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from tongzhou.people.models import Account
from tongzhou.people.queries import Card, desk, desk_cards, on_desk


@pytest.fixture(autouse=True)
def _only_ours() -> Iterator[None]:
    before = dict(desk._sources)
    desk._sources.clear()
    yield
    desk._sources.clear()
    desk._sources.update(before)


def test_overdue_comes_first_then_the_oldest_and_nothing_empty() -> None:
    on_desk("a.new")(lambda account: [Card("new", 2, "/n/", oldest=date(2023, 1, 8))])
    on_desk("b.old")(
        lambda account: [
            Card("old", 1, "/o/", oldest=datetime(2023, 1, 7, 9, tzinfo=UTC)),
            Card("none", 0, "/z/", late=True),
        ]
    )
    on_desk("c.late")(lambda account: [Card("late", 3, "/l/", late=True)])
    on_desk("d.undated")(lambda account: [Card("undated", 1, "/u/")])
    titles = [card.title for card in desk_cards(Account())]
    assert titles == ["late", "old", "new", "undated"]


def test_a_source_sees_the_account_it_is_asked_for() -> None:
    on_desk("a")(lambda account: [Card(account.name, 1, "/")])
    assert [card.title for card in desk_cards(Account(name="甲"))] == ["甲"]


def test_registering_a_name_again_replaces_it() -> None:
    on_desk("a")(lambda account: [Card("first", 1, "/")])
    on_desk("a")(lambda account: [Card("second", 1, "/")])
    assert [card.title for card in desk_cards(Account())] == ["second"]
