"""A guide to write and publish, at a fixed hour."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from tongzhou.kit import clock
from tongzhou.learning.rules.guides import GuideText, Source

# Sunday, 8 January 2023, 10:00 in Lanzhou.
NOW = datetime(2023, 1, 8, 2, tzinfo=UTC)
TODAY = date(2023, 1, 8)


def text(title: str = "Rest", body: str = "Rest well.", **values: object) -> GuideText:
    given = {
        "title": {"zh": f"{title} 休息", "en": title},
        "body": {"zh": f"{body} 多喝水。", "en": body},
        "sources": (Source("通知", "Notice", "P"),),
        "as_of": TODAY,
        "valid_from": TODAY,
    }
    return GuideText(**(given | values))  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def now() -> Iterator[datetime]:
    with clock.fixed_at(NOW):
        yield NOW
