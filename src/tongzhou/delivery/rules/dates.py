"""How long each leg takes, and when a clinic will have its parcel if nothing goes faster."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from statistics import median

# Days from leaving to arriving, until this campaign's own legs say better: two by trunk road to a
# province, one onward (Gansu passed its units on the day they came), two for a county's villages.
LEAD_DAYS: Mapping[str, int] = {"dock_hub": 2, "hub_depot": 1, "last_mile": 2}
LEGS = tuple(LEAD_DAYS)

# Fewer closed legs than this are chance, not experience.
ENOUGH_LEGS = 5
LONGEST_LEAD = 30
# A hop passes on within a day what it has received.
HANDLING_DAYS = 1


def learned(days: Mapping[str, Sequence[float]]) -> dict[str, int]:
    """Lead days by leg: the median of closed legs, rounded up; the default where too few are."""
    return {
        leg: _median_up(days[leg]) if len(days.get(leg, ())) >= ENOUGH_LEGS else default
        for leg, default in LEAD_DAYS.items()
    }


def _median_up(days: Sequence[float]) -> int:
    return min(LONGEST_LEAD, max(1, -int(-median(days) // 1)))


def arrival(leg: str, leaves_on: date, lead: Mapping[str, int]) -> date:
    return leaves_on + timedelta(days=lead[leg])
