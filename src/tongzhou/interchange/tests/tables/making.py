"""Small files to read, made by other programs than ours wherever that matters."""

import io
import zipfile
from collections.abc import Mapping, Sequence

import openpyxl
import polars as pl

from tongzhou.interchange import tables
from tongzhou.interchange.tables import Column, Kind, Table

CLINICS = (
    Column(
        "code",
        ("Clinic code", "诊所代码"),
        Kind.CODE,
        required=True,
        key=True,
        pattern=r"\d{12}-\d{1,4}",
    ),
    Column("village", ("Village code", "村代码"), Kind.CODE, lengths=(12,)),
    Column("name", ("Name", "名称")),
    Column("units", ("Units", "数量"), Kind.WHOLE, maximum=10_000),
    Column("day", ("Day", "日期"), Kind.DATE),
    Column("cold", ("Refrigerator", "有冰箱"), Kind.YES_NO),
    Column("phone", ("Phone", "电话"), Kind.PHONE, personal=True),
    Column("lat", ("Latitude", "纬度"), Kind.DECIMAL, minimum=-90, maximum=90),
)


def csv_of(*lines: str, encoding: str = "utf-8") -> bytes:
    return ("\n".join(lines) + "\n").encode(encoding)


def xlsx_of(rows: Sequence[Sequence[object]]) -> bytes:
    """A workbook written by openpyxl: numbers are numbers, `=...` is a formula."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def parquet_of(**columns: object) -> bytes:
    target = io.BytesIO()
    pl.DataFrame(columns).write_parquet(target)
    return target.getvalue()


def one(kind: Kind, *cells: str, **more: object) -> Table:
    """A CSV with the single column X of this kind; every cell is quoted."""
    column = Column("x", kind=kind, **more)
    quoted = ('"' + cell.replace('"', '""') + '"' for cell in cells)
    return tables.read(csv_of("x,n", *(f"{cell},1" for cell in quoted)), [column, Column("n")])


def values(table: Table) -> list[object]:
    return table.frame["x"].to_list()


def codes(table: Table) -> list[str]:
    return table.problems["code"].to_list()


def notes(table: Table) -> dict[str, dict[str, str]]:
    return {note.code: note.params for note in table.notes}


def with_parts(data: bytes, parts: Mapping[str, bytes | None]) -> bytes:
    """The workbook with some parts replaced, added, or (None) left out."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w", 8) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, content in parts.items():
            if content is not None:
                new.writestr(name, content)
    return target.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def sheet_of(rows: str, *, root: str = "worksheet", more: str = "") -> bytes:
    """A workbook whose sheet has these rows in XML, as other programs may write them."""
    xml = f'<{root} xmlns="{_MAIN}"><sheetData>{rows}</sheetData>{more}</{root}>'
    return with_parts(xlsx_of([["x"]]), {SHEET: xml.encode()})
