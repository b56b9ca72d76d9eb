"""Content-Security-Policy: what a page may load and run. Nothing from elsewhere, no inline script.

Staff pages have their styles in files. Light pages (resident.html) carry theirs inside, so that a
slow phone asks once: such a block is allowed by its digest, and only if it is one of ours.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

Respond = Callable[[HttpRequest], HttpResponse]

HEADER = "Content-Security-Policy"
NOT_FRAMED = "; frame-ancestors 'none'"
# Attributes carry the width of a bar or the place of a mark, which no digest can name beforehand.
# Browsers that do not know -elem and -attr fall back to style-src.
POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none';"
    " form-action 'self'; style-src 'self' 'unsafe-inline'; style-src-attr 'unsafe-inline';"
    " style-src-elem 'self'"
)
SOURCE = Path(__file__).resolve().parents[1]
STYLE = re.compile(rb"<style>(.*?)</style>", re.DOTALL)
INCLUDED = re.compile(rb'\{% include "([\w./]+\.css)" %\}')


def content_policy(respond: Respond) -> Respond:
    """Put the policy on every answer that has none of its own.

    May a page stand in a frame elsewhere? Its view decides, by Django's `xframe_options_exempt`.
    """

    def guarded(request: HttpRequest) -> HttpResponse:
        response = respond(request)
        if HEADER not in response:
            framed = getattr(response, "xframe_options_exempt", False)
            response[HEADER] = POLICY + _styles(response) + ("" if framed else NOT_FRAMED)
        return response

    return guarded


def _styles(response: HttpResponseBase) -> str:
    """The digests of the blocks of style on a page, those left out that are not ours."""
    content = b"" if response.streaming else getattr(response, "content", b"")
    if b"<style>" not in content:
        return ""
    digests = (digest(block) for block in STYLE.findall(content))
    return "".join(f" '{one}'" for one in digests if one in known())


def digest(block: bytes) -> str:
    """As a policy names a block: sha256 and its digest in base64."""
    return "sha256-" + base64.b64encode(hashlib.sha256(block).digest()).decode()


@cache
def known() -> frozenset[str]:
    """The digests of every block of style in the project's templates."""
    return frozenset(digest(block) for block in blocks(SOURCE))


def blocks(source: Path) -> Iterator[bytes]:
    """Every block of style in the templates below a folder, with the sheet it includes filled in.

    Raises ValueError for one that is made anew for each page: its digest cannot be known.
    """
    for path in sorted(source.glob("*/templates/**/*.html")):
        for block in STYLE.findall(path.read_bytes()):
            filled = INCLUDED.sub(lambda name: _sheet(source, name[1].decode()), block)
            if b"{%" in filled or b"{{" in filled:
                raise ValueError(f"{path}: a block of style has to be the same on every page.")
            yield filled


def _sheet(source: Path, name: str) -> bytes:
    return next(source.glob(f"*/templates/{name}")).read_bytes()
