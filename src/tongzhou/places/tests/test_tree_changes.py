"""Changes of the tree by import keep every record in its place and the numbers true."""

import random

import pytest
from django.db import transaction
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import examples
from tongzhou.kit.models import Event
from tongzhou.kit.rules import SYSTEM
from tongzhou.places import queries
from tongzhou.places.actions import (
    ImportRefused,
    import_divisions,
    index,
    preview_divisions,
    read_division_table,
)
from tongzhou.places.actions.reports import Report
from tongzhou.places.models import Division, Place
from tongzhou.places.rules import Scope, Spacing, numbered

Tree = dict[str, Division]
HEADER = "code,name,parent,level,valid_to,successor\n"


def change(*rows: str) -> Report:
    return import_divisions(read_division_table((HEADER + "\n".join(rows)).encode()), by=SYSTEM)


def faults(*rows: str) -> list[tuple[int, str, str]]:
    with pytest.raises(ImportRefused) as refused:
        change(*rows)
    problems = refused.value.report.problems
    return list(problems.select("row", "column", "code").iter_rows())


def by_code(code: str) -> Division:
    return Division.objects.get(code=code)


def assert_numbers_are_true() -> None:
    """Containment by interval is containment by walking up the parents, for every pair."""
    every = {d.pk: d for d in Division.objects.all()}
    assert all(d.first > 0 for d in every.values())
    for division in every.values():
        above = set()
        at = division
        while at is not None:
            above.add(at.pk)
            at = every.get(at.parent_id or 0)
        holding = {d.pk for d in every.values() if d.first <= division.first <= d.last}
        assert holding == above, division


def assert_names_are_found() -> None:
    for division in Division.objects.all():
        assert division in queries.search(division.name, limit=100), division


def test_a_country_that_is_imported_is_numbered_and_found(tree: Tree) -> None:
    assert_numbers_are_true()
    assert_names_are_found()


def test_a_new_village_goes_into_the_gap_and_moves_nobody(tree: Tree) -> None:
    before = dict(Division.objects.values_list("pk", "first"))
    change("620102001009,新村委会,620102001,5,,")
    after = dict(Division.objects.values_list("pk", "first"))
    assert {pk: after[pk] for pk in before} == before
    assert queries.county_of(by_code("620102001009")) == tree["620102"]
    assert_numbers_are_true()


def test_more_villages_than_the_gap_holds_renumber_only_their_surroundings(tree: Tree) -> None:
    rows = [f"6201020019{n:02d},第{n}村委会,620102001,5,," for n in range(60)]
    change(*rows)
    assert_numbers_are_true()
    assert by_code("620103").first == tree["620103"].first
    assert by_code("620102001").pk == tree["620102001"].pk
    assert queries.children(by_code("620102001")).count() == 62


def test_a_whole_tree_moves_where_no_division_in_it_has_room(tree: Tree) -> None:
    _without_gaps()
    change("6201020020021,新村委会,620102002,5,,")
    assert by_code("n").last > 100 * len(tree)
    assert_numbers_are_true()
    assert_names_are_found()
    assert by_code("62010001001").pk == tree["62010001001"].pk


def _without_gaps() -> None:
    every = list(Division.objects.order_by("first"))
    first, last, _ = numbered([d.level for d in every], start=0, spacing=Spacing(1, ()))
    index.clear()
    for at, division in enumerate(every):
        numbers = {"first": int(first[at]) - 10**6, "last": int(last[at]) - 10**6}
        Division.objects.filter(pk=division.pk).update(**numbers)
    Division.objects.update(first=F("first") + 10**6, last=F("last") + 10**6)
    index.fill(Division.objects.values_list("level", "first", "name"))


def test_a_renamed_division_is_found_by_its_new_name_only(tree: Tree) -> None:
    change("620102,金城区,,,,")
    assert [d.code for d in queries.search("金城区")] == ["620102"]
    assert tree["620102"] not in queries.search("城关区")
    assert [d.code for d in queries.search("jinchengq")] == ["620102"]
    assert by_code("620102").pk == tree["620102"].pk


def test_a_moved_town_takes_its_villages_along(tree: Tree) -> None:
    change("620102001,,620103,,,")
    village = by_code("620102001001")
    assert queries.county_of(village) == tree["620103"]
    assert_numbers_are_true()
    assert_names_are_found()


def test_a_merged_county_lies_in_its_successor_with_all_its_records(tree: Tree) -> None:
    depot = Place.objects.create(
        code="620103-depot", name="七里河物资站", kind="depot", division=tree["620103"]
    )
    clinic = Place.objects.create(
        code="620103001001-1", name="东风村卫生室", kind="clinic", division=tree["620103001001"]
    )
    change("620103,,,,2023-02-01,620102")
    old, successor = by_code("620103"), by_code("620102")
    assert (old.successor, str(old.valid_to)) == (successor, "2023-02-01")
    assert set(queries.places_in(successor)) == {depot, clinic}
    assert depot.division_id == Place.objects.get(pk=depot.pk).division_id
    assert queries.county_of(old) == successor
    assert queries.county_of(by_code("620103001001")) == successor
    assert queries.chain_of(old) == "county:620102"
    assert old not in queries.children(by_code("620100"))
    assert_numbers_are_true()


def test_a_scope_at_a_merged_county_follows_to_the_successor(tree: Tree) -> None:
    change("620103,,,,,620102")
    scope = queries.scope_of(by_code("620103"))
    assert scope == Scope.of(by_code("620102"))
    assert scope.contains(by_code("620103001001"))
    assert not scope.contains(by_code("620201001001"))


def test_a_division_without_children_can_be_closed(tree: Tree) -> None:
    change("620201001001,,,,2023-02-01,")
    assert by_code("620201001001").closed
    assert not queries.children(by_code("620201001")).exists()
    assert_numbers_are_true()


def test_the_same_file_twice_has_one_effect_and_one_event(tree: Tree) -> None:
    events = Event.objects.count()
    row = "620103,,,,2023-02-01,620102"
    assert change(row).changed == 1
    again = change(row)
    assert (again.new, again.changed, again.same) == (0, 0, 1)
    assert Event.objects.count() == events + 1


def test_another_country_gets_numbers_of_its_own(tree: Tree) -> None:
    change("KE,Kenya,,0,,", "KE-01,Nairobi,KE,1,,", "KE-01-1,Westlands,KE-01,2,,")
    assert_numbers_are_true()
    assert [d.code for d in queries.search("nairo")] == ["KE-01"]
    assert [d.code for d in queries.search("KE-01-")] == ["KE-01-1"]
    assert not Scope.of(by_code("n")).contains(by_code("KE-01"))


def test_children_may_stand_before_their_parents_in_the_file(tree: Tree) -> None:
    change("630100,西宁市,63,2,,", "63,青海省,n,1,,")
    assert by_code("630100").level == 2
    assert_numbers_are_true()


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        (["630100,西宁市,63,2,,"], (2, "parent", "division.unknown")),
        (["63,青海省,,,,"], (2, "parent", "division.parent_missing")),
        (["620104,西固区,62,3,,"], (2, "level", "division.level")),
        (["620102,,,2,,"], (2, "level", "division.no_change_of_level")),
        (["620102,,62,,,"], (2, "parent", "division.level")),
        (["a,甲,b,,,", "b,乙,a,,,"], (2, "parent", "division.cycle")),
        (["620104,西固区,620100,3,,", "620104,西固,620100,3,,"], (3, "code", "division.twice")),
        (["620102001001-x,组,620102001001,,,"], (2, "parent", "division.too_deep")),
        (["620103,,,,2023-02-01,"], (2, "code", "division.has_children")),
        (["620103,,,,,620100"], (2, "successor", "division.successor_unknown")),
        (["620103,,,,,999999"], (2, "successor", "division.successor_unknown")),
        (["620103,,,,,620103"], (2, "successor", "division.cycle")),
        (["620103,,,,,620102", "620102,,,,,620103"], (2, "successor", "division.cycle")),
    ],
)
def test_what_cannot_be_is_refused_whole_by_row_and_column(
    tree: Tree, rows: list[str], fault: tuple[int, str, str]
) -> None:
    before = list(Division.objects.order_by("pk").values())
    assert fault in faults(*rows, "64,宁夏,n,1,,")
    assert list(Division.objects.order_by("pk").values()) == before


def test_a_division_outside_the_scope_is_refused(tree: Tree) -> None:
    table = read_division_table((HEADER + "620104,西固区,620100,3,,").encode())
    with pytest.raises(ImportRefused) as refused:
        import_divisions(table, by=SYSTEM, within=Scope.of(tree["620"]))
    assert refused.value.report.problems["code"].to_list() == ["division.outside"]
    assert "620100" in str(refused.value)


def test_a_preview_counts_and_writes_nothing(tree: Tree) -> None:
    text = HEADER + "620104,西固区,620100,3,,\n620102,金城区,,,,\n620103,七里河区,,,,"
    report = preview_divisions(read_division_table(text.encode()))
    assert (report.new, report.changed, report.same, report.refused) == (1, 1, 1, 0)
    assert [row["state"] for row in report.shown] == ["new", "changed", "same"]
    assert Division.objects.count() == len(tree)


def _random_change(draw: random.Random, step: int) -> str:
    """A row that is lawful: a new division, a move, a merger or a new name."""
    open_ = list(Division.objects.filter(valid_to=None).order_by("pk"))
    kind = draw.choice(["new", "move", "merge", "rename"])
    if kind == "new":
        parent = draw.choice([d for d in open_ if d.level < 5])
        return f"z{step},新{step}村,{parent.code},,,"
    one = draw.choice([d for d in open_ if d.level > 1])
    peers = [d for d in open_ if d.level == one.level and d != one]
    uppers = [d for d in open_ if d.level == one.level - 1]
    if kind == "merge" and peers:
        return f"{one.code},,,,,{draw.choice(peers).code}"
    if kind == "move":
        return f"{one.code},,{draw.choice(uppers).code},,,"
    return f"{one.code},改名{step},,,,"


@pytest.mark.django_db
@settings(max_examples=examples(15), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6))
def test_after_random_changes_intervals_and_parents_agree(tree: Tree, seed: int) -> None:
    draw = random.Random(seed)
    with transaction.atomic():
        place = Place.objects.create(
            code="p", name="p", kind="clinic", division=tree["620102001001"]
        )
        for step in range(draw.randint(1, 12)):
            change(_random_change(draw, step))
        assert_numbers_are_true()
        assert_names_are_found()
        assert Place.objects.get(code="p").division_id == place.division_id
        transaction.set_rollback(True)
