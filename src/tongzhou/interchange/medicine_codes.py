"""Codes on medicine boxes and on our parcels, recognised from what was scanned or typed.

* The Chinese drug trace code has 20 digits, of which the first 7 name the product.
* GTIN-8 to GTIN-14, the number below a bar code, with its check digit (GS1 General Specifications).
* GS1 element strings with or without the symbology's sign, with FNC1 as the separator, or as
  printed with brackets: (01) GTIN, (17) expiry, (10) lot, (21) serial.
* Our own parcel labels and slips, also as the address that their QR code holds.

What is recognised is well-formed and no more: no code says that a medicine is genuine.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tongzhou.interchange.codes import narrowed
from tongzhou.interchange.refusals import CodeRefused
from tongzhou.interchange.trace_ids import TraceKind, trace_id

LONGEST = 400
CHINESE_DIGITS = 20
PRODUCT_DIGITS = 7
FNC1 = "\x1d"
_GTIN_LENGTHS = (8, 12, 13, 14)
_OWN = re.compile(r"/trace/parcels/([^/?#]{1,40})")
_SLIP = re.compile(r"/c/[^/?#]{8,}")
_CHINESE_IN_ADDRESS = re.compile(r"(?:^|[/=?&])([0-9]{20})(?:$|[/?&#])")
_ELEMENTS = re.compile(r"01[0-9]{14}(?:10|11|17|21)")
_SPACES = re.compile(r"[ \t\r\n\-‐‑‒–—−]")


class MedicineCode(StrEnum):
    """What a code turned out to be."""

    CHINESE = "chinese"
    GTIN = "gtin"
    GS1 = "gs1"
    PARCEL = "parcel"
    SLIP = "slip"
    UNKNOWN = "unknown"


class Fault(StrEnum):
    """Why a code is not well-formed."""

    EMPTY = "empty"
    LENGTH = "length"
    CHARACTERS = "characters"
    CHECK_DIGIT = "check_digit"
    DATE = "date"
    ELEMENTS = "elements"


@dataclass(frozen=True, slots=True)
class CodeRead:
    """A code in its parts. `product`: 7 digits of a Chinese code, or the GTIN as 14 digits;
    `fault`: why it is not well-formed, None where it is."""

    kind: MedicineCode
    product: str = ""
    lot: str = ""
    serial: str = ""
    expires_on: date | None = None
    parcel: str = ""
    fault: Fault | None = None


def read_code(text: str) -> CodeRead:
    """Recognise a scanned or typed code. Never raises: what it cannot read has a fault."""
    typed = text[:LONGEST].strip()
    if not typed:
        return CodeRead(MedicineCode.UNKNOWN, fault=Fault.EMPTY)
    return _own(typed) or _chinese_address(typed) or _gs1(typed) or _digits(typed)


def _own(typed: str) -> CodeRead | None:
    if _SLIP.search(typed):
        return CodeRead(MedicineCode.SLIP)
    found = _OWN.search(typed)
    try:
        parcel = trace_id(found[1] if found else typed, TraceKind.PARCEL)
    except CodeRefused:
        return None
    return CodeRead(MedicineCode.PARCEL, parcel=parcel)


def _chinese_address(typed: str) -> CodeRead | None:
    """Some boxes carry the code inside a web address."""
    if "://" not in typed:
        return None
    found = _CHINESE_IN_ADDRESS.search(typed)
    return _chinese(found[1]) if found else None


def _chinese(digits: str) -> CodeRead:
    return CodeRead(MedicineCode.CHINESE, product=digits[:PRODUCT_DIGITS], serial=digits)


def _digits(typed: str) -> CodeRead:
    plain = narrowed(_SPACES.sub("", typed))
    if not (plain.isascii() and plain.isdigit()):
        return CodeRead(MedicineCode.UNKNOWN, fault=Fault.CHARACTERS)
    if len(plain) == CHINESE_DIGITS:
        return _chinese(plain)
    if len(plain) not in _GTIN_LENGTHS:
        return CodeRead(MedicineCode.UNKNOWN, fault=Fault.LENGTH)
    if not _checks(plain):
        return CodeRead(MedicineCode.GTIN, fault=Fault.CHECK_DIGIT)
    return CodeRead(MedicineCode.GTIN, product=plain.zfill(14))


def _checks(digits: str) -> bool:
    """The check digit of a GTIN: weights 3 and 1 from the right (GS1 General Specifications)."""
    weighted = sum(int(d) * (3 if at % 2 else 1) for at, d in enumerate(reversed(digits)))
    return weighted % 10 == 0


def _gs1(typed: str) -> CodeRead | None:
    """An element string; None where the text is none at all."""
    signed = typed.startswith("]")
    bracketed = typed.startswith("(")
    if not (signed or bracketed or FNC1 in typed or _starts_with_gtin(typed)):
        return None
    import biip
    from biip.gs1_messages import GS1Message

    try:
        message = (
            GS1Message.parse_hri(narrowed(typed)) if bracketed else biip.parse(typed).gs1_message
        )
    except (biip.ParseError, ValueError):
        message = None
    if message is None or not message.element_strings:
        return CodeRead(MedicineCode.GS1, fault=Fault.ELEMENTS) if signed or bracketed else None
    parts = {one.ai.ai: one for one in message.element_strings}
    gtin = parts["01"].value if "01" in parts else ""
    fault = None
    if gtin and not _checks(gtin):
        fault = Fault.CHECK_DIGIT
    elif "17" in parts and parts["17"].date is None:
        fault = Fault.DATE
    return CodeRead(
        MedicineCode.GS1,
        product="" if fault else gtin,
        lot=parts["10"].value if "10" in parts else "",
        serial=parts["21"].value if "21" in parts else "",
        expires_on=parts["17"].date if "17" in parts else None,
        fault=fault,
    )


def _starts_with_gtin(typed: str) -> bool:
    """01, fourteen digits, and more: longer than any plain number, and not the Chinese code."""
    return (
        len(typed) > CHINESE_DIGITS and re.match(r"01[0-9]{14}(?:17|10|21|11)", typed) is not None
    )
