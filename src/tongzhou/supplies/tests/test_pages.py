"""The pages of donations, orders, stock and moves, as their users meet them."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tongzhou.kit.rules import SYSTEM
from tongzhou.people.models import Organisation, RoleGrant
from tongzhou.people.queries import desk_cards
from tongzhou.supplies import actions, queries
from tongzhou.supplies.actions import ReadyLine
from tongzhou.supplies.models import (
    Batch,
    Bucket,
    Fund,
    FundReceipt,
    Move,
    OrderLine,
    ProcurementOrder,
)

from .stock import AT, DAY, World, make_account, make_fund

EN = {"HTTP_ACCEPT_LANGUAGE": "en"}


def signed_in(account: Any) -> Client:
    client = Client(**EN)
    client.force_login(account, backend="tongzhou.people.backends.RoleBackend")
    return client


@pytest.fixture
def coordinator(world: World) -> Client:
    return signed_in(make_account("coordinator", world.nation))


def text_of(page: Any) -> str:
    words = re.sub(r"<[^>]+>", " ", page.content.decode())
    return re.sub(r"\s+", " ", words)


def command_of(page: Any) -> str:
    return re.search(r'name="command_id" value="([^"]+)"', page.content.decode())[1]


def test_the_list_of_donations_shows_money_and_its_bar(world: World, coordinator: Client) -> None:
    world.placed(units=100, price=50_00)
    page = coordinator.get(reverse("funds"))
    words = text_of(page)
    assert page.status_code == 200
    assert "¥125,000,000" in words
    assert "¥5,000" in words
    assert 'style="width:0.00%"' in page.content.decode()
    assert "1 donation" in words


def test_an_empty_list_says_why_and_offers_the_first_step(
    world: World, coordinator: Client
) -> None:
    world.fund.delete()
    page = coordinator.get(reverse("funds"))
    assert "No donation is recorded in your area yet." in text_of(page)
    assert reverse("fund-new") in page.content.decode()


def test_a_donations_page_tells_money_units_and_steps(world: World, coordinator: Client) -> None:
    order = world.placed(units=100, price=50_00)
    ready = [ReadyLine(order.lines.get(), 60, "A1")]
    actions.receive_batch(order, ready, command_id="b1", by=SYSTEM, ready_on=DAY)
    words = text_of(coordinator.get(reverse("fund", args=["F-1"])))
    for said in (
        "Received ¥5,000",
        "Spent on delivered goods ¥3,000",
        "Unspent ¥2,000",
        "on hand 60 100%",
        "2023-01-07 Batch ready at the dock on hand +60",
        "2023-01-07 Batch ready at the dock from the producer −60",
        f"{order.number} ordered",
        "The donor names no division",
    ):
        assert said in words


def test_a_new_donation_in_money_is_recorded(world: World, coordinator: Client) -> None:
    sent = {
        "name": "乙基金会",
        "kind": "cash",
        "pledged_fen": "１２５,000,000.50",
        "given_on": "2023-01-05",
        "restrictions": "62\n620102",
        "public": "on",
    }
    page = coordinator.post(reverse("fund-new"), sent)
    fund = Fund.objects.get(name="乙基金会")
    assert page.url == reverse("fund", args=[fund.public_id])
    assert fund.pledged_fen == 125_000_000_50
    assert fund.division is None
    assert sorted(fund.restrictions.values_list("division__code", flat=True)) == ["62", "620102"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"pledged_fen": ""}, "Fill this in"),
        ({"pledged_fen": "-5"}, "0.01"),
        ({"pledged_fen": "1.005"}, "2 decimal places"),
        ({"pledged_fen": "NaN"}, "number"),
        ({"pledged_fen": "1e400"}, "digits"),
        ({"kind": "in_kind"}, "Fill this in"),
        ({"restrictions": "Nowhere"}, "No single division is called “Nowhere”"),
        ({"given_on": "yesterday"}, "date"),
    ],
)
def test_a_donation_that_cannot_be_is_not_recorded(
    world: World, coordinator: Client, change: dict[str, str], sentence: str
) -> None:
    sent = {"name": "x", "kind": "cash", "pledged_fen": "5", "given_on": "2023-01-05"} | change
    page = coordinator.post(reverse("fund-new"), sent)
    assert page.status_code == 422
    assert sentence in text_of(page)
    assert Fund.objects.count() == 1


def test_money_sent_twice_by_a_double_click_counts_once(world: World, coordinator: Client) -> None:
    address = reverse("fund-receive", args=["F-1"])
    sent = {
        "command_id": command_of(coordinator.get(address)),
        "fen": "5000",
        "received_on": "2023-01-07",
    }
    for _ in range(2):
        assert coordinator.post(address, sent).url == reverse("fund", args=["F-1"])
    assert FundReceipt.objects.get().fen == 5_000_00


def test_a_form_opened_again_is_another_receipt(world: World, coordinator: Client) -> None:
    address = reverse("fund-receive", args=["F-1"])
    for _ in range(2):
        command = command_of(coordinator.get(address))
        coordinator.post(address, {"command_id": command, "fen": "5", "received_on": "2023-01-07"})
    assert FundReceipt.objects.count() == 2


def test_goods_of_a_gift_are_received_at_a_place(world: World, coordinator: Client) -> None:
    gift = actions.create_fund(
        name="x", kind="in_kind", item=world.item, pledged_units=9, by=SYSTEM
    )
    address = reverse("fund-receive", args=[gift.public_id])
    sent = {
        "command_id": command_of(coordinator.get(address)),
        "place": "hub",
        "units": "９",
        "received_on": "2023-01-07",
    }
    wrong = coordinator.post(address, sent | {"place": "nowhere"})
    assert "no place with the code nowhere in your area" in text_of(wrong)
    over = coordinator.post(address, sent | {"units": "10"})
    assert "more than the 9 pledged" in text_of(over)
    assert coordinator.post(address, sent).status_code == 302
    assert queries.on_hand(place=world.hub, item=world.item) == 9


def test_the_steps_of_a_donation_are_buttons(world: World, coordinator: Client) -> None:
    Fund.objects.update(state="pledged")
    assert coordinator.get(reverse("fund-confirm", args=["F-1"])).status_code == 405
    coordinator.post(reverse("fund-confirm", args=["F-1"]))
    assert Fund.objects.get().state == "confirmed"
    page = coordinator.post(reverse("fund-confirm", args=["F-1"]), follow=True)
    assert "cannot take this step" in text_of(page)


@pytest.mark.parametrize(
    ("name", "state"), [("fund-close", "closed"), ("fund-withdraw", "withdrawn")]
)
def test_ending_a_donation_asks_first_and_wants_a_reason(
    world: World, coordinator: Client, name: str, state: str
) -> None:
    address = reverse(name, args=["F-1"])
    assert "What will happen" in text_of(coordinator.get(address))
    assert coordinator.post(address, {"note": ""}).status_code == 422
    coordinator.post(address, {"note": "捐赠方来函"})
    assert Fund.objects.get().state == state


def _rows(**cells: str) -> dict[str, str]:
    rows = {"lines-TOTAL_FORMS": "6", "lines-INITIAL_FORMS": "0"}
    return rows | {name.replace("__", "-"): value for name, value in cells.items()}


def _order_form(world: World, **change: str) -> dict[str, str]:
    sent = _rows(
        lines__0__fund=str(world.fund.pk),
        lines__0__item=str(world.item.pk),
        lines__0__units="1,000",
        lines__0__unit_price_fen="105.50",
        lines__0__promised_on="2023-01-09",
    )
    return {"producer": str(world.producer.pk)} | sent | change


def test_an_order_is_drafted_and_placed_without_a_script(world: World, coordinator: Client) -> None:
    world.pay_in(200_000_00)
    page = coordinator.post(reverse("order-new"), _order_form(world))
    line = OrderLine.objects.get()
    assert (line.units, line.unit_price_fen, line.order.state) == (1_000, 105_50, "draft")
    assert page.url == reverse("order", args=[line.order.number])
    coordinator.post(reverse("order-place", args=[line.order.number]))
    coordinator.post(reverse("order-advance", args=[line.order.number, "confirmed"]))
    words = text_of(coordinator.get(page.url))
    assert "confirmed by the producer" in words
    assert "¥105,500" in words


def test_more_lines_keeps_what_was_typed(world: World, coordinator: Client) -> None:
    page = coordinator.post(reverse("order-new"), _order_form(world) | {"more": "1"})
    html = page.content.decode()
    assert page.status_code == 200
    assert 'name="lines-10-units"' in html
    assert 'value="1,000"' in html
    assert not ProcurementOrder.objects.exists()


def test_an_order_without_a_line_is_not_drafted(world: World, coordinator: Client) -> None:
    page = coordinator.post(reverse("order-new"), {"producer": str(world.producer.pk)} | _rows())
    assert page.status_code == 422
    assert not ProcurementOrder.objects.exists()


def test_an_order_over_the_money_says_so_on_its_page(world: World, coordinator: Client) -> None:
    order = world.draft()
    page = coordinator.post(reverse("order-place", args=[order.number]), follow=True)
    assert "has 0 yuan free" in text_of(page)
    order.refresh_from_db()
    assert order.state == "draft"


def _batch_form(world: World, page: Any, line: OrderLine, **change: str) -> dict[str, str]:
    sent = {
        "command_id": command_of(page),
        "ready_on": "2023-01-07",
        "lines-TOTAL_FORMS": "4",
        "lines-INITIAL_FORMS": "1",
        "lines-0-line": str(line.pk),
        "lines-0-units": "60",
        "lines-0-lot_number": "A1",
        "lines-1-line": str(line.pk),
        "lines-1-units": "20",
        "lines-1-lot_number": "B2",
        "lines-1-expires_on": "2025-01-01",
    }
    return sent | change


def test_a_batch_sent_twice_by_a_double_click_counts_once(
    world: World, coordinator: Client
) -> None:
    order = world.placed()
    address = reverse("order-batch", args=[order.number])
    sent = _batch_form(world, coordinator.get(address), order.lines.get())
    for _ in range(2):
        assert coordinator.post(address, sent).url == reverse("order", args=[order.number])
    assert Batch.objects.count() == 1
    assert queries.on_hand(place=world.dock, item=world.item) == 80
    words = text_of(coordinator.get(reverse("order", args=[order.number])))
    assert "lot B2" in words


def test_a_batch_over_the_order_changes_nothing_and_keeps_what_was_typed(
    world: World, coordinator: Client
) -> None:
    order = world.placed()
    address = reverse("order-batch", args=[order.number])
    form = coordinator.get(address)
    sent = _batch_form(world, form, order.lines.get(), **{"lines-1-units": "41"})
    page = coordinator.post(address, sent)
    assert page.status_code == 422
    assert "101 units are more than the 100 still to come" in text_of(page)
    assert command_of(page) == command_of(form) or sent["command_id"] in page.content.decode()
    assert not Batch.objects.exists()
    assert coordinator.post(address, sent | {"lines-1-units": "40"}).status_code == 302


def test_a_batch_is_taken_back_with_a_reason(world: World, coordinator: Client) -> None:
    order = world.placed()
    ready = [ReadyLine(order.lines.get(), 60, "A1")]
    batch = actions.receive_batch(order, ready, command_id="b1", by=SYSTEM)
    coordinator.post(reverse("batch-undo", args=[batch.pk]), {"note": "数错了"})
    assert queries.on_hand(place=world.dock, item=world.item) == 0
    assert "taken back" in text_of(coordinator.get(reverse("order", args=[order.number])))


def test_an_order_is_paid_and_closed_short_on_its_pages(world: World, coordinator: Client) -> None:
    order = world.placed()
    address = reverse("order-pay", args=[order.number])
    sent = {"command_id": command_of(coordinator.get(address)), "fen": "1", "paid_on": "2023-01-07"}
    coordinator.post(address, sent)
    coordinator.post(reverse("order-close", args=[order.number]), {"note": "停产"})
    order.refresh_from_db()
    assert (order.paid_fen, order.state) == (1_00, "short_closed")


def test_late_orders_are_a_card_on_the_desk_and_a_list(world: World, coordinator: Client) -> None:
    order = world.placed()
    account = make_account("coordinator", world.nation)
    (card,) = [c for c in desk_cards(account) if c.url == reverse("orders") + "?late=1"]
    assert (card.count, card.oldest) == (1, DAY)
    assert order.number in text_of(coordinator.get(card.url))
    OrderLine.objects.update(promised_on="2100-01-01")
    assert "No order is late." in text_of(coordinator.get(card.url))


def test_stock_is_listed_by_place_and_narrowed_to_a_county(
    world: World, coordinator: Client
) -> None:
    world.ready(20)
    clinic = (world.clinics[0], Bucket.RESERVED)
    actions.post([world.move(2, (world.dock, Bucket.ON_HAND), clinic)])
    words = text_of(coordinator.get(reverse("stock")))
    assert "dock" in words
    assert "clinic-0" not in words
    narrowed = text_of(coordinator.get(reverse("stock") + "?division=620102"))
    assert "clinic-0" in narrowed
    unknown = text_of(coordinator.get(reverse("stock") + "?division=99"))
    assert "There is no division “99”" in unknown


def test_a_places_page_shows_what_it_holds_and_its_history(
    world: World, coordinator: Client
) -> None:
    world.ready(20)
    words = text_of(coordinator.get(reverse("stock-place", args=["dock"])))
    assert "on hand A1 F-1 20" in words
    assert "+20" in words


def test_an_auditor_reads_a_move_entry_by_entry(world: World) -> None:
    move = world.ready(20).move_id
    auditor = signed_in(make_account("auditor", world.nation))
    words = text_of(auditor.get(reverse("ledger-move", args=[move])))
    assert "system:tongzhou" in words
    assert "+20" in words
    assert Move.objects.get().body_hash in words


def test_a_county_auditor_sees_only_the_entries_of_the_county(world: World) -> None:
    world.ready(20)
    clinic = (world.clinics[0], Bucket.RESERVED)
    move = actions.post([world.move(2, (world.dock, Bucket.ON_HAND), clinic)])[0].move_id
    auditor = signed_in(make_account("auditor", world.county))
    words = text_of(auditor.get(reverse("ledger-move", args=[move])))
    assert "1 more entry outside your area." in words
    assert "dock" not in words
    # What is made from the whole move could be tried out against guesses.
    row = Move.objects.get(pk=move)
    assert row.body_hash not in words
    assert "Command" not in words
    everywhere = signed_in(make_account("auditor", world.nation))
    whole = text_of(everywhere.get(reverse("ledger-move", args=[move])))
    assert "outside your area" not in whole
    assert f"Command {row.command_id} " in whole
    first = Move.objects.filter(kind="batch").get()
    assert auditor.get(reverse("ledger-move", args=[first.pk])).status_code == 404


def test_what_lies_outside_ones_area_looks_like_what_is_not_there(world: World) -> None:
    order = world.placed()
    world.ready(5)
    county = signed_in(make_account("coordinator", world.county))
    for name, key in (("fund", "F-1"), ("order", order.number), ("stock-place", "dock")):
        hidden = county.get(reverse(name, args=[key]))
        absent = county.get(reverse(name, args=["nothing"]))
        assert hidden.status_code == absent.status_code == 404, name
    assert "F-1" not in text_of(county.get(reverse("funds")))
    assert order.number not in text_of(county.get(reverse("orders")))
    assert "stock/dock" not in county.get(reverse("stock")).content.decode()
    for name, key in (("fund-receive", "F-1"), ("order-place", order.number)):
        assert county.post(reverse(name, args=[key])).status_code == 404


def test_an_office_works_with_the_donations_of_its_own_area(world: World) -> None:
    make_fund("F-62", division=world.gansu)
    province = signed_in(make_account("coordinator", world.gansu))
    words = text_of(province.get(reverse("funds")))
    assert "F-62" in words
    assert "F-1 " not in words
    sent = {"name": "省内捐款", "kind": "cash", "pledged_fen": "5", "given_on": "2023-01-05"}
    province.post(reverse("fund-new"), sent)
    assert Fund.objects.get(name="省内捐款").division == world.gansu


def test_a_partner_reads_the_donations_of_its_own_organisation_only(world: World) -> None:
    giver = Organisation.objects.create(code="giver", name="丁基金会", kind="donor")
    make_fund("F-own", donor=giver, contact="王女士")
    partner = signed_in(make_account("partner", world.nation, giver))
    words = text_of(partner.get(reverse("funds")))
    assert "F-own" in words
    assert "F-1 " not in words
    page = partner.get(reverse("fund", args=["F-own"]))
    assert "王女士" not in text_of(page)
    assert partner.get(reverse("orders")).status_code == 403
    assert partner.post(reverse("fund-confirm", args=["F-own"])).status_code == 403


def test_the_contact_is_shown_only_where_the_donation_may_be_changed(world: World) -> None:
    giver = Organisation.objects.create(code="giver", name="丁基金会", kind="donor")
    make_fund("F-62", donor=giver, division=world.gansu, contact="王女士")
    here = reverse("fund", args=["F-62"])
    assert "王女士" in text_of(signed_in(make_account("coordinator", world.gansu)).get(here))
    # A partner of the donor who coordinates one county edits there, not here.
    both = make_account("partner", world.nation, giver)
    RoleGrant.objects.create(
        account=both,
        role="coordinator",
        division=world.county,
        granted_by="system:test",
        granted_at=AT,
    )
    page = signed_in(both).get(here)
    assert "F-62" in text_of(page)
    assert "王女士" not in text_of(page)


def test_an_auditor_reads_and_changes_nothing(world: World) -> None:
    order = world.placed()
    auditor = signed_in(make_account("auditor", world.nation))
    page = auditor.get(reverse("order", args=[order.number])).content.decode()
    assert "<form" not in page.split("<main")[1]
    assert auditor.post(reverse("order-close", args=[order.number])).status_code == 403


def test_a_visitor_is_sent_to_sign_in(world: World) -> None:
    assert Client().get(reverse("funds")).status_code == 302


def test_lists_go_on_by_cursor(world: World, coordinator: Client) -> None:
    for number in range(2, 60):
        make_fund(f"F-{number}")
    first = coordinator.get(reverse("funds"))
    following = re.search(r'href="(\?after=[^"]+)"', first.content.decode())[1]
    rest = text_of(coordinator.get(reverse("funds") + following))
    assert "F-59" in text_of(first)
    assert "F-59" not in rest
    assert "F-1 " in rest
