"""People find divisions and places by what they type, the same on both databases."""

import pytest

from tongzhou.kit.rules import SYSTEM
from tongzhou.places import queries
from tongzhou.places.actions import create_place
from tongzhou.places.models import Division, Place
from tongzhou.places.rules import Scope

Tree = dict[str, Division]


def found(text: str, within: Division | None = None, **more: object) -> list[str]:
    scope = Scope.of(within) if within else None
    return [d.code for d in queries.search(text, within=scope, **more)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("兰州", ["620100", "6201"]),
        ("城关区", ["620102", "62010"]),
        ("lanzhou", ["620100"]),
        ("lanz", ["620100"]),
        ("lz", ["620100"]),
        ("LanZhou", ["620100"]),
        ("620102001", ["620102001", "620102001001", "620102001002"]),
        ("620000", ["62"]),
        ("长寿", ["620201001001"]),
        ("changshou", ["620201001001"]),
        ("changshoucunwei", ["620201001001"]),
        ("changshoucunweihui", ["620201001001"]),
        ("cscwh", ["620201001001"]),
        ("肃", ["62", "620"]),
        ("兰州 东风", ["620102001001", "620103001001"]),
        ("甘肃省兰州市城关区", ["620102"]),
        ("州兰", []),
        ("x*\"'", []),
        ("%", []),
        ("", []),
    ],
)
def test_what_is_typed_finds_the_best_first(tree: Tree, text: str, codes: list[str]) -> None:
    assert found(text) == codes


def test_an_exact_name_comes_before_a_higher_level_that_only_contains_it(tree: Tree) -> None:
    Division.objects.filter(code="620").update(name="大东风村委会省")
    assert found("东风村委会")[0] == "620102001001"


def test_a_scope_leaves_out_neighbours_whose_code_begins_alike(tree: Tree) -> None:
    assert found("城关", tree["62"]) == ["620102"]
    assert found("62", tree["620"]) == ["620", "6201", "62010", "62010001", "62010001001"]
    assert found("东风", tree["620103"]) == ["620103001001"]
    assert found("dongfeng", tree["620103"]) == ["620103001001"]


def test_levels_and_limit_narrow_a_search(tree: Tree) -> None:
    assert found("兰州", levels=[5]) == []
    assert found("东风", levels=[5], limit=1) == ["620102001001"]
    assert found("东风", limit=0) == []
    assert queries.search("东风", within=Scope(())) == []


def test_a_result_carries_its_path(tree: Tree) -> None:
    division = queries.search("和平村")[0]
    assert [d.name for d in division.path] == ["甘肃省", "兰州市", "城关区", "张掖路街道"]


def test_the_tree_is_looked_at_through_its_intervals(tree: Tree) -> None:
    village = tree["620102002001"]
    assert [d.code for d in queries.ancestors(village)] == [
        "n",
        "62",
        "620100",
        "620102",
        "620102002",
    ]
    assert queries.county_of(village) == tree["620102"]
    assert queries.province_of(village) == tree["62"]
    assert queries.county_of(tree["62"]) is None
    assert [d.code for d in queries.children(tree["62"])] == ["620100", "620200"]
    assert queries.counts_by_level(tree["62"]) == {2: 2, 3: 3, 4: 4, 5: 5}
    assert queries.chain_of(village) == "county:620102"
    assert queries.chain_of(tree["62"]) == "division:62"


def test_a_division_is_found_by_each_way_of_writing_its_code(tree: Tree) -> None:
    for code in ("62", "620000", "６２", " 62 "):
        assert queries.division_by_code(code) == tree["62"]
    assert queries.division_by_code("620100") == tree["620100"]
    assert queries.division_by_code("nowhere") is None


def test_a_search_of_one_place_costs_few_queries(
    tree: Tree, django_assert_max_num_queries: object
) -> None:
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        found("东风村")


@pytest.fixture
def places(tree: Tree) -> dict[str, Place]:
    rows = [
        ("620102001001-1", "东风村卫生室", "clinic", "620102001001"),
        ("620103001001-1", "东风村卫生室", "clinic", "620103001001"),
        ("620103001001-2", "李家诊所", "clinic", "620103001001"),
        ("62010-depot", "假城关物资站", "depot", "62010"),
    ]
    return {
        code: create_place(code=code, name=name, kind=kind, division=tree[at], by=SYSTEM)
        for code, name, kind, at in rows
    }


@pytest.mark.parametrize(
    ("text", "within", "codes"),
    [
        ("东风村卫生室", "n", {"620102001001-1", "620103001001-1", "620103001001-2"}),
        ("东风村", "620102", {"620102001001-1"}),
        ("李家", "620103", {"620103001001-2"}),
        ("李家", "620102", set()),
        ("620102", "n", {"620102001001-1"}),
        ("62010-", "n", {"62010-depot"}),
        ("62010-", "62", set()),
    ],
)
def test_places_are_found_by_code_and_name_within_a_scope(
    tree: Tree, places: dict[str, Place], text: str, within: str, codes: set[str]
) -> None:
    assert {p.code for p in queries.search_places(text, within=Scope.of(tree[within]))} == codes


def test_a_place_is_looked_up_by_its_code(places: dict[str, Place]) -> None:
    assert queries.place_by_code("620102001001－1") == places["620102001001-1"]
    assert queries.place_by_code("none") is None


def test_places_are_listed_by_division_and_kind(tree: Tree, places: dict[str, Place]) -> None:
    assert [p.code for p in queries.places_in(tree["620"])] == ["62010-depot"]
    assert len(queries.places_in(tree["62"], "clinic")) == 3
    assert not queries.places_in(tree["62"], "depot")
