"""Made-up clinics: the same for a seed, marked, and each counted once."""

import polars as pl
import pytest

from tongzhou.kit.models import Event
from tongzhou.places import queries
from tongzhou.places.actions import load_divisions, make_demo_clinics
from tongzhou.places.data import read_divisions
from tongzhou.places.models import Division, Place
from tongzhou.places.rules import made_up
from tongzhou.places.rules.made_up import Province, clinic_name


def units(count: int) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "id": range(count),
            "code": [f"v{n}" for n in range(count)],
            "name": [f"第{n}村委会" for n in range(count)],
            "kind": ["community" if n % 5 == 4 else "village" for n in range(count)],
            "lat": [35.0] * count,
            "lon": [104.0] * count,
            "county_lat": [35.3] * count,
            "county_lon": [104.0] * count,
        }
    )


@pytest.mark.parametrize("ratio", [0.4, 1.0, 1.23, 2.15, 20.0])
def test_a_province_gets_its_ratio_of_clinics_in_villages_alone(ratio: float) -> None:
    made = made_up.clinics(units(100), Province("62", ratio, 50_000), seed=1)
    assert made.height == min(round(80 * ratio), 80 * made_up.MOST_IN_A_VILLAGE)
    assert made["code"].is_unique().all()
    assert not any(code.split("-")[0].endswith(("4", "9")) for code in made["code"])
    if ratio >= 1:
        assert made["division_id"].n_unique() == 80


def test_the_seed_decides_everything() -> None:
    province = Province("62", 1.23, 50_000)
    first, again, other = (made_up.clinics(units(100), province, seed=s) for s in (1, 1, 2))
    assert first.equals(again)
    assert not first.equals(other)


def test_people_are_spread_and_some_figures_are_missing() -> None:
    made = made_up.clinics(units(4000), Province("62", 1.5, 1_000_000), seed=1)
    total = made["people65"].sum()
    # Villages are four of five units, and communities weigh twice: two thirds of the people.
    assert 0.6 * 1_000_000 < total < 0.7 * 1_000_000
    for name, share in made_up.MISSING.items():
        assert 0.3 * share < made[name].null_count() / made.height < 2 * share
    assert made["remoteness"].min() >= 1.0
    assert made["remoteness"].max() <= 1.5
    assert 1.2 < made["remoteness"].mean() < 1.35


@pytest.mark.parametrize(
    ("village", "number", "name"),
    [
        ("东风村委会", 1, "东风村卫生室"),
        ("东风村委会", 2, "东风村第二卫生室"),
        ("东风村民委员会", 1, "东风村卫生室"),
        ("巴彦嘎查委员会", 1, "巴彦嘎查卫生室"),
        ("村委会", 1, "村委会卫生室"),
    ],
)
def test_a_clinic_bears_the_name_of_its_village(village: str, number: int, name: str) -> None:
    row = pl.DataFrame({"name": [village], "number": [number]})
    assert row.select(clinic_name())["name"].to_list() == [name]


@pytest.fixture
def west(db: None, tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of the real tree: a county of Gansu, all of the Corps, and the three doubled codes."""
    table = read_divisions()
    code = pl.col("code")
    county = code.str.slice(0, 6)
    kept = (
        county.is_in(["620102", "659001", "659002", "650102", "441900", "460400"])
        & (code.str.slice(0, 9).is_in(TOWNS) | (pl.col("level") < 4))
    ) | code.is_in(["62", "620100", "65", "650100", "659000", "44", "46", "442000", "442000-3"])
    chosen = table.with_row_index("old").filter(kept)
    new = chosen.select("old", pl.int_range(pl.len()).alias("parent_row"))
    small = chosen.join(
        new, left_on="parent", right_on="old", how="left", maintain_order="left"
    ).with_columns(pl.col("parent_row").alias("parent"))
    monkeypatch.setattr("tongzhou.places.actions.load.read_divisions", lambda _path: small)
    load_divisions()


TOWNS = ["620102001", "659001101", "659002100", "650102002", "441900003", "460400100"]


@pytest.mark.usefixtures("west")
def test_the_three_counties_with_the_code_of_their_prefecture_are_distinct() -> None:
    for code in ("441900", "442000", "460400"):
        prefecture, county = (Division.objects.get(code=c) for c in (code, f"{code}-3"))
        assert (prefecture.level, county.level, county.parent) == (2, 3, prefecture)
        assert queries.division_by_code(code) == prefecture
        assert queries.county_of(county) == county


@pytest.mark.usefixtures("west")
def test_each_clinic_counts_once_with_the_corps_taken_out_of_xinjiang() -> None:
    made = make_demo_clinics(7)
    clinics = Place.objects.filter(kind="clinic")
    provinces = [Division.objects.get(code=code) for code in ("62", "65", "44", "46")]
    corps = queries.xpcc_counties()
    assert corps.count() >= 2
    of_corps = sum(queries.places_in(county, "clinic").count() for county in corps)
    of_xinjiang = queries.places_in(provinces[1], "clinic").count() - of_corps
    others = sum(queries.places_in(p, "clinic").count() for p in provinces if p.code != "65")
    assert of_corps + of_xinjiang + others == made["clinics"] == clinics.count()
    assert all(queries.scope_of(provinces[1]).contains(county) for county in corps)


@pytest.mark.usefixtures("west")
def test_hubs_and_depots_are_made_for_every_province_and_county_once() -> None:
    made = make_demo_clinics(7)
    assert made == make_demo_clinics(7)
    assert (made["hubs"], made["depots"]) == (5, Division.objects.filter(level=3).count())
    assert Place.objects.get(code="xpcc-hub").division.code == "65"
    assert not Place.objects.filter(made_up=False).exists()
    assert Event.objects.filter(verb="places.made_up").count() == 1


@pytest.mark.usefixtures("west")
def test_a_tree_is_loaded_once() -> None:
    rows = Division.objects.count()
    assert load_divisions() == rows == Division.objects.count()
    assert Event.objects.filter(verb="divisions.loaded").count() == 1
    assert queries.search("石河子")[0].code == "659001"
