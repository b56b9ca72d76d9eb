"""A facility made, its dated exceptions, and two that were one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from tongzhou.kit import clock
from tongzhou.kit.actions import record
from tongzhou.kit.rules import Actor
from tongzhou.places.models import Division
from tongzhou.places.queries import chain_of

from ..models import Call, Facility, FacilityId, HoursException
from ..rules.fields import hours_are_read
from .facts import FacilityRefused, Said, locked, write_facts

MOST_EXCEPTIONS = 60
LONGEST_EXCEPTION_DAYS = 366
# The scheme under which a merged facility's own code leads to the one that stays.
OWN_CODE = "code"


@dataclass(frozen=True, slots=True)
class NewFacility:
    """Where it is and what it is called; everything else is stated as facts."""

    code: str
    name: str
    kind: str
    division: Division
    priority: int = 5
    made_up: bool = False


@transaction.atomic
def create_facility(
    new: NewFacility, facts: Mapping[str, object], said: Said, *, by: Actor
) -> Facility:
    """A new facility with what its source says of it, event "facility.created".

    Raises FacilityRefused where the code is taken, and FieldRefused.
    """
    taken = FacilityId.objects.filter(scheme=OWN_CODE, value=new.code).exists()
    if taken or Facility.objects.filter(code=new.code).exists():
        raise FacilityRefused(_("There is a facility %(code)s already.") % {"code": new.code})
    facility = Facility.objects.create(
        code=new.code,
        name=new.name,
        kind=new.kind,
        division=new.division,
        priority=new.priority,
        made_up=new.made_up,
    )
    given = {"name": new.name, "kind": new.kind, **facts}
    write_facts(facility, given, said, by=by)
    record(
        "facility.created",
        facility,
        by=by,
        chain=chain_of(new.division),
        after={"code": new.code, "name": new.name, "kind": new.kind, "source": said.source},
    )
    return facility


@transaction.atomic
def add_exception(
    facility: Facility, first: date, last: date, *, hours: str = "", note: str = "", by: Actor
) -> HoursException:
    """Other hours from one day to another, none for closed; event "facility.exception_added".

    Raises FacilityRefused for hours that cannot be read: what counts for days is never guessed.
    """
    facility = locked(facility)
    if last < first or (last - first).days > LONGEST_EXCEPTION_DAYS:
        raise FacilityRefused(_("Give a first and a last day, at most a year apart."))
    if not hours_are_read(hours):
        raise FacilityRefused(_("These hours cannot be read. Write them as 08:00-12:00."))
    if facility.exceptions.filter(last__gte=clock.today()).count() >= MOST_EXCEPTIONS:
        raise FacilityRefused(_("There are too many exceptions. Take old ones away first."))
    row = HoursException.objects.create(
        facility=facility, first=first, last=last, hours=hours.strip(), note=note.strip()
    )
    after = {"code": facility.code, "first": first, "last": last, "hours": row.hours}
    record("facility.exception_added", row, by=by, chain=chain_of(facility.division), after=after)
    return row


@transaction.atomic
def remove_exception(row: HoursException, *, by: Actor) -> None:
    """The usual hours count again, event "facility.exception_removed"."""
    facility = locked(row.facility)
    before = {"code": facility.code, "first": row.first, "last": row.last, "hours": row.hours}
    record(
        "facility.exception_removed", row, by=by, chain=chain_of(facility.division), before=before
    )
    row.delete()


@transaction.atomic
def merge_facilities(facility: Facility, into: Facility, *, by: Actor) -> Facility:
    """Two rows were one facility: the first leads to the other from now on, with its code and every
    number it had in other registers; event "facility.merged". Facts and reports stay where they
    were made. Raises FacilityRefused.
    """
    if facility.pk == into.pk:
        raise FacilityRefused(_("A facility cannot be merged into itself. Choose another."))
    # Always in one order, so that two merges the other way round do not wait for each other.
    rows = {row.pk: locked(row) for row in sorted((facility, into), key=lambda row: row.pk)}
    facility, into = rows[facility.pk], rows[into.pk]
    Call.objects.filter(facility=facility, state=Call.State.CLAIMED).update(
        state=Call.State.EXPIRED, ended_at=clock.now()
    )
    facility.ids.update(facility=into)
    FacilityId.objects.create(facility=into, scheme=OWN_CODE, value=facility.code)
    Facility.objects.filter(merged_into=facility).update(merged_into=into)
    facility.state, facility.merged_into = Facility.State.MERGED, into
    facility.save(update_fields=["state", "merged_into"])
    record(
        "facility.merged",
        facility,
        by=by,
        chain=chain_of(facility.division),
        before={"code": facility.code},
        after={"into": into.code, "into_id": into.pk},
    )
    return into


@transaction.atomic
def add_id(facility: Facility, scheme: str, value: str, *, by: Actor) -> FacilityId:
    """What another register calls it, event "facility.id_added". Raises FacilityRefused where the
    number leads elsewhere."""
    facility = locked(facility)
    known = FacilityId.objects.filter(scheme=scheme, value=value).first()
    if known is not None:
        if known.facility_id == facility.pk:
            return known
        raise FacilityRefused(_("This number belongs to another facility. Merge the two first."))
    row = FacilityId.objects.create(facility=facility, scheme=scheme, value=value)
    after = {"code": facility.code, "scheme": scheme, "value": value}
    record("facility.id_added", row, by=by, chain=chain_of(facility.division), after=after)
    return row
