"""A table of needs is written whole or not at all, as new versions, and only once."""

import io

import polars as pl
import pytest

from tongzhou.campaigns.actions import (
    NewItem,
    add_item,
    import_needs,
    preview_needs,
    read_needs,
    verify_need,
)
from tongzhou.campaigns.models import NeedStatement
from tongzhou.interchange.tables import Column, Kind, TableRefused, write
from tongzhou.kit.models import Event
from tongzhou.kit.rules import SYSTEM, Actor
from tongzhou.places.actions import ImportRefused, Report
from tongzhou.places.models import Place
from tongzhou.places.rules import Scope
from tongzhou.places.rules.problems import told
from tongzhou.supplies.models import Item

from .conftest import World, opened

OFFICER = Actor("account", "7")
HEAD = "机构代码,申请数量,现有数量,填报类型,依据,数据日期"
FILE = f"""{HEAD}
6201-1,2,0,申请,村医来电,2023-01-07
6201-2,4,1,,,2023-01-07
62010-1,2,,估算,,
"""


def take(world: World, text: str, within: Scope | None = None) -> Report:
    table = read_needs(text.encode())
    return import_needs(table, by=OFFICER, campaign=world.campaign, within=within)


def refused(world: World, text: str, within: Scope | None = None) -> list[tuple[int, str, str]]:
    with pytest.raises(ImportRefused) as caught:
        take(world, text, within)
    assert not NeedStatement.objects.exists()
    found = caught.value.report.problems.filter(~pl.col("warning"))
    return list(found.select("row", "column", "code").iter_rows())


def live(code: str) -> NeedStatement:
    return NeedStatement.objects.exclude(state="superseded").get(place__code=code)


def test_each_row_becomes_a_first_version_that_waits_for_a_check(world: World) -> None:
    report = take(world, FILE)
    assert (report.rows, report.new, report.changed, report.refused) == (3, 3, 0, 0)
    row = live("6201-1")
    assert (row.version, row.units_asked, row.source) == (1, 2, "request")
    assert (row.state, row.evidence, str(row.as_of)) == ("submitted", "村医来电", "2023-01-07")
    assert (row.item, row.by, row.row_key) == (world.item, "account:7", "6201-1:oximeter:request")
    assert live("62010-1").source == "estimate"


def test_the_same_file_again_has_no_effect_not_even_the_next_day(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(world, FILE)
    before = (Event.objects.count(), list(NeedStatement.objects.order_by("pk").values()))
    monkeypatch.setattr("tongzhou.kit.clock.today", lambda: live("6201-1").as_of.replace(day=9))
    report = take(world, FILE)
    assert (report.new, report.changed, report.same) == (0, 0, 3)
    after = (Event.objects.count(), list(NeedStatement.objects.order_by("pk").values()))
    assert after == before


def test_a_changed_row_is_a_new_version_and_the_old_one_stays_superseded(world: World) -> None:
    take(world, FILE)
    report = take(world, FILE.replace("6201-2,4,1", "6201-2,6,1"))
    assert (report.new, report.changed, report.same) == (0, 1, 2)
    versions = NeedStatement.objects.filter(place__code="6201-2").order_by("version")
    assert list(versions.values_list("version", "units_asked", "state")) == [
        (1, 4, "superseded"),
        (2, 6, "submitted"),
    ]


def test_a_verified_need_stays_verified_while_the_file_says_the_same(world: World) -> None:
    take(world, FILE)
    verify_need(live("6201-1"), by=SYSTEM)
    take(world, FILE.replace("6201-2,4,1", "6201-2,6,1"))
    assert live("6201-1").state == "verified"
    take(world, FILE.replace("6201-1,2,0", "6201-1,8,0"))
    assert live("6201-1").state == "submitted"


def test_an_empty_cell_keeps_what_the_version_before_said(world: World) -> None:
    take(world, FILE)
    take(world, f"{HEAD}\n6201-1,8,,,,\n")
    row = live("6201-1")
    assert (row.units_asked, row.evidence, str(row.as_of)) == (8, "村医来电", "2023-01-07")


def test_a_request_and_a_count_of_one_place_live_side_by_side(world: World) -> None:
    take(world, FILE)
    report = take(world, f"{HEAD}\n6201-1,2,0,申请,村医来电,2023-01-07\n6201-1,0,5,盘点,,\n")
    assert (report.new, report.same) == (1, 1)
    rows = NeedStatement.objects.filter(place__code="6201-1").order_by("version")
    assert list(rows.values_list("version", "source", "stock_units", "state")) == [
        (1, "request", 0, "submitted"),
        (2, "count", 5, "submitted"),
    ]


def test_one_import_is_one_event_in_the_chain_of_the_campaign(world: World) -> None:
    before = Event.objects.count()
    take(world, FILE)
    event = Event.objects.latest("pk")
    assert Event.objects.count() == before + 1
    assert (event.verb, event.chain, event.actor) == ("needs.imported", "division:cn", "account:7")
    assert event.after == {"rows": 3, "new": 3, "changed": 0}


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("999999-1,2,0,,,", "机构代码", "need.place_unknown"),
        ("6.20102E+11,2,0,,,", "机构代码", "code.scientific"),
        ("6201-1,-2,0,,,", "申请数量", "number.negative"),
        ("6201-1,1.5,0,,,", "申请数量", "number.fraction"),
        ("6201-1,NaN,0,,,", "申请数量", "number.nan"),
        ("6201-1,1000000000000,0,,,", "申请数量", "number.above"),
        ("6201-1,,0,,,", "申请数量", "cell.required"),
        ("6201-1,2,-1,,,", "现有数量", "number.negative"),
        ("6201-1,2,0,愿望,,", "填报类型", "need.source"),
        ("6201-1,2,0,,,昨天", "数据日期", "date.form"),
        (f"6201-1,2,0,,{'长' * 301},", "依据", "need.evidence_long"),
    ],
)
def test_a_bad_row_refuses_the_whole_file_by_row_and_column(
    world: World, row: str, column: str, code: str
) -> None:
    events = Event.objects.count()
    assert (3, column, code) in refused(world, f"{HEAD}\n6201-2,4,1,,,\n{row}\n")
    assert Event.objects.count() == events


def test_a_file_for_another_campaign_is_refused_by_row_and_column(world: World) -> None:
    other = opened(world.divisions["62"], world.policy, "别的行动")
    text = f"机构代码,申请数量,行动编号\n6201-1,2,{world.campaign.public_id}\n"
    wrong = text + f"6201-2,2,{other.public_id}\n"
    assert refused(world, wrong) == [(3, "行动编号", "campaign.other")]
    assert take(world, text).new == 1


def test_a_place_twice_under_one_kind_is_refused_with_the_other_row(world: World) -> None:
    text = f"{HEAD}\n6201-1,2,0,,,\n6201-1,4,0,request,,\n"
    assert refused(world, text) == [(3, "机构代码", "need.twice")]
    with pytest.raises(ImportRefused, match="row 2"):
        take(world, text)


def test_an_item_is_needed_as_soon_as_the_campaign_has_two(world: World) -> None:
    mask = Item.objects.create(code="mask", name="口罩", base_unit="只")
    add_item(world.campaign, NewItem(mask, "clinic", 100), by=SYSTEM)
    text = "机构代码,物资代码,申请数量\n6201-1,mask,50\n6201-2,,2\n62010-1,glove,2\n"
    assert refused(world, text) == [
        (3, "物资代码", "campaign.item_missing"),
        (4, "物资代码", "campaign.item_unknown"),
    ]
    assert take(world, "机构代码,物资代码,申请数量\n6201-1,mask,50\n6201-1,oximeter,2\n").new == 2


def test_a_campaign_without_items_takes_no_needs(world: World) -> None:
    world.campaign.items.all().delete()
    assert refused(world, f"{HEAD}\n6201-1,2,0,,,\n") == [(2, "Item code", "campaign.no_items")]


def test_places_that_the_campaign_does_not_serve_are_refused(world: World) -> None:
    Place.objects.filter(code="6201-2").update(state="closed")
    text = f"{HEAD}\n6201-2,2,0,,,\nhub-62,2,0,,,\n"
    assert refused(world, text) == [
        (2, "机构代码", "need.place_closed"),
        (3, "机构代码", "need.not_for_kind"),
    ]


def test_a_province_campaign_takes_no_needs_of_its_neighbour(world: World) -> None:
    campaign = opened(world.divisions["65"], world.policy, "新疆行动")
    add_item(campaign, NewItem(world.item, "clinic", 2), by=SYSTEM)
    with pytest.raises(ImportRefused) as caught:
        import_needs(read_needs(FILE.encode()), by=OFFICER, campaign=campaign)
    assert set(caught.value.report.problems["code"]) == {"need.place_elsewhere"}


def test_a_county_imports_for_itself_and_not_for_codes_that_begin_alike(world: World) -> None:
    own = Scope.of(world.divisions["6201"])
    assert refused(world, FILE, own) == [(4, "机构代码", "need.place_outside")]
    assert take(world, FILE.rpartition("62010")[0], own).new == 2


def test_a_preview_does_not_tell_whether_a_foreign_place_asks_for_the_same(world: World) -> None:
    take(world, FILE)
    report = preview_needs(
        read_needs(FILE.encode()),
        campaign=world.campaign,
        within=Scope.of(world.divisions["6201"]),
    )
    assert [row["state"] for row in report.shown] == ["same", "same", "refused"]
    assert (report.new, report.same) == (1, 2)


def test_a_preview_shows_encoding_notes_and_rows_and_writes_nothing(world: World) -> None:
    text = FILE.replace("6201-2,4", "６２０１-２,４").encode("gb18030")
    events = Event.objects.count()
    report = preview_needs(read_needs(text), campaign=world.campaign)
    assert report.encoding.lower() == "gb18030"
    assert report.matched["place"] == "机构代码"
    assert [row["state"] for row in report.shown] == ["new"] * 3
    assert (report.shown[1]["place"], report.shown[1]["units_asked"]) == ("6201-2", 4)
    assert any(note.code == "note.width" for note in report.notes)
    assert (NeedStatement.objects.count(), Event.objects.count()) == (0, events)


def test_formulas_are_kept_as_text(world: World) -> None:
    take(world, f"{HEAD}\n6201-1,2,0,,\"=cmd|' /C calc'!A0\",\n")
    assert live("6201-1").evidence.startswith("=cmd|")


def test_the_problems_read_like_sentences(world: World) -> None:
    with pytest.raises(ImportRefused) as caught:
        take(world, f"{HEAD}\n999999-1,2,0,,,\n")
    row = told(caught.value.report.problems).row(0, named=True)
    assert row["row"] == 2
    assert "999999-1" in row["problem"]
    assert row["cure"]


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"])
def test_all_three_kinds_of_file_say_the_same(world: World, kind: str) -> None:
    frame = pl.read_csv(FILE.encode(), infer_schema=False)
    data = io.BytesIO()
    match kind:
        case "csv":
            frame.write_csv(data)
        case "xlsx":
            write(frame, [Column(name) for name in frame.columns], data, format="xlsx")
        case _:
            frame.write_parquet(data)
    import_needs(read_needs(data.getvalue()), by=OFFICER, campaign=world.campaign)
    assert list(NeedStatement.objects.order_by("place__code").values_list("units_asked")) == [
        (2,),
        (4,),
        (2,),
    ]


def test_codes_that_a_spreadsheet_holds_as_numbers_are_refused_where_digits_were_lost(
    world: World,
) -> None:
    data = io.BytesIO()
    frame = pl.DataFrame({"机构代码": [6201020010012345678], "申请数量": [2]})
    write(frame, [Column(name, kind=Kind.WHOLE) for name in frame.columns], data, format="xlsx")
    with pytest.raises(ImportRefused) as caught:
        import_needs(read_needs(data.getvalue()), by=OFFICER, campaign=world.campaign)
    assert caught.value.report.problems["column"].to_list() == ["机构代码"]
    assert not NeedStatement.objects.exists()


def test_a_file_that_was_cut_off_is_refused_as_a_whole(world: World) -> None:
    data = io.BytesIO()
    frame = pl.read_csv(FILE.encode(), infer_schema=False)
    write(frame, [Column(name) for name in frame.columns], data, format="xlsx")
    with pytest.raises(TableRefused):
        read_needs(data.getvalue()[:-400])
    with pytest.raises(TableRefused):
        read_needs(FILE.encode()[:-9])


def test_a_file_without_the_column_of_units_is_refused_by_name(world: World) -> None:
    with pytest.raises(TableRefused, match="Units asked for"):
        read_needs("机构代码,依据\n6201-1,x\n".encode())
