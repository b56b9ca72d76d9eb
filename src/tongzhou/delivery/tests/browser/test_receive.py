"""The receive page in a real browser: server stopped, browser closed, still exactly one receipt."""

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import expect

from .conftest import Phone, Server

pytestmark = pytest.mark.browser

# A retry may be 12 s away when the server comes back.
expect.set_options(timeout=30_000)
WAITING, DELIVERED = "[data-state=waiting]", "[data-state=done]"


def receive(page: Any, name: str = "王医生") -> None:
    page.get_by_label("Everything arrived, in good order").check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Name of who received it").fill(name)
    page.get_by_role("button", name="Confirm receipt").click()


def open_and_keep(page: Any, address: str) -> None:
    """Open a page and wait until it says that it now works without a network."""
    page.goto(address)
    expect(page.locator("#kept[data-kept=true]")).to_be_visible()


def test_a_receipt_is_delivered_and_shown(steady: Server, tab: Any) -> None:
    page, server = tab, steady
    page.goto(server.page(0))
    receive(page)
    expect(page.locator(DELIVERED)).to_contain_text("Delivered ")
    expect(page.locator("#form")).to_be_hidden()
    page.reload()
    expect(page.get_by_text("There is nothing more to do.")).to_be_visible()
    assert len(server.receipts(0)) == 1


def test_a_stopped_server_and_a_closed_browser_lose_nothing(server: Server, phone: Phone) -> None:
    with phone.opened() as page:
        open_and_keep(page, server.page())
        server.stop()
        page.reload()
        receive(page)
        expect(page.locator(WAITING)).to_have_text("Saved on this phone, not sent")
        expect(page.locator("#count")).to_have_text("Not sent yet: 1")
    with phone.opened() as page:
        page.goto(server.page())
        expect(page.locator(WAITING)).to_be_visible()
        assert server.receipts() == []
        server.start()
        expect(page.locator(DELIVERED)).to_be_visible()
        expect(page.locator("#count")).to_have_text("")
        page.reload()
    assert [row[1] for row in server.receipts()] == ["王医生"]


def test_an_answer_that_was_lost_on_the_way_is_asked_for_again(steady: Server, tab: Any) -> None:
    page, server = tab, steady
    page.goto(server.page(1))
    lost: list[int] = []

    def lose(route: Any) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().status)
        route.abort()

    page.route("**/api/v1/commands", lose)
    receive(page)
    expect(page.locator(DELIVERED)).to_be_visible()
    assert lost == [200]
    assert len(server.receipts(1)) == 1


def test_two_phones_and_one_parcel(server: Server, phone: Phone, other_phone: Phone) -> None:
    with phone.opened() as page:
        open_and_keep(page, server.page())
        server.stop()
        receive(page, "王医生")
        expect(page.locator(WAITING)).to_be_visible()
    server.start()
    with other_phone.opened() as page:
        page.goto(server.page())
        receive(page, "李医生")
        expect(page.locator(DELIVERED)).to_be_visible()
    with phone.opened() as page:
        # The page itself now says who was first; the outbox is sent from any receive page.
        page.goto(server.page(1))
        expect(page.locator("[data-state=duplicate]")).to_contain_text("Received before, at")
    assert [row[1] for row in server.receipts()] == ["李医生"]


def test_without_a_service_worker_it_works_while_the_page_stays_open(
    server: Server, phone: Phone
) -> None:
    with phone.opened(service_workers="block") as page:
        page.add_init_script("delete Navigator.prototype.serviceWorker")
        page.goto(server.page())
        expect(page.locator("#kept")).to_contain_text("leave this page open")
        server.stop()
        receive(page)
        expect(page.locator(WAITING)).to_be_visible()
        server.start()
        expect(page.locator(DELIVERED)).to_be_visible()
    assert len(server.receipts()) == 1


def test_without_a_database_in_the_browser_it_works_as_well(server: Server, phone: Phone) -> None:
    with phone.opened() as page:
        page.add_init_script("Object.defineProperty(self, 'indexedDB', {value: undefined})")
        page.goto(server.page())
        server.stop()
        receive(page)
        expect(page.locator(WAITING)).to_be_visible()
    server.start()
    with phone.opened() as page:
        page.add_init_script("Object.defineProperty(self, 'indexedDB', {value: undefined})")
        page.goto(server.page())
        expect(page.locator(DELIVERED)).to_be_visible()
    assert len(server.receipts()) == 1


def test_without_a_script_it_is_a_plain_form(steady: Server, plain_tab: Any) -> None:
    page, server = plain_tab, steady
    page.goto(server.page(5))
    page.get_by_label("Fewer than on the list").check()
    page.get_by_label("In good order").last.fill("1")
    page.get_by_label("Name of who received it").fill("王医生")
    page.get_by_role("button", name="Confirm receipt").click()
    expect(page.get_by_text("1 in good order")).to_be_visible()
    assert server.ask("SELECT kind, units FROM delivery_discrepancy") == [("short", 1)]


def test_what_does_not_fit_is_said_before_anything_is_saved(steady: Server, tab: Any) -> None:
    page, server = tab, steady
    page.goto(server.page(3))
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#problem")).to_have_text("Choose what arrived.")
    page.get_by_label("Fewer than on the list").check()
    page.get_by_label("In good order").last.fill("2")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#problem")).to_contain_text("do not fit")
    page.get_by_label("In good order").last.fill("1")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Confirm receipt").click()
    expect(page.locator("#problem")).to_contain_text("Write your name")
    expect(page.locator(WAITING)).to_have_count(0)
    assert server.receipts(3) == []


def test_a_finger_signs(steady: Server, tab: Any) -> None:
    page, server = tab, steady
    page.goto(server.page(4))
    page.get_by_label("Everything arrived, in good order").check()
    page.get_by_role("button", name="Continue").click()
    box = page.locator("#pad").bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 60, steps=5)
    page.mouse.up()
    page.get_by_role("button", name="Confirm receipt").click()
    expect(page.locator(DELIVERED)).to_be_visible()
    ((signature,),) = server.ask(
        f"SELECT signature FROM delivery_receipt WHERE parcel_id = {server.parcels[4]['pk']}"
    )
    assert signature.startswith("M")


def test_a_photograph_waits_with_its_receipt(server: Server, phone: Phone, tmp_path: Path) -> None:
    file = tmp_path / "photo.jpg"
    Image.effect_noise((2600, 1900), 80).convert("RGB").save(file, "JPEG", quality=95)
    with phone.opened() as page:
        open_and_keep(page, server.page())
        server.stop()
        page.get_by_label("Everything arrived, in good order").check()
        page.get_by_role("button", name="Continue").click()
        page.get_by_label("Or a photograph of the parcel").set_input_files(file)
        page.get_by_role("button", name="Confirm receipt").click()
        expect(page.locator(WAITING)).to_be_visible()
    server.start()
    with phone.opened() as page:
        page.goto(server.page(1))
        expect(page.locator(DELIVERED)).to_be_visible()
        page.wait_for_timeout(500)
    ((data,),) = server.ask("SELECT data FROM delivery_photo")
    assert len(data) <= 200 * 1024
    assert max(Image.open(io.BytesIO(data)).size) <= 1280
    assert server.receipts()[0][3]


def test_the_page_fits_a_phone_and_its_targets_a_thumb(steady: Server, tab: Any) -> None:
    page, server = tab, steady
    page.goto(server.page(3))
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 360
    targets = page.locator("main button:visible, main .choice:visible")
    boxes = [target.bounding_box() for target in targets.all()]
    assert boxes
    assert min(box["height"] for box in boxes) >= 44
