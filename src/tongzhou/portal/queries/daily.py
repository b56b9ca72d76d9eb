"""A campaign's curve by day: units given, at the counties and in the clinics, as shares of the
need."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from tongzhou.campaigns.models import Campaign
from tongzhou.kit import clock

SECONDS_KEPT = 60
DAYS_AT_MOST = 400

_ALLOCATED = """
    SELECT r.published_at, SUM(p.units) FROM plans_publishpart p JOIN plans_run r ON r.id = p.run_id
    WHERE r.campaign_id = %s AND r.published_at IS NOT NULL GROUP BY r.id, r.published_at
"""
_AT_COUNTY = """
    SELECT s.received_at, SUM(l.received_units) FROM delivery_shipment s
    JOIN delivery_shipmentline l ON l.shipment_id = s.id
    WHERE s.campaign_id = %s AND s.leg = 'hub_depot' AND s.received_at IS NOT NULL
    GROUP BY s.id, s.received_at
"""
_RECEIVED = """
    SELECT p.received_at, SUM(l.received_units) FROM delivery_parcel p
    JOIN delivery_parcelline l ON l.parcel_id = p.id
    WHERE p.campaign_id = %s AND p.received_at IS NOT NULL GROUP BY p.received_at
"""


@dataclass(frozen=True, slots=True)
class Daily:
    """Cumulative units by day, from the campaign's first day to today or its deadline."""

    days: list[date]
    allocated: list[int]
    at_county: list[int]
    received: list[int]


def daily(campaign: Campaign) -> Daily:
    """Kept for a minute, so that many readers cost one look."""
    key = f"portal.daily.{campaign.pk}"
    found: Daily | None = cache.get(key)
    if found is None:
        found = _daily(campaign)
        cache.set(key, found, SECONDS_KEPT)
    return found


def _daily(campaign: Campaign) -> Daily:
    last = max(campaign.deadline, min(clock.today(), campaign.deadline + timedelta(days=60)))
    count = min((last - campaign.opened_on).days + 1, DAYS_AT_MOST)
    days = [campaign.opened_on + timedelta(days=n) for n in range(count)]
    return Daily(
        days=days,
        allocated=_cumulative(_ALLOCATED, campaign, days),
        at_county=_cumulative(_AT_COUNTY, campaign, days),
        received=_cumulative(_RECEIVED, campaign, days),
    )


def _cumulative(sql: str, campaign: Campaign, days: list[date]) -> list[int]:
    by_day: dict[date, int] = defaultdict(int)
    with connection.cursor() as cursor:
        cursor.execute(sql, [campaign.pk])
        for moment, units in cursor.fetchall():
            by_day[_local_day(moment)] += int(units or 0)
    today, total, result = clock.today(), 0, []
    for day in days:
        if day > today:
            break
        total += by_day.get(day, 0)
        result.append(total)
    return result


def _local_day(moment: Any) -> date:
    """SQLite gives text where PostgreSQL gives a moment; both are UTC."""
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return timezone.localtime(moment).date()
