"""The trace for programs: the public figures, without a sign-in and without a person."""

from datetime import date, datetime

from django.http import Http404, HttpRequest
from ninja import Router, Schema

from tongzhou.campaigns.models import Campaign
from tongzhou.places.models import Place
from tongzhou.places.queries import division_by_code

from .queries.daily import daily
from .queries.progress import Standing, standings
from .queries.steps import ways_of

router = Router(tags=["trace"], auth=None)


class StandingOut(Schema):
    """Units of one campaign's item in one division by stage."""

    campaign: str
    item: str
    places: int
    needed_units: int
    allocated_units: int
    sent_units: int
    hub_units: int
    county_units: int
    received_units: int
    short_units: int
    as_of: datetime


class DayOut(Schema):
    """Cumulative units at the end of a day."""

    day: date
    allocated_units: int
    county_units: int
    received_units: int


class StepOut(Schema):
    """One step of the way; `at` is empty while it is open, `open_since` says since when."""

    name: str
    where: str
    state: str
    at: datetime | None
    open_since: datetime | None
    due: date | None


class WayOut(Schema):
    """One run's units for a place."""

    campaign: str
    run: int
    units: int
    parcel: str | None
    steps: list[StepOut]


@router.get("/trace/divisions/{code}", response=list[StandingOut], summary="Standing of a division")
def division_trace(request: HttpRequest, code: str) -> list[StandingOut]:
    """Every campaign's standing in a division, newest first."""
    found = division_by_code(code)
    if found is None:
        raise Http404
    return [_standing(one) for one in standings(found)]


@router.get("/trace/campaigns/{public_id}/days", response=list[DayOut], summary="A campaign by day")
def campaign_days(request: HttpRequest, public_id: str) -> list[DayOut]:
    """The campaign's cumulative units by day up to today."""
    found = Campaign.objects.filter(public_id=public_id).first()
    if found is None:
        raise Http404
    days = daily(found)
    rows = zip(days.days, days.allocated, days.at_county, days.received, strict=False)
    return [
        DayOut(day=day, allocated_units=a, county_units=b, received_units=c)
        for day, a, b, c in rows
    ]


@router.get("/trace/places/{code}", response=list[WayOut], summary="The way of a place's units")
def place_trace(request: HttpRequest, code: str) -> list[WayOut]:
    """Everything published for a place, step by step."""
    found = Place.objects.filter(code=code).select_related("division").first()
    if found is None:
        raise Http404
    return [
        WayOut(
            campaign=way.run.campaign.public_id,
            run=way.run.number,
            units=way.units,
            parcel=way.parcel.public_id if way.parcel else None,
            steps=[
                StepOut(
                    name=step.name,
                    where=step.where,
                    state=step.state,
                    at=step.at,
                    open_since=step.open_since,
                    due=step.due,
                )
                for step in way.steps
            ],
        )
        for way in ways_of(found)
    ]


def _standing(one: Standing) -> StandingOut:
    return StandingOut(
        campaign=one.campaign.public_id,
        item=one.item,
        places=one.places,
        needed_units=one.need,
        allocated_units=one.allocated,
        sent_units=one.sent,
        hub_units=one.at_hub,
        county_units=one.at_county,
        received_units=one.received,
        short_units=one.short,
        as_of=one.as_of,
    )
