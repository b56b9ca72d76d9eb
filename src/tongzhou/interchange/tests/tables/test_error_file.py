"""The file of faults: every problem with its cure, in the reader's language, no personal value."""

import io

import openpyxl

from tongzhou.interchange import tables
from tongzhou.interchange.tables import ERROR_COLUMNS, HEADINGS, Kind
from tongzhou.interchange.tests.tables.making import CLINICS, csv_of, one


def faulty():
    return tables.read(
        csv_of(
            "诊所代码,数量,电话",
            "620102001001-1,-2,1.39E+10",
            "620102001001-1,2,120",
            "6.2E+11,2,120",
        ),
        CLINICS,
    )


def test_every_problem_has_row_column_value_problem_and_cure():
    table = tables.error_table(faulty().problems)
    assert table.columns == ["row", "column", "value", "problem", "cure"]
    assert table.rows()[0] == (
        2,
        "数量",
        "-2",
        "数量 must not be negative: -2.",
        "Enter a number of at least 0.",
    )
    assert table["row"].to_list() == [2, 2, 3, 4]


def test_a_duplicate_names_the_other_row():
    problem = tables.error_table(faulty().problems)["problem"][2]
    assert problem == "诊所代码 is the same as in row 2: 620102001001-1."


def test_values_of_personal_columns_are_masked_in_value_and_sentence():
    table = tables.error_table(faulty().problems)
    assert table.row(1)[2:4] == (
        "•••",
        "电话 was turned into a number in scientific notation: •••.",
    )
    assert "1.39" not in table.write_csv()


def test_an_empty_personal_cell_is_not_masked():
    problems = one(Kind.PHONE, "", required=True, personal=True).problems
    assert tables.error_table(problems).row(0)[2] is None


def test_the_same_in_chinese():
    table = tables.error_table(faulty().problems, "zh")
    assert table.row(0)[3:] == ("“数量”不能为负数：-2。", "请填写不小于 0 的数。")


def test_another_language_comes_from_the_application():
    french = {"{column} must not be negative: {value}.": "{column} est négatif : {value}."}
    table = tables.error_table(faulty().problems, translate=lambda text: french.get(text, text))
    assert table.row(0)[3:] == ("数量 est négatif : -2.", "Enter a number of at least 0.")


def test_it_is_written_as_a_file_that_is_safe_to_open():
    target = io.BytesIO()
    tables.write(
        tables.error_table(faulty().problems, "zh"),
        ERROR_COLUMNS,
        target,
        format="xlsx",
        headings=HEADINGS["zh"],
    )
    sheet = openpyxl.load_workbook(target).active
    assert [cell.value for cell in sheet[1]] == ["行", "列", "内容", "问题", "处理办法"]
    assert sheet["C2"].value == "-2"
    assert sheet.max_row == 5


def test_no_problems_give_an_empty_file():
    table = tables.error_table(tables.read(csv_of("code", "620102001001-1"), CLINICS).problems)
    assert table.rows() == []
