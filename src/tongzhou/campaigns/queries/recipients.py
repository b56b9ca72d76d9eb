"""Who could still be added as a recipient of a campaign, and through which hub."""

from dataclasses import dataclass

from django.db.models import QuerySet

from tongzhou.campaigns.models import Campaign, Recipient, RecipientArea
from tongzhou.places.models import Division, Place
from tongzhou.places.rules import Scope


@dataclass(frozen=True, slots=True)
class Candidate:
    """A province that no recipient names yet; `hub` is None where it has none that is free."""

    province: Division
    hub: Place | None


def hubs_for(campaign: Campaign) -> QuerySet[Place]:
    """Hubs inside the campaign's division that serve no recipient of it yet, in tree order."""
    used = Recipient.objects.filter(campaign=campaign).values("hub")
    inside = Scope.of(campaign.division).q("division")
    hubs = Place.objects.filter(inside, kind=Place.Kind.HUB, state=Place.State.ACTIVE)
    return hubs.exclude(pk__in=used).order_by("division__first", "pk")


def provinces_to_add(campaign: Campaign) -> list[Candidate]:
    """The provinces of a campaign that no recipient names, each with its first free hub.

    A hub that stands in the province itself comes before one of a county in it, so that the Corps'
    hub, which stands in a county of Xinjiang, is left to the Corps.
    """
    named = RecipientArea.objects.filter(recipient__campaign=campaign).values("division")
    inside = Scope.of(campaign.division).q()
    provinces = Division.objects.filter(inside, level=Division.Level.PROVINCE).exclude(pk__in=named)
    hubs = list(hubs_for(campaign).select_related("division"))
    return [
        Candidate(province, _hub_of(province, hubs)) for province in provinces.order_by("first")
    ]


def _hub_of(province: Division, hubs: list[Place]) -> Place | None:
    inside = [hub for hub in hubs if province.first <= hub.division.first <= province.last]
    return min(inside, key=lambda hub: (hub.division.level, hub.division.first), default=None)
