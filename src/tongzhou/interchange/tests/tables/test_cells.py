"""The rules for one cell, kind by kind: what is taken, and what each refusal is called."""

import datetime

import pytest

from tongzhou.interchange.tables import Column, Kind
from tongzhou.interchange.tests.tables.making import codes, notes, one, values


@pytest.mark.parametrize("code", ["620102001001", "001102001001"])
def test_a_code_of_full_length_is_kept_as_text_with_its_zeros(code):
    table = one(Kind.CODE, code, lengths=(12,))
    assert values(table) == [code]
    assert table.sound


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        ("6.20102E+11", "code.scientific"),
        ("6.20102e+11", "code.scientific"),
        ("6.20102E11", "code.scientific"),
        ("6E+11", "code.scientific"),
        ("620102001001.0", "code.decimal"),
        ("620102001001.", "code.decimal"),
        ("620102001.5", "code.decimal"),
        ("62010200100", "code.zeros"),
        ("6201020010", "code.zeros"),
        ("6201020010011", "code.length"),
        ("62010200100A", "code.length"),
        ("٦٢٠١٠٢٠٠١٠٠١", "code.length"),
        ("-20102001001", "code.length"),
        ("#N/A", "cell.error"),
        ("#REF!", "cell.error"),
    ],
)
def test_a_code_that_a_spreadsheet_has_spoiled_is_refused_by_name(cell, fault):
    table = one(Kind.CODE, cell, lengths=(12,))
    assert codes(table) == [fault]
    assert values(table) == [None]
    assert table.errors == 1
    assert not table.sound


def test_the_refusal_of_lost_zeros_says_how_many_digits_are_wanted():
    problem = one(Kind.CODE, "1020", lengths=(5, 9)).problems.row(0, named=True)
    assert problem["code"] == "code.zeros"
    assert problem["params"]["limit"] == "5, 9"


def test_a_code_of_several_lengths_takes_each_of_them():
    table = one(Kind.CODE, "62", "6201", "620102", "620", lengths=(2, 4, 6))
    assert values(table) == ["62", "6201", "620102", None]
    assert codes(table) == ["code.zeros"]


@pytest.mark.parametrize("cell", ["620102001001-1", "620102001001-9999"])
def test_a_code_with_a_pattern_must_match_all_of_it(cell):
    assert values(one(Kind.CODE, cell, pattern=r"\d{12}-\d{1,4}")) == [cell]
    assert codes(one(Kind.CODE, cell + "x", pattern=r"\d{12}-\d{1,4}")) == ["code.form"]
    assert codes(one(Kind.CODE, "٦" + cell[1:], pattern=r"\d{12}-\d{1,4}")) == ["code.form"]
    assert codes(one(Kind.CODE, "x" + cell, pattern=r"\d{12}-\d{1,4}")) == ["code.form"]


@pytest.mark.parametrize("cell", ["KE-047.1_b", "甘肃-01", "12E5", "007"])
def test_a_code_without_rules_takes_letters_digits_and_marks(cell):
    assert values(one(Kind.CODE, cell)) == [cell]


@pytest.mark.parametrize("cell", ["a;b", "<b>", "a\x00b", "x" * 65, "=1+1", "a\u202eb c;"])
def test_a_code_without_rules_refuses_what_no_code_has(cell):
    assert codes(one(Kind.CODE, cell)) == ["code.form"]


def test_full_width_digits_in_codes_become_ordinary_and_are_noted():
    table = one(Kind.CODE, "６２０１０２００１００１", "620102001002", lengths=(12,))
    assert values(table) == ["620102001001", "620102001002"]
    assert notes(table)["note.width"] == {"count": "1", "examples": "６２０１０２００１００１"}


def test_spaces_and_invisible_characters_in_codes_are_taken_out():
    cells = ["6201\u30000200 1001", "\u200b620102001002", "\ufeff620102001003\u00a0"]
    table = one(Kind.CODE, *cells, lengths=(12,))
    assert values(table) == ["620102001001", "620102001002", "620102001003"]


def test_text_keeps_its_full_width_characters():
    table = one(Kind.TEXT, "第１村卫生室（东）")
    assert values(table) == ["第１村卫生室（东）"]
    assert "note.width" not in notes(table)


def test_text_is_taken_without_spaces_around_it():
    assert values(one(Kind.TEXT, "  \u3000甲村 乙组\t")) == ["甲村 乙组"]


@pytest.mark.parametrize("cell", ["=cmd|' /C calc'!A0", "+1", "-x", "@sum", "=1+1"])
def test_a_cell_like_a_formula_is_kept_as_text_and_noted(cell):
    table = one(Kind.TEXT, cell)
    assert values(table) == [cell]
    assert table.sound
    assert notes(table)["note.formula"] == {"count": "1", "examples": cell}


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        ("a\x00b", "cell.control"),
        ("a\x1bb", "cell.control"),
        ("甲\ufffd村", "cell.replaced"),
        ("#VALUE!", "cell.error"),
    ],
)
def test_text_that_was_damaged_is_refused(cell, fault):
    assert codes(one(Kind.TEXT, cell)) == [fault]


def test_text_with_line_breaks_and_number_signs_is_text():
    assert values(one(Kind.TEXT, "甲\n乙", "#1 clinic")) == ["甲\n乙", "#1 clinic"]


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("0", 0),
        ("12", 12),
        ("12.0", 12),
        ("1,234", 1234),
        ("+5", 5),
        ("５０", 50),
        ("1e3", 1000),
        ("1 234", 1234),
        ("1000000000", 1_000_000_000),
    ],
)
def test_a_whole_number_is_read_in_every_usual_form(cell, number):
    table = one(Kind.WHOLE, cell)
    assert values(table) == [number]
    assert table.sound


@pytest.mark.parametrize(
    ("cell", "fault", "limit"),
    [
        ("-2", "number.negative", "0"),
        ("－２", "number.negative", "0"),
        ("1.5", "number.fraction", None),
        ("NaN", "number.nan", None),
        ("-nan", "number.nan", None),
        ("inf", "number.infinite", None),
        ("-Infinity", "number.infinite", None),
        ("∞", "number.infinite", None),
        ("1e400", "number.infinite", None),
        ("1000000000000", "number.above", "1,000,000,000"),
        ("1E+12", "number.above", "1,000,000,000"),
        ("99999999999999999999", "number.above", "1,000,000,000"),
        ("two", "number.text", None),
        ("1,23", "number.text", None),
        ("1.2.3", "number.text", None),
        ("--2", "number.text", None),
        ("0x10", "number.text", None),
        ("٣", "number.text", None),
        ("=1+1", "number.text", None),
        ("2023-01-08", "number.text", None),
        ("#DIV/0!", "cell.error", None),
    ],
)
def test_a_quantity_that_cannot_be_is_refused_each_with_its_own_name(cell, fault, limit):
    table = one(Kind.WHOLE, cell)
    assert codes(table) == [fault]
    assert values(table) == [None]
    assert table.problems.row(0, named=True)["params"]["limit"] == limit


def test_limits_of_a_number_are_inclusive():
    table = one(Kind.WHOLE, "-3", "-2", "7", "8", minimum=-2, maximum=7)
    assert values(table) == [None, -2, 7, None]
    assert codes(table) == ["number.below", "number.above"]


@pytest.mark.parametrize(
    ("cell", "number"), [("35.123456", 35.123456), ("-0.5", -0.5), (".5", 0.5), ("３．５", 3.5)]
)
def test_a_decimal_number_is_read(cell, number):
    assert values(one(Kind.DECIMAL, cell, minimum=-90, maximum=90)) == [number]


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        ("nan", "number.nan"),
        ("inf", "number.infinite"),
        ("90.1", "number.above"),
        ("-90.1", "number.below"),
        ("35°", "number.text"),
    ],
)
def test_a_decimal_number_out_of_its_range_is_refused(cell, fault):
    assert codes(one(Kind.DECIMAL, cell, minimum=-90, maximum=90)) == [fault]


@pytest.mark.parametrize(
    "cell",
    [
        "2023-01-08",
        "2023/1/8",
        "2023.1.8",
        "2023年1月8日",
        "２０２３年１月８日",
        "44934",
        "44934.75",
        "2023-01-08T00:00:00",
        "2023-01-08 00:00:00",
    ],
)
def test_a_date_is_read_in_every_usual_form(cell):
    table = one(Kind.DATE, cell)
    assert values(table) == [datetime.date(2023, 1, 8)]
    assert table.sound


@pytest.mark.parametrize(
    "cell",
    [
        "2023-02-30",
        "2023-13-01",
        "8.1.2023",
        "1/8/2023",
        "20230108",
        "2023年1月",
        "60",
        "2023",
        "202301",
        "109575",
        "3653",
        "0",
        "yesterday",
        "2023-01-08 14:05",
        "2023-1",
        "9999999",
    ],
)
def test_what_is_no_date_or_could_be_two_is_refused(cell):
    table = one(Kind.DATE, cell)
    assert codes(table) == ["date.form"]
    assert values(table) == [None]


@pytest.mark.parametrize(
    ("cell", "truth"),
    [
        ("是", True),
        ("否", False),
        ("Yes", True),
        ("NO", False),
        ("1", True),
        ("0", False),
        ("TRUE", True),
        ("false", False),
        ("有", True),
        ("无", False),
        ("Ｙ", True),
    ],
)
def test_yes_and_no_are_read_in_both_languages(cell, truth):
    assert values(one(Kind.YES_NO, cell)) == [truth]


@pytest.mark.parametrize("cell", ["maybe", "2", "不清楚", "-"])
def test_neither_yes_nor_no_is_refused(cell):
    assert codes(one(Kind.YES_NO, cell)) == ["yes_no.form"]


@pytest.mark.parametrize(
    ("cell", "phone"),
    [
        ("13900000000", "13900000000"),
        ("0931-1234567", "09311234567"),
        ("120", "120"),
        ("+86 139 0000 0000", "+8613900000000"),
        ("(0931) 1234567", "09311234567"),
        ("１３９００００００００", "13900000000"),
    ],
)
def test_a_phone_is_kept_as_its_digits(cell, phone):
    assert values(one(Kind.PHONE, cell)) == [phone]


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        ("1.39E+10", "code.scientific"),
        ("13900000000.0", "code.decimal"),
        ("12", "phone.form"),
        ("1" * 16, "phone.form"),
        ("none", "phone.form"),
        ("139+0000", "phone.form"),
    ],
)
def test_a_phone_that_was_spoiled_is_refused(cell, fault):
    assert codes(one(Kind.PHONE, cell)) == [fault]


@pytest.mark.parametrize("kind", list(Kind))
def test_an_empty_cell_is_null_and_refused_only_where_required(kind):
    assert values(one(kind, "", "  \u3000 ")) == [None, None]
    assert one(kind, "").sound
    assert codes(one(kind, "", required=True)) == ["cell.required"]


def test_plain_and_careful_cells_of_one_column_keep_their_rows():
    table = one(Kind.WHOLE, "1", "2.0", "x", "3", "-4", "5")
    assert values(table) == [1, 2, None, 3, None, 5]
    assert table.problems.select("row", "code").rows() == [
        (4, "number.text"),
        (6, "number.negative"),
    ]


def test_a_column_that_contradicts_itself_is_an_error_of_the_caller():
    with pytest.raises(ValueError, match="not both"):
        Column("x", kind=Kind.CODE, lengths=(12,), pattern="a")
    with pytest.raises(ValueError, match="above the maximum"):
        Column("x", kind=Kind.WHOLE, maximum=-1)
