"""Where somebody can go now: facilities around a point or in a county, as they stand."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from tongzhou.kit import clock
from tongzhou.places.models import Division
from tongzhou.places.queries import county_of

from ..models import Facility, HoursException, Report
from ..rules import (
    Choice,
    DatedHours,
    Heard,
    Hours,
    HoursRefused,
    State,
    Timetable,
    Told,
    Travel,
    Word,
    arrives_too_late,
    heard,
    ranked,
    read_hours,
    said_of,
)
from ..rules.openness import BEFORE_CLOSING
from ..rules.ranking import FIRST_SHOWN
from .near import nearest

LOOKED_AT = 40
SHOWN = 20
# An older wait says nothing of now; older reports weigh nothing.
WAIT_COUNTS = timedelta(hours=3)
REPORTS_COUNT = timedelta(hours=12)
# Closing later than this is no news.
SAID_AHEAD = timedelta(hours=18)
FRESH_HOURS = 72
SPEED_KMH = 30
DETOUR_PERCENT = 140


@dataclass(frozen=True, slots=True)
class Found:
    """The first choices, the others, and the nearest emergency department, whatever was asked."""

    first: list[Choice[Facility]]
    others: list[Choice[Facility]]
    emergency: Choice[Facility] | None
    # Distances are from a point; else only what lies in the same county is known.
    measured: bool

    def __bool__(self) -> bool:
        return bool(self.first or self.emergency)


def fresh_for() -> timedelta:
    """How long a check counts: 72 hours, or what the installation has set for a peak."""
    return timedelta(hours=settings.FINDER_FRESH_HOURS or FRESH_HOURS)


def around(lat: float, lon: float, services: Sequence[str] = ()) -> Found:
    """What is near a point and has all of these services, soonest seen first."""
    near = nearest(lat, lon, services=services, limit=LOOKED_AT)
    ward = nearest(lat, lon, services=["has_emergency"], limit=1)
    distances = {one.facility_id: one.distance_m for one in [*near, *ward]}
    rows = Facility.objects.in_bulk(list(distances))
    choices = choices_of(rows.values(), distances)
    emergency = next((c for c in choices if ward and c.facility.pk == ward[0].facility_id), None)
    return _found([c for c in choices if c.facility.pk in {n.facility_id for n in near}], emergency)


def inside(division: Division, services: Sequence[str] = ()) -> Found:
    """What lies in a division, or, where that is too little, in its county.

    Nothing is known of the way there: what is open and quick comes first.
    """
    county = county_of(division) or division
    rows = _active(division, services)
    if len(rows) < FIRST_SHOWN and county.pk != division.pk:
        known = {row.pk for row in rows}
        rows += [row for row in _active(county, services) if row.pk not in known]
    ward = _active(county, ["has_emergency"])[:1]
    choices = choices_of({row.pk: row for row in [*rows, *ward]}.values(), {})
    emergency = next((c for c in choices if ward and c.facility.pk == ward[0].pk), None)
    asked = {row.pk for row in rows}
    return _found([c for c in choices if c.facility.pk in asked], emergency, measured=False)


def here(facility: Facility) -> Choice[Facility]:
    """One facility as it stands now."""
    return choices_of([facility], {})[0]


def _active(division: Division, services: Sequence[str]) -> list[Facility]:
    rows = Facility.objects.filter(
        division__first__gte=division.first,
        division__first__lte=division.last,
        state=Facility.State.ACTIVE,
        **dict.fromkeys(services, True),
    )
    return list(rows.order_by("division__first", "pk")[:LOOKED_AT])


def _found(
    choices: Iterable[Choice[Facility]],
    emergency: Choice[Facility] | None,
    *,
    measured: bool = True,
) -> Found:
    order = ranked(choices)
    # It stands at the head already; alone it stays, for it may be just what was asked for.
    order = [choice for choice in order if choice is not emergency] or order
    order = order[:SHOWN]
    return Found(order[:FIRST_SHOWN], order[FIRST_SHOWN:], emergency, measured)


def choices_of(
    facilities: Iterable[Facility], distances: Mapping[int, float]
) -> list[Choice[Facility]]:
    """Each facility with its word for now; three queries whatever their number."""
    rows = list(facilities)
    now = clock.now()
    exceptions = _exceptions(rows, now)
    reports = _reports(rows, now)
    return [
        _choice(row, distances.get(row.pk), now, exceptions[row.pk], reports[row.pk])
        for row in rows
    ]


def _choice(
    facility: Facility,
    distance: float | None,
    now: datetime,
    exceptions: Sequence[HoursException],
    reports: Sequence[Told],
) -> Choice[Facility]:
    local = timezone.localtime(now).replace(tzinfo=None)
    table = timetable(facility, exceptions)
    told = heard(reports, now=now, since=facility.checked_at)
    # Where somebody wrote that it is closed, its emergency department may be too: call first.
    always = facility.has_emergency and not table.is_shut_on(local.date())
    openness = said_of(
        table.state_at(local) if always or not facility.has_emergency else State.UNKNOWN,
        checked_at=facility.checked_at,
        now=now,
        fresh_for=fresh_for(),
        emergency=always,
        closed_by_crowd=told.claim == Report.Claim.CLOSED and not facility.has_emergency,
    )
    if openness.word is Word.CLOSED and not openness.by_crowd:
        openness = replace(openness, opens_at=_aware(table.opens_at(local)))
    closes = table.closes_at(local)
    if openness.word is not Word.CLOSED and closes and closes - local <= SAID_AHEAD:
        arrive_by = closes - BEFORE_CLOSING
        openness = replace(openness, closes_at=_aware(closes), arrive_by=_aware(arrive_by))
    minutes = None if distance is None else _travel().minutes(distance)
    return Choice(
        facility,
        openness,
        distance_m=distance,
        travel_minutes=minutes,
        wait_minutes=_wait(facility, told, now),
        too_late=arrives_too_late(openness, now, minutes),
    )


def _aware(local: datetime | None) -> datetime | None:
    return None if local is None else timezone.make_aware(local)


def timetable(facility: Facility, exceptions: Iterable[HoursException]) -> Timetable:
    """Its hours and its dated exceptions; unknown where the text could not be read."""
    dated = tuple(DatedHours(row.first, row.last, _hours(row.hours)) for row in exceptions)
    return Timetable(_hours(facility.hours), dated, always=facility.has_emergency)


def _hours(text: str) -> Hours | None:
    try:
        return read_hours(text)
    except HoursRefused:
        return None


def _wait(facility: Facility, told: Heard, now: datetime) -> float | None:
    """What visitors agree on, else what was last stated, as long as it is of today."""
    if told.wait_minutes is not None:
        return told.wait_minutes
    fresh = facility.wait_at is not None and now - facility.wait_at <= WAIT_COUNTS
    return facility.wait_minutes if fresh else None


def _travel() -> Travel:
    return Travel(
        circuity=(settings.FINDER_DETOUR_PERCENT or DETOUR_PERCENT) / 100,
        speed_kmh=settings.FINDER_SPEED_KMH or SPEED_KMH,
    )


def _exceptions(rows: Sequence[Facility], now: datetime) -> dict[int, list[HoursException]]:
    """Those of yesterday (a night may go on) and later, in the order in which they were made."""
    since = timezone.localdate(now) - timedelta(days=1)
    found: dict[int, list[HoursException]] = defaultdict(list)
    kept = HoursException.objects.filter(facility__in=[row.pk for row in rows], last__gte=since)
    for exception in kept.order_by("pk"):
        found[exception.facility_id].append(exception)
    return found


def _reports(rows: Sequence[Facility], now: datetime) -> dict[int, list[Told]]:
    found: dict[int, list[Told]] = defaultdict(list)
    kept = Report.objects.filter(
        facility__in=[row.pk for row in rows], at__gt=now - REPORTS_COUNT, at__lte=now
    )
    for report in kept.order_by("pk"):
        found[report.facility_id].append(
            Told(
                report.witness,
                report.at,
                report.claim,
                report.wait_minutes,
                day=timezone.localdate(report.at),
            )
        )
    return found
