"""Promises of producers from a table: whole or not at all, and a change keeps what it was."""

from datetime import date

import polars as pl
import pytest

from tongzhou.campaigns.actions import (
    import_promises,
    preview_promises,
    read_promises,
    record_promise,
)
from tongzhou.campaigns.actions.promises import NewPromise
from tongzhou.campaigns.models import Promise
from tongzhou.interchange.tables import TableRefused
from tongzhou.kit.models import Event
from tongzhou.kit.rules import SYSTEM
from tongzhou.people.models import Organisation
from tongzhou.places.actions import ImportRefused, Report

from .conftest import World, opened

FILE = """企业代码,批次,交货日期,数量,确定程度
p1,1,2023-01-08,300,确定
p1,2,2023-01-12,"1,200",预计
"""


def take(world: World, text: str) -> Report:
    return import_promises(read_promises(text.encode()), by=SYSTEM, campaign=world.campaign)


def refused(world: World, text: str) -> list[tuple[int, str, str]]:
    with pytest.raises(ImportRefused) as caught:
        take(world, text)
    assert not Promise.objects.exists()
    found = caught.value.report.problems.filter(~pl.col("warning"))
    return list(found.select("row", "column", "code").iter_rows())


def test_rows_become_promises_of_the_only_item(world: World) -> None:
    assert take(world, FILE).new == 2
    rows = Promise.objects.order_by("batch").values_list("batch", "day", "units", "status")
    assert list(rows) == [
        (1, date(2023, 1, 8), 300, "firm"),
        (2, date(2023, 1, 12), 1200, "expected"),
    ]
    assert {row.item for row in Promise.objects.select_related("item")} == {world.item}


def test_the_same_file_again_has_no_effect_and_no_event(world: World) -> None:
    take(world, FILE)
    events = Event.objects.count()
    report = take(world, FILE)
    assert (report.new, report.changed, report.same) == (0, 0, 2)
    assert Event.objects.count() == events


def test_a_change_keeps_in_the_event_what_it_was(world: World) -> None:
    take(world, FILE)
    report = take(world, FILE.replace("01-08,300", "01-09,250"))
    event = Event.objects.latest("pk")
    assert (report.changed, report.same) == (1, 1)
    assert event.verb == "promises.imported"
    assert event.before == {"p1:oximeter:1": [300, "2023-01-08", "firm"]}
    assert Promise.objects.get(batch=1).units == 250


def test_a_typed_promise_and_an_imported_one_are_the_same_row(world: World) -> None:
    typed = NewPromise(world.producer, world.item, 1, date(2023, 1, 8), 300, "firm")
    record_promise(world.campaign, typed, by=SYSTEM)
    report = take(world, FILE)
    assert (report.new, report.same) == (1, 1)


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("p9,1,2023-01-08,300,确定", "企业代码", "promise.producer_unknown"),
        ("donor,1,2023-01-08,300,确定", "企业代码", "promise.producer_unknown"),
        ("p1,0,2023-01-08,300,确定", "批次", "number.below"),
        ("p1,1,2023-02-30,300,确定", "交货日期", "date.form"),
        ("p1,1,2023-01-08,-3,确定", "数量", "number.negative"),
        ("p1,1,2023-01-08,0.5,确定", "数量", "number.fraction"),
        ("p1,1,2023-01-08,300,也许", "确定程度", "promise.status"),
        ("p1,1,2023-01-08,300,", "确定程度", "cell.required"),
        ("p1,2,2023-01-08,300,确定", "企业代码", "promise.twice"),
    ],
)
def test_a_bad_row_refuses_the_whole_file(world: World, row: str, column: str, code: str) -> None:
    Organisation.objects.create(code="donor", name="捐赠方", kind="donor")
    head, _, second = FILE.strip().splitlines()
    assert (3, column, code) in refused(world, f"{head}\n{second}\n{row}\n")


def test_promises_for_another_campaign_are_refused(world: World) -> None:
    other = opened(world.divisions["62"], world.policy, "别的行动")
    text = (
        f"企业代码,批次,交货日期,数量,确定程度,行动编号\np1,1,2023-01-08,3,确定,{other.public_id}\n"
    )
    assert refused(world, text) == [(2, "行动编号", "campaign.other")]


def test_a_preview_writes_nothing(world: World) -> None:
    report = preview_promises(read_promises(FILE.encode()), campaign=world.campaign)
    assert [row["state"] for row in report.shown] == ["new", "new"]
    assert not Promise.objects.exists()


def test_a_file_longer_than_an_event_can_tell_is_refused() -> None:
    rows = "".join(f"p{n},1,2023-01-08,3,确定\n" for n in range(401))
    with pytest.raises(TableRefused, match="400"):
        read_promises((FILE.splitlines()[0] + "\n" + rows).encode())
