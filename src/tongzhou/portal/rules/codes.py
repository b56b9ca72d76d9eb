"""What a code on a box may be said to tell: what it is, never that the box holds what it says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tongzhou.interchange import receive_tokens
from tongzhou.interchange.medicine_codes import CodeRead, Fault, MedicineCode, read_code
from tongzhou.interchange.refusals import CodeRefused


class Result(StrEnum):
    """What a check of a code came to."""

    PRODUCT = "product"
    EXPIRED = "expired"
    UNKNOWN = "unknown"
    MALFORMED = "malformed"
    PARCEL = "parcel"
    NO_PARCEL = "no_parcel"
    SLIP = "slip"


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence on what was found, and one on what to do."""

    says: str | Promise
    do: str | Promise


COPIED = _("Whoever copies a box copies its code too: look at the box, the seal and the seller.")
TOLD: Mapping[Result, Told] = {
    Result.PRODUCT: Told(
        _("The code is well-formed, and our table gives it to this product."),
        COPIED,
    ),
    Result.EXPIRED: Told(
        _("By its code it is past its expiry date."),
        _("Do not take it. Bring it back to a pharmacy."),
    ),
    Result.UNKNOWN: Told(
        _("The code is well-formed, but our table does not know its product."),
        COPIED,
    ),
    Result.PARCEL: Told(
        _("This is the number of one of our parcels, not of a medicine."),
        _("Open its page to see where it should be."),
    ),
    Result.NO_PARCEL: Told(
        _("It looks like the number of one of our parcels, but no parcel has it."),
        _("Compare it with the outer label, sign by sign."),
    ),
    Result.SLIP: Told(
        _("This is the secret slip of a parcel. It was neither kept nor shown."),
        _("Open it with the camera of your phone, and give it to nobody."),
    ),
}
FAULTS: Mapping[Fault, Told] = {
    Fault.EMPTY: Told(
        _("No code was entered."), _("Type the digits on the box, or scan the code.")
    ),
    Fault.LENGTH: Told(
        _("No code that we know has this many digits."),
        _("A trace code has 20 digits, a number below a bar code 8, 12, 13 or 14: count again."),
    ),
    Fault.CHARACTERS: Told(
        _("It has signs in it that are in no code of a medicine."),
        _("Type the digits alone, or scan the code."),
    ),
    Fault.CHECK_DIGIT: Told(
        _("A digit is wrong: the last one does not fit the others."),
        _("Compare each digit with the box and enter the code again."),
    ),
    Fault.DATE: Told(
        _("The expiry date in the code is no day of the calendar."),
        _("Scan it again; if it stays so, read the date on the box."),
    ),
    Fault.ELEMENTS: Told(
        _("It begins like a GS1 code, but its parts cannot be read."),
        _("Scan it again, or type only the number below the bar code."),
    ),
}


def read(typed: str) -> CodeRead:
    """What was scanned or typed. The secret of a slip is known as one without its address too."""
    found = read_code(typed)
    if found.fault != Fault.CHARACTERS:
        return found
    try:
        receive_tokens.token(typed)
    except CodeRefused:
        return found
    return CodeRead(MedicineCode.SLIP)


def result_of(code: CodeRead, *, is_known: bool, on: date) -> Result:
    """What to say of a code; `is_known`: its product, or its parcel, is in our tables."""
    if code.kind == MedicineCode.SLIP:
        return Result.SLIP
    if code.fault is not None:
        return Result.MALFORMED
    if code.kind == MedicineCode.PARCEL:
        return Result.PARCEL if is_known else Result.NO_PARCEL
    if code.expires_on is not None and code.expires_on < on:
        return Result.EXPIRED
    return Result.PRODUCT if is_known else Result.UNKNOWN


def told(result: Result, fault: Fault | None) -> Told:
    """The sentences of a result; of one that is not well-formed, those of its fault."""
    return FAULTS[fault] if result == Result.MALFORMED and fault else TOLD[result]
