"""The one place that reads the clock, so that tests and the demo can set it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta

from django.utils import timezone

_fixed: ContextVar[datetime | None] = ContextVar("fixed_clock", default=None)
_ahead = timedelta()


def now() -> datetime:
    """The present moment in UTC, or the moment set by `fixed_at`."""
    return _fixed.get() or datetime.now(UTC) + _ahead


def run_from(moment: datetime) -> None:
    """Let this process's clock go on from another moment (timezone-aware): the demonstration plays
    in January 2023."""
    global _ahead  # noqa: PLW0603 - one clock for the process is the point
    _ahead = moment - datetime.now(UTC)


def today() -> date:
    """The day it is in the time zone of the office (TONGZHOU_TIME_ZONE): deadlines end there."""
    return timezone.localdate(now(), timezone.get_default_timezone())


@contextmanager
def fixed_at(moment: datetime) -> Iterator[None]:
    """Let the given moment (timezone-aware) be now, inside the block."""
    token = _fixed.set(moment)
    try:
        yield
    finally:
        _fixed.reset(token)
