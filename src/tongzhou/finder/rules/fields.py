"""Which fields of a facility sources speak of, and what a value of each has to be."""

import re
from collections.abc import Callable, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .reading import LONGEST_TEXT, HoursRefused, read_hours

SERVICES = ("sees_fever", "sees_children", "has_oxygen", "has_emergency")
# By column of Facility; a point is one fact about two of them.
FIELDS: Mapping[str, str | Promise] = {
    "name": gettext_lazy("Name"),
    "name_en": gettext_lazy("Name in English"),
    "kind": gettext_lazy("Kind"),
    "address": gettext_lazy("Address"),
    "phones": gettext_lazy("Telephone"),
    "point": gettext_lazy("Point on the map"),
    "sees_fever": gettext_lazy("Fever clinic"),
    "sees_children": gettext_lazy("Sees children"),
    "has_oxygen": gettext_lazy("Has oxygen"),
    "has_emergency": gettext_lazy("Emergency department"),
    "hours": gettext_lazy("Opening hours"),
    "state": gettext_lazy("State"),
    "wait_minutes": gettext_lazy("Wait in minutes"),
}
KINDS = ("hospital", "centre", "fever", "clinic", "pharmacy")
STATES = ("active", "paused", "closed")
MOST_PHONES = 3
LONGEST_WAIT_MINUTES = 1440
PHONE = re.compile(r"\+?\d[\d-]{2,19}")
BETWEEN_PHONES = re.compile(r"[,;/,;、\s]+")


class FieldRefused(ValueError):
    """A value that a field cannot have; the text says why and what to do."""


def checked(field: str, value: object) -> object:
    """The value as it is kept. Raises FieldRefused, and KeyError for a field that is none."""
    return CHECKS[field](value)


def phones_of(text: str) -> str:
    """At most three telephone numbers, with commas between them. Raises FieldRefused."""
    found = [part for part in BETWEEN_PHONES.split(text.strip()) if part]
    if len(found) > MOST_PHONES:
        raise FieldRefused(_("Give at most %(most)d telephone numbers.") % {"most": MOST_PHONES})
    for phone in found:
        if not PHONE.fullmatch(phone):
            raise FieldRefused(
                _("%(phone)s is no telephone number. Write digits, as 0931-1234567.")
                % {"phone": phone[:30]}
            )
    return ",".join(found)


def hours_are_read(text: str) -> bool:
    """Whether an hours text says something this program understands; none at all is no fault."""
    try:
        read_hours(text)
    except HoursRefused:
        return not text.strip()
    return True


def is_all_day(text: str) -> bool:
    return bool(text.strip()) and hours_are_read(text) and read_hours(text).all_day


def _text(most: int, *, empty: bool) -> Callable[[object], object]:
    def check(value: object) -> str:
        text = str(value or "").strip()
        if not text and not empty:
            raise FieldRefused(_("This cannot be empty. Fill it in."))
        if len(text) > most:
            raise FieldRefused(_("At most %(most)d characters. Shorten it.") % {"most": most})
        return text

    return check


def _one_of(words: tuple[str, ...]) -> Callable[[object], object]:
    def check(value: object) -> str:
        if value not in words:
            raise FieldRefused(_("Choose one of: %(words)s.") % {"words": ", ".join(words)})
        return str(value)

    return check


def _phones(value: object) -> str:
    return phones_of(str(value or ""))


def _point(value: object) -> list[float] | None:
    """[latitude, longitude] in degrees of WGS-84, or nothing."""
    if value is None:
        return None
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        raise FieldRefused(_("A point needs both a latitude and a longitude. Fill in both."))
    lat, lon = (float(part) for part in value)
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise FieldRefused(_("This is no point on the earth. Check latitude and longitude."))
    return [lat, lon]


def _yes_no(value: object) -> bool:
    return bool(value)


def _wait(value: object) -> int | None:
    if value is None or value == "":
        return None
    minutes = int(str(value))
    if not 0 <= minutes <= LONGEST_WAIT_MINUTES:
        raise FieldRefused(
            _("A wait is 0 to %(most)d minutes. Correct it.") % {"most": LONGEST_WAIT_MINUTES}
        )
    return minutes


CHECKS: Mapping[str, Callable[[object], object]] = {
    "name": _text(160, empty=False),
    "name_en": _text(160, empty=True),
    "kind": _one_of(KINDS),
    "address": _text(200, empty=True),
    "phones": _phones,
    "point": _point,
    **dict.fromkeys(SERVICES, _yes_no),
    "hours": _text(LONGEST_TEXT, empty=True),
    "state": _one_of(STATES),
    "wait_minutes": _wait,
}
