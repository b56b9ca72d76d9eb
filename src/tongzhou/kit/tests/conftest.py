"""What the tests of kit share: a person as a subject, and a place to register runners."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from tongzhou.kit import clock, feed, handlers
from tongzhou.kit.jobs import registry

NOON = datetime(2023, 1, 8, 4, 0, tzinfo=UTC)


@pytest.fixture
def person(db: None) -> Any:
    """Anyone with personal fields; the only account there is."""
    return get_user_model().objects.create_user(
        "zhang.san@example.org", name="张三", phone="13812341234"
    )


@pytest.fixture
def noon() -> Iterator[datetime]:
    """The clock stands at 12:00 in Beijing on 8 January 2023."""
    with clock.fixed_at(NOON):
        yield NOON


@pytest.fixture
def blank_registries(monkeypatch: pytest.MonkeyPatch) -> None:
    """No runner, no handler and no public verb but those the test registers."""
    monkeypatch.setattr(registry, "_runners", {})
    monkeypatch.setattr(handlers, "_by_verb", {})
    monkeypatch.setattr(feed, "_public", {})
