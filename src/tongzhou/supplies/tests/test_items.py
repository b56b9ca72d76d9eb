"""The list of items, and how the office at the top adds to it."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tongzhou.kit.models import Event
from tongzhou.kit.rules import SYSTEM
from tongzhou.supplies import actions
from tongzhou.supplies.models import Item, PackLevel

from .stock import World, make_account
from .test_pages import coordinator, signed_in, text_of

__all__ = ["coordinator"]
OXYGEN = {
    "name": "制氧机",
    "name_en": "Oxygen concentrator",
    "code": "oxygen-5l",
    "base_unit": "台",
    "carton_units": "１",
    "volume_l": "90.5",
    "serialised": "on",
}


def chinese(client: Client, url: str) -> str:
    return text_of(client.get(url, headers={"accept-language": "zh-hans"}))


def test_an_item_is_recorded_with_one_event(world: World, coordinator: Client) -> None:
    page = coordinator.post(reverse("item-new"), OXYGEN)
    assert page["Location"] == reverse("items")
    made = Item.objects.get(code="oxygen-5l")
    assert (made.name, made.name_en, made.base_unit) == ("制氧机", "Oxygen concentrator", "台")
    assert (made.volume_l, made.serialised, made.shelf_life_days) == (90.5, True, None)
    assert PackLevel.objects.get(item=made).units == 1
    event = Event.objects.get(verb="item.created")
    assert (event.chain, event.after["carton_units"]) == ("division:0", 1)
    assert event.after["serialised"] is True


def test_the_list_shows_it_and_what_nobody_said_is_a_dash(
    world: World, coordinator: Client
) -> None:
    coordinator.post(reverse("item-new"), OXYGEN)
    words = text_of(coordinator.get(reverse("items")))
    assert "2 items" in words
    assert "制氧机 oxygen-5l Oxygen concentrator 台 one for each unit 1 90.5" in words
    assert "血氧仪 oximeter — 台 none — —" in words
    assert "2 种物资" in chinese(coordinator, reverse("items"))
    assert "每件都有自己的序列号" in chinese(coordinator, reverse("item-new"))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": ""}, "This field is required"),
        ({"code": "制氧机"}, "Use letters, digits, dots and hyphens only"),
        ({"code": "-x"}, "Use letters, digits, dots and hyphens only"),
        ({"code": "oximeter"}, "There is an item with the code oximeter already"),
        ({"carton_units": "0"}, "greater than or equal to 1"),
        ({"volume_l": "0"}, "greater than or equal to 0.001"),
        ({"volume_l": "nan"}, "Enter a number"),
        ({"gtin": "12345"}, "8, 12, 13 or 14 digits"),
        ({"shelf_life_days": "99999999"}, "less than or equal to 36500"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(
    world: World, coordinator: Client, change: dict[str, Any], sentence: str
) -> None:
    events = Event.objects.count()
    page = coordinator.post(reverse("item-new"), {**OXYGEN, **change})
    assert page.status_code == 422
    assert sentence in text_of(page)
    assert (Item.objects.count(), Event.objects.count()) == (1, events)


def test_a_province_reads_the_list_and_does_not_add_to_it(world: World) -> None:
    province = signed_in(make_account("coordinator", world.gansu))
    page = province.get(reverse("items"))
    assert "ask there for one that is missing" in text_of(page)
    assert reverse("item-new") not in page.content.decode()
    assert province.get(reverse("item-new")).status_code == 403
    assert province.post(reverse("item-new"), OXYGEN).status_code == 403
    assert not Item.objects.filter(code="oxygen-5l").exists()


def test_an_empty_list_offers_the_first_step_to_who_may_take_it(
    world: World, coordinator: Client
) -> None:
    world.fund.delete()
    world.lot.delete()
    Item.objects.all().delete()
    auditor = signed_in(make_account("auditor", world.nation))
    assert "Record the first one" in text_of(coordinator.get(reverse("items")))
    assert "Record the first one" not in text_of(auditor.get(reverse("items")))


def test_pages_that_choose_an_item_lead_to_the_list(world: World, coordinator: Client) -> None:
    for name in ("stock", "fund-new", "order-new"):
        assert f'href="{reverse("items")}"' in coordinator.get(reverse(name)).content.decode()


def test_a_long_list_goes_on_to_another_page(world: World, coordinator: Client) -> None:
    for number in range(100):
        Item.objects.create(code=f"a{number:03}", name=f"物资{number}", base_unit="件")
    first = coordinator.get(reverse("items")).content.decode()
    assert "oximeter" not in first
    after = first.split("?after=")[1].split('"')[0]
    assert "oximeter" in text_of(coordinator.get(reverse("items") + f"?after={after}"))


def test_a_code_is_taken_once_by_the_action_too(world: World) -> None:
    with pytest.raises(actions.SupplyRefused, match="oximeter already"):
        actions.create_item(code="oximeter", name="x", base_unit="x", by=SYSTEM)
