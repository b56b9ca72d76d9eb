"""The form of what a device sends: a device name and up to 500 commands, each with its own id."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from .moments import moment_in

MOST_COMMANDS = 500
MOST_BYTES = 6 * 2**20
LONGEST_BODY = 400 * 1024
LONGEST_DEVICE = 80
LONGEST_KIND = 40
# Longer than any id of ours once the namespace of devices stands before it (80 in the ledger).
_ID = re.compile(r"[!-~]{1,72}")
_DEEPEST = 20


class Malformed(Exception):
    """The call as a whole cannot be read; `status` is the HTTP status to answer with."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True, slots=True)
class Sent:
    """One command as sent. `fault` says why it cannot be done, whatever its rights."""

    id: str
    kind: str
    at_device: datetime | None
    token: str
    body: Mapping[str, Any]
    sha256: str
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    device: str
    commands: tuple[Sent, ...]


def read_call(raw: bytes) -> Call:
    """Read the body of a call. Raises Malformed when it is too large or not of the form."""
    if len(raw) > MOST_BYTES:
        raise Malformed(413, _("The call is larger than 6 MB. Send fewer commands at once."))
    value = _parsed(raw)
    device, commands = value.get("device"), value.get("commands")
    if not isinstance(device, str) or not 1 <= len(device) <= LONGEST_DEVICE or not _clean(device):
        raise Malformed(422, _("`device` must be a text of 1 to 80 characters."))
    if not isinstance(commands, list):
        raise Malformed(422, _("`commands` must be a list."))
    if len(commands) > MOST_COMMANDS:
        raise Malformed(413, _("At most 500 commands are taken in one call. Send the rest next."))
    return Call(device, tuple(_sent(one) for one in commands))


def result_text(command_id: str, status: str, answer: Mapping[str, Any]) -> str:
    """One result, in the bytes that every replay gets again."""
    return json.dumps(
        {"id": command_id, "status": status, "answer": answer},
        ensure_ascii=False,
        separators=(",", ":"),
    )


def _parsed(raw: bytes) -> dict[str, Any]:
    try:
        value = json.loads(raw.decode(), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Malformed(400, _("The body is not JSON in UTF-8.")) from None
    if not isinstance(value, dict):
        raise Malformed(422, _("The body must be an object with `device` and `commands`."))
    return value


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _sent(value: object) -> Sent:
    if not isinstance(value, dict) or not isinstance(value.get("id"), str):
        raise Malformed(422, _("Each command must be an object with an `id`."))
    if not _ID.fullmatch(value["id"]):
        raise Malformed(422, _("A command's `id` has 1 to 72 letters, digits or marks."))
    kind, token, body = value.get("kind"), value.get("token") or "", value.get("body")
    fault = _fault(kind, token, body, value.get("at"))
    at = None if fault else _moment(value.get("at"))
    return Sent(
        id=value["id"],
        kind=kind[:LONGEST_KIND] if isinstance(kind, str) and _clean(kind) else "",
        at_device=at,
        token=token if isinstance(token, str) and not fault else "",
        body=body if isinstance(body, dict) and not fault else {},
        # Of what was sent, sound or not, so that the id with other words is told from a repeat.
        sha256=_digest([kind, value.get("at"), token, body]),
        fault=fault,
    )


def _fault(kind: object, token: object, body: object, at: object) -> str:
    if not isinstance(kind, str) or not 1 <= len(kind) <= LONGEST_KIND or not _clean(kind):
        return _("`kind` must be a text of 1 to 40 characters.")
    if not isinstance(token, str) or len(token) > 64:
        return _("`token` must be a text of at most 64 characters.")
    if not isinstance(body, dict) or not _clean(body):
        return _("`body` must be an object of ordinary texts and numbers.")
    if len(json.dumps(body)) > LONGEST_BODY:
        return _("The body of a command has at most 400 KB.")
    if at is not None and _moment(at) is None:
        return _("`at` must be a time such as 2023-01-08T14:05:00+08:00.")
    return ""


def _moment(value: object) -> datetime | None:
    return moment_in(value, with_zone=True) if isinstance(value, str) else None


def _digest(value: object) -> str:
    """SHA-256 of everything the device said; half a surrogate pair has bytes of its own here."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _clean(value: object, depth: int = 0) -> bool:
    """No text that a database cannot hold, and no nesting without end."""
    if depth > _DEEPEST:
        return False
    if isinstance(value, str):
        return "\x00" not in value and not any("\ud800" <= c <= "\udfff" for c in value)
    if isinstance(value, dict):
        return all(_clean(k, depth + 1) and _clean(v, depth + 1) for k, v in value.items())
    if isinstance(value, list):
        return all(_clean(one, depth + 1) for one in value)
    return True
