"""How many fever clinics an area has, and of how many somebody knows more than hearsay."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q

from tongzhou.kit import clock
from tongzhou.places.models import Division
from tongzhou.places.rules import Scope

from ..models import Facility
from .choosing import fresh_for


@dataclass(frozen=True, slots=True)
class FeverClinics:
    """Fever clinics of an area: `known`, those `checked` of late, and when the last check was."""

    known: int
    checked: int
    last_check: datetime | None


def fever_clinics_in(division: Division) -> FeverClinics:
    """One row read over the area's interval."""
    since = clock.now() - fresh_for()
    found = Facility.objects.filter(
        Scope.of(division).q("division"), sees_fever=True, state=Facility.State.ACTIVE
    ).aggregate(
        known=Count("pk"),
        checked=Count("pk", filter=Q(checked_at__gte=since)),
        last=Max("checked_at"),
    )
    return FeverClinics(found["known"], found["checked"], found["last"])
