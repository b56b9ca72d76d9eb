"""Parquet from strangers is decoded in a process of its own, which may end without ours."""

import io
import subprocess
import sys

import polars as pl
import pytest

from tongzhou.interchange import tables
from tongzhou.interchange.tables import Column, Kind, Limits, TableRefused, parquet_child
from tongzhou.interchange.tests.tables.making import CLINICS, parquet_of
from tongzhou.interchange.tests.tables.test_fuzz import SEEDS, answer, mutated

TEXT = [Column("x")]


@pytest.fixture(autouse=True, scope="module")
def parquet_is_decoded_here():
    """Not in this module."""


def deadly():
    """A file of which one byte, the number of values in its page, asks for two exbibytes."""
    target = io.BytesIO()
    frame = pl.DataFrame({"x": ["a", None, "b"]})
    frame.write_parquet(target, compression="uncompressed", statistics=False)
    data = bytearray(target.getvalue())
    data[35] = 0x7F
    return bytes(data)


def test_a_good_file_comes_through_whole():
    rows = 60_000
    data = parquet_of(x=list(range(rows)), 名称=["甲"] * rows)
    table = tables.read(data, [Column("x", kind=Kind.WHOLE), Column("name", ("名称",))])
    assert table.sound
    assert table.frame["row"].to_list() == list(range(2, rows + 2))
    assert table.frame["x"].to_list() == list(range(rows))


def test_a_file_that_ends_its_reader_is_refused_and_we_live():
    with pytest.raises(TableRefused) as refused:
        tables.read(deadly(), TEXT)
    assert refused.value.code == "file.broken"


def test_the_deadly_file_is_deadly():
    """Were it not, the test above would prove nothing."""
    command = [sys.executable, "-m", parquet_child.__name__, "10", "10", str(2**30)]
    done = subprocess.run(command, input=deadly(), capture_output=True)
    assert done.returncode != 0
    assert b"memory allocation" in done.stderr


@pytest.mark.parametrize("end", [4, 60, -20])
def test_a_cut_file_is_refused(end):
    with pytest.raises(TableRefused) as refused:
        tables.read(parquet_of(x=["1"] * 100)[:end], TEXT)
    assert refused.value.code == "file.broken"


def test_a_refusal_of_the_child_is_ours():
    with pytest.raises(TableRefused) as refused:
        tables.read(parquet_of(x=["1"] * 5), TEXT, limits=Limits(rows=4))
    assert (refused.value.code, refused.value.params) == ("file.rows", {"limit": "4"})


def test_a_child_that_takes_too_long_is_ended(monkeypatch):
    monkeypatch.setattr(parquet_child, "SECONDS", 0.01)
    with pytest.raises(TableRefused) as refused:
        tables.read(parquet_of(x=["1"]), TEXT)
    assert refused.value.code == "file.broken"


def test_a_table_that_is_given_up_ends_the_child():
    with pytest.raises(TableRefused) as refused:
        tables.read(parquet_of(y=["1"] * 200_000), CLINICS)
    assert refused.value.code == "file.missing"


@pytest.mark.slow
def test_changed_files_have_an_answer():
    for number in range(60):
        answer(mutated(SEEDS[-1], number))
