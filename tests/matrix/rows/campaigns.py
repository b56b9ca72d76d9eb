"""Campaigns are seen where they touch the reader's area; needs only inside of it."""

from dataclasses import replace
from datetime import date

from tongzhou.campaigns import actions
from tongzhou.campaigns.actions.needs import NewNeed
from tongzhou.campaigns.models import Campaign, NeedStatement, Recipient, WeightPolicy
from tongzhou.kit.rules import SYSTEM
from tongzhou.people.models import Organisation
from tongzhou.places.models import Division, Place
from tongzhou.planning import weights
from tongzhou.supplies.models import Fund, Item

from ..oracle import touching
from ..table import Row, form, listing, page
from ..world import Built, Making
from . import places

DAY = date(2023, 1, 8)


def item() -> Item:
    found, _ = Item.objects.get_or_create(
        code="matrix", defaults={"name": "血氧仪", "base_unit": "台"}
    )
    return found


def policy() -> WeightPolicy:
    found, _ = WeightPolicy.objects.get_or_create(
        name="matrix", version=1, defaults={"formula": weights.policy(), "valid_from": DAY}
    )
    return found


def opened(name: str, division: Division) -> Campaign:
    new = actions.NewCampaign(name, division, DAY, DAY, policy())
    made = actions.open_campaign(new, by=SYSTEM)
    actions.add_item(made, actions.NewItem(item(), "clinic", 2), by=SYSTEM)
    return made


def recipient(campaign: Campaign) -> Recipient:
    """Whoever serves the campaign's own division."""
    hub = Place.objects.create(
        code=f"hub-{campaign.public_id}", name="库", kind="hub", division=campaign.division
    )
    return Recipient.objects.create(
        campaign=campaign, name="接收方", division=campaign.division, hub=hub
    )


def to_change(making: Making) -> Built:
    return with_data(making, name=f"改名{making.token}", deadline="2023-01-20")


def to_close(making: Making) -> Built:
    return with_data(making, state="closed")


def to_change_item(making: Making) -> Built:
    built = with_data(making, target_units="4", drop_units="2", floor_units="2", carton_units="10")
    made = Campaign.objects.get(public_id=built.kwargs["public_id"])
    return replace(built, kwargs={**built.kwargs, "pk": made.items.get().pk})


def to_add_recipient(making: Making) -> Built:
    built = campaign(making)
    hub = Place.objects.create(
        code=f"new-hub-{making.token}", name="新库", kind="hub", division=making.division
    )
    data = {"name": "新接收方", "areas": making.division.code, "hub": str(hub.pk)}
    return replace(built, data=data)


def to_remove_recipient(making: Making) -> Built:
    built = campaign(making)
    row = recipient(Campaign.objects.get(public_id=built.kwargs["public_id"]))
    return replace(built, kwargs={**built.kwargs, "pk": row.pk})


def nations(making: Making) -> Campaign:
    """One campaign that touches everybody, in which each states needs of their own."""
    found = Campaign.objects.filter(name="全国行动").first()
    return found or opened("全国行动", making.world.at("nation"))


def campaign(making: Making) -> Built:
    made = opened(f"行动{making.token}", making.division)
    return Built(
        kwargs={"public_id": made.public_id},
        marks=(f"行动{making.token}",),
        secrets=(making.token, made.public_id),
    )


def to_open(making: Making) -> Built:
    return Built(
        data={
            "name": "新行动",
            "purpose": "给卫生室",
            "division": making.division.code,
            "opened_on": "2023-01-06",
            "deadline": "2023-01-20",
            "policy": str(policy().pk),
        }
    )


def with_data(making: Making, **data: object) -> Built:
    built = campaign(making)
    return Built(built.kwargs, built.marks, built.secrets, data)


def to_add_item(making: Making) -> Built:
    mask, _ = Item.objects.get_or_create(code="mask", defaults={"name": "口罩", "base_unit": "只"})
    return with_data(
        making,
        item=str(mask.pk),
        place_kind="clinic",
        target_units="2",
        drop_units="1",
        floor_units="0",
        carton_units="1",
    )


def to_add_fund(making: Making) -> Built:
    """The form names the donations of the reader's area, the body one at the division."""
    made = Fund.objects.create(
        public_id=f"F-{making.token}"[:20],
        name=f"捐赠{making.token}",
        kind="cash",
        given_on=DAY,
        division=making.division,
    )
    return with_data(making, fund=str(made.pk))


def fund_to_add(making: Making) -> Built:
    """The address names one's own campaign, the body a donation, perhaps another office's."""
    mine = opened(f"行动{making.token}own", making.world.at("own"))
    money = to_add_fund(making)
    return Built(
        kwargs={"public_id": mine.public_id},
        secrets=(f"F-{making.token}"[:20],),
        data=money.data,
    )


def to_promise(making: Making) -> Built:
    maker, _ = Organisation.objects.get_or_create(
        code="maker", defaults={"name": "甲厂", "kind": "producer"}
    )
    return with_data(
        making,
        producer=str(maker.pk),
        item=str(item().pk),
        batch="1",
        day="2023-01-08",
        units="300",
        status="firm",
    )


def clinic(making: Making) -> Place:
    return Place.objects.create(
        code=f"need-{making.token}",
        name=f"室{making.token}",
        kind="clinic",
        division=making.division,
    )


def stated(making: Making) -> NeedStatement:
    new = NewNeed(clinic(making), item(), 2, DAY, evidence=making.token)
    return actions.state_need(nations(making), new, by=SYSTEM)


def need(making: Making) -> Built:
    row = stated(making)
    public_id = row.campaign.public_id
    return Built(
        kwargs={"public_id": public_id, "pk": row.pk},
        marks=(f"室{making.token}",),
        secrets=(making.token, f"/needs/{row.pk}/"),
        within={"public_id": public_id},
    )


def to_judge(making: Making) -> Built:
    built = need(making)
    return Built(built.kwargs, (), built.secrets, {"verify": "1"})


def to_state(making: Making) -> Built:
    data = {
        "place": clinic(making).code,
        "item": str(item().pk),
        "source": "request",
        "units_asked": "2",
        "stock_units": "0",
    }
    return Built(kwargs={"public_id": nations(making).public_id}, data=data)


def to_import(making: Making) -> Built:
    built = campaign(making)
    return Built({**built.kwargs, "kind": "needs"}, (), built.secrets)


def for_nation(making: Making) -> str:
    """What an uploaded file is for."""
    return nations(making).public_id


def verified(row: Row) -> Row:
    """Judging a statement stands on its page, by a permission of its own."""
    return replace(row, permission="needs.verify", part="verify")


# A campaign is looked at by whoever it touches, and changed by who holds its whole division.
SEEN = {"rule": touching}
ROWS: list[Row] = [
    listing("campaigns", "campaigns.view", campaign, **SEEN),
    form("campaign-new", "campaigns.edit", to_open, writes=True),
    page("campaign", "campaigns.view", campaign, **SEEN),
    page("campaign-item", "campaigns.edit", to_add_item, posts=True, writes=True),
    page("campaign-change", "campaigns.edit", to_change, posts=True, writes=True),
    page("campaign-state", "campaigns.edit", to_close, posts=True, writes=True),
    page("campaign-item-change", "campaigns.edit", to_change_item, posts=True, writes=True),
    page("recipients", "campaigns.edit", campaign, posts=True),
    page("recipient-new", "campaigns.edit", to_add_recipient, posts=True, writes=True),
    page("recipient-remove", "campaigns.edit", to_remove_recipient, posts=True, writes=True),
    page("campaign-fund", "campaigns.edit", to_add_fund, posts=True, writes=True),
    form("campaign-fund", "campaigns.edit", fund_to_add, part="body", writes=True),
    page("promises", "promises.edit", to_promise, posts=True, writes=True),
    listing("needs", "needs.view", need),
    page("need", "needs.view", need),
    verified(page("need", "needs.view", to_judge, gets=False, posts=True, writes=True)),
    form("need-new", "needs.import", to_state, writes=True),
    page("campaign-import", "needs.import", to_import, marks=False, **SEEN),
    *places.imports("needs", "needs.import", for_nation),
    *places.imports("promises", "promises.edit", for_nation),
]
