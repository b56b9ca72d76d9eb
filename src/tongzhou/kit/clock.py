"""The one place that reads the clock, so that tests and the demo can set it."""

from contextlib import contextmanager
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, date, datetime

_fixed: ContextVar[datetime | None] = ContextVar("fixed_clock", default=None)


def now() -> datetime:
    """The present moment in UTC, or the moment set by `fixed_at`."""
    return _fixed.get() or datetime.now(UTC)


def today() -> date:
    return now().date()


@contextmanager
def fixed_at(moment: datetime) -> Iterator[None]:
    """Let the given moment (timezone-aware) be now, inside the block."""
    token = _fixed.set(moment)
    try:
        yield
    finally:
        _fixed.reset(token)
