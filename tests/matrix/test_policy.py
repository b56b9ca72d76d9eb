"""Every page in a real browser, as each role: none asks for what its own policy forbids.

Chromium's requests are answered by the house itself in this process, headers and all, so that the
world of the matrix need not be committed.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from tongzhou.people.rules import ROLES

from .asking import Browser
from .routes import address
from .rows import rows
from .table import API, Row
from .world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db, pytest.mark.tidy]

HOUSE = "http://localhost"
WATCH = """
addEventListener("securitypolicyviolation", e => console.error(
  "Content Security Policy: " + e.violatedDirective + " " + e.blockedURI + " " + e.sample))
"""


class Walker:
    """A browser page that goes from address to address and keeps what its policy forbade."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.at = ""
        self.shown: Any = None
        self.forbidden: list[str] = []
        self.reader = Browser(None)
        page.add_init_script(WATCH)
        page.on("console", self._hear)
        page.route("**/*", self._answer)

    def visit(self, path: str) -> bool:
        """Open a page and let its scripts start; whether it is one. Papers and tables are none."""
        # Asked here and not when the browser asks, which is in another context without the world.
        answer = self.reader.send("GET", path, {})
        html = answer.get("Content-Type", "").startswith("text/html")
        if not html or answer.status_code != 200:
            return False
        self.at, self.shown = path, answer
        self.page.goto(HOUSE + path, wait_until="load")
        return True

    def _hear(self, message: Any) -> None:
        if "Content Security Policy" in message.text:
            self.forbidden.append(f"{self.at}: {message.text}")

    def _answer(self, route: Any) -> None:
        url = urlsplit(route.request.url)
        if url.hostname != "localhost":
            self.forbidden.append(f"{self.at} asked {url.hostname}")
            route.abort()
            return
        if url.path.startswith("/static/") or url.path.endswith(".js"):
            answer = self.reader.send("GET", url.path, {})
        elif route.request.is_navigation_request():
            answer = self.shown
        else:
            route.fulfill(status=204)
            return
        route.fulfill(status=answer.status_code, headers=dict(answer.items()), body=answer.content)


@pytest.fixture
def walker(page: Any) -> Walker:
    return Walker(page)


def pages() -> Iterator[Row]:
    """Every row of a page that is looked at; programs' answers are no pages."""
    for row in rows().values():
        if "GET" in row.methods and not row.route.startswith(API) and not row.absent:
            yield row


def browser_of(world: World, name: str) -> Browser:
    return next(world.browser(holder) for holder in world.holders if holder.name == name)


def path_of(world: World, row: Row) -> str:
    built = row.build(world.making("own")) if row.build else None
    if built is None:
        return address(row.route, {})
    kwargs = built.within if row.shape == "listing" else built.kwargs
    return address(row.route, kwargs, built.query)


def test_every_page_keeps_to_its_policy(world: World, walker: Walker) -> None:
    walker.reader = browser_of(world, "superuser")
    seen = [row.name for row in pages() if walker.visit(path_of(world, row))]
    assert walker.forbidden == []
    assert len(seen) >= 60


@pytest.mark.slow
def test_the_desk_of_each_role_keeps_to_its_policy(world: World, walker: Walker) -> None:
    plain = [row for row in pages() if row.build is None or row.shape == "listing"]
    paths = [path_of(world, row) for row in plain]
    for role in ROLES:
        walker.reader = browser_of(world, role)
        opened = [path for path in paths if walker.visit(path)]
        assert "/desk/" in opened
    assert walker.forbidden == []


@pytest.mark.parametrize(
    "wrong",
    [
        "<script>document.title = 'ran'</script>",
        "<style>body { color: red }</style>",
        "<img src='https://elsewhere.example/x.png'>",
        "<form action='https://elsewhere.example/'></form><script src='data:,1'></script>",
    ],
)
def test_what_a_policy_forbids_is_heard(world: World, walker: Walker, wrong: str) -> None:
    class Planted(Browser):
        def send(self, method: str, address: str, data: dict[str, object]) -> Any:
            answer = super().send(method, address, data)
            if b"</body>" in answer.content:
                answer.content = answer.content.replace(b"</body>", wrong.encode() + b"</body>")
            return answer

    walker.reader = Planted(None)
    walker.visit("/accounts/login/")
    walker.page.wait_for_timeout(100)
    assert walker.forbidden
