"""Writing tables, and reading back what was written."""

import csv
import datetime
import io
import tracemalloc

import openpyxl
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conftest import examples
from tongzhou.interchange import tables
from tongzhou.interchange.tables import Column, Format, Kind, TableRefused, writing
from tongzhou.interchange.tests.tables.making import CLINICS

ROWS = [
    {
        "code": "620102001001-1",
        "village": "620102001001",
        "name": "甲村卫生室",
        "units": 2,
        "day": datetime.date(2023, 1, 8),
        "cold": True,
        "phone": "+8613900000000",
        "lat": 36.05,
    },
    {"code": "620102001001-2", "cold": False},
]
TEXT = [Column("x"), Column("n", kind=Kind.WHOLE)]


def written(rows, columns=CLINICS, **how):
    target = io.BytesIO()
    tables.write(rows, columns, target, **how)
    return target.getvalue()


@pytest.mark.parametrize("format", list(Format))
def test_what_is_written_is_read_back_the_same(format):
    table = tables.read(written(ROWS, format=format), CLINICS)
    assert table.sound
    assert table.frame.drop("row").to_dicts() == [
        {column.name: row.get(column.name) for column in CLINICS} for row in ROWS
    ]


@pytest.mark.parametrize("format", list(Format))
def test_a_frame_and_mappings_give_the_same_file(format):
    frame = pl.DataFrame(ROWS, schema=None)
    again = tables.read(written(frame, format=format), CLINICS)
    assert again.frame.equals(tables.read(written(ROWS, format=format), CLINICS).frame)


@pytest.mark.parametrize("format", list(Format))
def test_no_rows_give_a_file_with_a_header(format):
    table = tables.read(written([], format=format), CLINICS)
    assert table.frame.height == 0
    assert list(table.matched) == [column.name for column in CLINICS]


def test_the_header_is_the_first_of_each_column_or_what_was_asked_for():
    plain = written(ROWS, CLINICS[:2]).decode().splitlines()[0]
    chinese = written(ROWS, CLINICS[:2], headings={"code": "诊所代码"}).decode().splitlines()[0]
    assert plain == "Clinic code,Village code"
    assert chinese == "诊所代码,Village code"


def test_a_csv_for_excel_begins_with_its_mark():
    data = written(ROWS, bom=True)
    assert data.startswith(b"\xef\xbb\xbf")
    assert tables.read(data, CLINICS).encoding == "utf-8-sig"
    assert not written(ROWS).startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize(
    "text", ["=1+1", "+86", "-5", "@x", "\t=1", "＝1", "'=1", "''+1", "\n=1\n"]
)
def test_a_text_like_a_formula_is_escaped_in_csv(text):
    cell = list(csv.reader(io.StringIO(written([{"x": text, "n": 1}], TEXT).decode())))[1][0]
    assert cell == "'" + text.strip()


def test_negative_numbers_are_numbers_and_not_escaped():
    assert written([{"x": "a", "n": -5}], TEXT).decode().splitlines()[1] == "a,-5"


def test_a_header_like_a_formula_is_escaped():
    data = written([], TEXT, headings={"x": "=cmd|' /C calc'!A0"})
    assert data.startswith(b"'=cmd|")


def test_a_text_like_a_formula_is_a_text_cell_in_xlsx():
    data = written([{"x": "=1+1", "n": 1}, {"x": "'=2", "n": 2}], TEXT, format="xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert (sheet["A2"].value, sheet["A2"].data_type) == ("=1+1", "s")
    assert sheet["A3"].value == "''=2"
    assert b"<f>" not in data


def test_codes_and_phones_are_text_cells_that_stay_text_in_xlsx():
    sheet = openpyxl.load_workbook(io.BytesIO(written(ROWS, format="xlsx"))).active
    for address in ("A2", "B2", "G2"):
        assert isinstance(sheet[address].value, str)
        assert sheet[address].number_format == "@"
    assert sheet["B2"].value == "620102001001"
    assert sheet["E2"].value == datetime.datetime.fromisoformat("2023-01-08")
    assert sheet["D2"].value == 2
    assert sheet.freeze_panes == "A2"


# Reading takes white space off the ends, and refuses what no cell can hold.
_texts = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffd"), max_size=12
)
_risky = st.tuples(st.text("'", max_size=3), st.sampled_from("=+-@＝＋－＠"), _texts).map("".join)
_lines = st.lists(st.one_of(_texts, _risky), min_size=2, max_size=2).map("\n".join)


@given(st.lists(st.one_of(_texts, _risky, _lines), max_size=6), st.sampled_from(list(Format)))
@example(["_x0041_", "_x005F_", "a,b", '"', "'", "a;b\tc", "#1", "<&>", "\u00a0x"], Format.XLSX)
@example(["'=", "''", "'''=x", "=", "=\n=", "-"], Format.CSV)
@settings(max_examples=examples(80))
def test_every_text_comes_back_as_it_was(texts, format):
    data = written([{"x": text, "n": 1} for text in texts], TEXT, format=format)
    table = tables.read(data, TEXT)
    errors = ("#N/A", "#NUM!", "#REF!", "#NAME?", "#NULL!", "#VALUE!", "#DIV/0!")
    expected = [text.strip() or None if text not in errors else None for text in texts]
    assert table.frame["x"].to_list() == expected


def test_long_tables_are_written_by_the_piece():
    rows = ({"x": f"row {n}", "n": n} for n in range(60_000))
    pieces = [len(piece) for piece in tables.chunks(rows, TEXT)]
    assert len(pieces) > 3
    tracemalloc.start()
    for _ in tables.chunks(({"x": "y" * 100, "n": n} for n in range(60_000)), TEXT):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 12 * 2**20


def test_a_table_larger_than_a_sheet_is_refused_with_the_way_out(monkeypatch):
    monkeypatch.setattr(writing, "SHEET_ROWS", 3)
    with pytest.raises(TableRefused) as refused:
        written([{"x": "a", "n": 1}] * 4, TEXT, format="xlsx")
    assert refused.value.params == {"count": "4", "limit": "3"}
    assert "Choose CSV or Parquet" in str(refused.value)
    assert len(written([{"x": "a", "n": 1}] * 4, TEXT).splitlines()) == 5


def test_a_text_longer_than_a_sheet_cell_is_refused_with_its_column():
    with pytest.raises(TableRefused) as refused:
        written([{"x": "a" * 32_767, "n": 1}], TEXT, format="xlsx")
    assert (refused.value.code, refused.value.params["column"]) == ("write.cell", "x")
    assert written([{"x": "a" * 32_766, "n": 1}], TEXT, format="xlsx")


def test_a_frame_that_lacks_a_column_is_an_error_of_the_caller():
    with pytest.raises(ValueError, match="not in the rows: n"):
        written(pl.DataFrame({"x": ["a"]}), TEXT)


def test_a_format_that_is_not_known_is_an_error_of_the_caller():
    with pytest.raises(ValueError, match="ods"):
        written([], TEXT, format="ods")
