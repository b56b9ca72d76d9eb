"""A driver's round in a real browser: ticks stay, and it opens again without a network."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tongzhou.campaigns.models import Campaign
from tongzhou.kit import clock
from tongzhou.places.models import Division
from tongzhou.planning.routing.answer import DriverTrip, Visit
from tongzhou.planning.routing.instance import Stop
from tongzhou.planning.sheets import Round
from tongzhou.plans.models import CountyRoutes, RouteRun, Run
from tongzhou.plans.queries.rounds import Opened
from tongzhou.plans.views import round as round_view

pytestmark = pytest.mark.browser


def opened() -> Opened:
    """A round of three stops, put together without a database: beside Playwright's event loop a
    connection of its own would stay open."""
    stops = tuple(Stop(f"c{n}", 2, f"室{n}", lon=103.0 + n / 10, lat=36.1) for n in (1, 2, 3))
    visits = tuple(Visit(stop, 30_000 + n, 4_000) for n, stop in enumerate(stops))
    trip = DriverTrip(1, "van", 1, 1, 28_800, 36_000, visits, 3_000)
    depot = Stop("depot", name="县库", lon=103.0, lat=36.0)
    run = Run(campaign=Campaign(division=Division(name="甲县")))
    row = CountyRoutes(
        route_run=RouteRun(run=run), county=Division(name="甲县"), computed_at=clock.now()
    )
    on = clock.today()
    return Opened(row, on, on, Round("甲县", depot, "van", 1, 1, (trip,)))


@pytest.fixture
def address(client, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The round's page and scripts, served on this machine as the views answer them."""
    monkeypatch.setattr(round_view, "opened_by", lambda _token, _today: opened())
    page = reverse("round", args=["1.1.20230107.SECRET"])
    paths = [page, *(reverse("round-script", args=[name]) for name in ("round", "sw"))]
    answers = {path: client.get(path, headers={"accept-language": "en"}) for path in paths}

    class Served(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = answers.get(self.path)
            self.send_response(answer.status_code if answer else 404)
            for name, value in answer.items() if answer else ():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.content if answer else b"")

        def log_message(self, *_arguments: Any) -> None:
            """Nothing on standard error."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Served)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}{page}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def phone(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 360, "height": 740})
    context.set_default_timeout(15_000)
    yield context
    context.close()


def test_ticks_stay_on_the_phone_and_the_next_stop_is_on_top(phone: Any, address: str) -> None:
    page = phone.new_page()
    page.goto(address)
    expect(page.locator("#left")).to_have_text("Stops left: 3")
    stops = page.locator(".stops[data-trip]:visible > li")
    first = stops.first.get_attribute("id")
    stops.first.get_by_label("Done").check()
    expect(page.locator("#left")).to_have_text("Stops left: 2")
    expect(page.locator("#done > li")).to_have_count(1)
    # The driver is at the next stop, not at the bottom with the one that is done.
    expect(page.locator("li.next input")).to_be_focused()
    expect(page.locator("li.next")).to_be_in_viewport()
    page.reload()
    expect(page.locator(f"#done > #{first}")).to_be_visible()
    # A wrong tick is taken back, and the stop is where it was.
    page.locator("#done").get_by_label("Done").uncheck()
    expect(stops.first).to_have_attribute("id", first or "")
    expect(page.locator("li.next")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_it_opens_again_without_a_network(phone: Any, address: str) -> None:
    page = phone.new_page()
    page.goto(address)
    expect(page.locator("#kept[data-kept=true]")).to_have_text(
        "This page now opens without a network."
    )
    phone.set_offline(True)
    page.reload()
    page.locator(".stops[data-trip]:visible > li").first.get_by_label("Done").check()
    expect(page.locator("#left")).to_have_text("Stops left: 2")


def test_it_is_complete_without_a_script(browser: Any, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address + "#s3")
    expect(page.locator(".stops[data-trip] > li")).to_have_count(3)
    expect(page.get_by_text("This link works until")).to_be_visible()
    context.close()
