"""Who acts, how a value is kept out of the log, and how events are chained: decided here, stored elsewhere."""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Actor:
    """Who sent a change: an account, a receive token, a driver's device or the system itself."""

    kind: str
    ref: str
    device: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.ref}"


SYSTEM = Actor("system", "tongzhou")


def canonical(value: object) -> bytes:
    """One byte form for one value, so that a digest means the same on every machine."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return text.encode()


def digest_of(previous: str, body: Mapping[str, Any]) -> str:
    """SHA-256 over the previous digest and the canonical body, 64 hex digits."""
    return hashlib.sha256(previous.encode() + canonical(body)).hexdigest()


def sealed(values: Json | None, personal: Iterable[str], key: bytes) -> Json | None:
    """Replace each personal value by an HMAC under the person's key; the rest stays readable."""
    if values is None:
        return None
    hidden = set(personal)
    return {name: _hmac(key, value) if name in hidden else value for name, value in values.items()}


def _hmac(key: bytes, value: object) -> str | None:
    if value is None or value == "":
        return None
    return "hmac:" + hmac.new(key, canonical(value), hashlib.sha256).hexdigest()
