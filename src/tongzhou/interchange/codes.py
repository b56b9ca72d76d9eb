"""Codes of divisions and clinics, as people type them and as files carry them.

Chinese divisions have 2, 4, 6, 9 or 12 digits from province to village (GB/T 2260 and the
statistical codes that continue it); a province or prefecture may also be written with six digits,
padded with zeros. A few counties (Dongguan, Zhongshan, Danzhou) carry the padded code of their
prefecture: their public id adds `-3`. A clinic is `<12 digits>-<n>`, numbered within its village.
Other countries use any code of 1 to 20 letters, digits, dots, underscores and hyphens.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from tongzhou.interchange.refusals import CodeRefused

PROVINCE, PREFECTURE, COUNTY, TOWN, VILLAGE = range(1, 6)
CLINIC_PATTERN = r"[0-9]{12}-[1-9][0-9]{0,3}"
GENERIC_PATTERN = r"[A-Za-z0-9._-]{1,20}"
DIVISION_PATTERN = r"[0-9]{2}|[0-9]{4}|[0-9]{6}(?:-3)?|[0-9]{9}|[0-9]{12}"
_LENGTHS = {PROVINCE: 2, PREFECTURE: 4, COUNTY: 6, TOWN: 9, VILLAGE: 12}
_LEVELS = {length: level for level, length in _LENGTHS.items()}
_COUNTY_MARK = "-3"


class Division(NamedTuple):
    """A Chinese division: its digits without padding, and its level, 1 province to 5 village."""

    digits: str
    level: int

    @property
    def public_id(self) -> str:
        """The id shown and used in addresses: the digits, `-3` added where a county needs it."""
        return self.digits + (_COUNTY_MARK if self._carries_prefecture_code else "")

    @property
    def padded(self) -> str:
        """Six digits for a province, prefecture or county, as official lists print them."""
        return self.digits.ljust(6, "0")

    @property
    def parent(self) -> Division | None:
        """The division above, None above a province."""
        if self.level == PROVINCE:
            return None
        above = self.level - 1
        return Division(self.digits[: _LENGTHS[above]], above)

    @property
    def _carries_prefecture_code(self) -> bool:
        return self.level == COUNTY and self.digits.endswith("00")


def division(text: str) -> Division:
    """The division that a typed code or public id names. Raises CodeRefused.

    Six digits ending in zeros are a province or prefecture, unless `-3` follows.
    """
    typed = narrowed(text)
    digits = typed.removesuffix(_COUNTY_MARK)
    if not re.fullmatch(DIVISION_PATTERN, typed, re.ASCII) or digits.startswith("00"):
        raise CodeRefused("division.form", value=text[:40])
    if typed != digits and not digits.endswith("00"):
        raise CodeRefused("division.form", value=text[:40])
    return Division(digits, COUNTY) if typed != digits else _unpadded(digits)


def division_at(digits: str, level: int) -> Division:
    """The division with these digits at a level that is known, as in a list with levels.

    Raises CodeRefused when the digits cannot be of that level.
    """
    unpadded = digits[: _LENGTHS[level]] if level < COUNTY and len(digits) == 6 else digits
    fits = len(unpadded) == _LENGTHS[level] and not digits[len(unpadded) :].strip("0")
    if not (fits and digits.isascii() and digits.isdigit()):
        raise CodeRefused("division.form", value=digits[:40])
    return Division(unpadded, level)


def clinic(text: str) -> tuple[Division, int]:
    """The village and the number within it of a clinic's code. Raises CodeRefused."""
    typed = narrowed(text)
    if not re.fullmatch(CLINIC_PATTERN, typed, re.ASCII):
        raise CodeRefused("clinic.form", value=text[:40])
    digits, number = typed.split("-")
    return Division(digits, VILLAGE), int(number)


def clinic_code(village: Division, number: int) -> str:
    """The code of the clinic with this number, 1 to 9999, in a village."""
    if village.level != VILLAGE or not 1 <= number <= 9999:
        raise CodeRefused("clinic.form", value=f"{village.digits}-{number}")
    return f"{village.digits}-{number}"


def generic(text: str) -> str:
    """The code of another country's division or place, without spaces. Raises CodeRefused."""
    typed = narrowed(text)
    if not re.fullmatch(GENERIC_PATTERN, typed):
        raise CodeRefused("code.generic", value=text[:40])
    return typed


def narrowed(text: str) -> str:
    """What was typed, with full-width characters made ordinary and without spaces."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def _unpadded(digits: str) -> Division:
    if len(digits) == 6 and digits.endswith("0000"):
        return Division(digits[:2], PROVINCE)
    if len(digits) == 6 and digits.endswith("00"):
        return Division(digits[:4], PREFECTURE)
    return Division(digits, _LEVELS[len(digits)])
