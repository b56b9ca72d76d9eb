"""What a table must look like: its columns, and how much of it is read at the most."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

MIB = 1024 * 1024
LARGEST_QUANTITY = 1_000_000_000
_IGNORED_IN_HEADERS = re.compile(r"[\s_\-*::]+")


class Kind(StrEnum):
    """What the cells of a column mean; every cell is text until its kind has been checked."""

    CODE = "code"
    TEXT = "text"
    WHOLE = "whole"
    DECIMAL = "decimal"
    DATE = "date"
    YES_NO = "yes_no"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Column:
    """One column that is expected, in any position.

    `name` is the name in the resulting frame and is accepted as a header too; `headers` are the
    others, English and Chinese (the first of them is written on export). `required`: the column
    must be there and no cell of it may be empty. `key`: two rows with the same values in all key
    columns are flagged. `lengths`: the numbers of digits a digits-only code may have.
    `pattern`: a regular expression the whole code must match (its `\\d` are the digits 0 to 9).
    `minimum` and `maximum` are inclusive; without them a whole number or decimal must be between
    0 and 10^9. `personal`: the values are never shown outside the frame itself. `example`: a cell
    for the empty table that people download.
    """

    name: str
    headers: tuple[str, ...] = ()
    kind: Kind = Kind.TEXT
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    personal: bool = False
    key: bool = False
    lengths: tuple[int, ...] = ()
    pattern: str | None = None
    example: str = ""

    def __post_init__(self) -> None:
        if self.lengths and self.pattern:
            raise ValueError(f"Column {self.name}: give lengths or a pattern, not both.")
        if self.least > self.most:
            raise ValueError(f"Column {self.name}: the minimum is above the maximum.")

    @property
    def header(self) -> str:
        """The header this column has in the files we write."""
        return self.headers[0] if self.headers else self.name

    @property
    def least(self) -> float:
        return 0 if self.minimum is None else self.minimum

    @property
    def most(self) -> float:
        return LARGEST_QUANTITY if self.maximum is None else self.maximum


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a file is read at the most; a larger one is refused before it costs memory."""

    bytes: int = 256 * MIB
    rows: int = 1_200_000
    columns: int = 200
    cell_chars: int = 4_000
    unpacked_bytes: int = 1024 * MIB
    unpacked_ratio: int = 250
    entries: int = 1_000
    problems: int = 100_000
    examples: int = 5


def folded(header: str) -> str:
    """A header as it is compared: width, case, spaces, underscores and marks do not matter."""
    plain = unicodedata.normalize("NFKC", header).casefold()
    return _IGNORED_IN_HEADERS.sub("", plain)
