"""Facilities for programs: public, by cursor, each with what may be said of it now."""

from datetime import datetime
from typing import Any, Literal

from django.http import Http404, HttpRequest
from ninja import Query, Router, Schema

from tongzhou.kit.api import Paging, page_of
from tongzhou.places.queries import division_by_code
from tongzhou.places.rules import Scope

from . import queries
from .models import Facility

router = Router(tags=["facilities"])

SERVICES = ("sees_fever", "sees_children", "has_oxygen", "has_emergency", "all_day")
Service = Literal["", "sees_fever", "sees_children", "has_oxygen", "has_emergency", "all_day"]


class FacilityOut(Schema):
    """A facility. `now`: "open" only by hours and a fresh check of an authority, the site or a
    call, else "maybe" (call first) or "closed"; `checked_at`: that check. Points are WGS-84."""

    code: str
    name: str
    kind: str
    division: str
    address: str
    phones: list[str]
    lat: float | None
    lon: float | None
    services: list[str]
    hours: str
    now: str
    checked_at: datetime | None
    made_up: bool


class FacilityPage(Schema):
    """Some facilities and the cursor of those that follow, empty at the end."""

    items: list[FacilityOut]
    next: str


class FacilityFilter(Paging):
    """Those in service in a `division`, or everywhere; with a `service`, those that have it."""

    division: str = ""
    service: Service = ""


@router.get(
    "/facilities", response=FacilityPage, auth=None, summary="Facilities in service, by division"
)
def facilities(request: HttpRequest, wanted: Query[FacilityFilter]) -> dict[str, Any]:
    rows = Facility.objects.filter(state=Facility.State.ACTIVE).select_related("division")
    if wanted.division:
        area = division_by_code(wanted.division)
        if area is None:
            raise Http404
        rows = rows.filter(Scope.of(area).q("division"))
    if wanted.service:
        rows = rows.filter(**{wanted.service: True})
    page = page_of(rows, "pk", wanted)
    return {"items": _told(page.rows), "next": page.next}


@router.get("/facilities/{code}", response=FacilityOut, auth=None, summary="One facility")
def facility(request: HttpRequest, code: str) -> dict[str, Any]:
    found = queries.facility_by_code(code)
    if found is None:
        raise Http404
    return _told([found])[0]


def _told(rows: list[Facility]) -> list[dict[str, Any]]:
    return [
        {
            **{name: getattr(one, name) for name in ("code", "name", "kind", "address", "hours")},
            **{name: getattr(one, name) for name in ("lat", "lon", "checked_at", "made_up")},
            "division": one.division.code,
            "phones": [phone.strip() for phone in one.phones.split(",") if phone.strip()],
            "services": [name for name in SERVICES if getattr(one, name)],
            "now": choice.openness.word.value,
        }
        for one, choice in zip(rows, queries.choices_of(rows, {}), strict=True)
    ]
