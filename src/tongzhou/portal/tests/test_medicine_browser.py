"""The medicine page in a real browser: it checks alone, sends nothing, and works with us away."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tongzhou.portal.views import medicines

from .serving import PATHS, Site, answers, served

pytestmark = pytest.mark.browser
MOST_BYTES = 150_000
FIRST_BYTES = 50_000
CODE = "8412345"


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    known = {CODE: "ibuprofen-tablet-200"}
    # Beside Playwright's event loop a connection of its own would stay open.
    monkeypatch.setattr(medicines, "catalogue_codes", lambda: known)
    with served(answers(PATHS)) as made:
        yield made


@pytest.fixture
def phone(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 360, "height": 740})
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def page(phone: Any, site: Site) -> Any:
    opened = phone.new_page()
    opened.goto(f"{site.address}/check/medicine/")
    expect(opened.locator("#kept[data-kept=true]")).to_have_count(1)
    return opened


def enter(page: Any, at: int, name: str, count: str = "", times: str = "") -> None:
    row = page.locator("#items > li").nth(at)
    row.locator("[data-f=name]").fill(name)
    row.locator("[data-f=count]").fill(count)
    row.locator("[data-f=times]").fill(times)


def test_a_drawer_is_checked_on_the_phone_alone(page: Any, site: Site) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    site.asked.clear()
    enter(page, 0, "对乙酰氨基酚片 0.5 g", "1", "4")
    page.get_by_role("button", name="Another medicine").click()
    enter(page, 1, "感冒灵颗粒", "1", "3")
    page.get_by_label("Years").fill("40")
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.locator("#result")).to_be_focused()
    expect(page.locator("#result")).to_have_attribute("data-verdict", "stop")
    # The gravest first, and the word beside the shape.
    expect(page.locator("#findings > li").first).to_contain_text("Stop")
    expect(page.locator("#result")).to_contain_text("Not yet reviewed by a clinician")
    assert (asked, site.asked) == ([], [])
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    # Nor is anything kept on the phone for somebody who opens the page next.
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert "#" not in page.url
    assert "?" not in page.url


def test_names_are_suggested_and_one_is_chosen(page: Any) -> None:
    row = page.locator("#items > li").first
    row.locator("[data-f=name]").press_sequentially("ibup")
    row.locator(".offered button").first.click()
    expect(row.locator(".chosen")).to_contain_text("In the catalogue as: Ibuprofen")
    expect(row.locator(".strength")).to_be_hidden()
    expect(row.locator("[data-f=count]")).to_be_focused()


def test_a_code_of_a_box_leads_to_its_product(page: Any) -> None:
    enter(page, 0, CODE + "1234567890123", "5", "4")
    page.get_by_label("Years").fill("40")
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.locator("#findings")).to_contain_text("4000 mg of ibuprofen")


def test_an_unknown_medicine_cannot_be_checked(page: Any) -> None:
    enter(page, 0, "某某神药", "1", "1")
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.locator("#findings > li").first).to_contain_text("cannot check")


def test_what_cannot_be_right_is_said_at_its_field(page: Any) -> None:
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.locator("#problem")).to_have_text("Enter at least one medicine.")
    enter(page, 0, "布洛芬片", "two", "3")
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.locator("#problem")).to_contain_text("How many each time cannot be right")
    page.locator("#problem a").click()
    expect(page.locator("[data-f=count]").first).to_be_focused()
    enter(page, 0, "布洛芬片", "1", "3")
    page.get_by_label("Years").fill("400")
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.locator("#problem")).to_contain_text("Age cannot be right")


def test_a_question_that_is_open_is_asked_and_counts_once_answered(page: Any) -> None:
    enter(page, 0, "布洛芬片 0.2 g", "1", "3")
    page.get_by_label("Years").fill("40")
    page.get_by_role("button", name="Check", exact=True).click()
    asked = page.locator("#findings > li", has_text="other medicines")
    asked.get_by_role("link", name="Answer this question").click()
    expect(page.locator("#takes_other-yes")).to_be_focused()
    page.locator("#takes_other-yes").check()
    # What was found does not stand beside other answers.
    expect(page.locator("#result")).to_be_hidden()
    page.get_by_label("Which others?").fill("阿司匹林肠溶片\n")
    page.get_by_role("button", name="Check", exact=True).click()
    expect(asked).to_have_count(0)
    expect(page.locator("#findings")).to_contain_text("spirin")


def test_small_children_are_not_asked_about_pregnancy(page: Any) -> None:
    page.get_by_label("Years").fill("4")
    expect(page.locator("[data-q=pregnant]")).to_be_hidden()
    page.get_by_label("Years").fill("30")
    page.locator("#pregnant-yes").check()
    expect(page.locator("#weeks")).to_be_visible()


def test_it_opens_and_checks_with_the_server_gone(page: Any, phone: Any, site: Site) -> None:
    site.is_away = True
    page.reload()
    enter(page, 0, "对乙酰氨基酚片 0.5 g", "2", "6")
    page.get_by_label("Years").fill("40")
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.locator("#result")).to_have_attribute("data-verdict", "stop")
    phone.set_offline(True)
    page.reload()
    expect(page.locator("#items > li")).to_have_count(1)


def test_without_a_script_it_gives_the_rule_and_the_number(browser: Any, site: Site) -> None:
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(f"{site.address}/check/medicine/")
    expect(plain.get_by_text("at most 2 g in 24 hours")).to_be_visible()
    expect(plain.get_by_text("10 to 15 mg for each kg")).to_be_visible()
    expect(plain.get_by_role("link", name="In danger: call 120")).to_be_visible()
    expect(plain.locator("#drawer")).to_be_hidden()
    context.close()


def test_the_reader_is_not_loaded_before_it_is_asked_for(page: Any, site: Site) -> None:
    assert not [path for path in site.asked if "zxing" in path]


def test_the_page_is_light(site: Site) -> None:
    found = answers(PATHS)
    sizes = {path: len(body) for path, (_s, _h, body) in found.items() if "vendor" not in path}
    assert sizes["/check/medicine/"] <= FIRST_BYTES
    assert sum(sizes.values()) <= MOST_BYTES
