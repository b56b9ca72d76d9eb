"""Her father has a fever: where is somebody really there, and what may he take?

One story, told in its order: the facilities around her town, those who keep the list true, and what
she can check at home with the network away.
"""

from collections.abc import Callable
from inspect import signature
from typing import Any

import pytest
from playwright.sync_api import expect

from ..stage import House, People, faults_of

pytestmark = pytest.mark.browser

expect.set_options(timeout=20_000)

Pocket = Callable[..., Any]
HERE = "/p/620102001/clinics/"


def card(page: Any, name: str) -> Any:
    return page.locator("article", has=page.get_by_role("link", name=name, exact=True)).last


def she_sees_the_emergency_department_and_who_is_really_open(pocket: Pocket) -> None:
    page = pocket(scripts=False)
    page.goto(HERE)
    expect(page.locator("main h2").first).to_contain_text("Call 120 now")
    expect(page.locator("article").first).to_contain_text("城关演示医院")
    expect(page.locator("article").first).to_contain_text("Open at any hour")
    expect(card(page, "东岗演示发热门诊")).to_contain_text("Open now")
    old = card(page, "东风演示发热门诊")
    expect(old).to_contain_text("May be open: call first")
    expect(old.get_by_role("link", name="Call 0000-1234567")).to_have_attribute(
        "href", "tel:0000-1234567"
    )
    # It is nearer than the one that is open, and stands behind it all the same.
    names = page.locator("article h3").all_inner_texts()[1:]
    assert names.index("东岗演示发热门诊 made up") < names.index("东风演示发热门诊 made up")


def she_asks_for_fever_clinics_alone(pocket: Pocket) -> None:
    page = pocket(scripts=False)
    page.goto(HERE)
    page.get_by_label("Fever clinic").check()
    page.get_by_role("button", name="Show", exact=True).click()
    expect(card(page, "东岗演示发热门诊")).to_be_visible()
    # The emergency department stays, at the head.
    expect(page.get_by_role("link", name="城关演示医院")).to_have_count(1)


def she_reads_who_said_it_and_when(pocket: Pocket) -> None:
    page = pocket(scripts=False)
    page.goto(HERE)
    page.get_by_role("link", name="东风演示发热门诊", exact=True).last.click()
    expect(page.get_by_text("May be open: call first")).to_be_visible()
    expect(page.get_by_role("cell", name="Authority: 演示名单").first).to_be_visible()


def she_looks_at_the_map(pocket: Pocket) -> None:
    page = pocket()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(HERE)
    assert not [url for url in asked if "leaflet" in url]
    page.get_by_role("button", name="Show on a map").click()
    points = page.locator("#map .leaflet-marker-icon.leaflet-interactive")
    # As many as the cards of the list, those included that are folded away.
    expect(points).to_have_count(4)
    names = {one.get_attribute("title").split(" · ")[1] for one in points.all()}
    assert names == set(page.locator("article h3 a").all_text_contents())
    second = page.locator("#map [title^='2 · ']")
    title = second.get_attribute("title")
    expect(page.locator("article h3", has_text=title.split(" · ")[1]).first).to_contain_text("2 · ")
    second.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".leaflet-popup")).to_contain_text("Open now")
    assert faults_of(page) == []
    assert not [url for url in asked if not url.startswith(page.url.split("/p/")[0])]


def a_caller_takes_the_site_that_waited_longest(officers: People) -> None:
    page = officers.open("county", "/desk/")
    page.get_by_role("link", name="Calls", exact=True).first.click()
    page.get_by_role("button", name="Take the next call").click()
    expect(page.locator("h1")).to_have_text("Call 东风演示发热门诊")
    page.locator("[name=result]").select_option("reached")
    page.locator("[name=hours]").fill("24/7")
    page.locator("[name=sees_fever]").select_option("yes")
    page.locator("[name=wait_minutes]").fill("20")
    page.locator("[name=note]").fill("夜里也有人")
    page.get_by_role("button", name="Save the answers").click()
    expect(page.get_by_text("Saved: 东风演示发热门诊")).to_be_visible()


def now_it_is_open(pocket: Pocket) -> None:
    page = pocket(scripts=False)
    page.goto("/facility/stale/")
    expect(page.get_by_text("Open now")).to_be_visible()
    expect(page.get_by_text("Wait: up to 25 minutes")).to_be_visible()
    page.goto(f"{HERE}?day=on")
    expect(card(page, "东风演示发热门诊")).to_contain_text("Open now")


def a_second_person_hears_of_the_call(officers: People) -> None:
    page = officers.open("gansu", "/desk/calls/")
    expect(page.get_by_text("夜里也有人")).to_be_visible()
    page.get_by_role("button", name="They agree").click()
    expect(page.get_by_text("夜里也有人")).to_have_count(0)


def one_visitor_closes_nothing_and_two_do(officers: People, pocket: Pocket) -> None:
    page = pocket(scripts=False)
    page.goto("/facility/stale/")
    _report_closed(page)
    expect(page.get_by_text("Thank you.")).to_be_visible()
    expect(page.get_by_text("Open now")).to_be_visible()
    _report_closed(officers.open("gansu", "/facility/stale/"))
    page.goto("/facility/stale/")
    expect(page.get_by_text("Closed, as visitors say: call first")).to_be_visible()


def _report_closed(page: Any) -> None:
    page.get_by_label("It is closed").check()
    page.get_by_role("button", name="Send the report").click()


def the_office_merges_what_was_one(officers: People, pocket: Pocket) -> None:
    page = officers.open("county", "/desk/finder/twice/merge/")
    page.locator("[name=into]").fill("stale")
    page.get_by_role("button", name="Merge", exact=True).click()
    expect(page.get_by_text("code: twice")).to_be_visible()
    resident = pocket(scripts=False)
    resident.goto("/facility/twice/")
    assert resident.url.endswith("/facility/stale/")


def she_types_the_code_of_a_box(pocket: Pocket) -> None:
    page = pocket(scripts=False)
    page.goto("/check/code/")
    page.locator("#code").fill("81234561234567890123")
    page.get_by_role("button", name="Check", exact=True).click()
    answer = page.locator("#answer")
    expect(answer).to_be_visible()
    # A code that no table knows is neither praised nor accused.
    expect(answer).not_to_contain_text("genuine")
    expect(answer).to_have_class("note warn")
    page.locator("#code").fill("8123456")
    page.get_by_role("button", name="Check", exact=True).click()
    expect(answer).to_have_class("errors")


def she_checks_the_drawer_with_the_server_gone(town: House, pocket: Pocket) -> None:
    page = pocket()
    page.goto("/check/medicine/")
    expect(page.locator("#kept[data-kept=true]")).to_have_count(1)
    town.stop()
    page.reload()
    row = page.locator("#items > li").first
    row.locator("[data-f=name]").fill("对乙酰氨基酚片 0.5 g")
    row.locator("[data-f=count]").fill("2")
    row.locator("[data-f=times]").fill("6")
    page.get_by_label("Years").fill("70")
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.locator("#result")).to_have_attribute("data-verdict", "stop")
    town.start()


def everybody_can_use_the_pages(pocket: Pocket) -> None:
    page = pocket()
    for path in (HERE, "/p/62/clinics/", "/facility/stale/", "/check/code/", "/check/medicine/"):
        page.goto(path)
        assert faults_of(page) == [], path


CHAPTERS = (
    she_sees_the_emergency_department_and_who_is_really_open,
    she_asks_for_fever_clinics_alone,
    she_reads_who_said_it_and_when,
    she_looks_at_the_map,
    a_caller_takes_the_site_that_waited_longest,
    now_it_is_open,
    a_second_person_hears_of_the_call,
    one_visitor_closes_nothing_and_two_do,
    the_office_merges_what_was_one,
    she_types_the_code_of_a_box,
    she_checks_the_drawer_with_the_server_gone,
    everybody_can_use_the_pages,
)


def test_she_finds_who_is_open_and_what_he_may_take(
    town: House, officers: People, pocket: Pocket
) -> None:
    """One test, for no chapter means anything without those before it."""
    cast = {"town": town, "officers": officers, "pocket": pocket}
    for chapter in CHAPTERS:
        chapter(**{name: cast[name] for name in signature(chapter).parameters})
