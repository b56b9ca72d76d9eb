"""At two in the morning a daughter looks for help for her feverish father, on an old phone.

One story, told in its order: the page of her town, what its officers decide, and what is left of it
when the server is gone.
"""

import re
from collections.abc import Callable
from inspect import signature
from typing import Any

import pytest
from playwright.sync_api import expect

from ..stage import House, People, faults_of

pytestmark = pytest.mark.browser

expect.set_options(timeout=20_000)

Pocket = Callable[..., Any]
SCREEN = 740
LIGHT_BYTES = 50_000


def she_finds_her_town_without_a_script(pocket: Pocket) -> None:
    page = pocket(scripts=False)
    page.goto("/")
    for name in ("甘肃省", "兰州市", "城关区", "东岗镇"):
        page.locator("ul.places").get_by_role("link", name=name).click()
    assert page.url.endswith("/p/620102001/")
    expect(page.locator("h1")).to_have_text("东岗镇")


def the_danger_signs_and_the_number_come_first(pocket: Pocket) -> None:
    page = pocket(scripts=False)
    answer = page.goto("/p/620102001/")
    assert len(answer.body()) <= LIGHT_BYTES
    first = page.locator("main h2").first
    expect(first).to_contain_text("Call 120 now")
    expect(page.locator("main")).to_contain_text("blue lips")
    number = page.get_by_role("link", name="Call 120", exact=True)
    expect(number).to_have_attribute("href", "tel:120")
    # Without scrolling on a phone of this size.
    assert number.bounding_box()["y"] + number.bounding_box()["height"] <= SCREEN
    order = page.locator("main h1, main h2").all_inner_texts()
    assert order.index("东岗镇") > order.index(first.inner_text())


def she_reads_it_in_chinese(pocket: Pocket) -> None:
    page = pocket(scripts=False, language="zh-CN")
    page.goto("/p/620102001/")
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(page.locator("main")).to_contain_text("立即拨打 120")
    page.get_by_role("link", name="English").click()
    expect(page.locator("main")).to_contain_text("Call 120 now")


def the_page_leads_to_where_she_can_go(pocket: Pocket) -> None:
    page = pocket(scripts=False)
    page.goto("/p/620102001/")
    expect(page.get_by_text("fever clinics are known here")).to_be_visible()
    page.get_by_role("link", name="Where to go now").click()
    assert page.url.endswith("/p/620102001/clinics/")
    expect(page.locator("main h2").first).to_contain_text("Call 120 now")


def the_county_sets_a_telephone_number_and_looks_at_it_first(
    officers: People, pocket: Pocket
) -> None:
    page = officers.open("county", "/desk/places/620102/")
    page.get_by_role("link", name="What its page shows to residents").click()
    page.locator("input[name=hotlines-from][value=here]").check()
    page.locator("fieldset:has([name=hotlines-from]) summary").click()
    page.locator("[name=hotlines-0-zh]").fill("城关区演示电话")
    page.locator("[name=hotlines-0-en]").fill("Demo line of the county")
    page.locator("[name=hotlines-0-phone]").fill("0000-7654321")
    page.locator("[name=note]").fill("夜间也有人接")
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Look at it first").click()
    preview = opened.value
    expect(preview.get_by_role("link", name="Call 0000-7654321")).to_be_visible()
    preview.close()
    resident = pocket(scripts=False)
    resident.goto("/p/620102/")
    expect(resident.get_by_text("0000-7654321")).to_have_count(0)
    page.get_by_role("button", name="Put in force").click()
    expect(page.get_by_role("link", name="Version 1")).to_be_visible()


def the_number_shows_at_once_in_the_county_and_below(pocket: Pocket) -> None:
    page = pocket(scripts=False)
    for code in ("620102", "620102001", "620102001001"):
        page.goto(f"/p/{code}/")
        expect(page.get_by_role("link", name="Call 0000-7654321")).to_have_attribute(
            "href", "tel:00007654321"
        )
    page.goto("/p/62/")
    expect(page.get_by_text("0000-7654321")).to_have_count(0)


def another_county_cannot_be_set_from_here(officers: People) -> None:
    page = officers.page("county")
    answer = page.goto(f"{officers.house.url}/desk/channel/62/")
    assert answer.status == 404


def others_show_the_same_card(pocket: Pocket) -> None:
    page = pocket()
    page.goto("/p/620102/embed/")
    expect(page.get_by_text("Demo line of the county")).to_be_visible()
    feed = page.request.get("/p/620102/feed.json").json()
    lines = [line["phone"] for card in feed["cards"] for line in card["lines"]]
    assert lines == ["0000-7654321"]
    poster = page.request.get("/p/620102/poster.pdf")
    assert poster.body().startswith(b"%PDF")


def everybody_can_use_the_pages(officers: People, pocket: Pocket) -> None:
    page = pocket()
    for path in ("/", "/p/620102001/", "/p/?q=%E5%8F%91%E7%83%AD", "/p/620102/embed/"):
        page.goto(path)
        assert faults_of(page) == [], path


def what_was_opened_is_still_there_when_the_server_is_gone(town: House, pocket: Pocket) -> None:
    """A guide stays on the phone; the page itself for a minute, as any page of the web."""
    page, plain = pocket(), pocket(scripts=False)
    guide = _opened_guide(page)
    plain.goto("/p/620102001/")
    plain.get_by_role("link", name="Where to go now").click()
    expect(plain.locator("h1")).to_contain_text("东岗镇")
    town.stop()
    page.goto(guide)
    expect(page.locator("h1")).to_have_text("When to go to hospital")
    expect(page.get_by_role("link", name="In danger: call 120")).to_be_visible()
    plain.go_back()
    expect(plain.locator("main h2").first).to_contain_text("Call 120 now")
    plain.get_by_role("link", name="Where to go now").click()
    expect(plain.get_by_role("link", name=re.compile("^Call 120"))).to_be_visible()
    town.start()
    assert plain.goto("/p/620102001/").status == 200


def _opened_guide(page: Any) -> str:
    """Her phone after she read when to go to hospital; the guide's address."""
    page.goto("/p/620102001/")
    page.get_by_role("link", name="When to go to hospital").click()
    expect(page.locator("h1")).to_have_text("When to go to hospital")
    expect(page.locator("#kept")).to_be_visible()
    assert faults_of(page) == []
    address: str = page.url
    page.goto("about:blank")
    return address


CHAPTERS = (
    she_finds_her_town_without_a_script,
    the_danger_signs_and_the_number_come_first,
    she_reads_it_in_chinese,
    the_page_leads_to_where_she_can_go,
    the_county_sets_a_telephone_number_and_looks_at_it_first,
    the_number_shows_at_once_in_the_county_and_below,
    another_county_cannot_be_set_from_here,
    others_show_the_same_card,
    everybody_can_use_the_pages,
    what_was_opened_is_still_there_when_the_server_is_gone,
)


def test_a_daughter_finds_help_for_her_father(
    town: House, officers: People, pocket: Pocket
) -> None:
    """One test, for no chapter means anything without those before it."""
    cast = {"town": town, "officers": officers, "pocket": pocket}
    for chapter in CHAPTERS:
        chapter(**{name: cast[name] for name in signature(chapter).parameters})
