"""What is said of now: freshness, waits, reports, the order of choices, whose calls are heard."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tongzhou.finder.rules import (
    Band,
    Choice,
    Openness,
    State,
    Told,
    Travel,
    Word,
    arrives_too_late,
    band_of,
    heard,
    is_sampled,
    ranked,
    rounded,
    said_of,
)

NOW = datetime(2023, 1, 8, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)


def word(state: State, hours: float | None, **more: object) -> Word:
    checked = None if hours is None else NOW - hours * HOUR
    values = {"now": NOW, "fresh_for": 72 * HOUR, "emergency": False, **more}
    return said_of(state, checked_at=checked, **values).word  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "hours", "said"),
    [
        (State.OPEN, 72, Word.OPEN),
        (State.OPEN, 72.01, Word.MAYBE),
        (State.OPEN, None, Word.MAYBE),
        (State.UNKNOWN, 1, Word.MAYBE),
        (State.CLOSED, 1, Word.CLOSED),
        (State.CLOSED, None, Word.CLOSED),
    ],
)
def test_open_needs_hours_and_a_fresh_check(state: State, hours: float, said: Word) -> None:
    assert word(state, hours) is said


def test_in_a_peak_a_check_counts_for_a_day() -> None:
    assert word(State.OPEN, 24, fresh_for=24 * HOUR) is Word.OPEN
    assert word(State.OPEN, 25, fresh_for=24 * HOUR) is Word.MAYBE


def test_visitors_close_a_clinic_but_never_an_emergency_department() -> None:
    assert word(State.OPEN, 1, closed_by_crowd=True) is Word.CLOSED
    assert word(State.OPEN, 1, closed_by_crowd=True, emergency=True) is Word.OPEN
    assert word(State.CLOSED, None, emergency=True) is Word.OPEN


@pytest.mark.parametrize(
    ("minutes", "band"),
    [(None, Band.UNKNOWN), (0, Band.SHORT), (25, Band.SHORT), (25.5, Band.MIDDLE),
     (50, Band.MIDDLE), (50.5, Band.LONG)],
)  # fmt: skip
def test_bands_of_waiting(minutes: float | None, band: Band) -> None:
    assert band_of(minutes) is band


def told(witness: str, hours_ago: float, claim: str = "closed", wait: int | None = None) -> Told:
    return Told(witness, NOW - hours_ago * HOUR, claim, wait)


def claim(*reports: Told, since: datetime | None = None) -> str | None:
    return heard(reports, now=NOW, since=since).claim


def test_two_witnesses_within_two_hours_are_heard() -> None:
    assert claim(told("a", 0), told("b", 2)) == "closed"
    assert claim(told("a", 0), told("b", 2.1)) is None
    assert claim(told("a", 0), told("a", 1)) is None
    assert claim(told("a", 0)) is None


def test_one_person_is_not_two_on_either_side_of_midnight() -> None:
    before = replace(told("a", 0.2), day=NOW.date() - 24 * HOUR)
    after, third = (replace(told(name, 0.1), day=NOW.date()) for name in "bc")
    assert claim(before, after) is None
    assert claim(before, after, third) == "closed"


def test_reports_fade_with_a_half_life_of_three_hours() -> None:
    assert claim(told("a", 3), told("b", 3)) == "closed"
    assert claim(told("a", 3.1), told("b", 3.1)) is None
    assert claim(*(told(name, 6) for name in "abcd")) == "closed"


def test_a_check_ends_what_visitors_said_before() -> None:
    reports = (told("a", 1), told("b", 1.5))
    assert claim(*reports, since=NOW - 2 * HOUR) == "closed"
    assert claim(*reports, since=NOW - HOUR) is None


def test_those_who_say_otherwise_weigh_against_it() -> None:
    closed = (told("a", 1), told("b", 1))
    assert claim(*closed, told("c", 0, "open")) == "closed"
    assert claim(*closed, told("c", 0, "open"), told("d", 0, "open")) == "open"
    assert claim(told("a", 1), told("b", 1), told("b", 0, "open")) is None


def test_the_wait_is_what_two_agree_on_the_newer_counting_more() -> None:
    one = told("a", 0, "", 60)
    assert heard([one], now=NOW, since=None).wait_minutes is None
    both = heard([one, told("b", 2, "", 20)], now=NOW, since=None)
    assert both.wait_minutes is not None
    assert 40 < both.wait_minutes < 50
    assert heard([told("a", 0, "", 0), told("b", 0, "", 0)], now=NOW, since=None).wait_minutes == 0


def choice(name: str, minutes: float, word: Word = Word.OPEN, wait: float | None = 20) -> Choice:
    return Choice(name, Openness(word), 0.0, minutes, wait)


def test_first_comes_where_one_is_seen_soonest() -> None:
    order = ranked(
        [
            choice("shut", 1, Word.CLOSED),
            choice("far", 60),
            choice("busy", 5, wait=90),
            choice("near", 10),
            choice("perhaps", 10, Word.MAYBE),
            choice("unknown wait", 10, wait=None),
        ]
    )
    assert [one.facility for one in order] == [
        "near", "unknown wait", "perhaps", "far", "busy", "shut",
    ]  # fmt: skip


def test_the_way_is_longer_than_a_straight_line() -> None:
    assert Travel(1.4, 30).minutes(10_000) == pytest.approx(28)


def test_half_an_hour_before_closing_is_the_latest() -> None:
    here = datetime.fromisoformat("2023-01-08T10:00")
    at_five = Openness(Word.OPEN, closes_at=datetime.fromisoformat("2023-01-08T11:00"))
    assert not arrives_too_late(at_five, here, 30)
    assert arrives_too_late(at_five, here, 31)
    assert not arrives_too_late(Openness(Word.OPEN), here, 500)


def test_a_position_is_rounded_to_a_kilometre() -> None:
    assert (rounded(36.057891), rounded(-103.8449)) == (36.06, -103.84)


@pytest.mark.parametrize(
    ("level", "share"), [("trainee", 1.0), ("experienced", 0.15), ("other", 0.02), ("", 1.0)]
)
def test_the_share_of_reviewed_calls(level: str, share: float) -> None:
    drawn = [is_sampled(call, level) for call in range(4000)]
    assert sum(drawn) / len(drawn) == pytest.approx(share, abs=0.02)
    assert drawn == [is_sampled(call, level) for call in range(4000)]
