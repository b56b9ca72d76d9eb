"""A second evaluator of opening hours, built another way: random rules are made as plain values,
written out as text for the program, and painted minute by minute for the comparison.

It shares no code with the rules: its own table of holidays is read from the data file as text.
"""

import calendar
import random
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from importlib.resources import files
from itertools import pairwise

NAMES = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]
MONTHS = list(calendar.month_abbr)[1:]
OPEN, CLOSED, UNKNOWN = "open", "closed", "unknown"
YEARS = range(2022, 2028)


@dataclass(frozen=True)
class Made:
    """One random rule: months (a pair) or a dated range, days by name, times, and its end."""

    months: tuple[int, int] | None
    dates: tuple[date, date] | None
    days: tuple[str, ...]
    times: tuple[tuple[int, int], ...]
    word: str
    joint: str

    def text(self) -> str:
        parts = []
        if self.months:
            first, last = (MONTHS[m - 1] for m in self.months)
            parts.append(first if first == last else f"{first}-{last}")
        if self.dates:
            one, two = (f"{d.year} {MONTHS[d.month - 1]} {d.day:02}" for d in self.dates)
            parts.append(f"{one}-{two}")
        if self.days:
            parts.append(",".join(self.days))
        if self.times:
            parts.append(",".join(f"{_clock(a)}-{_clock(b)}" for a, b in self.times))
        if self.word != OPEN or not parts:
            parts.append({CLOSED: "off", OPEN: "open", UNKNOWN: "unknown"}[self.word])
        return " ".join(parts)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def written(rules: list[Made]) -> str:
    text = rules[0].text()
    for rule in rules[1:]:
        text += rule.joint + " " + rule.text()
    return text


def made(rng: random.Random) -> list[Made]:
    rules = [_one(rng, first=index == 0) for index in range(rng.choice((1, 1, 2, 2, 3, 4)))]
    # After a comma only days can follow, and only upon a time or a word: else a list goes on.
    for before, rule in pairwise(rules):
        ended = before.times or before.word != OPEN
        if ended and rule.days and not (rule.months or rule.dates) and rng.random() < 0.3:
            rules[rules.index(rule)] = replace(rule, joint=",")
    return rules


def _one(rng: random.Random, *, first: bool) -> Made:
    months = dates = None
    where = rng.random()
    if where < 0.12:
        months = (rng.randint(1, 12), rng.randint(1, 12))
    elif where < 0.2:
        start = date(2022, 1, 1) + timedelta(rng.randrange(2100))
        dates = (start, start + timedelta(rng.randrange(1, 40)))
    days = tuple(rng.sample([*NAMES, "PH", "SH"][: rng.choice((7, 8, 8, 9))], rng.randint(0, 5)))
    if rng.random() < 0.3:
        days = (
            f"{rng.choice(NAMES)}-{rng.choice(NAMES)}",
            *(("PH",) if rng.random() < 0.4 else ()),
        )
    times: list[tuple[int, int]] = []
    for _ in range(rng.choice((0, 1, 1, 2)) if not first else rng.choice((1, 1, 2))):
        start = rng.randrange(0, 1440, 15)
        times.append((start, start + rng.randrange(15, 900, 15)))
    word = OPEN if first else rng.choice((OPEN, OPEN, CLOSED, CLOSED, UNKNOWN))
    return Made(months, dates, days, tuple(times), word, ";")


class Brute:
    """Paints whole days of 2,880 minutes, one for each way in which the day can be read."""

    def __init__(self) -> None:
        self.kind: dict[date, str] = {}
        text = files("tongzhou.finder").joinpath("data/holidays.csv").read_text(encoding="utf-8")
        for line in text.splitlines()[1:]:
            start, end, kind, *_ = line.split(",")
            day = date.fromisoformat(start)
            while day <= date.fromisoformat(end):
                self.kind[day] = kind
                day += timedelta(1)

    def state(self, rules: list[Made], moment: datetime) -> str:
        minute = moment.hour * 60 + moment.minute
        found = set()
        for today in self.days(rules, moment.date()):
            for yesterday in self.days(rules, moment.date() - timedelta(1)):
                pair = {today[minute], yesterday[minute + 1440]}
                found.add(OPEN if OPEN in pair else UNKNOWN if UNKNOWN in pair else CLOSED)
        return found.pop() if len(found) == 1 else UNKNOWN

    def days(self, rules: list[Made], day: date) -> list[list[str]]:
        painted = []
        for weekday, holiday in self.readings(day):
            for school in (False, True):
                painted.append(self.paint(rules, day, weekday, holiday, school))
            silent = not any("PH" in rule.days for rule in rules) and not any(
                not rule.days and self.dated(rule, day) for rule in rules
            )
            if holiday and silent:
                painted.append([CLOSED] * 2880)
        return painted

    def readings(self, day: date) -> list[tuple[int, bool]]:
        kind = self.kind.get(day)
        weekday = calendar.weekday(day.year, day.month, day.day)
        if kind in ("off", "statutory"):
            return [(weekday, True)]
        if kind == "work":
            return [(n, False) for n in (0, 1, 2, 3, 4)]
        found = [(weekday, False)]
        statutory = [abs((day - other).days) for other, k in self.kind.items() if k == "statutory"]
        if day.year not in YEARS or min(statutory) <= 6:
            found.append((weekday, True))
        if weekday > 4 and (day.year not in YEARS or min(statutory) <= 12):
            found += [(n, False) for n in (0, 1, 2, 3, 4)]
        return found

    def paint(
        self, rules: list[Made], day: date, weekday: int, holiday: bool, school: bool
    ) -> list[str]:
        minutes = [CLOSED] * 2880
        for rule in rules:
            if not (self.dated(rule, day) and self.on_day(rule, weekday, holiday, school)):
                continue
            if rule.word != CLOSED and rule.joint == ";":
                minutes = [CLOSED] * 2880
            for start, end in rule.times or ((0, 1440),):
                for minute in range(start, end):
                    minutes[minute] = rule.word
        return minutes

    def dated(self, rule: Made, day: date) -> bool:
        if rule.dates:
            return rule.dates[0] <= day <= rule.dates[1]
        if rule.months:
            first, last = rule.months
            span = (
                range(first, last + 1)
                if first <= last
                else [*range(first, 13), *range(1, last + 1)]
            )
            return day.month in span
        return True

    def on_day(self, rule: Made, weekday: int, holiday: bool, school: bool) -> bool:
        if not rule.days:
            return True
        for name in rule.days:
            first, dash, last = name.partition("-")
            if name == "PH":
                fits = holiday
            elif name == "SH":
                fits = school
            elif dash:
                a, b = NAMES.index(first), NAMES.index(last)
                fits = (weekday - a) % 7 <= (b - a) % 7
            else:
                fits = weekday == NAMES.index(name)
            if fits:
                return True
        return False
