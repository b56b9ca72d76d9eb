"""The scripts of the two checks, and what these pages may load."""

import gzip
from functools import cache
from importlib.resources import files

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tongzhou.kit.access import public

SCRIPTS = ("code", "scanner", "medicine", "catalogue", "items", "drawer")
WORKER = "drawer-worker"
# The reader of codes is WebAssembly: it alone is let in, on these pages alone.
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'unsafe-inline';"
    " img-src 'self' data:; media-src 'self' blob:; connect-src 'self'; worker-src 'self';"
    " form-action {form}; base-uri 'none'; frame-ancestors 'none'"
)


def guarded(response: HttpResponse, *, form: str) -> HttpResponse:
    """The page with its policy; `form`: where its form may go, 'self' or 'none' in quotes."""
    response["Content-Security-Policy"] = POLICY.format(form=form)
    return response


@public
@require_safe
def script(request: HttpRequest, name: str) -> HttpResponse:
    """A script of the pages: one address for each, so that they may load one another."""
    if name not in SCRIPTS:
        raise Http404
    return _sent(request, name)


@public
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The medicine page's worker: below its address, so that it answers for that page alone."""
    return _sent(request, WORKER)


def _sent(request: HttpRequest, name: str) -> HttpResponse:
    return packed(request, *_script(name), "text/javascript")


def packed(request: HttpRequest, plain: bytes, zipped: bytes, kind: str) -> HttpResponse:
    """An answer that was compressed once, in the form that the browser takes."""
    takes = "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(zipped if takes else plain, content_type=kind)
    response["Cache-Control"] = "no-cache"
    response["Vary"] = "Accept-Encoding"
    if takes:
        response["Content-Encoding"] = "gzip"
    return response


@cache
def _script(name: str) -> tuple[bytes, bytes]:
    plain = files("tongzhou.portal").joinpath(f"static/portal/{name}.js").read_bytes()
    return plain, gzip.compress(plain, 9, mtime=0)
