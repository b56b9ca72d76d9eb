"""Opening hours as people write them in OpenStreetMap's syntax, read into rules.

The part of the syntax that health facilities use is read: weekdays, PH, SH, months and dates (with
a year or without), spans of time (past midnight too), 24/7, off, open, unknown, comments, and rules
joined by ";" (the later one counts) or "," (both count). Anything else (sunrise, week numbers, the
first Monday of a month, open ends, "||") is refused as a whole and never guessed at.
Source of the syntax: https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

LONGEST_TEXT = 300
MOST_RULES = 40
DAY = 1440
WEEKDAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
TOKEN = re.compile(r'\s*("[^"]*"|24/7|\d{1,2}:\d{2}(?!\d)|\d+|[a-z]+|[-,;:])')


class State(StrEnum):
    """What hours say of one moment; unknown is an answer of its own."""

    OPEN = "open"
    CLOSED = "closed"
    UNKNOWN = "unknown"


MODIFIERS = {
    "open": State.OPEN,
    "off": State.CLOSED,
    "closed": State.CLOSED,
    "unknown": State.UNKNOWN,
}


class HoursRefused(ValueError):
    """The text is not opening hours that this program reads; the text of the error says where."""


@dataclass(frozen=True, slots=True)
class DateRange:
    """Days of the year, both ends included; of one year where `year` is given, else of each."""

    first: tuple[int, int]
    last: tuple[int, int]
    year: int | None = None
    last_year: int | None = None

    def holds(self, day: date) -> bool:
        here = (day.month, day.day)
        if self.year is not None and self.last_year is not None:
            return (self.year, *self.first) <= (day.year, *here) <= (self.last_year, *self.last)
        if self.first <= self.last:
            return self.first <= here <= self.last
        return here >= self.first or here <= self.last


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. Without weekdays, PH and SH it is for every day; without spans for the whole day.

    Spans are minutes after midnight, (480, 1020) or past it (1200, 1560).
    """

    dates: tuple[DateRange, ...] = ()
    weekdays: frozenset[int] = frozenset()
    holidays: bool = False
    school: bool = False
    spans: tuple[tuple[int, int], ...] = ()
    state: State = State.OPEN
    additional: bool = False

    @property
    def every_day(self) -> bool:
        return not (self.weekdays or self.holidays or self.school)


@dataclass(frozen=True, slots=True)
class Hours:
    """Rules in the order in which they were written."""

    rules: tuple[Rule, ...]

    @property
    def names_holidays(self) -> bool:
        return any(rule.holidays for rule in self.rules)

    @property
    def names_school(self) -> bool:
        return any(rule.school for rule in self.rules)

    @property
    def all_day(self) -> bool:
        """24/7 and nothing else."""
        return len(self.rules) == 1 and self.rules[0] == Rule()


@lru_cache(maxsize=4096)
def read_hours(text: str) -> Hours:
    """The rules of a text. Raises HoursRefused."""
    if len(text) > LONGEST_TEXT:
        raise HoursRefused(f"longer than {LONGEST_TEXT} characters")
    return _Reader(_tokens(text)).hours()


def _tokens(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", text).lower()
    plain = plain.replace("–", "-").replace("—", "-").strip()
    found, at = [], 0
    while at < len(plain):
        token = TOKEN.match(plain, at)
        if token is None:
            raise HoursRefused(f"cannot read “{plain[at : at + 12].strip()}”")
        found.append(token[1])
        at = token.end()
    return found


class _Reader:
    """Reads tokens from left to right; each method takes what it knows and leaves the rest."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.at = 0

    def hours(self) -> Hours:
        rules = [self._rule(additional=False)]
        while self.at < len(self.tokens):
            joint = self._take()
            if joint not in (";", ","):
                raise HoursRefused(f"cannot read “{joint}” here")
            if joint == ";" and self.at == len(self.tokens):
                break
            rules.append(self._rule(additional=joint == ","))
            if len(rules) > MOST_RULES:
                raise HoursRefused(f"more than {MOST_RULES} rules")
        return Hours(tuple(rules))

    def _rule(self, *, additional: bool) -> Rule:
        start = self.at
        if self._next() == "24/7":
            self._take()
            return Rule(state=self._state(timed=True), additional=additional)
        dates = self._dates()
        weekdays, holidays, school = self._days()
        spans = self._spans()
        state = self._state(timed=bool(spans))
        if self.at == start:
            raise HoursRefused(f"cannot read “{self._next() or 'an empty rule'}” here")
        return Rule(dates, weekdays, holidays, school, spans, state, additional)

    def _dates(self) -> tuple[DateRange, ...]:
        found = []
        while self._is_date(self.at):
            found.append(self._range())
            if not (self._next() == "," and self._is_date(self.at + 1)):
                break
            self._take()
        if found and self._next() == ":":
            self._take()
        return tuple(found)

    def _is_date(self, at: int) -> bool:
        if self._is_year(at):
            return self._token(at + 1) in MONTHS
        return self._token(at) in MONTHS

    def _is_year(self, at: int) -> bool:
        return self._token(at).isdigit() and len(self._token(at)) == 4

    def _range(self) -> DateRange:
        """[2023] Jan 21-27, Jan 21-Feb 5, Nov-Feb, 2022 Dec 31-2023 Jan 2."""
        year = int(self._take()) if self._is_year(self.at) else None
        month = self._month()
        day = self._day(month)
        last_year, last_month, last_day = year, month, day
        if self._next() == "-":
            self._take()
            if self._is_year(self.at):
                last_year = int(self._take())
                last_month = self._month()
                last_day = self._day(last_month)
            elif self._next() in MONTHS:
                last_month = self._month()
                last_day = self._day(last_month)
            else:
                last_day = self._day(month)
                if day is None or last_day is None:
                    raise HoursRefused(f"cannot read “{self._next()}” after a dash")
        first = (month, day or 1)
        last = (last_month, last_day or MONTH_DAYS[last_month - 1])
        if (year is None) != (last_year is None):
            raise HoursRefused("a year at one end of a range only")
        if year is not None and (year, *first) > (last_year or 0, *last):
            raise HoursRefused("a range that ends before it begins")
        return DateRange(first, last, year, last_year)

    def _month(self) -> int:
        word = self._take()
        if word not in MONTHS:
            raise HoursRefused(f"“{word}” is no month")
        return MONTHS.index(word) + 1

    def _day(self, month: int) -> int | None:
        if not self._next().isdigit() or self._is_year(self.at):
            return None
        day = int(self._take())
        if not 1 <= day <= MONTH_DAYS[month - 1]:
            raise HoursRefused(f"there is no day {day} in this month")
        return day

    def _days(self) -> tuple[frozenset[int], bool, bool]:
        weekdays: set[int] = set()
        named: set[str] = set()
        while self._is_day(self.at):
            word = self._take()
            if word in ("ph", "sh"):
                named.add(word)
            else:
                weekdays |= self._weekdays(WEEKDAYS.index(word))
            if not (self._next() == "," and self._is_day(self.at + 1)):
                break
            self._take()
        if self._is_day(self.at):
            raise HoursRefused("days side by side without a comma")
        return frozenset(weekdays), "ph" in named, "sh" in named

    def _is_day(self, at: int) -> bool:
        return self._token(at) in (*WEEKDAYS, "ph", "sh")

    def _weekdays(self, first: int) -> set[int]:
        if self._next() != "-":
            return {first}
        self._take()
        word = self._take()
        if word not in WEEKDAYS:
            raise HoursRefused(f"“{word}” is no weekday")
        last = WEEKDAYS.index(word)
        return {(first + step) % 7 for step in range((last - first) % 7 + 1)}

    def _spans(self) -> tuple[tuple[int, int], ...]:
        found = []
        while self._is_time(self.at):
            found.append(self._span())
            if not (self._next() == "," and self._is_time(self.at + 1)):
                break
            self._take()
        return tuple(found)

    def _is_time(self, at: int) -> bool:
        return ":" in self._token(at) and self._token(at) != ":"

    def _span(self) -> tuple[int, int]:
        start = _minutes(self._take())
        if self._take() != "-" or not self._is_time(self.at):
            raise HoursRefused("a time without an end")
        end = _minutes(self._take())
        if start >= DAY or end > 2 * DAY or start == end:
            raise HoursRefused("a time that is none")
        return start, end if end > start else end + DAY

    def _state(self, *, timed: bool) -> State:
        """A modifier, a comment, or neither; a comment alone says there is something to ask."""
        word = self._next()
        if word in MODIFIERS:
            self._take()
            if self._next().startswith('"'):
                self._take()
            return MODIFIERS[word]
        if word.startswith('"'):
            self._take()
            return State.OPEN if timed else State.UNKNOWN
        return State.OPEN

    def _token(self, at: int) -> str:
        return self.tokens[at] if at < len(self.tokens) else ""

    def _next(self) -> str:
        return self._token(self.at)

    def _take(self) -> str:
        token = self._next()
        self.at += 1
        return token


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    if int(minutes) > 59:
        raise HoursRefused(f"“{text}” is no time")
    return int(hours) * 60 + int(minutes)
