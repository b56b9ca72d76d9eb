"""Reading Parquet: typed columns pass the same rules as text."""

import datetime

import pytest

from tongzhou.interchange import tables
from tongzhou.interchange.tables import Column, Kind, Limits, TableRefused
from tongzhou.interchange.tests.tables.making import CLINICS, codes, notes, parquet_of, values


def read_x(cells, kind=Kind.TEXT, **more):
    return tables.read(parquet_of(x=cells), [Column("x", kind=kind, **more)])


def test_typed_columns_give_the_same_as_csv():
    table = tables.read(
        parquet_of(
            诊所代码=["620102001001-1"],
            村代码=[620102001001],
            数量=[2],
            日期=[datetime.date(2023, 1, 8)],
            有冰箱=[True],
            纬度=[36.05],
        ),
        CLINICS,
    )
    assert table.sound
    assert (table.format, table.encoding) == ("parquet", None)
    assert table.frame.select("row", "code", "village", "units", "day", "cold", "lat").rows() == [
        (2, "620102001001-1", "620102001001", 2, datetime.date(2023, 1, 8), True, 36.05)
    ]
    assert notes(table)["note.numeric_code"]["count"] == "1"


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        (20102001001, "code.zeros"),
        (10**17, "code.precision"),
        (620102001001.5, "code.decimal"),
        (float("nan"), "code.length"),
        (datetime.date(2023, 1, 8), "code.date"),
    ],
)
def test_a_code_held_in_another_type_is_refused_by_name(cell, fault):
    assert codes(read_x([cell], Kind.CODE, lengths=(12,))) == [fault]


def test_a_code_held_as_a_float_is_taken_when_it_is_exact():
    assert values(read_x([620102001001.0], Kind.CODE, lengths=(12,))) == ["620102001001"]


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        (float("nan"), "number.nan"),
        (float("inf"), "number.infinite"),
        (1.5, "number.fraction"),
        (-1, "number.negative"),
        (10**12, "number.above"),
    ],
)
def test_numbers_are_checked_as_in_every_format(cell, fault):
    assert codes(read_x([cell], Kind.WHOLE)) == [fault]


def test_nulls_are_empty_cells_and_rows_keep_their_numbers():
    table = read_x(["甲", None, "", "乙"])
    assert table.frame.rows() == [(2, "甲"), (5, "乙")]


def test_lists_and_records_are_refused():
    for cells in ([[1, 2]], [{"a": 1}], [b"x"]):
        with pytest.raises(TableRefused) as refused:
            read_x(cells)
        assert refused.value.code == "file.nested"


def test_limits_hold_before_anything_is_read():
    with pytest.raises(TableRefused) as refused:
        tables.read(parquet_of(x=["1"] * 5), CLINICS, limits=Limits(rows=4))
    assert refused.value.code == "file.rows"
    wide = parquet_of(**{f"c{n}": [1] for n in range(6)})
    with pytest.raises(TableRefused) as refused:
        tables.read(wide, CLINICS, limits=Limits(columns=5))
    assert refused.value.code == "file.columns"


def test_many_rows_pass_the_seam_between_chunks():
    table = read_x([str(n) for n in range(100_010)], Kind.WHOLE)
    assert values(table) == list(range(100_010))
