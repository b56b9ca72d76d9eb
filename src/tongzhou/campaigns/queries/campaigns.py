"""Campaigns in somebody's scope, their recipients, and demand against supply."""

from dataclasses import dataclass

from django.db.models import Case, Count, QuerySet, Sum, Value, When

from tongzhou.campaigns.models import (
    Campaign,
    CampaignItem,
    NeedStatement,
    Promise,
    Recipient,
    RecipientArea,
)
from tongzhou.places.models import Division, Place
from tongzhou.places.rules import Scope

WAITING_FIRST = Case(
    When(state=NeedStatement.State.SUBMITTED, then=Value(0)),
    When(state=NeedStatement.State.QUERIED, then=Value(1)),
    default=Value(2),
)


def campaigns_seen(scope: Scope) -> QuerySet[Campaign]:
    """Campaigns that touch the scope: a county officer sees the national campaign too, as its
    frame."""
    return Campaign.objects.filter(pk__in=[c.pk for c in _touching(scope)]).select_related(
        "division", "policy"
    )


def _touching(scope: Scope) -> list[Campaign]:
    """There are few campaigns, so the overlap of intervals is looked at in Python."""
    return [
        campaign
        for campaign in Campaign.objects.select_related("division")
        if any(
            first <= campaign.division.last and campaign.division.first <= last
            for first, last in scope.intervals
        )
    ]


def recipients_of(campaign: Campaign) -> QuerySet[Recipient]:
    return (
        Recipient.objects.filter(campaign=campaign)
        .select_related("division", "hub", "organisation")
        .order_by("division__first", "pk")
    )


def recipient_of(campaign: Campaign, division: Division) -> Recipient | None:
    """Who serves a division: the recipient of the smallest area around it, so exactly one."""
    around = RecipientArea.objects.filter(
        recipient__campaign=campaign,
        division__first__lte=division.first,
        division__last__gte=division.first,
    )
    area = around.select_related("recipient__hub").order_by("-division__first").first()
    return area.recipient if area else None


@dataclass(frozen=True, slots=True)
class Demand:
    """One item of a campaign in one division: places, what they are to get, what was asked."""

    item: CampaignItem
    places: int
    target_units: int
    statements: int
    asked_units: int
    verified: int
    queried: int


def demand_in(campaign: Campaign, division: Division) -> list[Demand]:
    """Demand of each item in one division, from its active places and their latest statements."""
    inside = {"division__first__gte": division.first, "division__first__lte": division.last}
    return [_demand(campaign, item, inside) for item in campaign.items.select_related("item")]


def _demand(campaign: Campaign, item: CampaignItem, inside: dict[str, int]) -> Demand:
    places = Place.objects.filter(kind=item.place_kind, state=Place.State.ACTIVE, **inside).count()
    live = NeedStatement.objects.filter(
        campaign=campaign,
        item=item.item,
        **{f"place__{name}": value for name, value in inside.items()},
    ).exclude(state__in=[NeedStatement.State.SUPERSEDED, NeedStatement.State.DRAFT])
    sums = live.exclude(source=NeedStatement.Source.COUNT).aggregate(
        n=Count("pk"), units=Sum("units_asked")
    )
    return Demand(
        item=item,
        places=places,
        target_units=places * item.target_units,
        statements=sums["n"],
        asked_units=sums["units"] or 0,
        verified=live.filter(state=NeedStatement.State.VERIFIED).count(),
        queried=live.filter(state=NeedStatement.State.QUERIED).count(),
    )


def promised_units(campaign: Campaign, item: CampaignItem) -> int:
    """All units of an item that producers promise to a campaign."""
    rows = Promise.objects.filter(campaign=campaign, item=item.item)
    return rows.aggregate(n=Sum("units"))["n"] or 0


def needs_seen(campaign: Campaign, scope: Scope) -> QuerySet[NeedStatement]:
    """Live statements of places inside a scope, those that wait for a judgement first."""
    return (
        NeedStatement.objects.filter(scope.q("place__division"), campaign=campaign)
        .exclude(state=NeedStatement.State.SUPERSEDED)
        .select_related("place__division", "item")
        .order_by(WAITING_FIRST, "place__division__first", "pk")
    )


def gap_of(demand: Demand, promised: int) -> int:
    """Units that are wanted and that nobody has promised yet."""
    return max(0, demand.target_units - promised)
