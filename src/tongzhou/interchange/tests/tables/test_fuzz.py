"""Whatever the bytes: reading gives a table or a refusal, and never anything else."""

import random
import zipfile
from io import BytesIO

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tongzhou.interchange import messages, tables
from tongzhou.interchange.tables import Limits, Table, TableRefused
from tongzhou.interchange.tests.tables.making import (
    CLINICS,
    SHEET,
    csv_of,
    parquet_of,
    with_parts,
    xlsx_of,
)

LIMITS = Limits(bytes=2**20, rows=2_000, cell_chars=500, unpacked_bytes=2**23, problems=500)
ROWS = [
    ["诊所代码", "村代码", "名称", "数量", "日期", "有冰箱", "电话", "纬度"],
    ["620102001001-1", "620102001001", "甲", "２", "2023-01-08", "是", "120", "36.05"],
    ["6.2E+11", "62010200100", "=cmd|x", "-1", "44934", "?", "1.39E+10", "nan"],
]
CSV = csv_of(*(",".join(row) for row in ROWS))
SEEDS = [
    CSV,
    CSV.decode().encode("gb18030"),
    CSV.decode().encode("utf-16"),
    csv_of(*(";".join(f'"{cell}"' for cell in row) for row in ROWS)),
    xlsx_of([*ROWS, ["620102001001-2", 620102001001, 1.5, True, None]]),
    parquet_of(**{name: [cells, None] for name, cells in zip(*ROWS[:2], strict=True)}),
]
# Changed Parquet ends its reader, so it is tried where that is expected: test_parquet_process.
TEXTUAL = SEEDS[:-1]
with zipfile.ZipFile(BytesIO(SEEDS[-2])) as _archive:
    PARTS = {name: _archive.read(name) for name in _archive.namelist()}


def answer(data, columns=CLINICS):
    """The table, or the sentence of the refusal; anything else goes up and fails the test."""
    try:
        table = tables.read(data, columns, limits=LIMITS)
    except TableRefused as refused:
        return messages.sentence(refused, "zh")
    assert isinstance(table, Table)
    assert table.frame.height <= LIMITS.rows
    assert table.problems.height <= LIMITS.problems
    for problem in table.problems.iter_rows(named=True):
        assert messages.sentence(problem)
    for note in table.notes:
        assert messages.sentence(note, "zh")
    tables.error_table(table.problems)
    return table


def mutated(data, seed):
    """The bytes with a few of them changed, doubled, moved or left out."""
    chance = random.Random(seed)
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        at = chance.randrange(len(changed) + 1)
        end = min(len(changed), at + chance.choice((1, 1, 2, 8, 64)))
        match chance.randrange(5):
            case 0:
                changed[at:end] = chance.randbytes(end - at)
            case 1:
                del changed[at:end]
            case 2:
                changed[at:at] = changed[at:end] * chance.choice((1, 2, 50))
            case 3:
                changed[at:at] = chance.choice(TOKENS)
            case 4:
                changed[at:] = changed[at : at + chance.randrange(len(changed) + 1)]
        if not changed:
            return b""
    return bytes(changed)


TOKENS = [
    b'"',
    b"'",
    b",",
    b";",
    b"\t",
    b"\n",
    b"\r",
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"PK\x05\x06",
    b"<c ",
    b"<c>",
    b"</c>",
    b"<row>",
    b"</row>",
    b"<row/>",
    b"</sheetData>",
    b"<sheetData/>",
    b"<v>",
    b't="s"',
    b't="d"',
    b't="b"',
    b't="e"',
    b't="inlineStr"',
    b's="99999"',
    b'r="A0"',
    b'r="ZZZ9999999"',
    b"<f>",
    b"<is><t>",
    b"<r>",
    b"<rPh>",
    b"<si>",
    b"</si>",
    b"<!",
    b"<!--",
    b"<![CDATA[",
    b"<?xml",
    b"&#0;",
    b"&#xD800;",
    b"&#x110000;",
    b"&lt;",
    b"_xD800_",
    b"_x0000_",
    b"1e999",
    b"-1e999",
    b"NaN",
    b"9" * 40,
    b"0" * 400,
    b"\xe3\x80\x80",
    b"2023-02-30",
    b"1e308",
    b"\xf0\x9f\x8f\xa5",
    b"#loc+x",
]


@given(st.binary(max_size=400))
@example(b"PK")
@example(b"PK\x05\x06" + bytes(18))
@example(b"\xff\xfe")
@example(b"\x00" * 9 + b"a")
@settings(max_examples=25)
def test_any_bytes_have_an_answer(data):
    answer(data)


@given(st.text(max_size=200), st.sampled_from(["utf-8", "utf-16", "gb18030"]))
@settings(max_examples=25)
def test_any_text_under_a_header_has_an_answer(text, encoding):
    answer(("code,名称,数量,日期\n" + text).encode(encoding, "replace"))


@given(st.lists(st.lists(st.text(max_size=12), max_size=9), max_size=6))
@settings(max_examples=25)
def test_any_cells_have_an_answer(rows):
    quoted = (",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)
    data = "\n".join([",".join(ROWS[0]), *quoted]).encode("utf-8", "replace")
    answer(data)


@given(st.sampled_from(range(len(TEXTUAL))), st.integers(0, 2**32))
@settings(max_examples=25)
def test_any_change_of_a_good_file_has_an_answer(seed, change):
    answer(mutated(TEXTUAL[seed], change))


@given(st.sampled_from(sorted(PARTS)), st.integers(0, 2**32))
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
def test_any_change_inside_a_workbook_has_an_answer(part, change):
    """The change is made before packing, so that it reaches the reader of the XML."""
    answer(with_parts(SEEDS[-2], {part: mutated(PARTS[part], change)}))


@pytest.mark.slow
@pytest.mark.parametrize("share", range(4))
def test_a_hundred_thousand_changed_files_have_an_answer(share):
    answers = [0, 0]
    for number in range(share, 100_000, 4):
        if number % 3:
            data = mutated(TEXTUAL[number % len(TEXTUAL)], number)
        else:
            part = SHEET if number % 2 else sorted(PARTS)[number % len(PARTS)]
            data = with_parts(SEEDS[-2], {part: mutated(PARTS[part], number)})
        # Three kinds of columns: the rules of the others have tests of their own.
        answers[isinstance(answer(data, CLINICS[2:5]), Table)] += 1
    # Both answers must be common, or the changes would not test what they should.
    assert min(answers) > 2_000
