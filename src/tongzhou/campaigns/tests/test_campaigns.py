"""A campaign is opened with its seed, gets items, funds and recipients, and shows its gap."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from tongzhou.campaigns.actions import (
    CampaignRefused,
    NewCampaign,
    NewItem,
    NewRecipient,
    add_fund,
    add_item,
    add_recipients,
    change_state,
    open_campaign,
    record_promise,
)
from tongzhou.campaigns.actions.promises import NewPromise
from tongzhou.campaigns.models import Campaign, CampaignFund, CampaignItem, Promise, Recipient
from tongzhou.campaigns.queries import (
    campaigns_seen,
    demand_in,
    gap_of,
    promised_units,
    recipient_of,
    recipients_of,
)
from tongzhou.kit.models import Event
from tongzhou.kit.rules import SYSTEM
from tongzhou.places.models import Division, Place
from tongzhou.places.rules import Scope
from tongzhou.supplies.models import Fund, Item

from .conftest import World, opened

DAY = date(2023, 1, 8)


def last_event() -> Event:
    return Event.objects.latest("pk")


def fund(public_id: str) -> Fund:
    return Fund.objects.create(public_id=public_id, name="捐赠", kind="cash", given_on=DAY)


def test_the_seed_is_public_with_the_event_that_opens_the_campaign(world: World) -> None:
    campaign = opened(world.divisions["62"], world.policy)
    event = last_event()
    assert (event.verb, event.chain) == ("campaign.opened", "division:62")
    assert event.after["seed"] == campaign.seed
    assert len(campaign.seed) == 16
    assert campaign.state == "open"


def test_a_deadline_before_the_first_day_is_refused_and_by_the_database_too(world: World) -> None:
    late = NewCampaign("x", world.divisions["cn"], date(2023, 1, 6), date(2023, 1, 5), world.policy)
    with pytest.raises(CampaignRefused, match="deadline"):
        open_campaign(late, by=SYSTEM)
    with pytest.raises(IntegrityError), transaction.atomic():
        Campaign.objects.filter(pk=world.campaign.pk).update(deadline=date(2023, 1, 5))


def test_a_campaign_is_closed_and_opened_again_with_what_it_was(world: World) -> None:
    change_state(world.campaign, "closed", by=SYSTEM)
    assert (last_event().before, last_event().after) == ({"state": "open"}, {"state": "closed"})
    assert change_state(world.campaign, "open", by=SYSTEM).state == "open"


def test_a_target_that_is_no_multiple_of_the_drop_is_refused(world: World) -> None:
    item = Item.objects.create(code="mask", name="口罩", base_unit="只")
    for target, floor in ((5, 0), (4, 1)):
        with pytest.raises(CampaignRefused, match="drops of 2"):
            add_item(
                world.campaign,
                NewItem(item, "clinic", target, drop_units=2, floor_units=floor),
                by=SYSTEM,
            )
    assert add_item(world.campaign, NewItem(item, "clinic", 4, 2, 2), by=SYSTEM).floor_units == 2


@pytest.mark.parametrize("change", [{"drop_units": 0}, {"target_units": 0}, {"floor_units": 3}])
def test_amounts_that_make_no_sense_are_refused_by_the_database(
    world: World, change: dict[str, Any]
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        CampaignItem.objects.update(**change)


def test_a_donation_pays_for_one_campaign_only(world: World) -> None:
    given = fund("F-1")
    add_fund(world.campaign, given, by=SYSTEM)
    other = opened(world.divisions["62"], world.policy, "别的行动")
    with pytest.raises(CampaignRefused, match="F-1"):
        add_fund(other, given, by=SYSTEM)


def test_the_same_donation_again_has_no_second_effect(world: World) -> None:
    given = fund("F-1")
    row = add_fund(world.campaign, given, by=SYSTEM)
    events = Event.objects.count()
    assert add_fund(world.campaign, given, by=SYSTEM) == row
    assert (CampaignFund.objects.count(), Event.objects.count()) == (1, events)


def served(world: World, *pairs: tuple[str, str]) -> list[Recipient]:
    """Recipients from (hub, area) pairs of codes."""
    new = [
        NewRecipient(hub, world.divisions[area], world.places[hub], [world.divisions[area]])
        for hub, area in pairs
    ]
    return add_recipients(world.campaign, new, by=SYSTEM)


def test_each_clinic_is_served_once_by_the_smallest_area_around_it(world: World) -> None:
    served(world, ("hub-62", "62"), ("hub-65", "65"), ("hub-xpcc", "659001"))
    hubs = {}
    for clinic in Place.objects.filter(kind="clinic").select_related("division"):
        recipient = recipient_of(world.campaign, clinic.division)
        assert recipient is not None
        hubs[clinic.code] = recipient.hub.code
    assert hubs == {
        "6201-1": "hub-62",
        "6201-2": "hub-62",
        "62010-1": "hub-62",
        "65-1": "hub-65",
        "659001-1": "hub-xpcc",
    }
    assert [r.hub.code for r in recipients_of(world.campaign)] == ["hub-62", "hub-65", "hub-xpcc"]
    assert last_event().after["hubs"] == ["hub-62", "hub-65", "hub-xpcc"]


def test_a_division_outside_all_areas_is_served_by_nobody(world: World) -> None:
    served(world, ("hub-62", "62"))
    assert recipient_of(world.campaign, world.divisions["65"]) is None


def test_one_division_in_two_areas_is_refused_and_nothing_of_it_stays(world: World) -> None:
    with pytest.raises(CampaignRefused, match="659001"):
        served(world, ("hub-65", "659001"), ("hub-xpcc", "659001"))
    assert not Recipient.objects.exists()
    served(world, ("hub-xpcc", "659001"))
    with pytest.raises(CampaignRefused, match="659001"):
        served(world, ("hub-65", "659001"))


def promised(world: World, units: int, batch: int = 1) -> Promise:
    new = NewPromise(world.producer, world.item, batch, DAY, units, "firm")
    return record_promise(world.campaign, new, by=SYSTEM)


def test_the_same_producer_item_and_batch_is_a_change_and_the_event_keeps_what_it_was(
    world: World,
) -> None:
    first, again = promised(world, 300), promised(world, 250)
    assert first.pk == again.pk
    assert last_event().before == {"units": 300, "day": "2023-01-08", "status": "firm"}
    assert last_event().after["units"] == 250


def test_the_gap_is_what_nobody_has_promised(world: World) -> None:
    (demand,) = demand_in(world.campaign, world.divisions["cn"])
    assert (demand.places, demand.target_units) == (5, 10)
    assert gap_of(demand, promised_units(world.campaign, demand.item)) == 10
    promised(world, 4)
    promised(world, 4, batch=2)
    assert gap_of(demand, promised_units(world.campaign, demand.item)) == 2
    promised(world, 400, batch=3)
    assert gap_of(demand, promised_units(world.campaign, demand.item)) == 0


def test_demand_counts_active_places_inside_a_division_and_not_its_namesake(world: World) -> None:
    Place.objects.filter(code="6201-2").update(state="closed")
    (demand,) = demand_in(world.campaign, world.divisions["6201"])
    assert (demand.places, demand.target_units) == (1, 2)


@pytest.mark.parametrize(
    ("at", "seen"), [("cn", 3), ("62", 2), ("6201", 2), ("62010", 2), ("65", 2), ("659001", 2)]
)
def test_a_campaign_is_seen_where_it_touches_the_scope(world: World, at: str, seen: int) -> None:
    opened(world.divisions["62"], world.policy, "甘肃行动")
    opened(world.divisions["65"], world.policy, "新疆行动")
    assert campaigns_seen(Scope.of(world.divisions[at])).count() == seen
    assert campaigns_seen(Scope(())).count() == 0


def test_a_policy_has_each_version_once(world: World) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        type(world.policy).objects.create(
            name=world.policy.name, version=1, formula={}, valid_from=DAY
        )


def test_the_names_of_rows_say_what_they_are(world: World) -> None:
    given = add_fund(world.campaign, fund("F-1"), by=SYSTEM)
    (recipient,) = served(world, ("hub-62", "62"))
    rows = [world.policy, world.campaign, given, recipient, promised(world, 3)]
    rows += [world.campaign.items.get(), recipient.areas.get()]
    assert all(str(row) for row in rows)
    assert isinstance(world.divisions["cn"], Division)
