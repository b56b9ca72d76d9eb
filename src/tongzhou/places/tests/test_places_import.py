"""A table of places is written whole or not at all, and a second time has no effect."""

import io

import polars as pl
import pytest

from tongzhou.interchange.tables import Column, TableRefused, write
from tongzhou.kit.models import Event
from tongzhou.kit.rules import SYSTEM
from tongzhou.places.actions import (
    ImportRefused,
    import_places,
    preview_places,
    read_places,
)
from tongzhou.places.actions.reports import Report
from tongzhou.places.models import Division, Place, Source
from tongzhou.places.rules import Scope
from tongzhou.places.rules.problems import told

Tree = dict[str, Division]
FILE = """村代码,序号,名称,65岁及以上人口,高风险比例
620102001001,1,东风村卫生室,310,0.3
620102001001,2,东风村第二卫生室,120,
620103001001,1,东风村卫生室,95,0.25
"""


def take(text: str, within: Scope | None = None, source: str = "县卫健局名册") -> Report:
    return import_places(read_places(text.encode()), by=SYSTEM, within=within, source=source)


def refused(text: str, within: Scope | None = None) -> list[tuple[int, str, str]]:
    with pytest.raises(ImportRefused) as caught:
        take(text, within)
    problems = caught.value.report.problems.filter(~pl.col("warning"))
    return list(problems.select("row", "column", "code").iter_rows())


def test_clinics_get_a_code_from_their_village_and_number(tree: Tree) -> None:
    report = take(FILE)
    assert (report.rows, report.new, report.refused) == (3, 3, 0)
    clinic = Place.objects.get(code="620102001001-2")
    assert clinic.division == tree["620102001001"]
    assert (clinic.name, clinic.kind, clinic.people65) == ("东风村第二卫生室", "clinic", 120)
    assert clinic.risk_share is None
    assert clinic.source == Source.objects.get(name="县卫健局名册", as_of=None)


def test_the_same_file_a_second_time_has_no_effect_and_no_event(tree: Tree) -> None:
    take(FILE)
    events, rows = Event.objects.count(), list(Place.objects.order_by("pk").values())
    report = take(FILE)
    assert (report.new, report.changed, report.same) == (0, 0, 3)
    assert (Event.objects.count(), list(Place.objects.order_by("pk").values())) == (events, rows)


def test_one_import_is_one_event_on_what_holds_all_its_places(tree: Tree) -> None:
    take(FILE)
    event = Event.objects.latest("pk")
    assert (event.verb, event.chain) == ("places.imported", "division:620100")
    assert event.after == {"rows": 3, "new": 3, "changed": 0}


def test_a_changed_row_updates_the_place_and_an_empty_cell_keeps_it(tree: Tree) -> None:
    take(FILE)
    take("编码,名称,65岁及以上人口,高风险比例\n620102001001-1,东风卫生室,,0.5\n")
    clinic = Place.objects.get(code="620102001001-1")
    assert (clinic.name, clinic.people65, clinic.risk_share) == ("东风卫生室", 310, 0.5)
    assert clinic.division == tree["620102001001"]


def test_a_real_row_replaces_every_made_up_figure(tree: Tree) -> None:
    Place.objects.create(
        code="620102001001-1",
        name="x",
        kind="clinic",
        division=tree["620102001001"],
        people65=999,
        growth=2,
        made_up=True,
    )
    take("编码,名称,65岁及以上人口\n620102001001-1,东风村卫生室,310\n")
    clinic = Place.objects.get(code="620102001001-1")
    assert (clinic.made_up, clinic.people65, clinic.growth) == (False, 310, None)


def test_a_place_may_be_closed_and_opened_again_by_a_file(tree: Tree) -> None:
    take(FILE)
    for word, state in (("yes", "closed"), ("no", "active")):
        take(f"code,name,closed\n620102001001-1,东风村卫生室,{word}\n")
        assert Place.objects.get(code="620102001001-1").state == state


def test_figures_carry_their_source_and_day(tree: Tree) -> None:
    take("code,name,people65,source,as_of\n620102001001-1,东风村卫生室,5,普查,2020-11-01\n")
    source = Place.objects.select_related("source").get().source
    assert source is not None
    assert (source.name, str(source.as_of)) == ("普查", "2020-11-01")


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("999999001001,1,某卫生室,,", (2, "村代码", "division.unknown")),
        (",,某卫生室,,", (2, "code", "place.code_missing")),
        ("620102001001,1,某卫生室,-5,", (2, "65岁及以上人口", "number.negative")),
        ("620102001001,1,某卫生室,NaN,", (2, "65岁及以上人口", "number.nan")),
        ("620102001001,1,某卫生室,,1.5", (2, "高风险比例", "number.above")),
        ("6.20102E+11,1,某卫生室,,", (2, "村代码", "code.scientific")),
        ("620102001001,1,,,", (2, "名称", "cell.required")),
    ],
)
def test_a_bad_row_refuses_the_whole_file_by_row_and_column(
    tree: Tree, row: str, fault: tuple[int, str, str]
) -> None:
    text = FILE.splitlines()[0] + f"\n{row}\n620103001001,1,东风村卫生室,95,\n"
    assert fault in refused(text)
    assert not Place.objects.exists()


def test_a_place_that_stands_in_the_file_twice_is_refused(tree: Tree) -> None:
    text = "编码,名称\n620102001001-1,甲卫生室\n620102001001-1,乙卫生室\n"
    assert refused(text) == [(3, "编码", "place.twice")]


def test_the_same_name_in_one_village_is_a_warning_and_is_written(tree: Tree) -> None:
    take("编码,名称\n620102001001-1,东风村卫生室\n")
    report = take("编码,名称\n620102001001-7,东风村卫生室\n")
    assert report.problems["code"].to_list() == ["place.same_name"]
    assert report.warnings() == 1
    assert Place.objects.count() == 2
    assert "620102001001-1" in told(report.problems)["problem"][0]


def test_a_county_cannot_import_for_its_neighbour_nor_take_its_places(tree: Tree) -> None:
    own = Scope.of(tree["620103"])
    assert refused(FILE, own)[0] == (2, "村代码", "division.outside")
    take(FILE)
    moved = "编码,村代码,名称\n620102001001-1,620103001001,东风村卫生室\n"
    assert refused(moved, own) == [(2, "编码", "division.outside")]


def test_a_scope_is_never_widened_by_codes_that_begin_alike(tree: Tree) -> None:
    text = "编码,村代码,名称\nx-1,62010001001,假村卫生室\n"
    assert refused(text, Scope.of(tree["620100"])) == [(2, "村代码", "division.outside")]
    assert take(text, Scope.of(tree["6201"])).new == 1


def test_a_closed_village_takes_no_new_clinic(tree: Tree) -> None:
    Division.objects.filter(code="620102001001").update(valid_to="2023-01-01")
    assert (2, "村代码", "division.closed") in refused(FILE)


def test_a_hub_may_be_given_by_the_padded_code_of_its_province(tree: Tree) -> None:
    take("编码,行政区划代码,名称,类型\nh,620000,甘肃物资中心,hub\nd,620102,城关物资站,仓库\n")
    assert Place.objects.get(code="h").division == tree["62"]
    assert Place.objects.get(code="d").kind == "depot"


def test_an_unknown_kind_is_refused_with_the_kinds_there_are(tree: Tree) -> None:
    text = "编码,行政区划代码,名称,类型\nh,62,甘肃物资中心,宫殿\n"
    assert refused(text) == [(2, "类型", "place.kind")]


def test_a_preview_shows_rows_counts_and_notes_and_writes_nothing(tree: Tree) -> None:
    text = FILE.replace("620102001001,2", "６２０１０２００１００１,2").encode("gb18030")
    report = preview_places(read_places(text))
    assert report.encoding.lower() == "gb18030"
    assert [row["state"] for row in report.shown] == ["new"] * 3
    assert report.shown[1]["code"] == "620102001001-2"
    assert any(note.code == "note.width" for note in report.notes)
    assert not Place.objects.exists()


def test_formulas_are_kept_as_text(tree: Tree) -> None:
    take("编码,名称\n620102001001-1,\"=cmd|' /C calc'!A0\"\n")
    assert Place.objects.get().name.startswith("=cmd|")


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"])
def test_all_three_kinds_of_file_say_the_same(tree: Tree, kind: str) -> None:
    frame = pl.read_csv(FILE.encode(), infer_schema=False)
    data = io.BytesIO()
    match kind:
        case "csv":
            frame.write_csv(data)
        case "xlsx":
            columns = [Column(name) for name in frame.columns]
            write(frame, columns, data, format="xlsx")
        case _:
            frame.write_parquet(data)
    import_places(read_places(data.getvalue()), by=SYSTEM)
    assert list(Place.objects.order_by("code").values_list("code", "people65")) == [
        ("620102001001-1", 310),
        ("620102001001-2", 120),
        ("620103001001-1", 95),
    ]


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(TableRefused):
        read_places(b"")
