"""In a real browser: an opened guide is read again with the server gone."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from playwright.sync_api import expect

from tongzhou.learning import queries
from tongzhou.learning.models import Guide, GuideVersion
from tongzhou.learning.rules.builtin import builtin_guides

pytestmark = pytest.mark.browser
SLUG = "measure-oxygen"
SCRIPT = "learning/keep.js"


def unsaved(slug: str) -> GuideVersion:
    """A guide of the release without a database: beside Playwright none can be asked."""
    one = next(one for one in builtin_guides() if one.slug == slug)
    text = one.text
    return GuideVersion(
        guide=Guide(slug=slug, audience=one.audience, topic=one.topic),
        number=1,
        title_zh=text.title["zh"], title_en=text.title["en"],
        body_zh=text.body["zh"], body_en=text.body["en"],
        as_of=text.as_of, valid_from=text.valid_from,
    )  # fmt: skip


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadingHTTPServer]:
    monkeypatch.setattr(queries, "guide_now", unsaved)
    client = Client(headers={"accept-language": "en"})
    found = {
        path: (dict(answer.items()), answer.content)
        for path in (f"/guides/{SLUG}/", "/guides/sw.js")
        if (answer := client.get(path)).status_code == 200
    }
    file = finders.find(SCRIPT)
    assert isinstance(file, str)
    found[f"/static/{SCRIPT}"] = ({"Content-Type": "text/javascript"}, Path(file).read_bytes())

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            headers, body = found.get(self.path, ({}, b""))
            self.send_response(200 if self.path in found else 404)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: Any) -> None:
            """Nothing on standard error."""

    made = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


def test_an_opened_guide_is_read_again_with_the_server_gone(
    browser: Any, server: ThreadingHTTPServer
) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740})
    context.set_default_timeout(15_000)
    page = context.new_page()
    address = f"http://127.0.0.1:{server.server_port}/guides/{SLUG}/"
    page.goto(address)
    expect(page.locator("#kept")).to_be_visible()
    server.shutdown()
    server.server_close()
    page.goto("about:blank")
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_have_text("How to measure oxygen")
    assert "Sit and rest for 5 minutes" in page.inner_text("main")
    # What was not opened is not there: the browser says so, not a page of ours.
    with pytest.raises(Exception, match="ERR_"):
        page.goto(address.replace(SLUG, "recovery"))
    context.close()
