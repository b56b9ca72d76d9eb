"""What a source says of a facility: kept as facts, and taken over where it is the newest."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from tongzhou.kit import clock
from tongzhou.kit.actions import record
from tongzhou.kit.rules import Actor
from tongzhou.places.queries import chain_of

from ..models import Facility, Fact
from ..rules import CONFIDENCE, vector
from ..rules.fields import checked, hours_are_read, is_all_day

CHECKED_BY = frozenset({"A", "B", "C"})


class FacilityRefused(ValueError):
    """A change that cannot be made; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Said:
    """Who says it (A authority, B site, C call), of when, and where it can be looked up."""

    source: str
    as_of: datetime
    said_by: str = ""


def locked(facility: Facility) -> Facility:
    """The facility as it is now, kept so until the change is made. Raises FacilityRefused for one
    that was merged into another."""
    rows = Facility.objects.select_for_update(of=("self",)).select_related("division")
    now = rows.get(pk=facility.pk)
    if now.state == Facility.State.MERGED:
        raise FacilityRefused(_("This facility was merged into another. Change that one."))
    return now


@transaction.atomic
def state_facts(
    facility: Facility, values: Mapping[str, object], said: Said, *, by: Actor
) -> Facility:
    """Keep what a source says of fields, event "facility.stated". A field takes the value over
    unless something newer is known of it. The same again counts as a check.

    Raises FacilityRefused, and FieldRefused for a value that its field cannot have.
    """
    facility = locked(facility)
    before = values_of(facility, values)
    write_facts(facility, values, said, by=by)
    record(
        "facility.stated",
        facility,
        by=by,
        chain=chain_of(facility.division),
        before=before,
        after={**values_of(facility, values), "source": said.source, "code": facility.code},
    )
    return facility


def write_facts(
    facility: Facility, values: Mapping[str, object], said: Said, *, by: Actor
) -> list[str]:
    """Write facts and what follows from them, without an event; the names of fields that changed.

    The caller holds the row and writes the event of what it does.
    """
    if said.source not in CHECKED_BY:
        raise FacilityRefused(_("Visitors report what they saw; they state no facts."))
    now = clock.now()
    if said.as_of > now:
        raise FacilityRefused(_("The moment lies in the future. Correct it."))
    changed = []
    for field, value in values.items():
        kept = checked(field, value)
        if _append(facility, field, kept, said, now, by) and take_over(facility, field, kept, said):
            changed.append(field)
    if facility.checked_at is None or said.as_of > facility.checked_at:
        facility.checked_at = said.as_of
    facility.save()
    return changed


def values_of(facility: Facility, fields: Mapping[str, object]) -> dict[str, Any]:
    """The named fields as they are now, a point as [latitude, longitude]."""
    return {name: _value_of(facility, name) for name in fields}


def _value_of(facility: Facility, field: str) -> Any:
    if field == "point":
        return None if facility.lat is None else [facility.lat, facility.lon]
    return getattr(facility, field)


def _append(
    facility: Facility, field: str, value: object, said: Said, now: datetime, by: Actor
) -> bool:
    """Keep the fact; whether it is the newest one of its field."""
    known = Fact.objects.filter(facility=facility, field=field, current=True)
    newest = not known.filter(as_of__gt=said.as_of).exists()
    if newest:
        known.update(current=False)
    fact_of(facility, field, value, said, by=by, at=now, current=newest).save()
    return newest


def fact_of(
    facility: Facility,
    field: str,
    value: object,
    said: Said,
    *,
    by: Actor,
    at: datetime,
    current: bool,
) -> Fact:
    """The row of one fact, recorded at `at`; it is not written yet."""
    return Fact(
        facility=facility,
        field=field,
        value=value,
        source=said.source,
        said_by=said.said_by,
        confidence=CONFIDENCE[said.source],
        as_of=said.as_of,
        recorded_at=at,
        by=str(by),
        current=current,
    )


def take_over(facility: Facility, field: str, value: Any, said: Said) -> bool:
    """Let a field hold what was said of it; whether that is another value. The row is not saved."""
    before = _value_of(facility, field)
    if field == "point":
        place(facility, value)
    else:
        setattr(facility, field, value)
    if field == "wait_minutes":
        facility.wait_at = None if value is None else said.as_of
    if field in ("hours", "has_emergency"):
        facility.hours_read = hours_are_read(facility.hours)
        facility.all_day = facility.has_emergency or is_all_day(facility.hours)
    return bool(before != value)


def place(facility: Facility, point: list[float] | None) -> None:
    """Put a facility somewhere, or nowhere."""
    if point is None:
        facility.lat = facility.lon = facility.x = facility.y = facility.z = None
        return
    facility.lat, facility.lon = point
    facility.x, facility.y, facility.z = vector(facility.lat, facility.lon)
