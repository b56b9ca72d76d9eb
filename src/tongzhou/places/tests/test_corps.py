"""The area of the Corps (XPCC) in the shipped lists: its cities, and nothing twice."""

import csv
from pathlib import Path

import polars as pl
import pytest

from tongzhou.places import queries
from tongzhou.places.data import DIVISIONS, XPCC
from tongzhou.places.models import Division, Place
from tongzhou.places.rules import Scope

DOCS = Path(__file__).parents[4] / "docs" / "places.md"


@pytest.fixture(scope="module")
def tree() -> pl.DataFrame:
    return pl.read_parquet(DIVISIONS).with_row_index("at")


@pytest.fixture(scope="module")
def listed(tree: pl.DataFrame) -> pl.DataFrame:
    """The rows of xpcc.csv with where they stand in the tree."""
    rows = pl.read_csv(XPCC, schema_overrides={"code": pl.String})
    return rows.join(tree, on="code", how="left", suffix="_there")


def below(tree: pl.DataFrame, rows: pl.DataFrame, level: int) -> set[str]:
    """The codes of a level inside some divisions."""
    found: list[str] = []
    for row in rows.iter_rows(named=True):
        inside = tree.slice(row["at"] + 1, row["n_desc"])
        found.extend(inside.filter(pl.col("level") == level)["code"].to_list())
    assert len(found) == len(set(found)), "a division lies in two listed ones"
    return set(found)


def test_every_row_of_the_list_is_a_division_of_that_name_and_level(listed: pl.DataFrame) -> None:
    assert listed["level_there"].null_count() == 0
    assert listed.filter(pl.col("level") != pl.col("level_there")).height == 0
    assert listed.filter(pl.col("name") != pl.col("name_there")).height == 0


def test_each_village_of_xinjiang_is_the_corps_or_an_ordinary_countys(
    tree: pl.DataFrame, listed: pl.DataFrame
) -> None:
    """The towns that only bear the Corps' name lie in none of its cities, so none counts twice,
    and they lie in ordinary counties of Xinjiang, so none is left out."""
    cities = listed.filter(pl.col("level") == 3)
    towns = listed.filter(pl.col("level") == 4)
    of_corps, of_towns = below(tree, cities, 5), below(tree, towns, 5)
    xinjiang = below(tree, tree.filter(pl.col("code") == "65"), 5)
    counties = tree.filter((pl.col("level") == 3) & pl.col("code").str.starts_with("65"))
    ordinary = below(tree, counties.filter(~pl.col("code").is_in(cities["code"].implode())), 5)
    assert of_corps | ordinary == xinjiang
    assert not of_corps & ordinary
    assert of_towns <= ordinary


def test_the_document_gives_these_counts(tree: pl.DataFrame, listed: pl.DataFrame) -> None:
    cities = listed.filter(pl.col("level") == 3)
    towns = listed.filter(pl.col("level") == 4)
    text = DOCS.read_text(encoding="utf-8")
    for count, what in (
        (cities.height, "cities"),
        (len(below(tree, cities, 4)), "towns and"),
        (len(below(tree, cities, 5)), "villages and communities"),
        (towns.height, "towns of ordinary counties"),
        (len(below(tree, towns, 5)), "villages and communities"),
    ):
        assert f"{count:,} {what}" in text, (count, what)


@pytest.mark.django_db
def test_a_regiments_town_stays_with_its_county_unless_the_area_names_it() -> None:
    codes = [row["code"] for row in csv.DictReader(XPCC.read_text(encoding="utf-8").splitlines())]
    town_code = next(code for code in codes if len(code) == 9)
    make = Division.objects.create
    xinjiang = make(code="65", name="新疆", level=1, first=0, last=999)
    county = make(code=town_code[:6], name="县", level=3, parent=xinjiang, first=10, last=99)
    town = make(code=town_code, name="团场", level=4, parent=county, first=20, last=29)
    city = make(code="659001", name="石河子市", level=3, parent=xinjiang, first=100, last=199)
    homes = {"团场卫生室": town, "县卫生室": county, "市卫生室": city}
    for name, home in homes.items():
        Place.objects.create(code=name, name=name, kind="clinic", division=home)
    corps = list(queries.xpcc_counties())
    assert corps == [city]

    def names(*area: Division) -> set[str]:
        within = Scope.of(*area).q("division")
        return set(Place.objects.filter(within).values_list("name", flat=True))

    assert names(*corps) == {"市卫生室"}
    assert names(*corps, town) == {"市卫生室", "团场卫生室"}
    assert names(xinjiang) == set(homes)
