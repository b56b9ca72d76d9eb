"""One request, as text: whatever its form, an answer is searched for what it must not hold."""

import io
import json
import re
import sys
import zipfile
import zlib
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

from django.core.files import File
from django.core.handlers.base import BaseHandler
from django.core.signals import got_request_exception
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponseBase
from django.test import Client, RequestFactory
from django.utils.html import escape

from tongzhou.kit.models import Event
from tongzhou.people.models import Account

# What differs between two answers to the same question, and says nothing about anybody.
PASSING = (
    re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"'),
    re.compile(r'nonce="[^"]*"'),
    re.compile(r'"X-CSRFToken": ?"[^"]*"'),
    re.compile(r'name="command(_id)?" value="[^"]*"'),
)
SIGN_IN = "/accounts/login/"
HERE = '"(this address)"'


@dataclass(frozen=True)
class Answer:
    status: int
    text: str
    location: str
    events: int
    broke: str = ""

    @property
    def denied(self) -> bool:
        to_sign_in = self.status == 302 and self.location.startswith(SIGN_IN)
        return self.status in (401, 403, 404) or to_sign_in

    @property
    def opened(self) -> bool:
        return not self.denied and self.status < 500 and self.status != 405


class Browser:
    """Sends requests through all middleware, without the test client's copies of every context:
    thousands of requests have to pass in seconds."""

    def __init__(self, account: Account | None) -> None:
        self.factory = RequestFactory()
        if account is not None:
            client = Client()
            client.force_login(account)
            self.factory.cookies = client.cookies

    def send(self, method: str, address: str, data: dict[str, object]) -> HttpResponseBase:
        request = self.request(method, address, data)
        request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
        return _handler().get_response(request)

    def request(self, method: str, address: str, data: dict[str, object]) -> HttpRequest:
        for value in data.values():
            if isinstance(value, File):
                value.seek(0)
        if method == "GET":
            return self.factory.get(address)
        if "json" in data:
            return self.factory.post(address, data["json"], content_type="application/json")
        return (
            self.factory.generic(method, address)
            if method != "POST"
            else self.factory.post(address, data)
        )


class _Undo(Exception):
    """Leaves the block whose changes are to be undone."""


def ask(
    browser: Browser, method: str, address: str, data: dict[str, object] | None = None
) -> Answer:
    """Send a request and undo what it did; `events` counts what it would have written."""
    before = _events()
    answers: list[Answer] = []
    try:
        with transaction.atomic():
            response = browser.send(method, address, data or {})
            events = _events() - before
            text = _without(text_of(response), address)
            location = response.get("Location", "")
            text += "" if location.startswith(SIGN_IN) else location
            answers.append(Answer(response.status_code, text, location, events, _raised(response)))
            raise _Undo
    except _Undo:
        return answers[0]


def _events() -> int:
    """Counted twice for each request, so without the query builder."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {Event._meta.db_table}")
        return int(cursor.fetchone()[0])


def text_of(response: HttpResponseBase) -> str:
    """Everything readable in an answer: packed sheets unpacked, streams joined, names of files."""
    body = b"".join(response) if response.streaming else response.content
    kind = response.get("Content-Type", "")
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            body = b"\n".join(packed.read(name) for name in packed.namelist())
    elif "pdf" in kind:
        body += b"\n".join(_inflated(body))
    text = body.decode("utf-8", "replace")
    if "json" in kind:
        text = json.dumps(json.loads(text), ensure_ascii=False)
    text += response.get("Content-Disposition", "")
    for passing in PASSING:
        text = passing.sub("", text)
    return text


def _without(text: str, address: str) -> str:
    """A page names its own address, for its language switch to come back to: the asker knows it."""
    for written in (address, escape(address), quote(address), quote(address, safe="")):
        text = text.replace(f'"{written}"', HERE).replace(f"next={written}", "next=")
    return text


def _inflated(pdf: bytes) -> list[bytes]:
    found = []
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        try:
            found.append(zlib.decompress(stream))
        except zlib.error:
            continue
    return found


@cache
def _handler() -> BaseHandler:
    handler = BaseHandler()
    handler.load_middleware()
    got_request_exception.connect(_remember, weak=False, dispatch_uid="matrix")
    return handler


_LAST: list[str] = []


def _remember(**_given: Any) -> None:
    _LAST.append(repr(sys.exc_info()[1]))


def _raised(response: HttpResponseBase) -> str:
    """What broke, for the failure's sentence; a page of 500 itself says nothing."""
    return f" ({_LAST.pop()})" if response.status_code == 500 and _LAST else ""
