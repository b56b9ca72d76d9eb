"""A small nation for the tests: two provinces, two counties each, three clinics a county."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from tongzhou.campaigns.actions import (
    NewCampaign,
    NewItem,
    NewRecipient,
    add_fund,
    add_item,
    add_recipients,
    open_campaign,
)
from tongzhou.campaigns.models import Campaign, Recipient, WeightPolicy
from tongzhou.kit import clock
from tongzhou.kit.rules import SYSTEM, Actor
from tongzhou.places.models import Division, Place
from tongzhou.planning.weights import policy
from tongzhou.supplies.actions import Command, Leg, post
from tongzhou.supplies.models import Bucket, Fund, Item, Lot

NOW = datetime(2023, 1, 7, 2, 0, tzinfo=UTC)
COORDINATOR = Actor("account", "9001")
REVIEWER = Actor("account", "9002")


@dataclass(frozen=True, slots=True)
class World:
    nation: Division
    provinces: list[Division]
    counties: list[Division]
    clinics: list[Place]
    docks: list[Place]
    item: Item
    lot: Lot
    fund: Fund
    campaign: Campaign
    recipients: list[Recipient]

    def ready(self, units: int, *, dock: int = 0, fund: Fund | None = None) -> None:
        """Units stand on hand at a dock."""
        place, source = self.docks[dock], fund or self.fund
        known = (self.item.pk, self.lot.pk, source.pk)
        name = f"ready:{place.pk}:{source.pk}:{units}:{clock.now().isoformat()}"
        legs = [
            Leg(place.pk, Bucket.PRODUCER, *known, -units),
            Leg(place.pk, Bucket.ON_HAND, *known, units),
        ]
        (result,) = post([Command(name, "ready", clock.now(), SYSTEM, legs)])
        assert result.status == "done", result.reason


def make_world() -> World:
    """Clinic k of the nation serves 100 x (12 - k) people of 65, so that the ranking is known."""
    nation = _division("cn", "中国", 0, None, 0, 9_999)
    provinces = [
        _division("62", "甘肃省", 1, nation, 1_000, 1_999),
        _division("63", "青海省", 1, nation, 2_000, 2_999),
    ]
    counties = [
        _division(
            f"{p.code}010{n}", f"{p.name[0]}{n}县", 3, p, p.first + 100 * n, p.first + 100 * n + 99
        )
        for p in provinces
        for n in (1, 2)
    ]
    clinics = []
    for at in range(12):
        county = counties[at // 3]
        place = at % 3 + 1
        village = _division(
            f"{county.code}00100{place}",
            f"村{at}",
            5,
            county,
            county.first + place,
            county.first + place,
        )
        clinics.append(
            Place.objects.create(
                code=f"{village.code}-1",
                name=f"卫生室{at}",
                kind=Place.Kind.CLINIC,
                division=village,
                people65=100.0 * (12 - at),
                risk_share=0.0,
                remoteness=1.0,
                growth=1.0,
            )
        )
    item = Item.objects.create(code="oximeter", name="血氧仪", base_unit="台")
    lot = Lot.objects.create(item=item)
    fund = make_fund("D-ONE")
    docks = [
        Place.objects.create(
            code=f"dock-{n}", name=f"码头{n}", kind=Place.Kind.PRODUCER, division=c
        )
        for n, c in enumerate(counties[:2])
    ]
    campaign = _campaign(nation, item, fund)
    recipients = add_recipients(
        campaign, [NewRecipient(p.name, p, _hub(p), [p]) for p in provinces], by=SYSTEM
    )
    return World(nation, provinces, counties, clinics, docks, item, lot, fund, campaign, recipients)


def make_fund(public_id: str) -> Fund:
    return Fund.objects.create(
        public_id=public_id,
        name=public_id,
        kind=Fund.Kind.CASH,
        state=Fund.State.CONFIRMED,
        pledged_fen=10**8,
        received_fen=10**8,
        given_on=date(2023, 1, 5),
    )


def _division(
    code: str, name: str, level: int, parent: Division | None, first: int, last: int
) -> Division:
    return Division.objects.create(
        code=code, name=name, level=level, parent=parent, first=first, last=last
    )


def _hub(province: Division) -> Place:
    return Place.objects.create(
        code=f"{province.code}-hub", name="中转仓", kind=Place.Kind.HUB, division=province
    )


def _campaign(nation: Division, item: Item, fund: Fund) -> Campaign:
    rule = WeightPolicy.objects.create(
        name="people", version=1, formula=policy(), valid_from=date(2023, 1, 1)
    )
    campaign = open_campaign(
        NewCampaign("血氧仪到村", nation, date(2023, 1, 5), date(2023, 1, 16), rule, seed="s"),
        by=SYSTEM,
    )
    add_item(campaign, NewItem(item, Place.Kind.CLINIC, 2, 2, 2, 10), by=SYSTEM)
    add_fund(campaign, fund, by=SYSTEM)
    return campaign
