"""Text in the XML of a spreadsheet: escapes undone, pieces of rich text joined."""

from __future__ import annotations

import re

import polars as pl

_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_ENTITY = re.compile(r"&(?:#x([0-9a-fA-F]{1,6})|#([0-9]{1,7})|(amp|lt|gt|quot|apos));")
_OWN_ESCAPE = re.compile(r"_x([0-9a-fA-F]{4})_")
_READING_AID = re.compile(r"<rPh\b.*?</rPh>", re.DOTALL)
_RUN = re.compile(r"<t(?:\s[^>]*)?>([^<]*)</t>")
# `xml:space` may stand in the tag; a text without characters is `<t/>` and gives null.
ONE_TEXT = r"<(?:v|t)(?:\s[^>]*)?>([^<]*)</"
RICH = r"<r>|<rPh\b|</t>\s*<t\b"


def texts(elements: pl.Series) -> pl.Series:
    """The text of each element that holds `<t>` or `<v>`, null where there is none."""
    found = elements.str.extract(ONE_TEXT, 1)
    rich = elements.str.contains(RICH).fill_null(False)
    if rich.any():
        joined = [_joined(element) for element in elements.filter(rich)]
        found = found.scatter(rich.arg_true(), pl.Series(joined, dtype=pl.String))
    return unescaped(found)


def unescaped(found: pl.Series) -> pl.Series:
    escaped = found.str.contains(r"&|_x[0-9a-fA-F]{4}_").fill_null(False)
    if not escaped.any():
        return found
    plain = [unescaped_text(text) for text in found.filter(escaped)]
    return found.scatter(escaped.arg_true(), pl.Series(plain, dtype=pl.String))


def unescaped_text(text: str) -> str:
    """XML's entities and the `_x000D_` form that spreadsheets add for control characters."""
    return _OWN_ESCAPE.sub(_own_character, _ENTITY.sub(_character, text))


def _character(found: re.Match[str]) -> str:
    hexadecimal, decimal, name = found.groups()
    if name:
        return _NAMED[name]
    return _known(int(hexadecimal, 16) if hexadecimal else int(decimal))


def _own_character(found: re.Match[str]) -> str:
    return _known(int(found[1], 16))


def _known(number: int) -> str:
    # A surrogate or a number beyond Unicode is shown as lost, so that the cell is refused.
    valid = number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF
    return chr(number) if valid else "\ufffd"


def _joined(element: str) -> str:
    return "".join(_RUN.findall(_READING_AID.sub("", element)))
