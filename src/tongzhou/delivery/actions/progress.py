"""Keep the sums of each division with every action: one row per division and item is changed."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime

from django.db import connection, transaction

from tongzhou.campaigns.models import Campaign
from tongzhou.kit import clock
from tongzhou.kit.actions import record
from tongzhou.kit.rules import Actor
from tongzhou.places.queries import chain_of

from ..models import DivisionProgress
from ..queries.moments import as_stored
from ..queries.progress import FIELDS, facts
from ..queries.tree import TOWN, Step, lineages


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


@transaction.atomic
def rebuild(campaign: Campaign, *, by: Actor) -> None:
    """Set every sum of a campaign from the facts again; places and need stay as they are."""
    rows = DivisionProgress.objects.select_for_update().filter(campaign=campaign)
    rows.update(**dict.fromkeys(FIELDS, 0))
    deltas = Deltas()
    deltas.at.update(facts(campaign))
    keep_exactly(campaign.pk, deltas)
    record("progress.rebuilt", campaign, by=by, chain=chain_of(campaign.division), after={})


def _level(steps: list[Step], division_id: int) -> int:
    return next(step.level for step in steps if step.division_id == division_id)


def _write(campaign_id: int, summed: Mapping[tuple[int, int, int], Counter[str]]) -> None:
    now = as_stored(clock.now())
    rows: list[tuple[int | datetime | str, ...]] = [
        (campaign_id, key[1], key[2], now, *(summed[key][field] for field in FIELDS))
        for key in sorted(summed)
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
"""
