"""Reading CSV: header, encodings, separators, rows as the spreadsheet shows them."""

import datetime
import itertools

import polars as pl
import pytest

from tongzhou.interchange import messages, tables
from tongzhou.interchange.tables import Column, Kind, TableRefused, csv_source
from tongzhou.interchange.tests.tables.making import CLINICS, codes, csv_of, notes

HEADER = "诊所代码,村代码,名称,数量,日期,有冰箱,电话,纬度"
TEXT = [Column("code"), Column("name")]
FIRST = "620102001001-1,620102001001,甲村卫生室,2,2023-01-08,是,13900000000,36.05"
SECOND = "620102001001-2,620102001001,乙村卫生室,0,2023年1月9日,否,0931-1234567,36.1"


def test_a_clean_file_gives_typed_columns_and_no_problem():
    table = tables.read(csv_of(HEADER, FIRST, SECOND), CLINICS)
    assert table.sound
    assert table.warnings == 0
    assert table.format == "csv"
    assert table.problems.height == 0
    assert table.frame.row(0) == (
        2,
        "620102001001-1",
        "620102001001",
        "甲村卫生室",
        2,
        datetime.date(2023, 1, 8),
        True,
        "13900000000",
        36.05,
    )
    assert table.frame.schema == {
        "row": pl.UInt32,
        "code": pl.String,
        "village": pl.String,
        "name": pl.String,
        "units": pl.Int64,
        "day": pl.Date,
        "cold": pl.Boolean,
        "phone": pl.String,
        "lat": pl.Float64,
    }


def test_a_path_is_read_like_bytes(tmp_path):
    path = tmp_path / "clinics.csv"
    path.write_bytes(csv_of(HEADER, FIRST))
    for source in (path, str(path)):
        assert tables.read(source, CLINICS).frame.height == 1


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("gb18030", "gb18030"),
        ("gbk", "gb18030"),
    ],
)
def test_every_usual_encoding_is_found_out_and_shown(encoding, shown):
    table = tables.read(csv_of("code,名称", "620102001001-1,甲村", encoding=encoding), CLINICS)
    assert table.frame["name"].to_list() == ["甲村"]
    assert table.encoding == shown
    assert notes(table)["note.encoding"] == {"encoding": shown.upper()}


def test_a_rare_character_of_gb18030_survives():
    table = tables.read(csv_of("code,名称", "620102001001-1,㐂𠮷村", encoding="gb18030"), CLINICS)
    assert table.frame["name"].to_list() == ["㐂𠮷村"]


def test_damaged_utf_8_is_refused_and_not_taken_for_chinese_in_gb18030():
    data = bytearray(csv_of(HEADER, FIRST))
    data[-30] = 0xFF
    with pytest.raises(TableRefused) as refused:
        tables.read(bytes(data), CLINICS)
    assert refused.value.code == "file.encoding"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030"])
def test_a_file_cut_inside_a_character_is_refused(encoding):
    data = csv_of(HEADER, FIRST + "甲", encoding=encoding)
    end = "\n".encode(encoding.replace("utf-16", "utf-16-le"))
    with pytest.raises(TableRefused) as refused:
        tables.read(data[: -len(end) - 1], CLINICS)
    assert refused.value.code == "file.broken"


def test_bytes_that_are_no_text_are_refused():
    with pytest.raises(TableRefused) as refused:
        tables.read(b"\xe9\x2c\xff\xff\xfe", CLINICS)
    assert refused.value.code == "file.encoding"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_comma_semicolon_and_tab_separate(separator):
    lines = [line.replace(",", separator) for line in (HEADER, FIRST)]
    assert tables.read(csv_of(*lines), CLINICS).frame.height == 1


def test_the_line_that_names_the_separator_is_no_row_of_data():
    table = tables.read(csv_of("sep=;", "code;名称", "620102001001-1;甲"), CLINICS)
    assert table.frame["row"].to_list() == [3]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_is_understood(end):
    data = end.join(["code,名称", "620102001001-1,甲", "620102001001-2,乙", ""]).encode()
    assert tables.read(data, CLINICS).frame["row"].to_list() == [2, 3]


def test_headers_match_by_alias_in_any_order_case_and_width():
    table = tables.read(csv_of("ＮＡＭＥ,clinic_CODE*,Remarks", "甲,620102001001-1,-"), CLINICS)
    assert table.matched == {"name": "ＮＡＭＥ", "code": "clinic_CODE*"}
    assert table.unknown == ("Remarks",)
    assert notes(table)["note.unknown"] == {"columns": "Remarks"}
    assert table.frame["code"].to_list() == ["620102001001-1"]


def test_a_column_that_the_file_lacks_is_all_null_in_its_type():
    table = tables.read(csv_of("code", "620102001001-1"), CLINICS)
    assert table.frame["units"].to_list() == [None]
    assert table.frame.schema["units"] == pl.Int64
    assert table.sound


def test_a_missing_required_column_refuses_the_file_and_names_it():
    with pytest.raises(TableRefused) as refused:
        tables.read(csv_of("名称,数量", "甲,2"), CLINICS)
    assert refused.value.code == "file.missing"
    assert "Clinic code" in str(refused.value)
    assert "名称, 数量" in str(refused.value)
    assert "现有的列：名称, 数量" in messages.sentence(refused.value, "zh")


def test_a_file_without_one_known_column_is_refused_even_if_none_is_required():
    with pytest.raises(TableRefused) as refused:
        tables.read(csv_of("a,b", "1,2"), [Column("units", kind=Kind.WHOLE)])
    assert refused.value.code == "file.missing"


def test_two_headers_that_mean_one_column_are_refused():
    with pytest.raises(TableRefused) as refused:
        tables.read(csv_of("code,诊所代码,名称", "620102001001-1,620102001001-2,甲"), CLINICS)
    assert refused.value.code == "file.twice"
    assert refused.value.params["columns"] == "code, 诊所代码"


def test_titles_above_the_header_are_skipped_and_rows_keep_their_numbers():
    table = tables.read(csv_of("甘肃省登记表,,", "制表：卫健委,,", HEADER, FIRST), CLINICS)
    assert table.frame["row"].to_list() == [4]
    assert notes(table)["note.title"] == {"row": "3"}


def test_a_row_of_hashtags_after_the_header_is_skipped():
    tags = "#loc+clinic+code,#adm5 +code,#loc+name,#inneed,#date,#indicator,#contact,#geo+lat"
    table = tables.read(csv_of(HEADER, tags, FIRST), CLINICS)
    assert table.frame["row"].to_list() == [3]
    assert "note.hxl" in notes(table)


def test_only_the_row_right_after_the_header_may_hold_hashtags():
    table = tables.read(csv_of("code,名称", "620102001001-1,甲", "#loc,#name"), CLINICS)
    assert table.frame.height == 2
    assert codes(table) == ["code.form"]


def test_blank_rows_are_skipped_and_counted_and_rows_keep_their_numbers():
    table = tables.read(csv_of("", HEADER, FIRST, "", " ,,\u3000,,,,,", SECOND, "", ""), CLINICS)
    assert table.frame["row"].to_list() == [3, 6]
    assert notes(table)["note.blank"] == {"count": "2"}


def test_a_quoted_cell_may_hold_separators_quotes_and_line_breaks():
    data = csv_of("code,名称", '620102001001-1,"甲,""乙""\n丙"', "620102001001-2,丁")
    table = tables.read(data, CLINICS)
    assert table.frame["name"].to_list() == ['甲,"乙"\n丙', "丁"]
    # The spreadsheet shows a cell with a line break as one row.
    assert table.frame["row"].to_list() == [2, 3]


def test_a_quotation_mark_that_is_never_closed_is_refused_with_its_row():
    data = csv_of(HEADER, FIRST, SECOND.replace("乙", '"乙').replace("2,620", '2,"620'), FIRST)
    with pytest.raises(TableRefused) as refused:
        tables.read(data, CLINICS)
    assert (refused.value.code, refused.value.params["row"]) == ("file.quote", "3")


def test_text_after_a_closing_quotation_mark_is_refused_with_its_row():
    with pytest.raises(TableRefused) as refused:
        tables.read(csv_of("code,名称", '620102001001-1,"甲"乙'), CLINICS)
    assert (refused.value.code, refused.value.params["row"]) == ("file.quote", "2")


def test_a_last_row_that_is_cut_off_refuses_the_file():
    whole = csv_of(HEADER, FIRST, SECOND)
    for missing in (20, 30, 60):
        with pytest.raises(TableRefused) as refused:
            tables.read(whole[:-missing], CLINICS)
        assert refused.value.code in ("file.cut", "file.broken")


def test_a_single_short_last_row_refuses_the_file_even_with_a_line_end():
    with pytest.raises(TableRefused) as refused:
        tables.read(csv_of("code,名称,数量", "620102001001-1,甲,1", "620102001001-2,乙"), CLINICS)
    assert refused.value.code == "file.cut"
    assert refused.value.params == {"row": "3", "count": "2", "limit": "3"}


def test_rows_that_all_lack_their_empty_last_cells_are_read():
    data = csv_of("code,名称,数量", "620102001001-1,甲", "620102001001-2,乙", "620102001001-3,丙")
    assert tables.read(data, CLINICS).frame["units"].to_list() == [None, None, None]


def test_a_row_longer_than_the_header_has_a_problem_with_both_counts():
    table = tables.read(csv_of("code,名称", "620102001001-1,甲,乙村", "620102001001-2,丙"), CLINICS)
    problem = table.problems.row(0, named=True)
    assert (problem["row"], problem["code"]) == (2, "row.long")
    assert messages.sentence(problem).startswith("The row has 3 cells while the header has 2.")


def test_empty_cells_beyond_the_header_do_not_matter():
    table = tables.read(csv_of("code,名称,,", "620102001001-1,甲,,"), CLINICS)
    assert table.sound


def test_a_file_of_only_a_header_is_an_empty_table():
    table = tables.read(csv_of(HEADER), CLINICS)
    assert table.frame.height == 0
    assert table.frame.schema["day"] == pl.Date
    assert table.sound


@pytest.mark.parametrize("data", [b"", b"\n\n \n", b"\x00\x00"])
def test_an_empty_file_is_refused(data):
    with pytest.raises(TableRefused) as refused:
        tables.read(data, CLINICS)
    assert refused.value.code == "file.empty"


def test_a_file_of_separators_only_has_no_header():
    with pytest.raises(TableRefused) as refused:
        tables.read(b",,,\n,,\n", CLINICS)
    assert refused.value.code == "file.header"


def test_an_old_or_locked_workbook_is_refused_by_name():
    old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    locked = old + "EncryptedPackage".encode("utf-16-le")
    for data, code in ((old, "file.old_excel"), (locked, "file.locked")):
        with pytest.raises(TableRefused) as refused:
            tables.read(data, CLINICS)
        assert refused.value.code == code


def test_the_same_key_twice_is_a_warning_with_both_rows():
    table = tables.read(csv_of(HEADER, FIRST, SECOND, FIRST), CLINICS)
    problem = table.problems.row(0, named=True)
    assert (problem["row"], problem["params"]["other_row"]) == (4, 2)
    assert (problem["code"], problem["warning"]) == ("row.duplicate", True)
    assert problem["value"] == "620102001001-1"
    assert (table.errors, table.warnings, table.sound) == (0, 1, True)


def test_a_key_of_two_columns_is_the_same_only_if_both_are():
    columns = [
        Column("place", kind=Kind.CODE, key=True),
        Column("item", key=True),
        Column("units", kind=Kind.WHOLE),
    ]
    table = tables.read(csv_of("place,item,units", "1,a,5", "1,b,5", "2,a,5", "1,a,6"), columns)
    problem = table.problems.row(0, named=True)
    assert table.warnings == 1
    assert (problem["row"], problem["column"], problem["value"]) == (5, "place / item", "1 / a")


def test_a_refused_key_is_no_duplicate():
    table = tables.read(csv_of("code,名称", "x,甲", "x,乙"), CLINICS)
    assert codes(table) == ["code.form", "code.form"]


def test_problems_come_by_row_with_the_header_of_the_file():
    table = tables.read(csv_of("数量,code", "x,y", "-1,620102001001-1"), CLINICS)
    assert table.problems.select("row", "column", "value", "code").rows() == [
        (2, "code", "y", "code.form"),
        (2, "数量", "x", "number.text"),
        (3, "数量", "-1", "number.negative"),
    ]


def test_examples_of_personal_cells_are_not_in_the_notes():
    table = tables.read(csv_of("code,电话", "620102001001-1,１３９００００００００"), CLINICS)
    note = next(note for note in table.notes if note.code == "note.width")
    assert note.params == {"count": "1", "examples": ""}
    assert messages.sentence(note).endswith("made ordinary: 1.")


def test_a_long_value_is_shown_by_its_beginning_and_without_control_characters():
    table = tables.read(csv_of("code", "\x01" + "y" * 300), CLINICS)
    assert table.problems["value"].to_list() == ["\ufffd" + "y" * 99]


def test_an_apostrophe_before_a_formula_is_our_escape_and_any_other_is_text():
    cells = ["'=1+1", "''=1+1", "'tis", "'", "''"]
    data = csv_of("code,名称", *(f"620102001001-{i},{cell}" for i, cell in enumerate(cells, 1)))
    assert tables.read(data, CLINICS).frame["name"].to_list() == [
        "=1+1",
        "'=1+1",
        "'tis",
        "'",
        "''",
    ]


@pytest.mark.parametrize(("name", "size"), [("CHUNK_ROWS", 7), ("CHUNK_CELLS", 20)])
def test_rows_pass_the_seam_between_chunks(monkeypatch, name, size):
    monkeypatch.setattr(csv_source, name, size)
    rows = [f"{n:012d}-1,{n if n != 28 else 'x'}" for n in range(50)]
    table = tables.read(csv_of("code,数量", *rows), CLINICS)
    assert table.frame["row"].to_list() == list(range(2, 52))
    assert table.problems.select("row", "code").rows() == [(30, "number.text")]


def test_chinese_that_is_partly_valid_utf_8_by_chance_is_read_as_gb18030():
    """Each of these characters is two bytes that UTF-8 also allows."""
    text = next(
        "".join(found)
        for found in itertools.product("录陆旅虏吕律率蚂玛埋", repeat=5)
        if is_utf8("".join(found).encode("gb18030"))
    )
    table = tables.read(csv_of("code,name", f"1,{text}甲村", encoding="gb18030"), TEXT)
    assert table.frame["name"].to_list() == [text + "甲村"]


def is_utf8(data):
    try:
        return bool(data.decode())
    except UnicodeDecodeError:
        return False


def test_damaged_utf_8_of_a_latin_script_is_refused():
    data = csv_of("code,name", "1,Équipe médicale dépôt à côté").replace(b"p\xc3\xb4t", b"p\xb4t")
    with pytest.raises(TableRefused) as refused:
        tables.read(data + b"2,\xc3\n", TEXT)
    assert refused.value.code == "file.encoding"
