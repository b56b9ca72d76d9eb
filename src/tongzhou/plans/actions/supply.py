"""What a run may give: goods on hand at the docks now, and what producers still promise."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import Q

from tongzhou.campaigns.models import Campaign, CampaignFund, Promise, Recipient, RecipientArea
from tongzhou.kit import clock
from tongzhou.places.models import Division, Place
from tongzhou.plans.models import Run, RunSupply, RunWave
from tongzhou.plans.queries.lanes import names_ways
from tongzhou.supplies.models import Balance, Bucket, FundRestriction, Lot

from .ways import add_ways

Hubs = frozenset[int]


def add_supply(run: Run, *, directed: Sequence[Recipient], with_promises: bool) -> None:
    """Write the run's waves and their supply: first what is on hand, then one wave a promised
    batch.

    Funds with a donor's restriction make a wave of their own, before the free ones, so that a free
    unit is never spent where a restricted one could go. `directed` narrows what is on hand only.
    Where the campaign names lanes, waves are days of arrival instead (ways.py).
    """
    if names_ways(run.campaign):
        promised = _promised(run.campaign) if with_promises else []
        add_ways(run, _on_hand(run.campaign, directed), promised)
        return
    number = 0
    for hubs, supplies in _on_hand(run.campaign, directed):
        number += 1
        _add_wave(run, number, clock.today(), hubs, supplies)
    if not with_promises:
        return
    for day, supplies in _promised(run.campaign):
        number += 1
        _add_wave(run, number, day, frozenset(), supplies)


def _add_wave(run: Run, number: int, day: date, hubs: Hubs, supplies: Iterable[RunSupply]) -> None:
    wave = RunWave.objects.create(run=run, number=number, day=day)
    wave.hubs.set(hubs)
    rows = list(supplies)
    for row in rows:
        row.run, row.wave, row.day = run, number, day
    RunSupply.objects.bulk_create(rows)


def _on_hand(
    campaign: Campaign, directed: Sequence[Recipient]
) -> list[tuple[Hubs, list[RunSupply]]]:
    funds = CampaignFund.objects.filter(campaign=campaign).values("fund")
    items = campaign.items.values("item")
    balances = (
        Balance.objects.filter(
            account__bucket=Bucket.ON_HAND,
            account__place__kind=Place.Kind.PRODUCER,
            fund__in=funds,
            item__in=items,
            units__gt=0,
            lot__state=Lot.State.OK,
        )
        .filter(Q(lot__expires_on__isnull=True) | Q(lot__expires_on__gt=clock.today()))
        .select_related("account")
        .order_by("account__place__division__first", "account_id", "fund_id", "lot_id")
    )
    allowed = _hubs_by_fund(campaign)
    wanted = frozenset(recipient.pk for recipient in directed)
    groups: dict[Hubs, list[RunSupply]] = defaultdict(list)
    for balance in balances:
        hubs = allowed.get(balance.fund_id)
        # `hubs` None: the donor named nobody, anybody may have it; `wanted` empty: all are served.
        both = wanted if hubs is None else hubs & wanted if wanted else hubs
        if hubs is not None and not both:
            continue  # this fund may not go to anybody the run serves: it stays at its dock
        groups[both].append(
            RunSupply(
                dock_id=balance.account.place_id,
                item_id=balance.item_id,
                lot_id=balance.lot_id,
                fund_id=balance.fund_id,
                units=balance.units,
                on_hand=True,
            )
        )
    # The narrowest restriction first; no restriction (no hubs named) last.
    return sorted(groups.items(), key=lambda pair: (not pair[0], len(pair[0]), sorted(pair[0])))


def _hubs_by_fund(campaign: Campaign) -> dict[int, Hubs]:
    """For each restricted fund the recipients whose whole area lies inside what the donor named:
    nobody, where the donor named less than any recipient serves."""
    served: dict[int, list[Division]] = defaultdict(list)
    areas = RecipientArea.objects.filter(recipient__campaign=campaign).select_related("division")
    for area in areas:
        served[area.recipient_id].append(area.division)
    named: dict[int, list[Division]] = defaultdict(list)
    rows = FundRestriction.objects.filter(fund__campaign_link__campaign=campaign)
    for row in rows.select_related("division"):
        named[row.fund_id].append(row.division)
    return {
        fund: frozenset(pk for pk, its in served.items() if _lie_inside(its, wide))
        for fund, wide in named.items()
    }


def _lie_inside(divisions: Iterable[Division], wide: Iterable[Division]) -> bool:
    return all(any(w.first <= d.first <= w.last for w in wide) for d in divisions)


def _promised(campaign: Campaign) -> list[tuple[date, list[RunSupply]]]:
    """One wave a batch still to come, on the day its last producer promises."""
    rows = Promise.objects.filter(campaign=campaign, day__gt=clock.today(), units__gt=0)
    days: dict[int, date] = {}
    batches: dict[int, list[RunSupply]] = defaultdict(list)
    for row in rows.select_related("producer").order_by("batch", "day", "producer_id"):
        if row.producer.dock_id is None:
            continue
        days[row.batch] = row.day
        batches[row.batch].append(
            RunSupply(
                dock_id=row.producer.dock_id, item_id=row.item_id, units=row.units, on_hand=False
            )
        )
    return sorted(((days[batch], batches[batch]) for batch in batches), key=lambda pair: pair[0])
