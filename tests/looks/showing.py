"""Pages of the matrix's world shown in a browser: no server, each request is answered in here."""

from collections.abc import Iterator
from contextvars import copy_context
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders

from ..matrix.oracle import Holder
from ..matrix.routes import address
from ..matrix.rows import rows
from ..matrix.table import API, Row
from ..matrix.world import STRANGER, Built, World

SITE = "http://tongzhou.test"
AXE = Path(__file__).parents[1] / "vendor" / "axe.min.js"
MEASURE = Path(__file__).with_name("measure.js").read_text(encoding="utf-8")
# WCAG 2.0 to 2.2, A and AA, and what axe itself calls good practice.
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN_AXE = """(tags) => axe.run(document, {runOnly: tags, resultTypes: ["violations"],
  preload: false, iframes: false}).then((found) => found.violations.flatMap((v) =>
  v.nodes.slice(0, 2).map((node) => `${v.id}: ${node.html.slice(0, 160)}`)))"""
WIDE_ENOUGH = ("administrator (nation)", "superuser", STRANGER)


@dataclass(frozen=True)
class Seen:
    """A page: its row of the matrix, its address, and the one who opens it."""

    name: str
    url: str
    holder: Holder


class Glass:
    """A browser window of one width and language onto the world."""

    def __init__(
        self, world: World, browser: Any, width: int, language: str, *, dark: bool = False
    ) -> None:
        self.world, self.language = world, language
        self.here = copy_context()
        self.holder = self.holder_named(STRANGER)
        self.context = browser.new_context(
            viewport={"width": width, "height": 800},
            service_workers="block",
            color_scheme="dark" if dark else "light",
        )
        self.context.set_default_timeout(15_000)
        self.context.add_init_script(path=str(AXE))
        self.context.route("**/*", self._answer)
        self.page = self.context.new_page()

    def holder_named(self, name: str) -> Holder:
        return next(holder for holder in self.world.holders if holder.name == name)

    def open(self, seen: Seen) -> int:
        """Show a page; the status of its answer."""
        self.holder = seen.holder
        answer = self.page.goto(SITE + seen.url, wait_until="load")
        return int(answer.status)

    def faults(self) -> list[str]:
        """Everything wrong with the page that is shown."""
        found: list[str] = self.page.evaluate(RUN_AXE, TAGS)
        return found + list(self.page.evaluate(MEASURE))

    def title_of(self, seen: Seen) -> str:
        text: str = _asked(self.world, seen.holder, seen.url, self.language).content.decode()
        return text.split("<title>")[1].split("</title>")[0]

    def bytes_of(self, seen: Seen) -> int:
        return len(_asked(self.world, seen.holder, seen.url, self.language).content)

    def _answer(self, route: Any) -> None:
        path = urlsplit(route.request.url).path
        if path.startswith(settings.STATIC_URL):
            file = finders.find(path.removeprefix(settings.STATIC_URL))
            route.fulfill(path=file) if isinstance(file, str) else route.abort()
            return
        url = route.request.url.removeprefix(SITE)
        # Playwright answers in a context of its own; the fixed clock is in the test's.
        answer = self.here.copy().run(_asked, self.world, self.holder, url, self.language)
        body = b"".join(answer) if answer.streaming else answer.content
        route.fulfill(status=answer.status_code, headers=dict(answer.items()), body=body)


def _asked(world: World, holder: Holder, url: str, language: str) -> Any:
    browser = world.browser(holder)
    browser.factory.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    return browser.send("GET", url, {})


def pages(world: World, names: frozenset[str] = frozenset()) -> Iterator[Seen]:
    """The named rows of the matrix, or all of them, as far as they are pages; one object is made
    for each that names one."""
    holders = {h.name: h for h in world.holders}
    for row in rows().values():
        if (names and row.name not in names) or "GET" not in row.methods:
            continue
        if row.route.startswith(API):
            continue
        built = row.build(world.making("own")) if row.build else None
        url = _address(row, built)
        for name in (STRANGER,) if row.shape in ("open", "secret") else WIDE_ENOUGH:
            answer = _asked(world, holders[name], url, "en")
            if answer.status_code == 200 and "text/html" in answer.get("Content-Type", ""):
                yield Seen(row.name, url, holders[name])
                break


def _address(row: Row, built: Built | None) -> str:
    """A list stands at its own address or under something; everything else under its object."""
    if built is None:
        return address(row.route, {})
    inside = built.within if row.shape == "listing" else built.kwargs
    return address(row.route, inside, built.query)
