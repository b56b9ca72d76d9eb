"""Deadlines: how long legs take, which counties and clinics will be late, and what is overdue."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from tongzhou.campaigns.models import Campaign
from tongzhou.kit import clock
from tongzhou.places.models import Division
from tongzhou.places.rules import Scope
from tongzhou.plans.models import AllocationLine

from ..models import DivisionProgress, Parcel, Shipment, Task
from ..rules import dates
from ..rules.dates import Open

LEARN_FROM = 500


@dataclass(frozen=True, slots=True)
class CountyDue:
    """When a county's last clinic will have its parcel, and what holds it up."""

    county: Division
    projected_on: date
    days_late: int
    step: Open
    overdue: bool
    allocated_units: int
    received_units: int
    received_places: int
    allocated_places: int

    @property
    def late(self) -> bool:
        return self.days_late > 0


@dataclass(frozen=True, slots=True)
class ClinicDue:
    """When one clinic will have its parcel."""

    parcel: Parcel
    projected_on: date
    days_late: int


def lead_days(campaign_id: int) -> dict[str, int]:
    """Days each leg takes, learned from the newest closed legs of the campaign."""
    days: dict[str, list[float]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_CLOSED, [campaign_id, LEARN_FROM])
        for leg, left, came in cursor.fetchall():
            days[leg].append((_moment(came) - _moment(left)).total_seconds() / 86400)
    return dates.learned(days)


def counties_due(campaign: Campaign, scope: Scope | None = None) -> list[CountyDue]:
    """Counties of a scope (None: all) whose clinics still wait, the latest first."""
    lead, today = lead_days(campaign.pk), clock.today()
    work = _open_work(campaign, scope, today)
    counties = Division.objects.in_bulk(work)
    sums = _sums(campaign, list(work))
    rows = [
        _county_due(counties[pk], steps, sums.get(pk, {}), campaign, lead, today)
        for pk, steps in work.items()
    ]
    return sorted(rows, key=lambda row: (-row.projected_on.toordinal(), row.county.code))


def clinics_due(campaign: Campaign, county: Division) -> list[ClinicDue]:
    """The parcels of a county that have not arrived, the latest first."""
    lead, today = lead_days(campaign.pk), clock.today()
    parcels = (
        Parcel.objects.filter(depot__division=county, campaign=campaign)
        .exclude(state__in=(Parcel.State.RECEIVED, Parcel.State.LOST))
        .select_related("place__division")
    )
    rows = []
    for parcel in parcels:
        left = parcel.dispatched_at
        since = _local_day(left) if left else today
        when = dates.projected([Open("last_mile", left is None, since)], lead, today)
        assert when is not None  # there is one piece of work
        rows.append(ClinicDue(parcel, when, (when - campaign.deadline).days))
    return sorted(rows, key=lambda row: (-row.projected_on.toordinal(), row.parcel.sequence))


def overdue() -> Q:
    """The condition of a shipment that should have left, or arrived, before today."""
    today = clock.today()
    waits = Q(state__in=(Shipment.State.PLANNED, Shipment.State.PACKED), planned_on__lt=today)
    travels = Q(
        state__in=(Shipment.State.DISPATCHED, Shipment.State.PART_RECEIVED),
        due_on__lt=today,
        received_at__isnull=True,
    )
    return waits | travels


def overdue_shipments(campaign: Campaign) -> QuerySet[Shipment]:
    """Shipments of a campaign that should have left, or arrived, before today."""
    rows = Shipment.objects.filter(overdue(), campaign=campaign)
    return rows.select_related("from_place__division", "to_place__division")


def open_tasks(scope: Scope) -> QuerySet[Task]:
    """Tasks in a scope that are not done, the oldest due day first."""
    rows = Task.objects.filter(scope.q("division"), state=Task.State.OPEN)
    return rows.select_related("division", "owner", "campaign", "shipment")


def _county_due(
    county: Division,
    steps: Sequence[Open],
    sums: dict[str, int],
    campaign: Campaign,
    lead: dict[str, int],
    today: date,
) -> CountyDue:
    ends = {step: dates.projected([step], lead, today) or today for step in steps}
    last = max(steps, key=lambda step: ends[step])
    return CountyDue(
        county=county,
        projected_on=ends[last],
        days_late=(ends[last] - campaign.deadline).days,
        step=last,
        overdue=any(dates.is_overdue(step, lead, today) for step in steps),
        allocated_units=sums.get("allocated", 0),
        received_units=sums.get("received", 0),
        received_places=sums.get("received_places", 0),
        allocated_places=sums.get("places", 0),
    )


def _open_work(campaign: Campaign, scope: Scope | None, today: date) -> dict[int, list[Open]]:
    work: dict[int, list[Open]] = defaultdict(list)
    where, values = _within(scope)
    with connection.cursor() as cursor:
        cursor.execute(_LEGS.format(where=where), [campaign.pk, *values])
        for county, leg, waits, planned, left in cursor.fetchall():
            since = _day(planned) if waits else _day(left)
            work[county].append(Open(leg, bool(waits), since))
        cursor.execute(_LAST_MILE.format(where=where), [campaign.pk, *values])
        for county, left in cursor.fetchall():
            work[county].append(Open("last_mile", False, _day(left)))
    for county in _with_stock(campaign, scope):
        work[county].append(Open("last_mile", True, today))
    return dict(work)


def _with_stock(campaign: Campaign, scope: Scope | None) -> list[int]:
    """Counties whose depot holds units that have not been sent to clinics."""
    rows = DivisionProgress.objects.filter(
        campaign=campaign,
        division__level=Division.Level.COUNTY,
        depot_units__gt=F("last_mile_units"),
    )
    if scope is not None:
        rows = rows.filter(scope.q("division"))
    return list(rows.values_list("division_id", flat=True).distinct())


def _within(scope: Scope | None) -> tuple[str, list[int]]:
    if scope is None:
        return "", []
    if not scope.intervals:
        return "AND 1 = 0", []
    parts = ["(d.first >= %s AND d.first <= %s)"] * len(scope.intervals)
    return f"AND ({' OR '.join(parts)})", [n for pair in scope.intervals for n in pair]


def _day(value: date | datetime | str) -> date:
    """SQLite gives times as text in UTC."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    moment = _moment(value)
    return _local_day(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _moment(value: datetime | str) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _local_day(moment: datetime) -> date:
    return timezone.localtime(moment).date()


def _sums(campaign: Campaign, counties: Sequence[int]) -> dict[int, dict[str, int]]:
    rows = DivisionProgress.objects.filter(campaign=campaign, division__level=Division.Level.COUNTY)
    if len(counties) < 50:
        rows = rows.filter(division__in=counties)
    found = rows.values_list("division_id").annotate(
        allocated=Sum("allocated_units"),
        received=Sum("received_units"),
        received_places=Sum("received_places"),
        places=Sum("allocated_places"),
    )
    names = ("allocated", "received", "received_places", "places")
    return {pk: dict(zip(names, values, strict=True)) for pk, *values in found}


# Asked for plainly: subtracting in the query would cost a call of Python for every leg ever closed,
# and this is asked with every dispatch.
_CLOSED = """
    SELECT leg, dispatched_at, received_at FROM delivery_shipment
    WHERE campaign_id = %s AND dispatched_at IS NOT NULL AND received_at IS NOT NULL
    ORDER BY received_at DESC LIMIT %s
"""
_LEGS = """
    SELECT l.county_id, s.leg, s.state IN ('planned', 'packed'),
        MAX(s.planned_on), MAX(s.dispatched_at)
    FROM delivery_shipment s
    JOIN delivery_shipmentline l ON l.shipment_id = s.id
    JOIN places_division d ON d.id = l.county_id
    WHERE s.campaign_id = %s AND s.state IN ('planned', 'packed', 'dispatched') {where}
    GROUP BY l.county_id, s.leg, s.state IN ('planned', 'packed')
"""
_LAST_MILE = """
    SELECT p.division_id, MAX(s.dispatched_at)
    FROM delivery_shipment s
    JOIN places_place p ON p.id = s.from_place_id
    JOIN places_division d ON d.id = p.division_id
    WHERE s.campaign_id = %s AND s.leg = 'last_mile'
        AND s.state IN ('dispatched', 'part_received') {where}
    GROUP BY p.division_id
"""


def unpacked_places(campaign: Campaign, county: Division) -> int:
    """Places of a county for which something was published and no parcel is packed yet."""
    packed = Parcel.objects.filter(campaign=campaign, depot__division=county)
    rows = AllocationLine.objects.filter(
        part__county=county, part__run__campaign=campaign, part__posted_at__isnull=False
    )
    return (
        rows.exclude(Exists(packed.filter(place=OuterRef("place"), run=OuterRef("run"))))
        .values("place")
        .distinct()
        .count()
    )
