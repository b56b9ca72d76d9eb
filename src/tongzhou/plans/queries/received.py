"""What clinics really got of a run and of those before it, by day: an app upstairs knows."""

from collections.abc import Callable, Sequence
from datetime import date

from tongzhou.plans.models import Run

from .summary import summary

# For each day, oldest first, how many places have received an item by its end: those that got it
# by the run or an earlier one of its campaign.
Source = Callable[[Run], Sequence[tuple[date, int]]]

_sources: dict[str, Source] = {}


def tells_received(name: str) -> Callable[[Source], Source]:
    """Register how an app knows what arrived, once for each name."""

    def register(source: Source) -> Source:
        _sources[name] = source
        return source

    return register


def received_by_day(run: Run) -> list[tuple[date, float]]:
    """The share of a run's places that have received something by the end of each day on which it
    rose; [] where nothing has arrived yet."""
    places = int(summary(run).places.sum())
    if not places:
        return []
    found = [row for name in sorted(_sources) for row in _sources[name](run)]
    return [(day, min(1.0, count / places)) for day, count in sorted(found)]
