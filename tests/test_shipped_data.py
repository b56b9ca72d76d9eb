"""What ships with the product is complete, consistent and unchanged."""

import csv
import hashlib
from pathlib import Path

import polars as pl
import pytest
import typst
from fontTools.ttLib import TTFont

from tongzhou.places.data import CLINIC_RATIOS, DIVISIONS, XPCC, read_divisions

ROOT = Path(__file__).resolve().parent.parent
FONTS = ROOT / "src/tongzhou/fonts"
VENDORS = [ROOT / "src/tongzhou/web/static/vendor", ROOT / "tests/vendor"]
WEIGHTS = ["Regular", "Bold"]
# Characters of one village name each that Noto Sans SC does not have.
NOT_IN_FONT = set("𡌶𣒍")


@pytest.fixture(scope="module")
def divisions() -> pl.DataFrame:
    return read_divisions()


@pytest.fixture(scope="module")
def by_code(divisions: pl.DataFrame) -> dict[str, tuple[str, str, str]]:
    """Code -> (name, pinyin, initials) down to the counties."""
    upper = divisions.filter(pl.col("level") <= 3).select("code", "name", "pinyin", "initials")
    return {code: (name, pinyin, initials) for code, name, pinyin, initials in upper.iter_rows()}


@pytest.fixture(scope="module")
def ratios() -> list[dict[str, str]]:
    return rows_of(CLINIC_RATIOS)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_every_level_has_its_number_of_divisions(divisions: pl.DataFrame) -> None:
    counts = divisions.group_by("level").len().sort("level")["len"].to_list()
    assert counts == [31, 342, 2_978, 41_352, 620_573]


def test_the_file_is_small_enough_to_ship() -> None:
    assert DIVISIONS.stat().st_size < 9_000_000


def test_no_two_divisions_share_a_public_id(divisions: pl.DataFrame) -> None:
    assert divisions["code"].is_unique().all()


def test_exactly_three_counties_carry_the_code_of_their_prefecture(
    divisions: pl.DataFrame,
) -> None:
    doubled = divisions.filter(pl.col("code").str.contains("-"))
    assert doubled["code"].to_list() == ["441900-3", "442000-3", "460400-3"]
    above = divisions["code"].gather(doubled["parent"]).to_list()
    assert above == ["441900", "442000", "460400"]


def test_codes_have_the_length_of_their_level(divisions: pl.DataFrame) -> None:
    digits = pl.col("code").str.replace("-3", "", literal=True)
    assert digits_only(divisions.select(digits)["code"])
    lengths = divisions.group_by("level").agg(digits.str.len_chars().unique().alias("length"))
    assert lengths.sort("level")["length"].to_list() == [[2], [6], [6], [9], [12]]


def digits_only(codes: pl.Series) -> bool:
    return codes.str.contains(r"^\d+$").all()


def test_a_parent_comes_first_and_is_one_level_above(divisions: pl.DataFrame) -> None:
    below = divisions.with_row_index("row").filter(pl.col("level") > 1)
    assert below["parent"].null_count() == 0
    assert (below["parent"] < below["row"]).all()
    levels = divisions["level"].gather(below["parent"])
    assert (below["level"] - levels == 1).all()


def test_only_provinces_have_no_parent(divisions: pl.DataFrame) -> None:
    assert divisions.filter(pl.col("parent").is_null())["level"].to_list() == [1] * 31


def test_rows_are_in_tree_order_with_true_subtree_sizes(divisions: pl.DataFrame) -> None:
    """Each row's subtree ends within its parent's, and the next row is its first child."""
    frame = divisions.with_row_index("row").with_columns(
        end=pl.col("row").cast(pl.Int64) + pl.col("n_desc")
    )
    child = frame.filter(pl.col("parent").is_not_null())
    assert (child["end"] <= frame["end"].gather(child["parent"])).all()
    sizes = frame.group_by("parent").agg((pl.col("n_desc") + 1).sum().alias("below"))
    joined = frame.join(sizes, left_on="row", right_on="parent", how="left")
    assert (joined["below"].fill_null(0) == joined["n_desc"]).all()


def test_villages_are_told_from_communities(divisions: pl.DataFrame) -> None:
    kinds = dict(divisions.filter(pl.col("level") == 5).group_by("kind").len().iter_rows())
    assert kinds == {"village": 486_969, "community": 127_127, "other": 6_477}
    assert divisions.filter(pl.col("level") < 5)["kind"].unique().to_list() == [""]


@pytest.mark.parametrize(
    ("code", "name", "pinyin", "initials"),
    [
        ("500115", "长寿区", "changshouqu", "csq"),
        ("50", "重庆市", "chongqingshi", "cqs"),
        ("341500", "六安市", "luanshi", "las"),
        ("340300", "蚌埠市", "bengbushi", "bbs"),
        ("330382", "乐清市", "yueqingshi", "yqs"),
        ("371524", "东阿县", "dongexian", "dex"),
        ("410621", "浚县", "xunxian", "xx"),
        ("331000", "台州市", "taizhoushi", "tzs"),
        ("331100", "丽水市", "lishuishi", "lss"),
        ("620100", "兰州市", "lanzhoushi", "lzs"),
        ("141024", "洪洞县", "hongtongxian", "htx"),
        ("140428", "长子县", "zhangzixian", "zzx"),
        ("140400", "长治市", "changzhishi", "czs"),
        ("330182", "建德市", "jiandeshi", "jds"),
        ("410923", "南乐县", "nanlexian", "nlx"),
        ("450406", "龙圩区", "longxuqu", "lxq"),
        ("54", "西藏自治区", "xizangzizhiqu", "xzzzq"),
    ],
)
def test_names_are_read_as_the_place_is_called(
    by_code: dict[str, tuple[str, str, str]], code: str, name: str, pinyin: str, initials: str
) -> None:
    assert by_code[code] == (name, pinyin, initials)


def test_pinyin_is_plain_letters_and_digits(divisions: pl.DataFrame) -> None:
    assert divisions["pinyin"].str.contains("^[a-z0-9]+$").all()
    assert divisions["initials"].str.contains("^[a-z0-9]+$").all()


def test_every_division_lies_within_the_country_s_bounds(divisions: pl.DataFrame) -> None:
    assert divisions["lat"].is_between(3, 54).all()
    assert divisions["lon"].is_between(73, 136).all()


def test_placed_points_say_so(divisions: pl.DataFrame) -> None:
    found = divisions.filter(~pl.col("placed")).group_by("level").len().sort("level")
    assert found.rows() == [(1, 31), (2, 301), (3, 1_636), (4, 10_677)]


def test_placed_siblings_do_not_lie_on_each_other(divisions: pl.DataFrame) -> None:
    placed = divisions.filter(pl.col("placed") & (pl.col("level") > 3))
    assert not placed.select("parent", "lat", "lon").is_duplicated().any()


def test_lanzhou_is_where_lanzhou_is(divisions: pl.DataFrame) -> None:
    lat, lon = divisions.filter(pl.col("code") == "620100").select("lat", "lon").row(0)
    assert (round(lat, 1), round(lon, 1)) == (36.1, 103.8)


def test_the_corps_is_twelve_cities_and_its_named_regiments(divisions: pl.DataFrame) -> None:
    listed = pl.DataFrame(rows_of(XPCC)).with_columns(pl.col("level").cast(pl.UInt8))
    assert listed.filter(pl.col("level") == 3)["code"].to_list() == [
        f"6590{number:02}" for number in range(1, 13)
    ]
    same = listed.join(divisions, on=["code", "level", "name"], how="inner")
    assert same.height == listed.height
    assert listed["code"].str.starts_with("65").all()


def test_every_province_has_a_ratio_from_its_published_counts(
    divisions: pl.DataFrame, ratios: list[dict[str, str]]
) -> None:
    villages = dict(
        divisions.filter(pl.col("kind") == "village")
        .group_by(pl.col("code").str.slice(0, 2))
        .len()
        .iter_rows()
    )
    assert [row["code"] for row in ratios] == sorted(villages)
    for row in ratios:
        assert int(row["villages"]) == villages[row["code"]]
        assert float(row["ratio"]) == pytest.approx(expected_ratio(row), abs=1e-4)
        assert row["clinics_source"]


def expected_ratio(row: dict[str, str]) -> float:
    """Published count, moved to 2021 by the national trend; the nation's ratio without one."""
    if not row["clinics"]:
        return 599_000 / 486_969
    moved = int(row["clinics"]) * 599_000 / int(row["national_that_year"])
    return moved / int(row["villages"])


def test_people_over_65_add_up_to_the_census(ratios: list[dict[str, str]]) -> None:
    """190,635,280 is the 2020 census figure; shares are published to 0.01 %."""
    total = sum(int(row["people65"]) for row in ratios)
    assert total == pytest.approx(190_635_280, rel=1e-3)


def test_clinics_of_the_ratios_come_to_about_the_published_total(
    ratios: list[dict[str, str]],
) -> None:
    total = sum(float(row["ratio"]) * int(row["villages"]) for row in ratios)
    assert total == pytest.approx(599_000, rel=0.02)


@pytest.mark.parametrize("weight", WEIGHTS)
def test_the_font_has_every_character_of_a_place_name(divisions: pl.DataFrame, weight: str) -> None:
    with TTFont(FONTS / f"NotoSansSC-{weight}.ttf") as font:
        drawn = font.getBestCmap()
    wanted = set("".join(divisions["name"]))
    assert {char for char in wanted if ord(char) not in drawn} == NOT_IN_FONT


@pytest.mark.parametrize("weight", WEIGHTS)
def test_the_font_has_the_signs_of_the_documents(weight: str) -> None:
    with TTFont(FONTS / f"NotoSansSC-{weight}.ttf") as font:
        drawn = font.getBestCmap()
    assert all(ord(char) in drawn for char in "▲●✓○□■→，。：（）￥Éé×°Az09 ")


def test_the_fonts_ship_with_their_licence_and_stay_small() -> None:
    assert "SIL OPEN FONT LICENSE" in (FONTS / "OFL.txt").read_text(encoding="utf-8").upper()
    assert sum(path.stat().st_size for path in FONTS.iterdir()) < 5_000_000


def test_typst_draws_chinese_with_the_shipped_font_alone(tmp_path: Path) -> None:
    source = '#set page(width: 4cm, height: 1cm)\n#set text(font: "Noto Sans SC")\n兰州'.encode()
    pictures = {}
    for name, folder in {"shipped": FONTS, "none": tmp_path}.items():
        only = typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)]
        )
        pictures[name] = typst.compile(source, font_paths=only, format="svg")
    assert pictures["shipped"].count(b"<path") > pictures["none"].count(b"<path")


@pytest.mark.parametrize("folder", VENDORS, ids=lambda path: path.parent.name)
def test_vendored_files_are_the_ones_of_the_table(folder: Path) -> None:
    table = {row["file"]: row["sha256"] for row in rows_of(folder / "vendor.csv")}
    files = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "vendor.csv"
    }
    assert files == table


@pytest.mark.parametrize("folder", VENDORS, ids=lambda path: path.parent.name)
def test_every_vendored_library_brings_its_licence(folder: Path) -> None:
    rows = rows_of(folder / "vendor.csv")
    files = {row["file"] for row in rows}
    assert {f"{row['name']}.LICENSE" for row in rows} <= files
    assert all(row["licence"] and row["version"] and row["package"] for row in rows)
