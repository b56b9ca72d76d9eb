"""Which divisions stand above which, for the sums that every action keeps."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from tongzhou.places.models import Division

NATION, COUNTY, TOWN = Division.Level.NATION, Division.Level.COUNTY, Division.Level.TOWN

_CHUNK = 400


@dataclass(frozen=True, slots=True)
class Step:
    """One division of a lineage."""

    division_id: int
    level: int


def lineages(division_ids: Iterable[int]) -> dict[int, list[Step]]:
    """For each division, itself and everything above it, the lowest first (one query per 400)."""
    wanted = sorted(set(division_ids))
    found: dict[int, list[Step]] = {pk: [] for pk in wanted}
    for start in range(0, len(wanted), _CHUNK):
        for below, pk, level in _climb(wanted[start : start + _CHUNK]):
            found[below].append(Step(pk, level))
    for steps in found.values():
        steps.sort(key=lambda step: -step.level)
    return found


def _climb(division_ids: list[int]) -> list[tuple[int, int, int]]:
    marks = ",".join(["%s"] * len(division_ids))
    sql = f"""
        WITH RECURSIVE up(below, id, parent_id, level) AS (
            SELECT id, id, parent_id, level FROM places_division WHERE id IN ({marks})
            UNION ALL
            SELECT up.below, d.id, d.parent_id, d.level
            FROM up JOIN places_division d ON d.id = up.parent_id
        )
        SELECT below, id, level FROM up
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, division_ids)
        return list(cursor.fetchall())
