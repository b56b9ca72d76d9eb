"""The way of one place's units, step by step with ages: what a trace page lists."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from tongzhou.campaigns.models import Campaign
from tongzhou.delivery.models import Parcel, Shipment
from tongzhou.kit import clock
from tongzhou.places.models import Division, Place
from tongzhou.places.queries import county_of
from tongzhou.plans.models import AllocationLine, Run

RUNS_AT_MOST = 40


@dataclass(frozen=True, slots=True)
class Step:
    """One step: done at a moment, or open since one, and late if its due day has passed."""

    name: str
    where: str
    at: datetime | None
    open_since: datetime | None = None
    due: date | None = None
    units: int | None = None
    note: str = ""

    @property
    def state(self) -> str:
        if self.at is not None:
            return "done"
        if self.open_since is None:
            return "todo"
        return "late" if self.due and self.due < clock.today() else "going"


@dataclass(frozen=True, slots=True)
class Way:
    """One run's units for one place, with the steps they take."""

    run: Run
    units: int
    steps: list[Step]
    parcel: Parcel | None
    funds: list[str]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A campaign that counts this place and has given it nothing yet."""

    campaign: Campaign
    target_units: int


def ways_of(place: Place) -> list[Way]:
    """Everything published for a place, the newest run first."""
    lines = (
        AllocationLine.objects.filter(place=place)
        .select_related("run__campaign", "supply__fund", "part__recipient__hub", "part__county")
        .order_by("-run_id")[:RUNS_AT_MOST]
    )
    by_run: dict[int, list[AllocationLine]] = {}
    for line in lines:
        by_run.setdefault(line.run_id, []).append(line)
    parcels = {p.run_id: p for p in Parcel.objects.filter(place=place).prefetch_related("lines")}
    return [_way(place, group, parcels.get(run)) for run, group in by_run.items()]


def waiting_of(place: Place, ways: Iterable[Way]) -> list[Waiting]:
    """Open campaigns whose items this place is to get, where nothing was published for it."""
    served = {way.run.campaign_id for way in ways}
    county_first = place.division.first
    campaigns = Campaign.objects.filter(
        state=Campaign.State.OPEN,
        items__place_kind=place.kind,
        division__first__lte=county_first,
        division__last__gte=county_first,
    ).distinct()
    return [
        Waiting(c, sum(i.target_units for i in c.items.filter(place_kind=place.kind)))
        for c in campaigns
        if c.pk not in served and place.state == Place.State.ACTIVE
    ]


def _way(place: Place, lines: list[AllocationLine], parcel: Parcel | None) -> Way:
    run, part = lines[0].run, lines[0].part
    docks = {line.supply.dock_id for line in lines}
    legs = Shipment.objects.filter(run=run).select_related("from_place", "to_place")
    to_hub = list(
        legs.filter(leg=Shipment.Leg.DOCK_HUB, to_place=part.recipient.hub, from_place__in=docks)
    )
    county = part.county
    to_depot = list(legs.filter(leg=Shipment.Leg.HUB_DEPOT, lines__county=county).distinct())
    units = sum(line.units for line in lines)
    funds = sorted({line.supply.fund.public_id for line in lines if line.supply.fund})
    return Way(run, units, _steps(place, run, to_hub, to_depot, parcel, units), parcel, funds)


def _steps(
    place: Place,
    run: Run,
    to_hub: list[Shipment],
    to_depot: list[Shipment],
    parcel: Parcel | None,
    units: int,
) -> list[Step]:
    hub = to_hub[0].to_place.name if to_hub and to_hub[0].to_place else ""
    depot = to_depot[0].to_place.name if to_depot and to_depot[0].to_place else ""
    dock = to_hub[0].from_place.name if to_hub else ""
    moments = [
        ("published", "", run.published_at, None),
        ("left_producer", dock, _all(to_hub, "dispatched_at"), _due(to_hub)),
        ("at_hub", hub, _all(to_hub, "received_at"), _due(to_hub)),
        ("left_hub", hub, _all(to_depot, "dispatched_at"), _due(to_depot)),
        ("at_county", depot, _all(to_depot, "received_at"), _due(to_depot)),
        ("packed", depot, parcel.packed_at if parcel else None, None),
        ("left_county", depot, parcel.dispatched_at if parcel else None, None),
        ("received", place.name, parcel.received_at if parcel else None, None),
    ]
    steps, since = [], run.published_at
    for name, where, at, due in moments:
        waits = None if at is not None else since
        steps.append(Step(name, where, at, waits, due, units if name == "published" else None))
        since = at if at is not None else None  # only the first open step has an age
    return steps


def _all(shipments: list[Shipment], field: str) -> datetime | None:
    """The moment when all of them had done a step; None while one has not."""
    moments = [getattr(shipment, field) for shipment in shipments]
    known = [moment for moment in moments if moment is not None]
    return max(known) if known and len(known) == len(moments) else None


def _due(shipments: list[Shipment]) -> date | None:
    return max((shipment.due_on for shipment in shipments), default=None)


def county_name(place: Place) -> str:
    county: Division | None = county_of(place.division)
    return county.name if county else place.division.name
