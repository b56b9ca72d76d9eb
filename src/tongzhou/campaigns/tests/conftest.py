"""A small campaign: a nation, two provinces, three counties (one of the Corps), five clinics."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from tongzhou.campaigns.actions import NewCampaign, NewItem, add_item, open_campaign
from tongzhou.campaigns.models import Campaign, WeightPolicy
from tongzhou.kit.rules import SYSTEM
from tongzhou.people.models import Account, Organisation, RoleGrant
from tongzhou.places.models import Division, Place
from tongzhou.supplies.models import Item

NOW = datetime(2023, 1, 8, 6, tzinfo=UTC)
# 6201 and 62010 are neighbours whose codes begin alike; 659001 is a county of the Corps.
TREE = (
    ("cn", "全国", 0, None, 0, 9999),
    ("62", "甘肃省", 1, "cn", 1000, 1999),
    ("6201", "甲县", 3, "62", 1100, 1199),
    ("62010", "乙县", 3, "62", 1200, 1299),
    ("65", "新疆维吾尔自治区", 1, "cn", 2000, 2999),
    ("659001", "石河子市", 3, "65", 2100, 2199),
)
CLINICS = (
    ("6201-1", "东风村卫生室", "6201"),
    ("6201-2", "南关卫生室", "6201"),
    ("62010-1", "和平村卫生室", "62010"),
    ("659001-1", "一连卫生室", "659001"),
    ("65-1", "天山卫生室", "65"),
)


@dataclass(frozen=True)
class World:
    """The rows of the small campaign by code."""

    divisions: dict[str, Division]
    places: dict[str, Place]
    item: Item
    policy: WeightPolicy
    producer: Organisation
    campaign: Campaign


@pytest.fixture
def world(db: None) -> World:
    divisions: dict[str, Division] = {}
    for code, name, level, parent, first, last in TREE:
        divisions[code] = Division.objects.create(
            code=code,
            name=name,
            level=level,
            parent=divisions.get(parent or ""),
            first=first,
            last=last,
        )
    places = {
        code: Place.objects.create(code=code, name=name, kind="clinic", division=divisions[at])
        for code, name, at in CLINICS
    }
    for code, at in (("hub-62", "62"), ("hub-65", "65"), ("hub-xpcc", "659001")):
        places[code] = Place.objects.create(
            code=code, name=f"{code}库", kind="hub", division=divisions[at]
        )
    item = Item.objects.create(code="oximeter", name="指夹式血氧仪", base_unit="台")
    policy = WeightPolicy.objects.create(
        name="老年", version=1, formula={}, valid_from=date(2023, 1, 1)
    )
    producer = Organisation.objects.create(code="p1", name="甲厂", kind="producer")
    campaign = opened(divisions["cn"], policy)
    add_item(campaign, NewItem(item, "clinic", 2, drop_units=2), by=SYSTEM)
    return World(divisions, places, item, policy, producer, campaign)


def opened(division: Division, policy: WeightPolicy, name: str = "血氧仪行动") -> Campaign:
    new = NewCampaign(name, division, date(2023, 1, 6), date(2023, 1, 20), policy)
    return open_campaign(new, by=SYSTEM)


def officer(email: str, role: str, division: Division) -> Account:
    """An account with one role at one division."""
    account = Account(email=email, name="王小明", last_login=NOW)
    account.set_unusable_password()
    account.save()
    RoleGrant.objects.create(
        account=account, role=role, division=division, granted_by="system:test", granted_at=NOW
    )
    return account
