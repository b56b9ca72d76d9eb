"""What a person says arrived in a parcel, read from a form or an offline command."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from .refusals import Refused

ARRIVED = ("all", "fewer", "more", "damaged", "wrong")
LONGEST_NAME = 60
LONGEST_NOTE = 300
LONGEST_SIGNATURE = 8_000
MOST_OF_ONE_ITEM = 1_000_000
# A drawn signature: pen down (M) and lines (L) of whole numbers on a 300 x 120 field.
_SIGNATURE = re.compile(r"(?:[ML]-?\d{1,4} -?\d{1,4})+")


@dataclass(frozen=True, slots=True)
class Counted:
    """Pieces of one item by its code: in good order, damaged, and of something else."""

    item: str
    good: int
    damaged: int
    wrong: int


@dataclass(frozen=True, slots=True)
class Report:
    """A checked report. `counts` None: everything arrived in good order."""

    counts: tuple[Counted, ...] | None
    signed_by: str
    signature: str
    witness: str
    note: str


def read_report(body: Mapping[str, Any], sent: Mapping[str, int], *, photo: bool) -> Report:
    """Check a report against the units sent of each item (by code).

    body: arrived (one of ARRIVED), counts [{item, good, damaged, wrong}] unless all arrived,
    signed_by, signature, witness, note. `photo`: a photograph stands for the signature.
    Raises Refused with the sentence for the person.
    """
    arrived = body.get("arrived")
    if arrived not in ARRIVED:
        raise Refused("arrived.missing", _("Choose what arrived."))
    report = Report(
        counts=None if arrived == "all" else _counts(str(arrived), body.get("counts"), sent),
        signed_by=_text(body, "signed_by", LONGEST_NAME),
        signature=_signature(body.get("signature")),
        witness=_text(body, "witness", LONGEST_NAME),
        note=_text(body, "note", LONGEST_NOTE),
    )
    if not (report.signed_by or report.signature or report.witness or photo):
        raise Refused(
            "signature.missing",
            _("Write your name, sign with your finger or take a photograph of the parcel."),
        )
    return report


def _counts(arrived: str, given: object, sent: Mapping[str, int]) -> tuple[Counted, ...]:
    rows = given if isinstance(given, list) else []
    counts = tuple(_count(row) for row in rows if isinstance(row, Mapping))
    if len(counts) != len(rows) or sorted(one.item for one in counts) != sorted(sent):
        raise Refused("count.missing", _("Enter how many pieces of each item arrived."))
    if not _fits(arrived, counts, sent):
        raise Refused(
            "count.unlike",
            _("The numbers do not fit what you chose. Count again, or choose something else."),
        )
    return counts


def _count(row: Mapping[str, Any]) -> Counted:
    return Counted(
        str(row.get("item", ""))[:40],
        _number(row.get("good")),
        _number(row.get("damaged", 0)),
        _number(row.get("wrong", 0)),
    )


def _number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_OF_ONE_ITEM:
        raise Refused(
            "count.range",
            _("Enter a whole number from 0 to %(most)s.") % {"most": f"{MOST_OF_ONE_ITEM:,}"},
        )
    return value


def _fits(arrived: str, counts: tuple[Counted, ...], sent: Mapping[str, int]) -> bool:
    """Whether the numbers show what was chosen for at least one item."""
    if arrived == "damaged":
        return any(one.damaged for one in counts)
    if arrived == "wrong":
        return any(one.wrong for one in counts)
    if arrived == "fewer":
        return any(one.good + one.damaged < sent[one.item] for one in counts)
    return any(one.good + one.damaged > sent[one.item] for one in counts)


def _text(body: Mapping[str, Any], name: str, longest: int) -> str:
    value = body.get(name, "")
    if not isinstance(value, str) or len(value) > longest:
        raise Refused(
            "text.long", _("Use at most %(n)d characters for a name or note.") % {"n": longest}
        )
    return " ".join(value.split())


def _signature(value: object) -> str:
    if value in (None, ""):
        return ""
    fits = isinstance(value, str) and len(value) <= LONGEST_SIGNATURE
    if not fits or not _SIGNATURE.fullmatch(str(value)):
        raise Refused("signature.form", _("The signature could not be read. Please sign again."))
    return str(value)
