"""Reading XLSX: what openpyxl and other programs write, number cells, dates, formulas."""

import datetime
import io
import re
import zipfile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from conftest import examples
from tongzhou.interchange import tables
from tongzhou.interchange.tables import Column, Kind, TableRefused, xlsx_book, xlsx_package
from tongzhou.interchange.tests.tables.making import (
    CLINICS,
    SHEET,
    codes,
    notes,
    saved,
    sheet_of,
    values,
    with_parts,
    xlsx_of,
)

VILLAGE = [Column("x", kind=Kind.CODE, lengths=(12,))]
TEXT = [Column("x")]
AFTERNOON = datetime.datetime.fromisoformat("2023-01-08T14:05")


def read_x(rows, kind=Kind.TEXT, **more):
    return tables.read(
        xlsx_of([["x"], *([cell] for cell in rows)]), [Column("x", kind=kind, **more)]
    )


def inline(text):
    return f'<c r="A1" t="inlineStr"><is><t>{text}</t></is></c>'


def head_and(*rows):
    """A sheet with the header x in the first row, then these rows of XML."""
    return sheet_of(f'<row r="1">{inline("x")}</row>' + "".join(rows))


def test_a_workbook_of_another_program_gives_the_same_as_csv():
    table = tables.read(
        xlsx_of(
            [
                ["诊所代码", "名称", "数量", "日期", "有冰箱", "电话", "纬度"],
                ["620102001001-1", "甲&<乙>", 2, datetime.date(2023, 1, 8), True, "120", 36.05],
            ]
        ),
        CLINICS,
    )
    assert table.sound
    assert (table.format, table.encoding) == ("xlsx", None)
    assert table.frame.drop("village").row(0) == (
        2,
        "620102001001-1",
        "甲&<乙>",
        2,
        datetime.date(2023, 1, 8),
        True,
        "120",
        36.05,
    )


def test_a_code_held_as_an_exact_number_is_taken_and_noted():
    table = read_x([620102001001, "620102001002"], Kind.CODE, lengths=(12,))
    assert values(table) == ["620102001001", "620102001002"]
    assert notes(table)["note.numeric_code"] == {"count": "1", "examples": "620102001001"}


@pytest.mark.parametrize(
    ("cell", "lengths", "fault"),
    [
        (20102001001, (12,), "code.zeros"),
        (1234567890123456, (16,), "code.precision"),
        (123456789012345678, (18,), "code.precision"),
        (620102001001.5, (12,), "code.decimal"),
        (6.2e20, (12,), "code.precision"),
        (datetime.date(2023, 1, 8), (), "code.date"),
        (AFTERNOON, (), "code.date"),
        (True, (12,), "code.length"),
    ],
)
def test_a_code_held_as_a_number_that_lost_something_is_refused(cell, lengths, fault):
    table = read_x([cell], Kind.CODE, lengths=lengths)
    assert codes(table) == [fault]
    assert values(table) == [None]


def test_fifteen_digits_are_the_most_that_a_number_keeps():
    assert values(read_x([123456789012345], Kind.CODE)) == ["123456789012345"]


def test_the_refused_number_is_shown_as_the_file_has_it():
    row = '<row r="2"><c r="A2"><v>123456789012345678</v></c></row>'
    table = tables.read(head_and(row), [Column("x", kind=Kind.CODE)])
    assert codes(table) == ["code.precision"]
    assert table.problems["value"].to_list() == ["123456789012345678"]


def test_numbers_in_a_text_column_are_shown_as_the_sheet_shows_them():
    assert values(read_x([3, 2.5, 0.1, 1e-7, -4, 12345678901234])) == [
        "3",
        "2.5",
        "0.1",
        "1e-7",
        "-4",
        "12345678901234",
    ]


def test_dates_and_times_in_a_text_column_are_iso():
    cells = [datetime.date(2023, 1, 8), AFTERNOON]
    assert values(read_x(cells)) == ["2023-01-08", "2023-01-08 14:05:00"]


def test_a_number_that_is_shown_as_a_date_is_no_quantity():
    assert codes(read_x([datetime.date(1900, 3, 5)], Kind.WHOLE)) == ["number.text"]


def test_a_plain_number_in_a_date_column_is_a_serial_day():
    assert values(read_x([44934], Kind.DATE)) == [datetime.date(2023, 1, 8)]


def test_days_are_counted_as_the_workbook_counts_them():
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    for row in (["x"], [datetime.date(2023, 1, 8)], [43472]):
        book.active.append(row)
    table = tables.read(saved(book), [Column("x", kind=Kind.DATE)])
    assert values(table) == [datetime.date(2023, 1, 8)] * 2


@pytest.mark.parametrize(
    ("format", "dated"),
    [
        ("mm-dd-yy", True),  # a spreadsheet's own first format of a day, which it keeps as 14
        ("yyyy/m/d", True),
        ('yyyy"年"m"月"d"日"', True),
        ("[$-F800]dddd, mmmm dd, yyyy", True),
        ("d-mmm", True),
        ('0.0" days"', False),
        ("[Red]0.00", False),
        ("#,##0", False),
        ("General", False),
        ("000000", False),
    ],
)
def test_a_format_of_days_makes_a_number_a_date_and_no_other_does(format, dated):
    book = openpyxl.Workbook()
    book.active.append(["x"])
    book.active.append([44934])
    book.active["A2"].number_format = format
    assert values(tables.read(saved(book), TEXT)) == ["2023-01-08" if dated else "44934"]


def test_a_formula_with_a_stored_result_gives_the_result():
    row = '<row r="2"><c r="A2"><f>1+1</f><v>2</v></c></row>'
    text = '<row r="3"><c r="A3" t="str"><f>"a"&amp;"b"</f><v>ab</v></c></row>'
    assert values(tables.read(head_and(row, text), TEXT)) == ["2", "ab"]


def test_a_formula_without_a_stored_result_is_kept_as_text():
    table = read_x(["=cmd|' /C calc'!A0", '=IF(A1<2,"a","b")'])
    assert values(table) == ["=cmd|' /C calc'!A0", '=IF(A1<2,"a","b")']
    assert notes(table)["note.formula"]["count"] == "2"
    assert codes(read_x(["=1+1"], Kind.WHOLE)) == ["number.text"]


def test_an_error_of_the_spreadsheet_is_refused_with_its_name():
    table = tables.read(head_and('<row r="2"><c r="A2" t="e"><v>#REF!</v></c></row>'), TEXT)
    assert codes(table) == ["cell.error"]
    assert table.problems["value"].to_list() == ["#REF!"]


def test_rich_text_is_joined_and_reading_aids_are_left_out():
    book = openpyxl.Workbook(write_only=False)
    book.active.append(["x"])
    book.active.append([CellRichText("甲", TextBlock(InlineFont(b=True), "乙"), "丙")])
    assert values(tables.read(saved(book), TEXT)) == ["甲乙丙"]
    shared = (
        '<sst xmlns="m"><si><t>x</t></si><si><t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh>'
        '<phoneticPr fontId="1"/></si><si/><si><t xml:space="preserve"> a &amp; b </t></si></sst>'
    )
    rows = "".join(
        f'<row r="{i + 1}"><c r="A{i + 1}" t="s"><v>{i}</v></c></row>' for i in (0, 1, 2, 3)
    )
    data = with_parts(sheet_of(rows), {"xl/sharedStrings.xml": shared.encode()})
    table = tables.read(data, TEXT)
    assert table.frame.rows() == [(2, "東京"), (4, "a & b")]


def test_escapes_of_xml_and_of_spreadsheets_are_undone():
    text = "&lt;&#20013;&#x56FD;&gt;_x000A_&quot;"
    row = f'<row r="2"><c r="A2" t="inlineStr"><is><t>{text}</t></is></c></row>'
    assert values(tables.read(head_and(row), TEXT)) == ['<中国>\n"']


def test_a_character_that_cannot_be_is_refused_as_lost():
    row = '<row r="2"><c r="A2" t="inlineStr"><is><t>a&#xD800;</t></is></c></row>'
    assert codes(tables.read(head_and(row), TEXT)) == ["cell.replaced"]


def test_rows_are_numbered_as_the_sheet_numbers_them():
    rows = [
        f'<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>{n}</t></is></c></row>'
        for n in (5, 9, 1000)
    ]
    table = tables.read(head_and(*rows), TEXT)
    assert table.frame.rows() == [(5, "5"), (9, "9"), (1000, "1000")]
    assert notes(table)["note.blank"] == {"count": "996"}


def test_cells_and_rows_without_references_are_counted():
    rows = (
        "<row><c t='inlineStr'><is><t>名称</t></is></c>"
        "<c t='inlineStr'><is><t>code</t></is></c></row>"
        "<row/>"
        "<row><c><v>1</v></c><c t='inlineStr'><is><t>620102001001-1</t></is></c></row>"
        "<row r='7'><c/><c t='inlineStr'><is><t>620102001001-2</t></is></c></row>"
    )
    table = tables.read(sheet_of(rows), CLINICS)
    assert table.frame.select("row", "name", "code").rows() == [
        (3, "1", "620102001001-1"),
        (7, None, "620102001001-2"),
    ]


def test_attributes_in_any_order_and_line_breaks_between_tags_are_understood():
    rows = """
      <row spans="1:1" r="1">
        <c
           t="inlineStr" r="A1"><is><t>x</t></is></c>
      </row>
      <row r="2">
        <c s="0" r="A2" t="n">
          <v>12</v>
        </c>
      </row>"""
    assert values(tables.read(sheet_of(rows), [Column("x", kind=Kind.WHOLE)])) == [12]


def test_tags_with_a_prefix_are_understood():
    xml = (
        '<?xml version="1.0"?><x:worksheet xmlns:x="m"><x:sheetData><x:row r="1">'
        '<x:c r="A1" t="inlineStr"><x:is><x:t>x</x:t></x:is></x:c></x:row><x:row r="2">'
        '<x:c r="A2"><x:v>7</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    )
    data = with_parts(xlsx_of([["x"]]), {"xl/worksheets/sheet1.xml": xml.encode()})
    assert values(tables.read(data, TEXT)) == ["7"]


def test_the_first_visible_sheet_is_read_and_the_others_are_named():
    book = openpyxl.Workbook()
    book.active.title = "说明"
    book.active.sheet_state = "hidden"
    for name, cell in (("诊所", "甲"), ("其他 & 备注", "乙")):
        sheet = book.create_sheet(name)
        sheet.append(["x"])
        sheet.append([cell])
    book.active = 1
    table = tables.read(saved(book), TEXT)
    assert values(table) == ["甲"]
    assert notes(table)["note.sheets"] == {"sheet": "诊所", "others": "其他 & 备注"}


def test_columns_beyond_z_are_found():
    header = [f"c{n}" for n in range(60)]
    header[55] = "x"
    table = tables.read(xlsx_of([header, [str(n) for n in range(60)]]), TEXT)
    assert values(table) == ["55"]


def test_a_sheet_without_cells_has_no_header():
    with pytest.raises(TableRefused) as refused:
        tables.read(xlsx_of([]), TEXT)
    assert refused.value.code == "file.header"


@pytest.mark.parametrize(
    "xml",
    [
        b"<worksheet><sheetData><row",
        b"<worksheet/>",
        b"",
        b"<worksheet><!DOCTYPE x [<!ENTITY a 'b'>]><sheetData/></worksheet>",
        b"<worksheet><sheetData><row><c t='s'><v>99</v></c></row></sheetData></worksheet>",
        b"<worksheet><sheetData><row><c t='s'><v>x</v></c></row></sheetData></worksheet>",
        b"\xff\xfe<\x00",
    ],
)
def test_a_sheet_that_is_no_sheet_is_refused(xml):
    data = with_parts(xlsx_of([["x"]]), {"xl/worksheets/sheet1.xml": xml})
    with pytest.raises(TableRefused) as refused:
        tables.read(data, TEXT)
    assert refused.value.code in ("file.broken", "file.header")


@pytest.mark.parametrize(
    "part",
    ["_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/worksheets/sheet1.xml"],
)
def test_a_workbook_that_lacks_a_part_is_refused(part):
    with pytest.raises(TableRefused) as refused:
        tables.read(with_parts(xlsx_of([["x"]]), {part: None}), TEXT)
    assert refused.value.code == "file.broken"


def test_a_zip_that_is_no_workbook_is_refused():
    for part in ("_rels/.rels", "xl/workbook.xml"):
        with pytest.raises(TableRefused):
            tables.read(with_parts(xlsx_of([["x"]]), {part: b"<none/>"}), TEXT)


@pytest.mark.parametrize("number", ["²", "9" * 5000, "", "x"])
def test_a_format_without_a_number_is_no_date_and_no_error(number):
    book, made = io.BytesIO(), io.BytesIO()
    sheet = openpyxl.Workbook()
    sheet.active.append(["Code"])
    sheet.active.append([3])
    sheet.save(book)
    with zipfile.ZipFile(book) as whole, zipfile.ZipFile(made, "w") as changed:
        for name in whole.namelist():
            text = whole.read(name)
            if name.endswith("styles.xml"):
                text = re.sub(rb'numFmtId="\d+"', f'numFmtId="{number}"'.encode(), text)
            changed.writestr(name, text)
    found = tables.read(made.getvalue(), [Column("code", ("Code",))]).frame
    assert found["code"].to_list() == ["3"]


def test_a_workbook_without_styles_and_shared_texts_is_read():
    data = with_parts(head_and(), {"xl/styles.xml": None, "xl/sharedStrings.xml": None})
    assert tables.read(data, TEXT).frame.height == 0


def test_a_sheet_passes_the_seam_between_pieces(monkeypatch):
    monkeypatch.setattr(xlsx_book, "_PIECE", 2_000)
    monkeypatch.setattr(xlsx_package, "PIECE", 300)
    rows = [["code", "名称", "数量"], *([f"{n:012d}-1", f"第{n}村", n] for n in range(150))]
    table = tables.read(xlsx_of(rows), CLINICS)
    assert table.sound
    assert table.frame["units"].to_list() == list(range(150))
    assert table.frame["row"].to_list() == list(range(2, 152))
    assert table.frame["name"].to_list() == [f"第{n}村" for n in range(150)]


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("prefix", ["", "x:"])
def test_text_that_ends_like_a_tag_is_never_cut(monkeypatch, shared, prefix):
    """A bare > is allowed in the text of XML, so `row>` and `si>` may stand in a cell."""
    monkeypatch.setattr(xlsx_book, "_PIECE", 60)
    monkeypatch.setattr(xlsx_package, "PIECE", 30)
    expected = [f"arrow> si> {n} /row>" for n in range(40)]
    texts = ["x", *expected]
    cells = (
        f'<c r="A{n}" t="s"><v>{n - 1}</v></c>'
        if shared
        else f'<c r="A{n}" t="inlineStr"><is><t>{text}</t></is></c>'
        for n, text in enumerate(texts, 1)
    )
    rows = "".join(f'<row r="{n}">{cell}</row>' for n, cell in enumerate(cells, 1))
    sheet = f'<worksheet xmlns="m"><sheetData>{rows}</sheetData></worksheet>'
    strings = f'<sst xmlns="m">{"".join(f"<si><t>{text}</t></si>" for text in texts)}</sst>'
    parts = {SHEET: sheet, "xl/sharedStrings.xml": strings}
    if prefix:
        parts = {name: prefixed(xml) for name, xml in parts.items()}
    data = with_parts(xlsx_of([["x"]]), {name: xml.encode() for name, xml in parts.items()})
    assert values(tables.read(data, TEXT)) == expected


def prefixed(xml):
    return re.sub("<(/?)", r"<\1x:", xml).replace("xmlns=", "xmlns:x=")


def test_a_part_that_is_stored_unpacked_is_read():
    target = io.BytesIO()
    packed = io.BytesIO(xlsx_of([["x"], ["1"]]))
    with zipfile.ZipFile(packed) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    assert values(tables.read(target.getvalue(), TEXT)) == ["1"]


def test_a_small_part_that_is_large_is_refused():
    with pytest.raises(TableRefused) as refused:
        tables.read(with_parts(xlsx_of([["x"]]), {"xl/workbook.xml": bytes(5 * 2**20)}), TEXT)
    assert refused.value.code == "file.unpacked"


_cells = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**14), 10**14),
    st.floats(-1e9, 1e9).map(lambda number: round(number, 4)),
    st.dates(datetime.date(1901, 1, 1)),
    st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="#='\ufffd")),
)


@given(st.lists(st.tuples(_cells, _cells), min_size=1, max_size=8))
@settings(max_examples=examples(40))
def test_the_reader_agrees_with_openpyxl_on_any_cells(rows):
    data = xlsx_of([["x", "y"], *rows])
    theirs = list(openpyxl.load_workbook(io.BytesIO(data)).active.iter_rows(2, values_only=True))
    expected = [tuple(map(as_text, row)) for row in theirs]
    ours = tables.read(data, [Column("x"), Column("y")]).frame.select("x", "y").rows()
    assert ours == [row for row in expected if any(row)]


def test_the_reader_agrees_with_openpyxl_on_every_cell():
    rows = [["x", "y"], ["甲", 1], ["乙", 2.5], [None, 3], ["=A1", None], ["5", True]]
    data = xlsx_of(rows)
    theirs = list(openpyxl.load_workbook(io.BytesIO(data)).active.values)
    table = tables.read(data, [Column("x"), Column("y")])
    ours = [(row[1], row[2]) for row in table.frame.rows()]
    assert ours == [tuple(map(as_text, row)) for row in theirs[1:]]


def as_text(cell):
    """A cell as a sheet shows it without formats: what one would type."""
    if cell is None or isinstance(cell, bool):
        return {None: None, True: "TRUE", False: "FALSE"}[cell]
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else str(cell)
    return str(cell).strip() or None
