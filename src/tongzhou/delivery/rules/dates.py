"""How long each leg takes, and when a clinic will have its parcel if nothing goes faster."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

# Days from leaving to arriving, until this campaign's own legs say better: two by trunk road to a
# province, one onward (Gansu passed its units on the day they came), two for a county's villages.
LEAD_DAYS: Mapping[str, int] = {"dock_hub": 2, "hub_depot": 1, "last_mile": 2}
LEGS = tuple(LEAD_DAYS)

# Fewer closed legs than this are chance, not experience.
ENOUGH_LEGS = 5
LONGEST_LEAD = 30


@dataclass(frozen=True, slots=True)
class Open:
    """Work not done yet for a county: a leg ("last_mile" too) that waits or is on its way.

    `since`: the day it left, or while it waits the day it should leave.
    """

    leg: str
    waits: bool
    since: date


def learned(days: Mapping[str, Sequence[float]]) -> dict[str, int]:
    """Lead days by leg: the median of closed legs, rounded up; the default where too few are."""
    return {
        leg: _median_up(days[leg]) if len(days.get(leg, ())) >= ENOUGH_LEGS else default
        for leg, default in LEAD_DAYS.items()
    }


def _median_up(days: Sequence[float]) -> int:
    return min(LONGEST_LEAD, max(1, -int(-median(days) // 1)))


def projected(work: Sequence[Open], lead: Mapping[str, int], today: date) -> date | None:
    """When the last clinic of a county will have its parcel, if every leg takes its usual time.

    What is late already is taken to arrive, or leave, today: it cannot be earlier. None: no work.
    """
    days = [_end(one, lead, today) for one in work]
    return max(days, default=None)


def is_overdue(one: Open, lead: Mapping[str, int], today: date) -> bool:
    """A step is overdue once its own usual time is over, whatever the deadline is."""
    due = one.since if one.waits else arrival(one.leg, one.since, lead)
    return due < today


def _end(one: Open, lead: Mapping[str, int], today: date) -> date:
    here = LEGS.index(one.leg)
    if one.waits:
        reached = arrival(one.leg, max(today, one.since), lead)
    else:
        reached = max(today, arrival(one.leg, one.since, lead))
    return reached + timedelta(days=sum(lead[leg] for leg in LEGS[here + 1 :]))


def arrival(leg: str, leaves_on: date, lead: Mapping[str, int]) -> date:
    return leaves_on + timedelta(days=lead[leg])
