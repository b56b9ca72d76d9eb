"""How many fever clinics an area has, and of how many somebody knows more than hearsay."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
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


@dataclass(frozen=True, slots=True)
class FeverMarks:
    """By the place in the tree: how many fever clinics, how many of them checked of late, and when
    the last check was. What a page says of them has changed when its mark has."""

    firsts: Sequence[int]
    known: Sequence[int]
    checked: Sequence[int]
    last: Sequence[str]

    def within(self, first: int, last: int) -> str:
        low, high = bisect_left(self.firsts, first), bisect_right(self.firsts, last)
        newest = max(self.last[low:high], default="")
        return f"{sum(self.known[low:high])}/{sum(self.checked[low:high])}/{newest}"


def fever_marks() -> FeverMarks:
    """One row for each division that has fever clinics, in one query."""
    since = clock.now() - fresh_for()
    rows = list(
        Facility.objects.filter(sees_fever=True, state=Facility.State.ACTIVE)
        .values("division__first")
        .annotate(
            known=Count("pk"),
            checked=Count("pk", filter=Q(checked_at__gte=since)),
            newest=Max("checked_at"),
        )
        .order_by("division__first")
    )
    return FeverMarks(
        firsts=[row["division__first"] for row in rows],
        known=[row["known"] for row in rows],
        checked=[row["checked"] for row in rows],
        last=[row["newest"].isoformat() if row["newest"] else "" for row in rows],
    )
