"""Opening hours: what is read, what is refused, and that it is open when it says so."""

import random
from datetime import date, datetime, timedelta

import pytest

from tongzhou.finder.rules import (
    DatedHours,
    HoursRefused,
    State,
    Timetable,
    holidays_of_prc,
    read_hours,
)

from . import brute

BRUTE = brute.Brute()
when = datetime.fromisoformat


def table(text: str, **more: object) -> Timetable:
    return Timetable(read_hours(text), **more)  # type: ignore[arg-type]


def at(text: str, moment: str) -> str:
    return table(text).state_at(when(moment)).value


def differences(seed: int, pairs: int) -> list[tuple[str, datetime]]:
    """Pairs of a random rule and a random minute of 2022 to 2027 on which the two evaluators part,
    a third of them on or next to a day of the table of holidays."""
    rng, found, tried = random.Random(seed), [], 0
    special = sorted(BRUTE.kind)
    while tried < pairs:
        rules = brute.made(rng)
        hours = table(brute.written(rules))
        for _ in range(4):
            day = date(2022, 1, 1) + timedelta(rng.randrange(2191))
            if rng.random() < 0.35:
                day = rng.choice(special) + timedelta(rng.choice((-1, 0, 0, 1)))
            moment = when(f"{day}T{rng.randrange(24):02}:{rng.randrange(60):02}")
            tried += 1
            if hours.state_at(moment).value != BRUTE.state(rules, moment):
                found.append((brute.written(rules), moment))
    return found


def test_a_second_evaluator_agrees() -> None:
    assert differences(seed=1, pairs=100) == []


@pytest.mark.slow
def test_a_second_evaluator_agrees_on_ten_thousand_pairs() -> None:
    assert differences(seed=2023, pairs=10_000) == []


def test_the_second_evaluator_would_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the make-up days of 2022 to 2026 forgotten, pairs fall apart."""
    whole = holidays_of_prc()
    monkeypatch.setattr(type(whole), "readings", lambda self, day: (_plain(day),))
    assert differences(seed=1, pairs=100) != []


def _plain(day: date):  # type: ignore[no-untyped-def]
    from tongzhou.finder.rules.holidays import Day

    return Day(day, day.weekday())


@pytest.mark.parametrize(
    ("text", "moment", "said"),
    [
        ("Mo-Fr 08:00-17:00; PH off", "2023-01-23T10:00", "closed"),  # the spring festival
        ("Mo-Fr 08:00-17:00; PH off", "2023-01-28T10:00", "open"),  # a Saturday that is worked
        ("Mo-Fr 08:00-17:00; PH off", "2023-02-04T10:00", "closed"),  # a Saturday that is not
        ("Mo-Fr 08:00-17:00", "2023-01-23T10:00", "unknown"),  # says nothing of holidays
        ("08:00-17:00", "2023-01-23T10:00", "open"),  # every day
        ("24/7", "2023-01-22T03:00", "open"),
        ("24/7; PH off", "2023-01-22T03:00", "closed"),
        ("Mo-Sa 08:00-18:00; Su,PH 09:00-12:00", "2023-01-23T10:00", "open"),
        ("Mo-Th 08:00-17:00; Fr 08:00-12:00; PH off", "2023-01-28T15:00", "unknown"),
        ("Mo-Th 08:00-17:00; Fr 08:00-12:00; PH off", "2023-01-28T10:00", "open"),
        ("Fr 20:00-02:00", "2023-03-04T01:59", "open"),
        ("Fr 20:00-02:00", "2023-03-04T02:00", "closed"),
        ("Fr 20:00-26:00", "2023-03-04T01:59", "open"),
        ("Mo-Su 08:00-20:00; 12:00-13:00 off", "2023-03-01T12:30", "closed"),
        ("Mo-Su 08:00-20:00; We 09:00-12:00", "2023-03-01T13:00", "closed"),
        ("Mo-Su 08:00-20:00, We 21:00-22:00", "2023-03-01T13:00", "open"),
        ("Nov-Feb 09:00-16:00; Mar-Oct 08:00-18:00", "2023-01-10T08:30", "closed"),
        ("Nov-Feb 09:00-16:00; Mar-Oct 08:00-18:00", "2023-03-10T08:30", "open"),
        ("08:00-18:00; 2023 Jan 21-27 off", "2023-01-27T10:00", "closed"),
        ("08:00-18:00; 2023 Jan 21-27 off", "2023-01-28T10:00", "open"),
        ("08:00-18:00; 2022 Dec 31-2023 Jan 2 off", "2023-01-02T10:00", "closed"),
        ("Jan 21-Feb 5: 10:00-12:00", "2024-02-05T11:00", "open"),
        ('Mo-Su "by appointment"', "2023-03-01T10:00", "unknown"),
        ('Mo-Su 08:00-10:00 "side door"', "2023-03-01T09:00", "open"),
        ("Mo-Su 08:00-10:00; SH off", "2023-03-01T09:00", "unknown"),
        ("Mo-Su 08:00-10:00; SH off", "2023-03-01T11:00", "closed"),
        ("周", "2023-03-01T11:00", None),
        ("Mo–Fr 08:00—17:00；PH off", "2023-03-01T11:00", "open"),
        ("Mo-Su 08:00-10:00; PH off", "2027-02-11T09:00", "unknown"),  # the notice is not out
        ("Mo-Su 08:00-10:00; PH off", "2027-02-06T09:00", "closed"),  # by the regulation
        ("Mo-Su 08:00-10:00; PH off", "2027-07-07T09:00", "open"),
        ("Mo-Su 08:00-10:00; PH off", "2031-07-07T09:00", "unknown"),  # no table at all
    ],
)
def test_what_hours_say(text: str, moment: str, said: str | None) -> None:
    if said is None:
        with pytest.raises(HoursRefused):
            read_hours(text)
    else:
        assert at(text, moment) == said


@pytest.mark.parametrize(
    "text",
    [
        "", ";", "sunrise-sunset", "Mo[1] 08:00-10:00", "08:00+", "08:00", "08:00-08:00",
        "week 1-10 Mo 08:00-10:00", "25:00-26:00", "08:60-09:00", "Feb 30 08:00-10:00",
        "Mo-Fr 08:00-10:00 || Sa 10:00-11:00", "SH Mo 08:00-10:00", "2023 Mo 08:00-10:00",
        "上午8点到下午5点", "Mo-", "Mo 08:00-49:00", "2023 Feb 1-2023 Jan 1 off", "Mo Tu",
        "24/7 24/7", "Mo-Fr 8-17", "Mo 08:00-10:00 maybe", "x" * 301, "Mo off;" * 41,
        "Jan 5- off", "off,",
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_whole(text: str) -> None:
    with pytest.raises(HoursRefused):
        read_hours(text)


def test_only_a_text_that_says_so_is_open_at_all_hours() -> None:
    assert read_hours("24/7").all_day
    assert not read_hours("24/7; PH off").all_day
    assert not read_hours("Mo-Su 08:00-10:00").all_day


def test_when_it_closes_and_opens_next() -> None:
    hours = table("Mo-Fr 08:00-12:00,14:00-17:00; Fr 20:00-02:00; PH off")
    wednesday = when("2023-03-01T09:00")
    assert hours.closes_at(wednesday) == when("2023-03-01T12:00")
    assert hours.opens_at(when("2023-03-01T12:30")) == when("2023-03-01T14:00")
    assert hours.opens_at(when("2023-03-01T18:00")) == when("2023-03-02T08:00")
    friday_night = when("2023-03-03T23:00")
    assert hours.closes_at(friday_night) == when("2023-03-04T02:00")
    assert table("24/7").closes_at(wednesday) is None
    assert table("Jan off").opens_at(when("2023-01-01T00:00")) is None


def test_a_dated_exception_counts_on_its_days_only() -> None:
    closed = DatedHours(date(2023, 1, 21), date(2023, 1, 23))
    short = DatedHours(date(2023, 1, 23), date(2023, 1, 24), read_hours("09:00-12:00"))
    hours = table("08:00-17:00", exceptions=(closed, short))
    assert hours.state_at(when("2023-01-20T16:00")) is State.OPEN
    assert hours.state_at(when("2023-01-21T16:00")) is State.CLOSED
    assert hours.state_at(when("2023-01-23T10:00")) is State.OPEN
    assert hours.state_at(when("2023-01-23T16:00")) is State.CLOSED
    assert hours.state_at(when("2023-01-25T16:00")) is State.OPEN


def test_hours_nobody_knows_are_unknown_and_an_emergency_department_is_open() -> None:
    moment = when("2023-01-22T03:00")
    assert Timetable(None).state_at(moment) is State.UNKNOWN
    assert Timetable(None, always=True).state_at(moment) is State.OPEN
    assert Timetable(read_hours("PH off"), always=True).closes_at(moment) is None


def test_the_table_of_holidays_adds_up() -> None:
    """By the regulation 11 days a year until 2024 and 13 since; what the notices add are weekends
    and days worked on another weekend: days off that fall on weekdays, less weekends worked, are
    the days of the regulation that did not fall on a weekend."""
    whole = holidays_of_prc()
    assert whole.years == frozenset(range(2022, 2028))
    assert not whole.off & whole.worked
    assert all(day.weekday() >= 5 for day in whole.worked)
    for year, most in ((2022, 11), (2023, 11), (2024, 11), (2025, 13), (2026, 13)):
        gained = sum(day.weekday() < 5 for day in whole.off if day.year == year)
        lost = sum(day.year == year for day in whole.worked)
        assert most - 4 <= gained - lost <= most, year
    assert len([day for day in whole.statutory if day.year == 2027]) == 13
