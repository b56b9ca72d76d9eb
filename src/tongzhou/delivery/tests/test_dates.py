"""How long legs take, and when a clinic will have its parcel."""

from datetime import date

import pytest

from tongzhou.delivery.rules.dates import Open, is_overdue, learned, projected

LEAD = {"dock_hub": 2, "hub_depot": 1, "last_mile": 2}
TODAY = date(2023, 1, 8)


def day(number: int) -> date:
    return date(2023, 1, number)


def test_few_closed_legs_teach_nothing() -> None:
    assert learned({"dock_hub": [9, 9, 9, 9]}) == LEAD


def test_enough_closed_legs_teach_their_median_rounded_up() -> None:
    assert learned({"dock_hub": [1, 1.2, 3.1, 9, 9]})["dock_hub"] == 4


def test_a_leg_takes_at_least_a_day_and_at_most_a_month() -> None:
    assert learned({"hub_depot": [0.1] * 5, "last_mile": [99] * 5}) == {
        "dock_hub": 2,
        "hub_depot": 1,
        "last_mile": 30,
    }


@pytest.mark.parametrize(
    ("work", "expected"),
    [
        (Open("dock_hub", True, day(10)), 15),
        (Open("dock_hub", True, day(5)), 13),
        (Open("dock_hub", False, day(7)), 12),
        (Open("dock_hub", False, day(1)), 11),
        (Open("hub_depot", True, day(8)), 11),
        (Open("hub_depot", False, day(8)), 11),
        (Open("last_mile", True, day(8)), 10),
        (Open("last_mile", False, day(2)), 8),
    ],
)
def test_the_rest_of_the_way_takes_its_usual_time(work: Open, expected: int) -> None:
    assert projected([work], LEAD, TODAY) == day(expected)


def test_the_slowest_work_decides() -> None:
    work = [Open("last_mile", False, day(8)), Open("hub_depot", True, day(12))]
    assert projected(work, LEAD, TODAY) == day(15)


def test_without_work_nothing_is_due() -> None:
    assert projected([], LEAD, TODAY) is None


@pytest.mark.parametrize(
    ("work", "overdue"),
    [
        (Open("hub_depot", True, day(7)), True),
        (Open("hub_depot", True, day(8)), False),
        (Open("dock_hub", False, day(5)), True),
        (Open("dock_hub", False, day(6)), False),
    ],
)
def test_a_step_is_overdue_when_its_own_time_is_over(work: Open, overdue: bool) -> None:
    assert is_overdue(work, LEAD, TODAY) is overdue
