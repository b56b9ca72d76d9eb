"""A file that costs too much is refused before it costs it, and by name."""

import io
import struct
import tracemalloc
import zipfile

import pytest

from tongzhou.interchange import messages, tables
from tongzhou.interchange.tables import (
    Column,
    Kind,
    Limits,
    TableRefused,
    csv_source,
    xlsx_book,
    xlsx_package,
    xlsx_sheet,
)
from tongzhou.interchange.tests.tables.making import (
    CLINICS,
    SHEET,
    csv_of,
    notes,
    sheet_of,
    with_parts,
    xlsx_of,
)

TEXT = [Column("x")]


def refusal_of(data, limits=None):
    with pytest.raises(TableRefused) as refused:
        tables.read(data, TEXT, limits=limits)
    return refused.value


def as_csv(rows):
    return csv_of(*(",".join(row) for row in rows))


def test_a_file_with_too_many_bytes_is_refused_unread(tmp_path):
    refused = refusal_of(b"x\n" + b"1\n" * 2**20, Limits(bytes=2**20))
    assert (refused.code, refused.params) == ("file.size", {"size": "2", "limit": "1"})
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(2**31)
    with pytest.raises(TableRefused):
        tables.read(path, TEXT)


@pytest.mark.parametrize("make", [as_csv, xlsx_of])
def test_a_table_with_too_many_rows_is_refused(make):
    rows = [["x"], *([str(n)] for n in range(11))]
    assert refusal_of(make(rows), Limits(rows=10)).code == "file.rows"
    assert tables.read(make(rows[:-1]), TEXT, limits=Limits(rows=10)).frame.height == 10


@pytest.mark.parametrize("make", [as_csv, xlsx_of])
def test_a_table_with_too_many_columns_is_refused(make):
    row = ["x", *map(str, range(10))]
    refused = refusal_of(make([row]), Limits(columns=10))
    assert (refused.code, refused.params) == ("file.columns", {"count": "11", "limit": "10"})
    assert tables.read(make([row[:-1]]), TEXT, limits=Limits(columns=10)).unknown == tuple(
        row[1:-1]
    )


@pytest.mark.parametrize("make", [as_csv, xlsx_of])
def test_a_cell_that_is_too_long_is_refused_with_its_row(make):
    rows = [["x"], ["村" * 10], ["村" * 11]]
    refused = refusal_of(make(rows), Limits(cell_chars=10))
    assert (refused.code, refused.params) == ("file.cell", {"row": "3", "limit": "10"})


def test_a_long_cell_in_a_column_nobody_asked_for_does_not_matter():
    table = tables.read(as_csv([["x", "y"], ["1", "2" * 99]]), TEXT, limits=Limits(cell_chars=10))
    assert table.sound


def test_a_csv_cell_without_end_is_refused_and_the_quotation_mark_is_named():
    refused = refusal_of(csv_of("x,y", '1,"' + "2,3\n" * 100_000))
    assert refused.code == "file.cell"
    assert "quotation mark" in str(refused)


def test_only_so_many_problems_are_kept_but_all_are_counted(monkeypatch):
    monkeypatch.setattr(csv_source, "CHUNK_ROWS", 80)
    column = Column("x", kind=Kind.WHOLE)
    rows = csv_of("x,y", *(["a,1"] * 700))
    table = tables.read(rows, [column, Column("y")], limits=Limits(problems=100))
    assert (table.problems.height, table.errors) == (100, 700)
    assert table.problems["row"].to_list() == list(range(2, 102))
    assert notes(table)["note.capped"] == {"count": "700", "limit": "100"}


def bomb(size):
    """A workbook with a part of `size` zeros, which hardly take any room."""
    return with_parts(xlsx_of([["x"]]), {"xl/media/image1.png": bytes(size)})


def test_a_zip_bomb_is_refused_by_its_directory_without_unpacking_it():
    data = bomb(20 * 2**20)
    assert len(data) < 2**20
    tracemalloc.start()
    refused = refusal_of(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert refused.code == "file.bomb"
    assert peak < 2**20
    assert "no table" in str(refused)


def test_a_file_that_unpacks_to_too_much_is_refused():
    refused = refusal_of(bomb(3 * 2**20), Limits(unpacked_bytes=2 * 2**20))
    assert (refused.code, refused.params["limit"]) == ("file.unpacked", "2")


def test_a_file_of_too_many_parts_is_refused():
    data = with_parts(xlsx_of([["x"]]), {f"p{n}": b"" for n in range(1_000)})
    assert refusal_of(data).code == "file.entries"


def test_a_directory_that_names_fewer_parts_than_it_has_is_refused_by_its_size():
    data = bytearray(with_parts(xlsx_of([["x"]]), {"p" * 60_000 + str(n): b"" for n in range(30)}))
    struct.pack_into("<HH", data, len(data) - 14, 1, 1)
    assert refusal_of(bytes(data)).code == "file.entries"


def lying(part, *, by):
    """A workbook whose directory gives another unpacked size for a part."""
    data = bytearray(xlsx_of([["x"], ["1"]]))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        size = archive.getinfo(part).file_size
    at = data.rindex(part.encode()) - 46
    assert data[at : at + 4] == b"PK\x01\x02"
    struct.pack_into("<I", data, at + 24, size + by)
    return bytes(data)


@pytest.mark.parametrize("by", [-1, -100, 1, 100_000])
def test_a_directory_that_lies_about_a_size_is_refused(by):
    refused = refusal_of(lying(SHEET, by=by))
    assert (refused.code, refused.params["part"]) == ("file.lying", SHEET)


def test_no_more_is_unpacked_than_the_directory_says():
    """A sheet of 4 MiB that claims 1000 bytes costs one piece, not 4 MiB."""
    row = f'<row><c t="inlineStr"><is><t>{"a" * 1000}</t></is></c></row>'
    data = bytearray(sheet_of(row * 4_000))
    at = data.rindex(SHEET.encode()) - 46
    struct.pack_into("<I", data, at + 24, 1000)
    tracemalloc.start()
    refused = refusal_of(bytes(data))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert refused.code == "file.lying"
    assert peak < 2 * 2**20


def test_what_follows_the_packed_data_is_never_looked_at():
    """A part that claims the rest of the file as its own costs no more than it unpacks to."""
    data = bytearray(xlsx_of([["x"], ["1"]]))
    at = data.rindex(SHEET.encode()) - 46
    size = struct.unpack_from("<I", data, at + 20)[0]
    struct.pack_into("<I", data, at + 20, size + 1_000)
    assert tables.read(bytes(data), TEXT).frame.height == 1


def test_a_damaged_checksum_is_refused():
    data = bytearray(xlsx_of([["x"], ["1"]]))
    at = data.rindex(SHEET.encode()) - 46
    data[at + 16] ^= 0xFF
    assert refusal_of(bytes(data)).code == "file.broken"


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.999])
def test_a_cut_workbook_is_refused(kept):
    data = xlsx_of([["x"], ["1"]])
    assert refusal_of(data[: int(len(data) * kept)]).code == "file.broken"


def test_an_encrypted_or_strangely_packed_part_is_refused():
    for offset, value, code in ((8, 1, "file.locked"), (10, 12, "file.broken")):
        data = bytearray(xlsx_of([["x"]]))
        at = data.rindex(SHEET.encode()) - 46
        data[at + offset] = value
        assert refusal_of(bytes(data)).code == code


def test_one_cell_far_to_the_right_and_below_costs_nothing():
    cell = '<c r="{}" t="inlineStr"><is><t>{}</t></is></c>'
    rows = f'<row r="1">{cell.format("A1", "x")}</row>'
    far = rows + f'<row r="1048576">{cell.format("A1048576", "1")}</row>'
    assert tables.read(sheet_of(far), TEXT).frame.rows() == [(1_048_576, "1")]
    wide = rows + f'<row r="2">{cell.format("XFD2", "1")}</row>'
    assert refusal_of(sheet_of(wide)).code == "file.columns"


def sharing(text, cells):
    """A workbook with a column x of so many cells that all hold the same text."""
    shared = f'<sst xmlns="m"><si><t>x</t></si><si><t>{text}</t></si></sst>'
    head = '<row r="1"><c r="A1" t="s"><v>0</v></c></row>'
    rows = (f'<row r="{n}"><c r="A{n}" t="s"><v>1</v></c></row>' for n in range(2, cells + 2))
    return with_parts(sheet_of(head + "".join(rows)), {"xl/sharedStrings.xml": shared.encode()})


def test_a_text_shared_by_many_cells_is_read():
    table = tables.read(sharing("長" * 100, 1_000), TEXT)
    assert table.frame["x"].to_list() == ["長" * 100] * 1_000


def test_a_long_text_shared_by_too_many_cells_is_refused(monkeypatch):
    """The file has 12 KB of text; its cells would have 12 MB."""
    data = sharing("長" * 4_000, 1_000)
    assert refusal_of(data, Limits(unpacked_bytes=8 * 2**20)).code == "file.unpacked"
    monkeypatch.setattr(xlsx_sheet, "TEXT_PER_PIECE", 8 * 2**20)
    assert refusal_of(data).code == "file.unpacked"


def test_one_row_without_end_is_refused(monkeypatch):
    monkeypatch.setattr(xlsx_book, "LARGEST_ROW", 20_000)
    monkeypatch.setattr(xlsx_book, "_PIECE", 10_000)
    monkeypatch.setattr(xlsx_package, "PIECE", 1_000)
    cells = "".join(f"<c><v>{n}</v></c>" for n in range(2_000))
    assert refusal_of(sheet_of(f"<row>{cells}</row>")).code == "file.broken"


def test_no_file_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    tables.read(xlsx_of([["x"], ["1"]]), TEXT)
    refusal_of(b"PK\x03\x04 no zip")
    table = tables.read(csv_of("code", "620102001001-1"), CLINICS)
    for format in tables.Format:
        tables.write(table.frame, CLINICS, io.BytesIO(), format=format)
    assert list(tmp_path.iterdir()) == []


def test_every_refusal_can_be_said_in_both_languages():
    refused = refusal_of(b"x\n" + b"1\n" * 2**20, Limits(bytes=2**20))
    assert str(refused) == (
        "The file has 2 MiB; at most 1 MiB are read. Split it into several files."
    )
    assert messages.sentence(refused, "zh") == (
        "文件有 2 MiB，最多只能读取 1 MiB。请拆分成几个文件。"
    )
