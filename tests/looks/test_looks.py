"""Zero violations on every page; the checks are shown to catch a page that is broken on purpose."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpRequest
from django.views.defaults import server_error

from ..matrix.world import STRANGER, World
from .showing import Glass, Seen, pages

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

PHONE, DESK = (360, "zh-hans"), (1280, "en")
DARK = (360, "zh-hans", "dark")
RESIDENTS_PAGES = """
home find channel trace-campaign trace-donation trace-division trace-place trace-parcel receive
claim round clinics facility code-check medicine-check guides guide
"""
# One page of each kind, and those most used. `make test-slow` looks at all of them.
STAFF_PAGES = """
account_login desk account people person role-give person-close organisations campaigns campaign
needs need promises runs run-new run run-division run-place run-compare run-approve run-lanes
run#lanes lanes route-run county-routes shipments
run-whatif run-answer
shipment shipment-receive county-parcels parcel drive-county discrepancies discrepancy board
board-county tasks funds fund fund-new orders order order-new stock ledger-move places place
place#division import-places import-places-batch finder calls jobs job
mfa_index review guide-desk
"""
# Pages with pictures of their own, where dark colours are most easily forgotten.
PICTURES = frozenset(["run#lanes", "county-routes", "round"])
RESIDENTS = frozenset(RESIDENTS_PAGES.split())
MAIN = RESIDENTS | frozenset(STAFF_PAGES.split())
RESIDENTS_BYTES = 50_000
AT_LEAST_PAGES = 105


@pytest.fixture
def glass(world: World, browser: Any, request: pytest.FixtureRequest) -> Iterator[Glass]:
    width, language, *dark = request.param
    opened = Glass(world, browser, width, language, dark=bool(dark))
    yield opened
    opened.context.close()


def wrong_with(glass: Glass, seen: Seen) -> list[str]:
    status = glass.open(seen)
    found = glass.faults() if status == 200 else [f"answers {status}"]
    return [f"{seen.name} {seen.url}: {fault}" for fault in found]


def shared_titles(glass: Glass, shown: list[Seen]) -> list[str]:
    """Titles that pages of different routes have in common."""
    routes: dict[str, set[str]] = defaultdict(set)
    for seen in shown:
        routes[glass.title_of(seen)].add(seen.name.split("#")[0])
    return [f"{title}: {sorted(names)}" for title, names in routes.items() if len(names) > 1]


@pytest.mark.parametrize("glass", [PHONE, DESK], indirect=True, ids=["phone", "desk"])
def test_the_main_pages_can_be_used_by_everybody(glass: Glass) -> None:
    shown = list(pages(glass.world, MAIN))
    assert {seen.name for seen in shown} == MAIN
    assert [fault for seen in shown for fault in wrong_with(glass, seen)] == []


@pytest.mark.parametrize("glass", [DARK], indirect=True, ids=["phone in the dark"])
def test_pages_with_pictures_can_be_used_in_the_dark(glass: Glass) -> None:
    shown = list(pages(glass.world, PICTURES))
    assert {seen.name for seen in shown} == PICTURES
    assert [fault for seen in shown for fault in wrong_with(glass, seen)] == []
    assert glass.page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")


@pytest.mark.slow
@pytest.mark.parametrize("glass", [PHONE, DESK], indirect=True, ids=["phone", "desk"])
def test_every_page_can_be_used_by_everybody(glass: Glass) -> None:
    shown = list(pages(glass.world))
    assert len(shown) >= AT_LEAST_PAGES
    assert [fault for seen in shown for fault in wrong_with(glass, seen)] == []
    assert shared_titles(glass, shown) == []


@pytest.mark.parametrize("glass", [PHONE, DESK], indirect=True, ids=["phone", "desk"])
def test_a_page_that_refuses_can_be_used_too(glass: Glass) -> None:
    """What is not there, what is not allowed, and what broke."""
    for who, url, status in (
        (STRANGER, "/nowhere/", 404),
        ("nobody", "/desk/people/", 403),
        (STRANGER, "/c/AAAAAAAAAAAAAAAAAAAAAAAAAA/", 404),
    ):
        assert glass.open(Seen("refusal", url, glass.holder_named(who))) == status
        assert glass.faults() == [], url
    glass.page.set_content(server_error(HttpRequest()).content.decode())
    assert glass.faults() == []


@pytest.mark.parametrize("glass", [PHONE], indirect=True)
def test_the_menu_opens_on_a_phone_without_a_script(glass: Glass) -> None:
    (desk,) = pages(glass.world, frozenset({"desk"}))
    glass.open(desk)
    menu = glass.page.locator("#menu")
    assert not menu.is_visible()
    glass.page.get_by_role("link", name="菜单").click()
    assert menu.is_visible()
    assert glass.faults() == []


@pytest.mark.parametrize("glass", [PHONE], indirect=True)
def test_what_residents_load_is_light(glass: Glass) -> None:
    heavy = {
        seen.name: size
        for seen in pages(glass.world, RESIDENTS)
        if (size := glass.bytes_of(seen)) > RESIDENTS_BYTES
    }
    assert heavy == {}


BROKEN = {
    "image-alt": '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" width="1" height="1">',
    "color-contrast": '<p style="color:#999">Pale</p>',
    "label": '<input type="text" style="height:3rem">',
    "heading-order": "<h3>Too deep</h3>",
    "empty-table-header": "<table><tr><th></th></tr><tr><td>1</td></tr></table>",
    "scrolls sideways": '<p style="width:500px">Wide</p>',
    "a table is cut": '<div class="wrap" style="overflow:auto;width:9rem" tabindex="0">'
    '<p style="width:20rem">Cut</p></div>',
    "has 2 h1": "<h1>Another</h1>",
    "24 px high": '<p><a href="/" style="display:inline-block;line-height:24px">Alone</a></p>',
    "written in 10 px": '<p style="font-size:10px">Tiny</p>',
    "primary buttons": "<button style='height:3rem'>One</button>"
    "<button style='height:3rem'>Two</button>",
}


@pytest.mark.parametrize("glass", [PHONE], indirect=True)
def test_each_fault_made_on_purpose_is_caught(glass: Glass) -> None:
    (home,) = pages(glass.world, frozenset({"find"}))
    glass.open(home)
    assert glass.faults() == []
    for fault, markup in BROKEN.items():
        glass.page.evaluate(
            "(markup) => document.querySelector('main').insertAdjacentHTML('beforeend',"
            " `<div id=fault>${markup}</div>`)",
            markup,
        )
        assert any(fault in said for said in glass.faults()), fault
        glass.page.evaluate("() => document.querySelector('#fault').remove()")


@pytest.mark.parametrize("glass", [PHONE], indirect=True)
def test_a_page_without_its_language_is_caught(glass: Glass) -> None:
    (home,) = pages(glass.world, frozenset({"find"}))
    glass.open(home)
    glass.page.evaluate("() => document.documentElement.removeAttribute('lang')")
    assert [said for said in glass.faults() if said.startswith("html-has-lang")]
