"""The stop list in a real browser: a round is entered where there is no network."""

from typing import Any

import pytest
from playwright.sync_api import expect

from .conftest import Phone, Server

pytestmark = pytest.mark.browser
expect.set_options(timeout=30_000)
COUNTY = "/desk/drive/county/620102/"


def enter(page: Any, stop: Any, *, choice: str = "Everything arrived, in good order") -> None:
    stop.get_by_role("button", name="Enter its receipt").click()
    stop.get_by_label(choice).check()
    if choice != "Everything arrived, in good order":
        stop.get_by_label("In good order", exact=True).fill("1")
    stop.get_by_label("Witness at the clinic").fill("李四")
    stop.get_by_role("button", name="Record the receipt").click()


def test_a_round_is_entered_offline_and_delivered_later(server: Server, phone: Phone) -> None:
    with phone.opened() as page:
        page.context.add_cookies([server.cookie])
        page.goto(server.url + COUNTY)
        expect(page.locator("#kept[data-kept=true]")).to_be_visible()
        server.stop()
        page.reload()
        stops = page.locator("#stops li")
        enter(page, stops.nth(0))
        enter(page, stops.nth(1), choice="Fewer than on the list")
        expect(page.locator("[data-state=waiting]")).to_have_count(2)
        expect(page.locator("#count")).to_have_text("Not sent yet: 2")
        assert server.receipts(0) == []
        server.start()
        expect(page.locator("[data-state=done]")).to_have_count(2)
        expect(page.locator("#count")).to_have_text("")
    rows = server.ask(
        "SELECT method, witness FROM delivery_receipt WHERE parcel_id IS NOT NULL ORDER BY id"
    )
    assert rows == [("office", "李四"), ("office", "李四")]
    assert server.ask("SELECT kind, units FROM delivery_discrepancy") == [("short", 1)]


def test_a_receipt_without_a_witness_is_not_taken(steady: Server, tab: Any) -> None:
    tab.context.add_cookies([steady.cookie])
    tab.goto(steady.url + COUNTY)
    stop = tab.locator("#stops li").last
    stop.get_by_role("button", name="Enter its receipt").click()
    stop.get_by_label("Everything arrived, in good order").check()
    stop.get_by_role("button", name="Record the receipt").click()
    expect(stop.locator("[role=alert]")).to_contain_text("Name the person at the clinic")
    expect(tab.locator("[data-state=waiting]")).to_have_count(0)


def test_after_signing_in_again_the_same_words_go_as_a_new_command(
    steady: Server, tab: Any
) -> None:
    tab.context.add_cookies([steady.cookie])
    tab.goto(steady.url + COUNTY)
    tab.context.clear_cookies()
    stop = tab.locator("#stops li").last
    enter(tab, stop)
    expect(stop.locator("[data-state=refused]")).to_contain_text("Sign in")
    tab.context.add_cookies([steady.cookie])
    stop.get_by_role("button", name="Send again").click()
    expect(stop.locator("[data-state=done]")).to_be_visible()
