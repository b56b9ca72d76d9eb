"""Keep the sums of each division with every action: one row per division and item is changed."""

from collections import Counter, defaultdict
from collections.abc import Mapping

from django.db import connection

from tongzhou.kit import clock

from ..queries.tree import TOWN, Step, lineages

FIELDS = (
    "allocated_units",
    "allocated_places",
    "sent_units",
    "hub_units",
    "depot_units",
    "last_mile_units",
    "received_units",
    "received_places",
    "trouble_units",
)


class Deltas:
    """What a transaction changes, by (division, item); `add` takes the lowest division of each."""

    def __init__(self) -> None:
        self.at: dict[tuple[int, int], Counter[str]] = defaultdict(Counter)

    def add(self, division_id: int, item_id: int, **changes: int) -> None:
        self.at[division_id, item_id].update(changes)


def packed(units: int, *, places: int) -> dict[str, int]:
    """What a town gains when parcels for it are packed."""
    passed = ("allocated_units", "sent_units", "hub_units", "depot_units")
    return {"allocated_places": places, **dict.fromkeys(passed, units)}


def keep(campaign_id: int, deltas: Deltas) -> None:
    """Add the changes to each division and all above it, towns included, villages not.

    Rows are changed from the towns up to the nation, and by id within a level, always in this
    order: two transactions can wait for each other but never lock each other out, and the nation's
    row, which everybody needs, is held shortest.
    """
    above = lineages(division for division, _ in deltas.at)
    summed: dict[tuple[int, int, int], Counter[str]] = defaultdict(Counter)
    for (division, item), changes in deltas.at.items():
        for step in above[division]:
            if step.level <= TOWN:
                summed[-step.level, step.division_id, item].update(changes)
    _write(campaign_id, summed)


def keep_exactly(campaign_id: int, deltas: Deltas) -> None:
    """Add the changes to the named divisions alone."""
    above = lineages(division for division, _ in deltas.at)
    _write(
        campaign_id,
        {
            (-_level(above[division], division), division, item): changes
            for (division, item), changes in deltas.at.items()
        },
    )


def _level(steps: list[Step], division_id: int) -> int:
    return next(step.level for step in steps if step.division_id == division_id)


def _write(campaign_id: int, summed: Mapping[tuple[int, int, int], Counter[str]]) -> None:
    now = clock.now()
    rows = [
        (campaign_id, division, item, now, *(summed[key][field] for field in FIELDS))
        for key in sorted(summed)
        for _, division, item in [key]
        if any(summed[key].values())
    ]
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.executemany(_UPSERT, rows)


_NAMES = ", ".join(FIELDS)
_MARKS = ", ".join(["%s"] * len(FIELDS))
_ADDED = ", ".join(f"{f} = delivery_divisionprogress.{f} + excluded.{f}" for f in FIELDS)
_UPSERT = f"""
    INSERT INTO delivery_divisionprogress
        (campaign_id, division_id, item_id, updated_at, places, need_units, {_NAMES})
    VALUES (%s, %s, %s, %s, 0, 0, {_MARKS})
    ON CONFLICT (campaign_id, division_id, item_id)
    DO UPDATE SET updated_at = excluded.updated_at, {_ADDED}
"""  # noqa: S608 - made of this module's own column names
