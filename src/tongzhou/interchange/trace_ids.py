"""Short public ids that people read aloud and type: `P-7K3M9-QX24T-6`.

The letter says what it is, the groups are 40 or 50 random bits in Crockford's base 32 (no I, L,
O, U), the last character checks all others. The check is a weighted sum over the field of 32
elements; every position, the letter and the check character included, has a weight of its own
that is not zero, so every single wrong character and every exchange of any two characters is
found. An id says nothing about its bearer and opens nothing.
"""

from __future__ import annotations

import secrets
from enum import StrEnum
from functools import cache

from tongzhou.interchange.codes import narrowed
from tongzhou.interchange.refusals import CodeRefused

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES = {symbol: value for value, symbol in enumerate(ALPHABET)}
_READ_AS = str.maketrans("OIL", "011")
# x^5 + x^2 + 1: with it, multiplying by x runs through all 31 elements that are not zero.
_POLYNOMIAL = 0b100101
_ELEMENTS = 31
_EXAMPLE = "P-7K3M9-QX24T-K"
_HYPHENS = dict.fromkeys(map(ord, "-‐‑‒–—−"))


class TraceKind(StrEnum):
    """What an id names, by its letter."""

    CAMPAIGN = "K"
    DONATION = "D"
    SHIPMENT = "S"
    CARTON = "C"
    PARCEL = "P"


# A nation has a million parcels: with 50 bits one repeated id in about two thousand such sets,
# where 40 bits would bring one in every third. The others are thousands.
_GROUPS = {
    TraceKind.CAMPAIGN: (4, 4),
    TraceKind.DONATION: (4, 4),
    TraceKind.SHIPMENT: (4, 4),
    TraceKind.CARTON: (5, 5),
    TraceKind.PARCEL: (5, 5),
}


def new_trace_id(kind: TraceKind) -> str:
    """A random id. Repeats are rare but possible: the column that keeps it is unique."""
    return new_trace_ids(kind, 1)[0]


def new_trace_ids(kind: TraceKind, count: int) -> list[str]:
    """`count` random ids, all different among themselves."""
    length = sum(_GROUPS[kind])
    numbers: dict[int, None] = {}
    while len(numbers) < count:
        numbers[secrets.randbits(5 * length)] = None
    return [_written(kind, number) for number in numbers]


def trace_id(text: str, kind: TraceKind | None = None) -> str:
    """The id in its written form, from what was typed.

    Lower case, full-width characters, spaces and missing hyphens do not matter; O is read as 0,
    I and L as 1. Raises CodeRefused when it is no id, fails its check, or is not of `kind`.
    """
    # Cut first: whatever is pasted here costs no more than a line.
    typed = narrowed(text[:64]).translate(_HYPHENS).upper().translate(_READ_AS)
    found = next((known for known in TraceKind if typed.startswith(known)), None)
    if found is None or len(typed) != sum(_GROUPS[found]) + 2 or not _VALUES.keys() >= set(typed):
        raise CodeRefused("trace.form", value=text[:40], example=_EXAMPLE)
    payload, check = typed[1:-1], typed[-1]
    if _check(found, payload) != check:
        raise CodeRefused("trace.check", value=text[:40])
    if kind is not None and found is not kind:
        raise CodeRefused("trace.kind", value=text[:40], letter=kind)
    return _grouped(found, payload, check)


def trace_kind(text: str) -> TraceKind:
    """What an id names. Raises CodeRefused as `trace_id` does."""
    return TraceKind(trace_id(text)[0])


def _written(kind: TraceKind, number: int) -> str:
    payload = ""
    for _ in range(sum(_GROUPS[kind])):
        payload += ALPHABET[number & 31]
        number >>= 5
    return _grouped(kind, payload, _check(kind, payload))


def _grouped(kind: TraceKind, payload: str, check: str) -> str:
    first, _ = _GROUPS[kind]
    return f"{kind}-{payload[:first]}-{payload[first:]}-{check}"


def _check(kind: TraceKind, payload: str) -> str:
    total = _weighted(len(payload) + 1)[kind.value]
    for position, symbol in enumerate(payload, 1):
        total ^= _weighted(position)[symbol]
    return ALPHABET[total]


@cache
def _weighted(position: int) -> dict[str, int]:
    """Each symbol times x to the power of its position; the check character has power 0."""
    return {symbol: _times_x(value, position) for symbol, value in _VALUES.items()}


def _times_x(value: int, power: int) -> int:
    for _ in range(power % _ELEMENTS):
        value <<= 1
        if value & 0b100000:
            value ^= _POLYNOMIAL
    return value
