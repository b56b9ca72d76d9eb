"""One clock for all: it can be set, and its days are those of the office."""

from datetime import UTC, date, datetime

from tongzhou.kit import clock


def test_the_clock_stands_still_inside_the_block_only():
    moment = datetime(2023, 1, 8, 4, 0, tzinfo=UTC)
    with clock.fixed_at(moment):
        assert clock.now() == moment
    assert clock.now() != moment


def test_today_is_the_day_of_the_office_and_not_of_greenwich():
    with clock.fixed_at(datetime(2023, 1, 8, 20, 0, tzinfo=UTC)):
        assert clock.today() == date(2023, 1, 9)


def test_the_clock_of_the_demonstration_goes_on_from_its_moment(monkeypatch):
    monkeypatch.setattr(clock, "_ahead", clock._ahead)
    start = datetime(2023, 1, 13, 10, 0, tzinfo=UTC)
    clock.run_from(start)
    assert start <= clock.now() < start.replace(minute=1)
