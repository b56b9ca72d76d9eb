"""Public holidays and make-up working days of the PRC, and what is not known of them yet.

The State Council's office publishes each year's days off, and the weekends that are worked instead,
in the November before. Until then only the days of the regulation are known: around them, whether a
day is free or worked is an open question, and so it stays one here.
"""

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

FILE = "data/holidays.csv"
# How far from a statutory day the yearly notices have moved days off and working weekends.
OFF_WITHIN_DAYS = 6
WORK_WITHIN_DAYS = 12


@dataclass(frozen=True, slots=True)
class Day:
    """A day as hours look at it: which weekday it counts as, and whether it is a holiday."""

    date: date
    weekday: int
    holiday: bool = False
    school: bool = False


@dataclass(frozen=True, slots=True)
class Holidays:
    """A table: days off, weekends that are worked, days certain only as statutory ones, the years
    it speaks of, and of those the ones whose notice is not out."""

    off: frozenset[date]
    worked: frozenset[date]
    statutory: frozenset[date]
    years: frozenset[int]

    def readings(self, day: date) -> tuple[Day, ...]:
        """What the day may count as; one reading where the table knows.

        A make-up day is a working day, but the notice does not say which: it may be run by any of
        the five timetables.
        """
        if day in self.off or day in self.statutory:
            return (Day(day, day.weekday(), holiday=True),)
        if day in self.worked:
            return _as_any_weekday(day)
        plain = Day(day, day.weekday())
        if day.year not in self.years:
            return (plain, Day(day, day.weekday(), holiday=True), *self._worked_perhaps(day))
        readings = [plain]
        if self._near(day, OFF_WITHIN_DAYS):
            readings.append(Day(day, day.weekday(), holiday=True))
        if self._near(day, WORK_WITHIN_DAYS):
            readings += self._worked_perhaps(day)
        return tuple(readings)

    def is_off(self, day: date) -> bool:
        return day in self.off or day in self.statutory

    def _worked_perhaps(self, day: date) -> tuple[Day, ...]:
        return _as_any_weekday(day) if day.weekday() >= 5 else ()

    def _near(self, day: date, most: int) -> bool:
        steps = range(-most, most + 1)
        return any(day + timedelta(step) in self.statutory for step in steps)


def _as_any_weekday(day: date) -> tuple[Day, ...]:
    return tuple(Day(day, weekday) for weekday in range(5))


@cache
def holidays_of_prc() -> Holidays:
    """The table that ships with the program (data/holidays.csv)."""
    text = files("tongzhou.finder").joinpath(FILE).read_text(encoding="utf-8")
    kinds: dict[str, set[date]] = {"off": set(), "work": set(), "statutory": set()}
    years = set()
    for row in csv.DictReader(text.splitlines()):
        first, last = date.fromisoformat(row["first"]), date.fromisoformat(row["last"])
        years |= {first.year, last.year}
        days = range((last - first).days + 1)
        kinds[row["kind"]] |= {first + timedelta(step) for step in days}
    return Holidays(
        frozenset(kinds["off"]),
        frozenset(kinds["work"]),
        frozenset(kinds["statutory"]),
        frozenset(years),
    )
