"""Facilities looked up by code, in whatever register it stands, and lists for the office."""

from django.db.models import Q, QuerySet

from tongzhou.interchange import codes
from tongzhou.places.rules import Scope

from ..models import Facility, FacilityId


def facility_by_code(code: str) -> Facility | None:
    """The facility with this code or register number, the one that stays where it was merged."""
    typed = codes.narrowed(code)[:80]
    rows = Facility.objects.select_related("division", "merged_into__division")
    found = rows.filter(code=typed).first()
    if found is None:
        known = FacilityId.objects.filter(value=typed).order_by("pk").first()
        found = rows.get(pk=known.facility_id) if known else None
    return found.merged_into if found is not None and found.merged_into else found


def facilities_in(within: Scope, *, text: str = "", faults: str = "") -> QuerySet[Facility]:
    """The facilities of a scope for the office's list, those merged away left out.

    `text` is looked for in name and code; `faults`: "hours" (a text that could not be read),
    "phones" (none), "unchecked" (never).
    """
    rows = Facility.objects.filter(within.q("division")).exclude(state=Facility.State.MERGED)
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(code__startswith=text))
    wanted = {
        "hours": Q(hours_read=False),
        "phones": Q(phones=""),
        "unchecked": Q(checked_at__isnull=True),
    }
    return rows.filter(wanted.get(faults, Q())).select_related("division")
