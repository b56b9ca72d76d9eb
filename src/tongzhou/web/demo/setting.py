"""The campaign of the story: its item, its donation, and the 32 recipients."""

import csv
from importlib.resources import files

from tongzhou.campaigns.actions import (
    NewCampaign,
    NewItem,
    NewRecipient,
    add_fund,
    add_item,
    add_recipients,
    open_campaign,
)
from tongzhou.campaigns.models import Campaign, WeightPolicy
from tongzhou.kit.rules import SYSTEM
from tongzhou.people.models import Organisation
from tongzhou.places.models import Division, Place
from tongzhou.planning.weights import policy
from tongzhou.supplies.actions import create_item
from tongzhou.web.demo import story

from . import goods


def open_it() -> Campaign:
    """Open the campaign with its item, donation and recipients."""
    nation = Division.objects.get(level=Division.Level.NATION)
    item = create_item(
        code="oximeter",
        name="指夹式血氧仪",
        name_en="Pulse oximeter",
        base_unit="台",
        volume_l=0.3,
        carton_units=story.CARTON_UNITS,
        by=SYSTEM,
    )
    formula = policy()
    rule = WeightPolicy.objects.create(
        name=formula["name"], version=formula["version"], formula=formula, valid_from=story.OPENED
    )
    campaign = open_campaign(
        NewCampaign(
            name="血氧仪到村",
            name_en="An oximeter for every village clinic",
            purpose="为每个村卫生室配两台指夹式血氧仪。",
            purpose_en="Two pulse oximeters for every village clinic.",
            division=nation,
            opened_on=story.OPENED,
            deadline=story.DEADLINE,
            policy=rule,
            seed=story.SEED,
            made_up=True,
        ),
        by=SYSTEM,
    )
    add_item(
        campaign,
        NewItem(
            item=item,
            place_kind=Place.Kind.CLINIC,
            target_units=story.UNITS_A_CLINIC,
            floor_units=story.UNITS_A_CLINIC,
            drop_units=story.UNITS_A_CLINIC,
            carton_units=story.CARTON_UNITS,
        ),
        by=SYSTEM,
    )
    add_fund(campaign, goods.donation(), by=SYSTEM)
    add_recipients(campaign, [*_provinces(nation), _xpcc()], by=SYSTEM)
    return campaign


def _provinces(nation: Division) -> list[NewRecipient]:
    provinces = Division.objects.filter(level=Division.Level.PROVINCE).order_by("first")
    hubs = {hub.code: hub for hub in Place.objects.filter(kind=Place.Kind.HUB)}
    return [
        NewRecipient(
            name=province.name,
            division=province,
            hub=hubs[f"{province.code}-hub"],
            areas=[province],
        )
        for province in provinces
    ]


def _xpcc() -> NewRecipient:
    """XPCC: its area is its county-level cities; they are taken out of Xinjiang's allocation."""
    counties = list(Division.objects.filter(code__in=_xpcc_codes()).order_by("first"))
    seat = counties[0]
    body = Organisation.objects.filter(code="xpcc").first()
    hub = Place.objects.get(code="xpcc-hub")
    return NewRecipient(
        name="新疆生产建设兵团",
        name_en="XPCC",
        division=seat,
        hub=hub,
        areas=counties,
        organisation=body,
    )


def _xpcc_codes() -> list[str]:
    text = files("tongzhou.places").joinpath("data", "xpcc.csv").read_text(encoding="utf-8")
    return [row["code"] for row in csv.DictReader(text.splitlines()) if row["level"] == "3"]
