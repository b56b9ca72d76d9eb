"""Who acts, what may stand in the log, how it is kept out of it, and how events are chained."""

import hashlib
import hmac
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

Json = dict[str, Any]

GENESIS = "0" * 64
# Beyond this PostgreSQL's jsonb writes a float as an integer, and the digest would no longer match.
LARGEST_FLOAT = 1e15
LARGEST_VALUES_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Actor:
    """Who sent a change: an account, a receive token, a driver's device or the system itself."""

    kind: str
    ref: str
    device: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.ref}"


SYSTEM = Actor("system", "tongzhou")


@dataclass(frozen=True, slots=True)
class ChainHead:
    """How far one chain has come: its name, how many events it has, the digest of the last."""

    chain: str
    length: int
    digest: str


def canonical(value: object) -> bytes:
    """One byte form for one value, so that a digest means the same on every machine."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return text.encode()


def digest_of(previous: str, body: Mapping[str, Any]) -> str:
    """SHA-256 over the previous digest and the canonical body, 64 hex digits."""
    return hashlib.sha256(previous.encode() + canonical(body)).hexdigest()


def digest_of_heads(heads: Iterable[ChainHead]) -> str:
    """The daily head: one SHA-256 over all (chain, length, last digest), ordered by chain."""
    rows = sorted([head.chain, head.length, head.digest] for head in heads)
    return hashlib.sha256(canonical(rows)).hexdigest()


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


def plain(values: Json | None) -> Json | None:
    """The values in a form that both databases give back unchanged, so that digests can be checked.

    Raises ValueError for a value that the log cannot hold, or for more than 64 KiB of them.
    """
    if values is None:
        return None
    plain_values = {str(name): _plain(value) for name, value in values.items()}
    if len(canonical(plain_values)) > LARGEST_VALUES_BYTES:
        raise ValueError(
            "An event holds at most 64 KiB of values. Record counts and ids, and keep the rest in"
            " rows of its own."
        )
    return plain_values


def _plain(value: object) -> Any:
    # What both databases give back exactly as it went in: the digest is taken of it again.
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, str):
        return _plain_text(value)
    if isinstance(value, float):
        return _plain_float(value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        inner = [_plain(item) for item in value]
        # A set has no order of its own, and the digest needs one.
        return sorted(inner) if isinstance(value, (set, frozenset)) else inner
    raise ValueError(f"The log cannot hold a {type(value).__name__}; give a number, text or list.")


def _plain_text(value: str) -> str:
    if "\x00" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise ValueError("The log cannot hold a text with a NUL or half a character in it.")
    return str(value)


def _plain_float(value: float) -> float:
    if not math.isfinite(value) or abs(value) >= LARGEST_FLOAT:
        raise ValueError(f"The log cannot hold the number {value}; give it as text or an integer.")
    return value + 0.0  # minus zero becomes zero, as it does in PostgreSQL


def backoff(attempt: int) -> timedelta:
    """How long to wait after the given failed attempt: 2, 4, 8 ... seconds, ten minutes at most."""
    return timedelta(seconds=min(2 ** min(attempt, 10), 600))
