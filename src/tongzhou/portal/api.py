"""For programs: the public figures of the trace, and the check of a code; without a sign-in."""

import json
from dataclasses import asdict
from datetime import date, datetime

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from tongzhou.campaigns.models import Campaign
from tongzhou.places.models import Place
from tongzhou.places.queries import division_by_code

from .queries.daily import daily
from .queries.progress import Standing, standings
from .queries.steps import ways_of
from .views.codes import CODE_CHARACTERS, MOST, SECONDS, answered, may_ask

router = Router(tags=["trace"], auth=None)
# Every answer of the code check is as long as this, so that its length tells nothing.
ANSWER_BYTES = 4_096


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


class CodeIn(Schema):
    """A code as scanned or typed."""

    code: str = Field(max_length=CODE_CHARACTERS)


class CodeOut(Schema):
    """What the code tells; every key is always there, empty where it does not apply.

    `result`: product, expired, unknown, malformed, parcel, no_parcel or slip. No result says that
    a medicine is what its box says.
    """

    result: str
    says: str
    do: str
    product: str
    maker: str
    strength: str
    source: str
    as_of: str
    expires_on: str
    seen_before: str
    warning: str
    trace: str
    ask: str


@router.post("/codes/check", response=CodeOut, summary="What a code on a box tells", tags=["codes"])
def check_code(request: HttpRequest, body: CodeIn) -> HttpResponse:
    """Always 200 and equally long; 429 with Retry-After over 60 a minute from one connection."""
    if not may_ask(request):
        return _too_many()
    text = json.dumps(asdict(answered(body.code)), ensure_ascii=False).encode()
    # JSON may end in spaces. Compressed, the length would tell again.
    response = HttpResponse(text.ljust(ANSWER_BYTES), content_type="application/json")
    response["Content-Encoding"] = "identity"
    response["Cache-Control"] = "no-store"
    return response


def _too_many() -> HttpResponse:
    title = f"Over {MOST} codes were checked from this connection. Wait {SECONDS} seconds."
    body = {"type": "about:blank", "title": title, "status": 429}
    response = HttpResponse(json.dumps(body), status=429, content_type="application/problem+json")
    response["Retry-After"] = str(SECONDS)
    return response


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
