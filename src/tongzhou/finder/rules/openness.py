"""What a page may say: open, perhaps open (call first), or closed; and how long the wait is."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from .reading import State

# Somebody who comes later than this before closing may not be seen any more.
BEFORE_CLOSING = timedelta(minutes=30)
SHORT_WAIT_MINUTES = 25
LONG_WAIT_MINUTES = 50


class Word(StrEnum):
    """What is said of now."""

    OPEN = "open"
    MAYBE = "maybe"
    CLOSED = "closed"


class Band(StrEnum):
    """How busy it is."""

    SHORT = "short"
    MIDDLE = "middle"
    LONG = "long"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Openness:
    """The word for now, when it closes and the latest moment to arrive, when it opens next."""

    word: Word
    closes_at: datetime | None = None
    arrive_by: datetime | None = None
    opens_at: datetime | None = None
    fresh: bool = False
    by_crowd: bool = False


def said_of(
    state: State,
    *,
    checked_at: datetime | None,
    now: datetime,
    fresh_for: timedelta,
    emergency: bool,
    closed_by_crowd: bool = False,
) -> Openness:
    """Open needs hours that say so and a check by an authority, the site or a call that is fresh.

    An emergency department is open at any hour, whatever passers-by say of it.
    """
    fresh = checked_at is not None and now - checked_at <= fresh_for
    if emergency:
        return Openness(Word.OPEN, fresh=fresh)
    if closed_by_crowd:
        return Openness(Word.CLOSED, fresh=fresh, by_crowd=True)
    if state is State.CLOSED:
        return Openness(Word.CLOSED, fresh=fresh)
    word = Word.OPEN if state is State.OPEN and fresh else Word.MAYBE
    return Openness(word, fresh=fresh)


def band_of(wait_minutes: float | None) -> Band:
    """At most 25 minutes, 25 to 50, more than 50; no figure is no short wait."""
    if wait_minutes is None:
        return Band.UNKNOWN
    if wait_minutes <= SHORT_WAIT_MINUTES:
        return Band.SHORT
    return Band.MIDDLE if wait_minutes <= LONG_WAIT_MINUTES else Band.LONG
