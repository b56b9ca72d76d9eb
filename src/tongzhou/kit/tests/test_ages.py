"""An age is said in whole days or hours; a day that is still to come is not a negative age."""

from datetime import UTC, date, datetime

import pytest

from tongzhou.kit import clock
from tongzhou.kit.templatetags.look import age

NOW = datetime(2023, 1, 8, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (date(2023, 1, 5), "3 days"),
        (date(2023, 1, 7), "1 day"),
        (date(2023, 1, 8), "today"),
        (date(2023, 1, 9), "in 1 day"),
        (date(2023, 1, 11), "in 3 days"),
        (datetime(2023, 1, 8, 5, 30, tzinfo=UTC), "less than an hour"),
        (datetime(2023, 1, 8, 1, 0, tzinfo=UTC), "5 hours"),
        (None, "—"),
    ],
)
def test_an_age_in_words(value: date | datetime | None, said: str) -> None:
    with clock.fixed_at(NOW):
        assert age(value) == said
