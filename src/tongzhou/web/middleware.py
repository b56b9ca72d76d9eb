"""What happens to every request: one line in the log, one sample in the metrics, no copy kept."""

import time
import uuid
from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from whitenoise.middleware import WhiteNoiseMiddleware

from . import metrics

log = structlog.get_logger("tongzhou.request")

Respond = Callable[[HttpRequest], HttpResponse]
LANGUAGE_KEPT_SECONDS = 365 * 86_400


def request_log(respond: Respond) -> Respond:
    """Log method, address pattern, status and time. The pattern stands for the address, whose own
    text may hold a receive token or a search for a person."""

    def logged(request: HttpRequest) -> HttpResponse:
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=uuid.uuid4().hex[:12])
        started = time.perf_counter()
        response = respond(request)
        seconds = time.perf_counter() - started
        route = _route(request)
        metrics.observe(request.method or "", route, response.status_code, seconds)
        write = log.error if response.status_code >= 500 else log.info
        write(
            "request",
            method=request.method,
            route=route,
            status=response.status_code,
            ms=round(seconds * 1000, 1),
            account=_account(request),
        )
        return response

    return logged


def asked_language(respond: Respond) -> Respond:
    """`?lang=en` in an address answers in that language and remembers it: a link instead of a form,
    so that a page without anything of one's own can be kept and served to everybody."""

    def answered(request: HttpRequest) -> HttpResponse:
        asked = request.GET.get("lang", "")
        if asked not in dict(settings.LANGUAGES):
            return _by_cookie(respond(request))
        translation.activate(asked)
        request.LANGUAGE_CODE = asked
        response = respond(request)
        _by_cookie(response).set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            asked,
            max_age=LANGUAGE_KEPT_SECONDS,
            secure=request.is_secure(),
            samesite="Lax",
        )
        return response

    return answered


def _by_cookie(response: HttpResponse) -> HttpResponse:
    """A page that a cache may keep is in the language of the cookie: the cache has to know, or it
    gives one reader's language to the next."""
    if "public" in response.get("Cache-Control", ""):
        patch_vary_headers(response, ("Cookie",))
    return response


def no_nul(respond: Respond) -> Respond:
    """No text of ours has a NUL in it, and PostgreSQL cannot even be asked for one: an address or
    cookie with one goes no further."""

    def checked(request: HttpRequest) -> HttpResponse:
        asked = (request.path_info, *request.COOKIES.values())
        if "%00" in request.META.get("QUERY_STRING", "") or any("\x00" in one for one in asked):
            return _nul_refused(request)
        return respond(request)

    return checked


def no_store(respond: Respond) -> Respond:
    """A page made for somebody who is signed in stays out of caches and of the back button."""

    def private(request: HttpRequest) -> HttpResponse:
        response = respond(request)
        # Without the cookie nobody is signed in, and a public page stays free of the session.
        has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
        if has_session and request.user.is_authenticated:
            response.setdefault("Cache-Control", "private, no-store")
        return response

    return private


class StaticFiles(WhiteNoiseMiddleware):  # type: ignore[misc]
    """The site's own files, as whole responses: an open file cannot be sent asynchronously."""

    @staticmethod
    def serve(static_file: Any, request: HttpRequest) -> HttpResponse:
        found = static_file.get_response(request.method, request.META)
        content = b""
        if found.file is not None:
            with found.file:
                content = found.file.read()
        response = HttpResponse(content, status=int(found.status))
        for name, value in found.headers:
            response[name] = value
        return response


def _nul_refused(request: HttpRequest) -> HttpResponse:
    text = _("The address has a character in it that no address here has. Type it again.")
    if not request.path_info.startswith("/api/"):
        return HttpResponse(text, status=400, content_type="text/plain; charset=utf-8")
    problem = {"type": "about:blank", "title": "Bad Request", "status": 400, "detail": text}
    return JsonResponse(problem, status=400, content_type="application/problem+json")


def _account(request: HttpRequest) -> int | None:
    """The account, if the request had to find out: the log itself asks no database."""
    found = getattr(request, "_cached_user", None)
    return found.pk if found is not None else None


def _route(request: HttpRequest) -> str:
    return "/" + request.resolver_match.route if request.resolver_match else "unknown"
