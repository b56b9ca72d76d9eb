"""The lanes of a campaign, for their page and for a run that is opened."""

from collections import defaultdict
from datetime import date

from django.db.models import Q, QuerySet

from tongzhou.campaigns.models import Campaign, CampaignFund, Promise, Recipient
from tongzhou.places.models import Place
from tongzhou.places.rules import Scope
from tongzhou.plans.models import CampaignLane, InboundLimit, Run
from tongzhou.plans.rules import LaneDays, free_of
from tongzhou.supplies.models import Balance, Bucket

from .ways import leaving

LANES_AT_MOST = 5_000


def lanes_of(campaign: Campaign) -> QuerySet[CampaignLane]:
    """The lanes of a campaign, dock by dock."""
    rows = CampaignLane.objects.filter(campaign=campaign).select_related("dock", "recipient__hub")
    return rows.order_by(
        "dock__division__first", "dock_id", "recipient__division__first", "recipient_id", "pk"
    )


def inbound_of(campaign: Campaign) -> QuerySet[InboundLimit]:
    rows = InboundLimit.objects.filter(campaign=campaign).select_related("recipient")
    return rows.order_by("recipient__division__first", "pk")


def names_ways(campaign: Campaign) -> bool:
    """Whether anything on the way is stated; if not, every dock reaches everybody at once."""
    return (
        CampaignLane.objects.filter(campaign=campaign).exists()
        or InboundLimit.objects.filter(campaign=campaign).exists()
    )


def docks_for(campaign: Campaign) -> QuerySet[Place]:
    """Docks that concern a campaign, in tree order: those in its area, those where its goods lie or
    are promised, and those that have a lane already."""
    docks = Place.objects.filter(kind=Place.Kind.PRODUCER, state=Place.State.ACTIVE)
    funds = CampaignFund.objects.filter(campaign=campaign).values("fund")
    held = Balance.objects.filter(account__bucket=Bucket.ON_HAND, fund__in=funds, units__gt=0)
    promised = Promise.objects.filter(campaign=campaign, producer__dock__isnull=False)
    concerned = (
        Scope.of(campaign.division).q("division")
        | Q(pk__in=held.values("account__place"))
        | Q(pk__in=promised.values("producer__dock"))
        | Q(pk__in=CampaignLane.objects.filter(campaign=campaign).values("dock"))
    )
    return docks.filter(concerned).order_by("division__first", "pk")


def unreached(campaign: Campaign) -> list[Recipient]:
    """Recipients to which no lane leads, where the campaign has lanes at all."""
    lanes = CampaignLane.objects.filter(campaign=campaign).filter(_carries())
    if not lanes.exists():
        return []
    rows = campaign.recipients.exclude(pk__in=lanes.values("recipient"))
    return list(rows.order_by("division__first"))


def _carries() -> Q:
    return Q(units_a_day__isnull=True) | Q(units_a_day__gt=0)


def open_lanes(campaign: Campaign, today: date) -> list[LaneDays]:
    """The lanes as a run sees them that is opened today: what published plans already send by a
    lane is taken off its days."""
    used = _used(campaign, today)
    found: list[LaneDays] = []
    for lane in lanes_of(campaign):
        until = None if lane.until_date is None else (lane.until_date - today).days
        if until is not None and until < 0:
            continue
        row = LaneDays(
            dock=lane.dock_id,
            recipient=lane.recipient_id,
            lead_days=lane.lead_days,
            units_a_day=lane.units_a_day,
            cost_fen=lane.cost_fen,
            from_day=max(0, (lane.from_date - today).days) if lane.from_date else 0,
            until_day=until,
        )
        found += free_of(row, used[row.dock, row.recipient])
    return found


def _used(campaign: Campaign, today: date) -> dict[tuple[int, int], dict[int, int]]:
    """Units by dock, recipient and day from today that plans already published send out."""
    used: dict[tuple[int, int], dict[int, int]] = defaultdict(lambda: defaultdict(int))
    posted = (Run.State.PUBLISHING, Run.State.PUBLISHED, Run.State.PARTLY)
    runs = Run.objects.filter(campaign=campaign, state__in=posted, ways__isnull=False)
    for run in runs.select_related("ways"):
        for dock, recipient, day, units in leaving(run):
            if day >= today:
                used[dock, recipient][(day - today).days] += units
    return used
