"""What holds for every number, day and code, not only for the examples that came to mind."""

import datetime
import io
import math

import fastexcel
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import examples
from tongzhou.interchange import tables
from tongzhou.interchange.tables import Column, Kind
from tongzhou.interchange.tables.sources import EXACT, number_text
from tongzhou.interchange.tests.tables.making import codes, one, values, xlsx_of

FEW = settings(max_examples=examples(30))
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
EPOCH = datetime.date(1899, 12, 30)
numbers = st.integers(0, 10**9)
village_codes = st.integers(0, 10**12 - 1).map(lambda number: f"{number:012d}")
days = st.dates(datetime.date(1910, 1, 1), datetime.date(2199, 12, 31))


@given(st.lists(numbers, min_size=1, max_size=10))
@FEW
def test_a_whole_number_is_the_same_in_every_form(some):
    plain = one(Kind.WHOLE, *map(str, some))
    assert values(plain) == some
    for written in (
        [f"{number}.0" for number in some],
        [f"{number:,}" for number in some],
        [f"+{number}" for number in some],
        [f" {number}\u3000" for number in some],
        [str(number).translate(FULL_WIDTH) for number in some],
    ):
        assert values(one(Kind.WHOLE, *written)) == some


@given(st.lists(st.integers(-(10**20), 10**20), min_size=1, max_size=10), numbers, numbers)
@FEW
def test_a_whole_number_is_taken_exactly_when_it_is_within_its_limits(some, one_end, other_end):
    least, most = sorted((one_end, other_end))
    table = one(Kind.WHOLE, *map(str, some), minimum=least, maximum=most)
    assert values(table) == [number if least <= number <= most else None for number in some]
    assert table.errors == sum(not least <= number <= most for number in some)


@given(st.lists(st.floats(-180, 180, allow_subnormal=False), min_size=1, max_size=10))
@FEW
def test_a_decimal_number_is_read_to_its_last_digit(some):
    table = one(Kind.DECIMAL, *map(repr, some), minimum=-180, maximum=180)
    assert values(table) == some


@given(st.lists(st.floats(), min_size=1, max_size=8))
@FEW
def test_every_float_in_parquet_is_a_number_or_has_a_fault(some):
    target = io.BytesIO()
    pl.DataFrame({"x": some}).write_parquet(target)
    column = Column("x", kind=Kind.DECIMAL, minimum=-1e300, maximum=1e300)
    table = tables.read(target.getvalue(), [column])
    for number, value in zip(some, values(table), strict=True):
        fits = math.isfinite(number) and abs(number) <= 1e300
        assert value == number if fits else value is None


@given(st.lists(days, min_size=1, max_size=10))
@FEW
def test_a_day_is_the_same_in_every_form(some):
    for written in (
        [day.isoformat() for day in some],
        [f"{day.year}/{day.month}/{day.day}" for day in some],
        [f"{day.year}年{day.month}月{day.day}日" for day in some],
        [str((day - EPOCH).days) for day in some],
    ):
        assert values(one(Kind.DATE, *written)) == some


@given(st.lists(village_codes, min_size=1, max_size=10))
@FEW
def test_a_code_is_never_changed(some):
    assert values(one(Kind.CODE, *some, lengths=(12,))) == some
    assert values(one(Kind.CODE, *some)) == some


@given(st.lists(village_codes, min_size=1, max_size=10))
@FEW
def test_a_code_held_as_a_number_is_taken_exactly_when_no_digit_is_lost(some):
    column = Column("x", kind=Kind.CODE, lengths=(12,))
    table = tables.read(xlsx_of([["x"], *([int(code)] for code in some)]), [column])
    assert values(table) == [None if code.startswith("0") else code for code in some]
    assert set(codes(table)) <= {"code.zeros"}


@given(st.lists(st.integers(10**14, 10**18), min_size=1, max_size=10))
@FEW
def test_a_number_of_more_than_fifteen_digits_is_never_taken_for_a_code(some):
    column = Column("x", kind=Kind.CODE)
    table = tables.read(xlsx_of([["x"], *([number] for number in some)]), [column])
    assert values(table) == [str(number) if number < EXACT else None for number in some]


@given(st.lists(st.integers(0, 10**11), min_size=1, max_size=10))
@FEW
def test_a_phone_keeps_its_digits_through_any_grouping(some):
    phones = [f"139{number:011d}"[:11] for number in some]
    for written in (
        phones,
        [f"{phone[:3]} {phone[3:7]} {phone[7:]}" for phone in phones],
        [f"{phone[:3]}-{phone[3:7]}-{phone[7:]}" for phone in phones],
        [phone.translate(FULL_WIDTH) for phone in phones],
    ):
        assert values(one(Kind.PHONE, *written)) == phones


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=10))
@FEW
def test_the_text_of_a_number_is_the_number(some):
    shown = number_text(pl.Series([repr(number) for number in some]))
    assert [float(text) for text in shown] == some
    for number, text in zip(some, shown, strict=True):
        if number.is_integer() and abs(number) < EXACT:
            assert text == str(int(number))


def test_a_number_that_is_none_stays_as_it_was():
    assert number_text(pl.Series(["", "x", None, "NaN"])).to_list() == [None, "x", None, "NaN"]


_texts = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffd'=+-@"))


@given(st.lists(st.tuples(_texts, numbers), min_size=1, max_size=8))
@FEW
def test_another_reader_of_workbooks_finds_what_was_written(rows):
    columns = [Column("x"), Column("n", kind=Kind.WHOLE)]
    given_rows = [{"x": text, "n": number} for text, number in rows]
    target = io.BytesIO()
    tables.write(given_rows, columns, target, format="xlsx")
    sheet = fastexcel.read_excel(target.getvalue()).load_sheet(0, dtypes={"x": "string"})
    theirs = pl.DataFrame(sheet)
    # That reader leaves out cells of no text, which is what an empty cell is.
    assert [text or "" for text in theirs["x"]] == [text.strip() for text, _ in rows]
    assert theirs["n"].cast(pl.Int64).to_list() == [number for _, number in rows]


@given(st.lists(st.tuples(_texts, numbers), min_size=1, max_size=8))
@FEW
def test_another_reader_of_csv_finds_what_was_written(rows):
    columns = [Column("x"), Column("n", kind=Kind.WHOLE)]
    target = io.BytesIO()
    tables.write([{"x": text, "n": number} for text, number in rows], columns, target)
    theirs = pl.read_csv(target.getvalue(), schema={"x": pl.String, "n": pl.Int64})
    assert [text or "" for text in theirs["x"]] == [text.strip() for text, _ in rows]
    assert theirs["n"].to_list() == [number for _, number in rows]
