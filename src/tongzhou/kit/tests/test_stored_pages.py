"""Pages on disk: whole, bounded, and there when nothing else is."""

import os

import pytest

from tongzhou.kit.stored_pages import SHARDS, StoredPages


@pytest.fixture
def pages(tmp_path):
    return StoredPages(tmp_path, most_bytes=SHARDS * 100)


def test_what_was_written_is_read(pages):
    pages.write("zh/62", b"page")
    stored = pages.read("zh/62")
    assert stored.content == b"page"
    assert stored.age < 60


def test_a_later_page_takes_the_place_of_an_earlier(pages):
    pages.write("zh/62", b"old")
    pages.write("zh/62", b"new")
    assert pages.read("zh/62").content == b"new"


def test_an_unknown_name_is_none(pages):
    assert pages.read("zh/63") is None


def test_a_name_never_leaves_the_folder(pages, tmp_path):
    pages.write("../../outside", b"page")
    assert pages.read("../../outside").content == b"page"
    assert not (tmp_path.parent / "outside").exists()


def test_the_oldest_make_room(pages, tmp_path, monkeypatch):
    monkeypatch.setattr(pages, "_path", lambda name: tmp_path / "aa" / name)
    for age, name in enumerate(("new", "middle", "old")):
        pages.write(name, b"x" * 40)
        os.utime(tmp_path / "aa" / name, (1_000 - age, 1_000 - age))
    pages.write("newest", b"x" * 40)
    assert {name for name in ("new", "middle", "old", "newest") if pages.read(name)} == {
        "new",
        "newest",
    }


def test_a_page_larger_than_a_shard_is_not_kept(pages):
    pages.write("large", b"x" * 101)
    assert pages.read("large") is None


def test_a_disk_that_takes_nothing_stops_nobody(tmp_path):
    file = tmp_path / "file"
    file.write_bytes(b"")
    pages = StoredPages(file, most_bytes=SHARDS * 100)
    pages.write("zh/62", b"page")
    assert pages.read("zh/62") is None


def test_no_temporary_file_is_left(pages, tmp_path):
    pages.write("zh/62", b"page")
    assert [name for _f, _d, names in os.walk(tmp_path) for name in names if name[0] == "."] == []


def test_a_page_is_made_once_as_long_as_it_is_fresh_and_of_one_version(pages):
    made = []

    def render():
        made.append(1)
        return "page"

    assert pages.served("a", render, seconds=60.0, mark=b"1") == b"page1"
    assert pages.served("a", render, seconds=60.0, mark=b"1") == b"page1"
    assert len(made) == 1
    assert pages.served("a", render, seconds=60.0, mark=b"2") == b"page2"
    pages.served("a", render, seconds=-1.0, mark=b"2")
    assert len(made) == 3


def test_an_old_page_takes_a_note_and_keeps_its_own_text(pages):
    assert pages.stale("a", "old") is None
    pages.write("a", b"<p><!--stale-->page")
    assert pages.stale("a", "old") == b"<p>oldpage"
    assert pages.read("a").content == b"<p><!--stale-->page"
