"""A table of facilities is taken whole or not at all, and what it says is kept as facts."""

from datetime import timedelta

import pytest

from tongzhou.finder import actions, queries
from tongzhou.finder.actions import Said
from tongzhou.finder.models import Facility, Fact
from tongzhou.kit.models import Event
from tongzhou.kit.rules import SYSTEM
from tongzhou.places.actions import ImportRefused, Report
from tongzhou.places.rules import Scope

from .conftest import NOW, World

pytestmark = pytest.mark.django_db
HEAD = "代码,名称,类型,区划代码,纬度,经度,电话,开放时间,发热门诊,急诊,截至日期,来源\n"
FILE = (
    HEAD
    + "h1,城关医院,医院,620102001,36.05,103.85,0931-1234567,24/7,是,是,2023-01-07,省卫健委\n"
    + "h2,东岗卫生院,卫生院,620102001,36.06,103.86,0931-7654321,上午,否,,2023-01-07,\n"
    + "h3,七里河诊所,诊所,620103,,,,Mo-Fr 08:00-17:30; PH off,,,,\n"
)


def take(text: str, **more: object) -> Report:
    table = actions.read_facilities(text.encode())
    return actions.import_facilities(table, by=SYSTEM, source="名单.csv", **more)  # type: ignore[arg-type]


def faults(text: str, **more: object) -> list[str]:
    table = actions.read_facilities(text.encode())
    found = actions.preview_facilities(table, **more).problems  # type: ignore[arg-type]
    return list(found.filter(~found["warning"])["code"])


def test_a_table_brings_facilities_and_their_facts(world: World) -> None:
    report = take(FILE)
    assert (report.new, report.changed, report.refused, report.warnings()) == (3, 0, 0, 1)
    one, two, three = (Facility.objects.get(code=code) for code in ("h1", "h2", "h3"))
    assert (one.kind, one.has_emergency, one.all_day, one.sees_fever) == (
        "hospital", True, True, True,
    )  # fmt: skip
    assert one.checked_at == NOW - timedelta(hours=34)
    assert (two.hours, two.hours_read, two.all_day) == ("上午", False, False)
    assert (three.lat, three.phones, three.checked_at) == (None, "", NOW)
    fact = one.facts.get(field="point")
    assert (fact.value, fact.source, fact.said_by) == ([36.05, 103.85], "A", "省卫健委")
    assert one.facts.get(field="has_emergency").value is True
    assert two.facts.get(field="hours").said_by == "名单.csv"
    assert [n.facility_id for n in queries.nearest(36.05, 103.85)] == [one.pk, two.pk]
    assert Event.objects.filter(verb="facilities.imported").count() == 1


def test_the_same_table_again_has_no_effect(world: World) -> None:
    take(FILE)
    facts = Fact.objects.count()
    report = take(FILE)
    assert (report.new, report.changed, report.same) == (0, 0, 3)
    assert Fact.objects.count() == facts
    assert Event.objects.filter(verb="facilities.imported").count() == 1


def test_an_empty_cell_says_nothing_and_a_new_one_counts(world: World) -> None:
    take(FILE)
    report = take(HEAD + "h1,,,,,,0931-9999999,,,,2023-01-08,\n")
    assert (report.changed, report.new) == (1, 0)
    one = Facility.objects.get(code="h1")
    assert (one.phones, one.name, one.hours) == ("0931-9999999", "城关医院", "24/7")
    phones = one.facts.filter(field="phones").order_by("pk")
    assert list(phones.values_list("current", flat=True)) == [False, True]


def test_an_old_list_does_not_undo_a_call(world: World) -> None:
    take(FILE)
    one = Facility.objects.get(code="h1")
    actions.state_facts(one, {"phones": "0931-1111111"}, Said("C", NOW), by=SYSTEM)
    report = take(HEAD + "h1,,,,36.07,103.85,0931-2222222,,,,2023-01-07,\n")
    one.refresh_from_db()
    assert (one.phones, one.lat, report.changed) == ("0931-1111111", 36.07, 1)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("h1,甲,船,620102,,,,,,,,", "facility.kind"),
        ("h1,甲,医院,999999,,,,,,,,", "facility.division_unknown"),
        ("h1,,医院,620102,,,,,,,,", "facility.new_needs"),
        ("h1,甲,医院,620102,36.05,,,,,,,", "facility.half_a_point"),
        ("h1,甲,医院,620102,,,打电话,,,,,", "facility.phones"),
        ("h1,甲,医院,620102,,,,,,,2023-01-09,", "facility.future"),
        (f"h1,{'甲' * 161},医院,620102,,,,,,,,", "facility.long"),
    ],
)
def test_a_row_that_cannot_be_refuses_the_file(world: World, row: str, code: str) -> None:
    assert code in faults(HEAD + row + "\n")
    with pytest.raises(ImportRefused):
        take(FILE.replace("h1,", "h0,") + row + "\n")
    assert Facility.objects.count() == 0


def test_a_code_twice_or_merged_away_is_refused(world: World) -> None:
    assert faults(FILE + FILE.splitlines()[1] + "\n") == ["facility.twice"]
    take(FILE)
    one, two = (Facility.objects.get(code=code) for code in ("h1", "h2"))
    actions.merge_facilities(one, two, by=SYSTEM)
    assert faults(FILE) == ["facility.merged"]


def test_rows_of_others_are_refused_whatever_they_say(world: World) -> None:
    county = Scope.of(world.divisions["620102"])
    assert faults(FILE, within=county) == ["facility.outside"]
    take(FILE)
    moved = HEAD + "h3,,,620102,,,,,,,,\n"
    assert faults(moved, within=county) == ["facility.outside"]
