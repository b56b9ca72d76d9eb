"""Whether a facility is open at a moment, by its hours, its dated exceptions and the holidays.

Where the hours can be read in two ways for a day (a make-up working day, a school holiday, a public
holiday that the text does not mention) every reading is tried: only what all of them say is said.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from .holidays import Day, Holidays, holidays_of_prc
from .reading import DAY, Hours, Rule, State

# What is told of the next change reaches so far.
DAYS_AHEAD = 8
CLOSING_DAYS = 2
# start and end in minutes after midnight (up to 2,880) and what the facility is in between.
Span = tuple[int, int, State]
Spans = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class DatedHours:
    """What is different from one day to another; without hours it is closed."""

    first: date
    last: date
    hours: Hours | None = None


@dataclass(frozen=True, slots=True)
class Timetable:
    """All that is known of when a facility is open. `always`: an emergency department.

    Without hours (none given, or a text that could not be read) the answer is unknown. Moments are
    of local time, without a zone.
    """

    hours: Hours | None
    exceptions: tuple[DatedHours, ...] = ()
    always: bool = False
    holidays: Holidays = field(default_factory=holidays_of_prc)
    # A look ahead asks for the same days again and again.
    _known: dict[date, list[Spans]] = field(default_factory=dict, compare=False, repr=False)

    def state_at(self, moment: datetime) -> State:
        if self.always:
            return State.OPEN
        day, minute = moment.date(), moment.hour * 60 + moment.minute
        today = {_at(spans, minute) for spans in self._readings(day)}
        # Hours belong to the day on which they begin: a night that began yesterday goes on.
        night = {_at(spans, minute + DAY) for spans in self._readings(day - timedelta(1))}
        found = {_either(one, other) for one in today for other in night}
        return found.pop() if len(found) == 1 else State.UNKNOWN

    def is_shut_on(self, day: date) -> bool:
        """Whether the newest exception of a day says that it is closed, emergencies or not."""
        said = [one.hours for one in self.exceptions if one.first <= day <= one.last]
        return bool(said) and said[-1] is None

    def next_moment(
        self, moment: datetime, state: State, *, leaving: bool, days: int = DAYS_AHEAD
    ) -> datetime | None:
        """When it next is in a state (or, `leaving`, is in another); None within so many days."""
        for edge in self._edges(moment, days):
            if (self.state_at(edge) == state) is not leaving:
                return edge
        return None

    def closes_at(self, moment: datetime) -> datetime | None:
        """When a facility that is open now is so no longer, as far as the hours are certain; None
        where that is later than tomorrow."""
        if self.always:
            return None
        return self.next_moment(moment, State.OPEN, leaving=True, days=CLOSING_DAYS)

    def opens_at(self, moment: datetime) -> datetime | None:
        return self.next_moment(moment, State.OPEN, leaving=False)

    def _edges(self, moment: datetime, days: int) -> Iterator[datetime]:
        """Moments after this one at which something may change, in order."""
        for step in range(days):
            day = moment.date() + timedelta(step)
            night = day - timedelta(1)
            edges = {0} | {edge for spans in self._readings(day) for s in spans for edge in s[:2]}
            edges |= {
                edge - DAY for spans in self._readings(night) for s in spans for edge in s[:2]
            }
            midnight = datetime.combine(day, time())
            for edge in sorted(edge for edge in edges if 0 <= edge < DAY):
                if (at := midnight + timedelta(minutes=edge)) > moment:
                    yield at

    def _readings(self, day: date) -> list[Spans]:
        """The day's spans, once for each way in which it can be read."""
        if day not in self._known:
            self._known[day] = list(dict.fromkeys(self._read(day)))
        return self._known[day]

    def _read(self, day: date) -> Iterator[Spans]:
        hours, dated = self.hours, False
        for exception in self.exceptions:
            if exception.first <= day <= exception.last:
                hours, dated = exception.hours, True
        if hours is None:
            yield () if dated else ((0, DAY, State.UNKNOWN),)
            return
        for reading in self._days(day, hours):
            yield spans_of(hours, reading)
            # A text that keeps silent about holidays may be meant for them or not.
            if reading.holiday and not dated and not _speaks_of(hours, reading):
                yield ()

    def _days(self, day: date, hours: Hours) -> Iterator[Day]:
        for reading in self.holidays.readings(day):
            yield reading
            if hours.names_school:
                yield Day(day, reading.weekday, reading.holiday, school=True)


def spans_of(hours: Hours, day: Day) -> Spans:
    """What the rules give for one reading of a day, later rules over earlier ones.

    A rule that matches takes the whole day from those before it; a closed or an additional one only
    its own spans (the specification's normal, additional and off rules).
    """
    spans: list[Span] = []
    for rule in hours.rules:
        if not _matches(rule, day):
            continue
        mine = [(start, end, rule.state) for start, end in rule.spans or ((0, DAY),)]
        if rule.state is not State.CLOSED and not rule.additional:
            spans = []
        for span in mine:
            spans = [*_without(spans, span), span]
    return tuple(sorted(span for span in spans if span[2] is not State.CLOSED))


def _without(spans: Iterable[Span], cut: Span) -> Iterator[Span]:
    """What is left of spans outside of one."""
    for start, end, state in spans:
        if start < cut[0]:
            yield start, min(end, cut[0]), state
        if end > cut[1]:
            yield max(start, cut[1]), end, state


def _matches(rule: Rule, day: Day) -> bool:
    if rule.dates and not any(dates.holds(day.date) for dates in rule.dates):
        return False
    return (
        rule.every_day
        or day.weekday in rule.weekdays
        or (rule.holidays and day.holiday)
        or (rule.school and day.school)
    )


def _speaks_of(hours: Hours, day: Day) -> bool:
    """Whether the text says something about a holiday: by PH, by its date, or for every day."""
    return hours.names_holidays or any(
        rule.every_day and _matches(rule, day) for rule in hours.rules
    )


def _at(spans: Spans, minute: int) -> State:
    return next((state for start, end, state in spans if start <= minute < end), State.CLOSED)


def _either(one: State, other: State) -> State:
    """Open in one of two overlapping days is open."""
    for state in (State.OPEN, State.UNKNOWN):
        if state in (one, other):
            return state
    return State.CLOSED
