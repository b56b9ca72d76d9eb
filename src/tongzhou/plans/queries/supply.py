"""Goods on hand at the docks that a campaign may plan with, for the page that opens a run."""

from dataclasses import dataclass

from django.db.models import Q

from tongzhou.campaigns.models import Campaign, CampaignFund
from tongzhou.kit import clock
from tongzhou.places.models import Place
from tongzhou.supplies.models import Balance, Bucket, Lot

ROWS_AT_MOST = 500


@dataclass(frozen=True, slots=True)
class OnHand:
    place: str
    item: str
    fund: str
    units: int


def on_hand(campaign: Campaign) -> list[OnHand]:
    """What a plan would take: free units by dock, item and donation, of lots that are neither held
    nor expired, in the order of the docks."""
    funds = CampaignFund.objects.filter(campaign=campaign).values("fund")
    balances = (
        Balance.objects.filter(
            account__bucket=Bucket.ON_HAND,
            account__place__kind=Place.Kind.PRODUCER,
            fund__in=funds,
            item__in=campaign.items.values("item"),
            units__gt=0,
            lot__state=Lot.State.OK,
        )
        .filter(Q(lot__expires_on__isnull=True) | Q(lot__expires_on__gt=clock.today()))
        .select_related("account__place", "item", "fund")
        .order_by("account_id", "item_id", "fund_id")[:ROWS_AT_MOST]
    )
    return [OnHand(b.account.place.name, b.item.name, b.fund.public_id, b.units) for b in balances]
