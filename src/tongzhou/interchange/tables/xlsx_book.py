"""What a workbook says about its sheets: which one is first, its texts, which numbers are dates."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from tongzhou.interchange.refusals import TableRefused
from tongzhou.interchange.tables.columns import MIB
from tongzhou.interchange.tables.xlsx_package import Package, decoded
from tongzhou.interchange.tables.xlsx_text import texts, unescaped_text

LARGEST_ROW = 32 * MIB
_PIECE = 8 * MIB
_HEAD = 4096
_PREFIX = re.compile(r"<(\w+):(?:workbook|worksheet|sst|styleSheet|Relationships)\b")
_ATTRIBUTE = re.compile(r"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_DATE_NUMBERS = (*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59))
# Compared as they are written: what stands in their place may be anything but a number.
_DATE_FORMATS = {str(number) for number in _DATE_NUMBERS}
_NOT_LETTERS = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
# Days between the two calendars that a workbook may count its dates in.
DAYS_1904 = 1462


@dataclass(frozen=True, slots=True)
class Book:
    """`sheet`: part name of the first visible sheet; `names`: of all visible sheets."""

    package: Package
    sheet: str
    names: tuple[str, ...]
    texts: pl.Series
    date_styles: frozenset[str]
    serial_offset: int


def open_book(package: Package) -> Book:
    """Raises TableRefused when the parts do not make a workbook with a sheet."""
    main = _main_part(package)
    workbook = bare(package.text(main))
    targets = _targets(package, main)
    sheets = [attributes(tag) for tag in re.findall(r"<sheet\s[^>]*>", workbook)]
    # Hidden sheets hold lists for drop-downs and notes of the form's author.
    shown = [sheet for sheet in sheets if sheet.get("state", "visible") == "visible"]
    known = [sheet for sheet in shown if _relation(sheet) in targets]
    if not known:
        raise TableRefused("file.broken", detail=main)
    folder = posixpath.dirname(main)
    return Book(
        package=package,
        sheet=targets[_relation(known[0])],
        names=tuple(unescaped_text(sheet.get("name", "")) for sheet in shown),
        texts=_shared_texts(package, f"{folder}/sharedStrings.xml"),
        date_styles=_date_styles(package, f"{folder}/styles.xml"),
        serial_offset=_serial_offset(workbook),
    )


def bare(xml: str) -> str:
    """XML whose tags carry no namespace prefix; some programs write `<x:row>` for `<row>`."""
    prefix = _prefix_of(xml)
    return _without(xml, prefix) if prefix else xml


def _prefix_of(xml: str) -> str:
    found = _PREFIX.search(xml[:_HEAD])
    return found[1] if found else ""


def _without(xml: str, prefix: str) -> str:
    return xml.replace(f"<{prefix}:", "<").replace(f"</{prefix}:", "</")


def attributes(tag: str) -> dict[str, str]:
    return {name: double or single for name, double, single in _ATTRIBUTE.findall(tag)}


def cut_after(pieces: Iterator[bytes], tag: str) -> Iterator[str]:
    """Bare XML in large pieces, each cut after the last end of `tag` in it; the rest comes last.

    Raises TableRefused when one element is longer than any row or text can be.
    """
    held, prefix = bytearray(), None
    for piece in pieces:
        held += piece
        if len(held) < _PIECE:
            continue
        if prefix is None:
            prefix = _prefix_of(held[:_HEAD].decode(errors="replace"))
        # Only an end tag can be searched for: a bare `>` may stand in any text.
        end = f"</{prefix}:{tag}>" if prefix else f"</{tag}>"
        cut = held.rfind(end.encode())
        if cut >= 0:
            cut += len(end)
            yield _bare_piece(held[:cut], prefix)
            del held[:cut]
        elif len(held) > LARGEST_ROW:
            raise TableRefused("file.broken", detail=tag)
    yield _bare_piece(held, prefix)


def _bare_piece(piece: bytearray, prefix: str | None) -> str:
    xml = decoded(bytes(piece))
    if prefix is None:
        return bare(xml)
    return _without(xml, prefix) if prefix else xml


def _main_part(package: Package) -> str:
    relations = bare(package.text("_rels/.rels"))
    for tag in re.findall(r"<Relationship\s[^>]*>", relations):
        given = attributes(tag)
        if given.get("Type", "").endswith("/officeDocument"):
            return given.get("Target", "").lstrip("/")
    raise TableRefused("file.kind")


def _targets(package: Package, main: str) -> dict[str, str]:
    folder, name = posixpath.split(main)
    relations = bare(package.text(f"{folder}/_rels/{name}.rels"))
    targets = {}
    for tag in re.findall(r"<Relationship\s[^>]*>", relations):
        given = attributes(tag)
        if given.get("Type", "").endswith("/worksheet"):
            # A target is relative to the workbook, or begins at the root with a slash.
            path = posixpath.join("/", folder, given.get("Target", ""))
            targets[given.get("Id", "")] = posixpath.normpath(path).lstrip("/")
    return targets


def _relation(sheet: dict[str, str]) -> str:
    return next((value for name, value in sheet.items() if name.endswith(":id")), "")


def _shared_texts(package: Package, name: str) -> pl.Series:
    found = [pl.Series([], dtype=pl.String)]
    if package.has(name):
        for piece in cut_after(package.pieces(name), "si"):
            elements = pl.Series([piece.replace("<si/>", "<si></si>")]).str.split("</si>")
            found.append(texts(elements.explode().head(-1)).fill_null(""))
    return pl.concat(found)


def _date_styles(package: Package, name: str) -> frozenset[str]:
    if not package.has(name):
        return frozenset()
    styles = bare(package.text(name, 32 * MIB))
    own = [attributes(tag) for tag in re.findall(r"<numFmt\s[^>]*>", styles)]
    dates = _DATE_FORMATS | {
        format["numFmtId"]
        for format in own
        if format.get("numFmtId") and _is_date(format.get("formatCode", ""))
    }
    _, _, after = styles.partition("<cellXfs")
    cells = re.findall(r"<xf\s[^>]*>", after.partition("</cellXfs>")[0])
    numbers = [attributes(tag).get("numFmtId", "") for tag in cells]
    return frozenset(str(i) for i, n in enumerate(numbers) if n in dates)


def _is_date(code: str) -> bool:
    # Months and minutes share a letter, so years and days decide.
    letters = _NOT_LETTERS.sub("", unescaped_text(code)).lower()
    return "general" not in letters and any(letter in letters for letter in "yd年日")


def _serial_offset(workbook: str) -> int:
    properties = re.search(r"<workbookPr\s[^>]*>", workbook)
    given = attributes(properties[0]).get("date1904", "") if properties else ""
    return DAYS_1904 if given in ("1", "true") else 0
