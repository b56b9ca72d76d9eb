"""How many places have received something by the end of each day, for the page of a plan."""

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet, Sum
from django.utils import timezone

from tongzhou.delivery.models import DivisionProgress, Parcel, ParcelLine
from tongzhou.plans.models import Run
from tongzhou.plans.queries.received import tells_received

DAYS_AT_MOST = 400
RUNS_KEPT = 16


@tells_received("delivery")
def received_by_day(run: Run) -> list[tuple[date, int]]:
    """Days of the office; a place counts once for each item, on the day of its first receipt. A
    claim that nobody confirmed does not count."""
    progress = DivisionProgress.objects.filter(
        campaign=run.campaign_id, division=run.campaign.division_id
    )
    # Every receipt writes these rows: while they stay the same, the count does too.
    now = progress.aggregate(Max("updated_at"), Sum("received_units"), Sum("received_places"))
    if not now["received_places__sum"]:
        return []
    return list(_counted(run.campaign_id, run.number, tuple(now.values())))


@lru_cache(maxsize=RUNS_KEPT)
def _counted(campaign: int, number: int, _now: tuple[object, ...]) -> tuple[tuple[date, int], ...]:
    rows = _first_receipts(campaign, number)
    ends = rows.aggregate(first=Min("at"), last=Max("at"))
    if ends["first"] is None:
        return ()
    first, last = timezone.localdate(ends["first"]), timezone.localdate(ends["last"])
    days = [first + timedelta(n) for n in range(min((last - first).days + 1, DAYS_AT_MOST))]
    before = {f"day{n}": Count("at", filter=Q(at__lt=_end_of(day))) for n, day in enumerate(days)}
    counts = rows.aggregate(**before)
    return tuple((day, counts[f"day{n}"]) for n, day in enumerate(days))


def _first_receipts(campaign: int, number: int) -> QuerySet[ParcelLine, Any]:
    lines = ParcelLine.objects.filter(
        parcel__campaign=campaign,
        parcel__run__number__lte=number,
        parcel__state=Parcel.State.RECEIVED,
        received_units__gt=0,
    )
    return lines.order_by().values("parcel__place", "item").annotate(at=Min("parcel__received_at"))


def _end_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))
