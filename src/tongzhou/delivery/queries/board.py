"""Deadlines: how long legs take, which counties and clinics will be late, and what is overdue."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from tongzhou.campaigns.models import Campaign
from tongzhou.campaigns.queries import OpenStep, counts_open_steps
from tongzhou.kit import clock
from tongzhou.people.models import Account
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


@dataclass(frozen=True, slots=True)
class Wish:
    """What a reader of the board wants to see; empty words and None stand for all.

    `state`: one of STATES; `inside`: a division above the counties; `text`: a part of a county's
    name or the beginning of its code; `owner`: an account's id, 0 for counties whose task nobody
    has.
    """

    state: str = ""
    inside: Division | None = None
    text: str = ""
    owner: int | None = None


@dataclass(frozen=True, slots=True)
class Board:
    """One page of counties, the latest first; how many there are in each state whatever state is
    wished for, and the owners of late counties (by id, for the filter)."""

    rows: list[CountyDue]
    counts: dict[str, int]
    owners: dict[int, Account]
    owner_of: dict[int, int | None]

    def count(self, state: str) -> int:
        return self.counts[state] if state else sum(self.counts.values())


STATES = ("late", "overdue", "going")


def board_of(campaign: Campaign, scope: Scope, wish: Wish, *, start: int, size: int) -> Board:
    """A page of the counties that still wait, the latest first.

    Only what is shown is read in full: a nation has 3,000 counties, a few dozen different steps.
    """
    lead, today = lead_days(campaign.pk), clock.today()
    work = _open_work(campaign, scope, today)
    judged = _judge(work, lead, today, campaign.deadline)
    owner_of = _owners(campaign, scope)
    wanted = _wanted(work, wish, owner_of)
    state_of = {pk: judged[pk][0] for pk, _code in wanted}
    rows = [pair for pair in wanted if wish.state in ("", state_of[pair[0]])]
    rows.sort(key=lambda pair: (judged[pair[0]][1], pair[1]))
    shown = [pk for pk, _code in rows[start : start + size]]
    counties, sums = Division.objects.in_bulk(shown), _sums(campaign, shown)
    return Board(
        rows=[
            _county_due(counties[pk], work[pk], sums.get(pk, {}), campaign, lead, today)
            for pk in shown
        ],
        counts={state: sum(1 for one in state_of.values() if one == state) for state in STATES},
        owners=Account.objects.in_bulk({pk for pk in owner_of.values() if pk}),
        owner_of=owner_of,
    )


def _judge(
    work: dict[int, list[Open]], lead: dict[str, int], today: date, deadline: date
) -> dict[int, tuple[str, int]]:
    """For each county its state and a number to sort by: the later its last clinic, the lower."""
    known = {step for steps in work.values() for step in steps}
    ends = {step: (dates.projected([step], lead, today) or today).toordinal() for step in known}
    overdue = {step for step in known if dates.is_overdue(step, lead, today)}
    judged = {}
    for county, steps in work.items():
        end = max(ends[step] for step in steps)
        behind = "overdue" if any(step in overdue for step in steps) else "going"
        judged[county] = ("late" if end > deadline.toordinal() else behind, -end)
    return judged


def _wanted(
    work: dict[int, list[Open]], wish: Wish, owner_of: dict[int, int | None]
) -> list[tuple[int, str]]:
    """Ids and codes of the counties that a wish leaves, whatever their state."""
    rows = Division.objects.filter(level=Division.Level.COUNTY)
    if wish.inside is not None:
        rows = rows.filter(first__gte=wish.inside.first, first__lte=wish.inside.last)
    if wish.text:
        rows = rows.filter(Q(name__icontains=wish.text) | Q(code__startswith=wish.text))
    found = [pair for pair in rows.values_list("pk", "code") if pair[0] in work]
    if wish.owner is None:
        return found
    return [
        pair for pair in found if pair[0] in owner_of and (owner_of[pair[0]] or 0) == wish.owner
    ]


def _owners(campaign: Campaign, scope: Scope) -> dict[int, int | None]:
    """Who answers for each county that has an open task of its own."""
    tasks = Task.objects.filter(
        scope.q("division"), campaign=campaign, state=Task.State.OPEN, step="late"
    )
    return dict(tasks.values_list("division_id", "owner_id"))


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
    # A nation's counties share a few dozen steps: each is made, and its day read, once.
    step = cache(lambda leg, waits, since: Open(leg, waits, _day(since)))
    where, values = _within(scope)
    with connection.cursor() as cursor:
        cursor.execute(_LEGS.format(where=where), [campaign.pk, *values])
        for county, leg, waits, planned, left in cursor.fetchall():
            work[county].append(step(leg, bool(waits), planned if waits else left))
        cursor.execute(_LAST_MILE.format(where=where), [campaign.pk, *values])
        for county, left in cursor.fetchall():
            work[county].append(step("last_mile", False, left))
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


@counts_open_steps("delivery")
def steps_open(campaign: Campaign) -> Iterable[OpenStep]:
    """What of a campaign is still on its way, for its page before it is closed."""
    on_the_way = Shipment.objects.filter(campaign=campaign).exclude(
        state__in=(Shipment.State.CLOSED, Shipment.State.CANCELLED, Shipment.State.LOST)
    )
    tasks = Task.objects.filter(campaign=campaign, state=Task.State.OPEN)
    yield OpenStep(_("shipments that have not arrived"), on_the_way.count(), reverse("shipments"))
    yield OpenStep(_("tasks that are open"), tasks.count(), reverse("tasks"))
