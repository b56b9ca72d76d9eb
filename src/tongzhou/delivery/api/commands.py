"""What devices call: the offline outbox."""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from ninja import Router, Schema

from tongzhou.people.models import Account

from ..actions.commands import Busy, run_call
from ..rules.commands import MOST_BYTES, Malformed, read_call

router = Router(tags=["commands"])

SAME_SITE = ("same-origin", "none", "")


class Sent(Schema):
    """One command of a device."""

    id: str
    kind: str
    at: str | None = None
    token: str | None = None
    body: dict[str, object]


class Call(Schema):
    """What a device sends: its own name, and up to 500 commands."""

    device: str
    commands: list[Sent]


class ResultRow(Schema):
    """What became of a command: done, duplicate, conflict, refused or needs_decision."""

    id: str
    status: str
    answer: dict[str, object]


class Results(Schema):
    results: list[ResultRow]


def _whole(schema: type[Schema]) -> dict[str, Any]:
    """A schema's description with its one inner schema written out where it is used: a reference
    would point into the whole document, where django-ninja does not put it."""
    described = schema.model_json_schema()
    described["properties"]["commands"]["items"] = described.pop("$defs")["Sent"]
    return described


@router.post(
    "/commands",
    auth=None,
    summary="Carry out commands of an offline outbox",
    response=Results,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _whole(Call)}},
        }
    },
)
def commands(request: HttpRequest) -> HttpResponse:
    """Each command has one effect and, sent again, the same result, byte for byte.

    It is read here rather than by a schema, so that a fault in one command refuses that one alone.
    """
    if request.content_type != "application/json":
        return _problem(415, _("Send the commands as application/json."))
    length = request.headers.get("Content-Length", "")
    if length.isdecimal() and int(length) > MOST_BYTES:
        return _problem(413, _("The call is larger than 6 MB. Send fewer commands at once."))
    try:
        results = run_call(read_call(request.body), _account(request))
    except Malformed as malformed:
        return _problem(malformed.status, str(malformed))
    except Busy:
        return _problem(429, _("Too many commands without a right. Try again in an hour."))
    text = '{"results":[' + ",".join(results) + "]}"
    return HttpResponse(text, content_type="application/json")


def _account(request: HttpRequest) -> Account | None:
    """The session's account, unless another site made the browser send its cookie."""
    if request.headers.get("Sec-Fetch-Site", "") not in SAME_SITE:
        return None
    return request.user if isinstance(request.user, Account) else None


def _problem(status: int, detail: str) -> HttpResponse:
    """RFC 9457 problem details."""
    title = HTTPStatus(status).phrase
    return JsonResponse(
        {"type": "about:blank", "title": title, "status": status, "detail": detail},
        status=status,
        content_type="application/problem+json",
    )
