"""Pages and scripts of the checks, served on this machine as the views answer them, and every
request that came."""

import mimetypes
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from unittest.mock import patch

from django.contrib.staticfiles import finders
from django.db import OperationalError
from django.test import Client

from tongzhou.portal.views import medicines
from tongzhou.portal.views.scripts import SCRIPTS

PATHS = ("/check/medicine/", "/check/medicine/data.json", "/check/medicine/sw.js")
VENDOR = ("vendor/zxing_reader.js", "vendor/zxing_reader.wasm")


@dataclass
class Site:
    """`asked`: the paths of every request since the last `clear`."""

    address: str
    asked: list[str] = field(default_factory=list)
    is_away: bool = False


def answers(
    paths: Iterable[str], language: str = "en"
) -> dict[str, tuple[int, dict[str, str], bytes]]:
    """What the house answers to these paths, by path, and the reader's two files."""
    client = Client(headers={"accept-language": language})
    found = {}
    # No row is needed to check a drawer: without a database the page only says "not reviewed".
    with patch.object(medicines, "review_standings", side_effect=OperationalError):
        for path in [*paths, *(f"/check/{name}.js" for name in SCRIPTS)]:
            answer = client.get(path)
            found[path] = (answer.status_code, dict(answer.items()), answer.content)
    for name in VENDOR:
        file = finders.find(name)
        assert isinstance(file, str)
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        found[f"/static/{name}"] = (200, {"Content-Type": kind}, Path(file).read_bytes())
    return found


@contextmanager
def served(found: dict[str, tuple[int, dict[str, str], bytes]]) -> Iterator[Site]:
    site = Site("")

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append(self.path)
            status, headers, body = found.get(self.path, (404, {}, b""))
            if site.is_away:
                status, body = 503, b""
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: Any) -> None:
            """Nothing on standard error."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    site.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
