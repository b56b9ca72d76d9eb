"""A problem is the same from arrays, JSON and Parquet, and a wrong file ends in clear sentences."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from numpy import array, int64

from tongzhou.planning import Inbound, Item, Kit, Lane, Problem, ProblemError, Supply, Wave
from tongzhou.planning.problem.documents import problem_to

from .problems import everything, two_hubs

SMALL: dict[str, Any] = {
    "horizon_days": 5,
    "items": [{"id": "oximeter"}],
    "nodes": [
        {"id": "62", "parent": None},
        {"id": "c1", "parent": "62", "needs": {"oximeter": {"weight": 3.2, "cap": 6}}},
    ],
    "supply": [{"producer": "p1", "item": "oximeter", "day": 0, "units": 10, "status": "firm"}],
    "waves": [{"day": 3}],
}


def read(tmp_path: Path, document: Any) -> Problem:
    path = tmp_path / "problem.json"
    text = document if isinstance(document, str) else json.dumps(document)
    path.write_text(text, encoding="utf-8")
    return Problem.from_json(path)


@pytest.mark.parametrize("make", [two_hubs, everything])
def test_json_gives_back_the_same_problem(make: Any, tmp_path: Path):
    problem = make()
    problem.to_json(tmp_path / "problem.json")
    again = Problem.from_json(tmp_path / "problem.json")
    assert again.sha256 == problem.sha256
    assert problem_to(again) == problem_to(problem)


@pytest.mark.parametrize("make", [two_hubs, everything])
def test_parquet_gives_back_the_same_problem(make: Any, tmp_path: Path):
    problem = make()
    problem.to_parquet(tmp_path / "tables")
    again = Problem.from_parquet(tmp_path / "tables")
    assert again.sha256 == problem.sha256
    assert problem_to(again) == problem_to(problem)


def test_tables_of_an_earlier_problem_do_not_remain(tmp_path: Path):
    everything().to_parquet(tmp_path)
    two_hubs().to_parquet(tmp_path)
    assert Problem.from_parquet(tmp_path).sha256 == two_hubs().sha256


def test_what_may_be_left_out_has_its_default(tmp_path: Path):
    needs = read(tmp_path, SMALL).needs
    row = [int(getattr(needs, name)[0]) for name in ("floor", "stock", "drop", "request")]
    assert row == [0, 0, 1, -1]
    assert not needs.estimated[0]


def test_every_change_of_content_changes_the_hash():
    plain = two_hubs()
    changed = [
        two_hubs(weight=[4.0, 2.0, 8.0, 1.5]),
        two_hubs(cap=8),
        two_hubs(floor=0),
        two_hubs(stock=[0, 0, 0, 1]),
        two_hubs(request=6),
        two_hubs(estimated=True),
        two_hubs(parent=[-1, -1, 0, 1, 1, 1]),
        two_hubs(node_ids=["west", "east", "w1", "w2", "e1", "e3"]),
        two_hubs(waves=[]),
        two_hubs(supply=[]),
        two_hubs(horizon_days=9),
    ]
    assert len({problem.sha256 for problem in [plain, *changed]}) == len(changed) + 1


def test_the_order_of_needs_is_not_content():
    turned = two_hubs(node=[5, 4, 3, 2], weight=[1.0, 8.0, 2.0, 4.0])
    assert turned.sha256 == two_hubs().sha256


def changed(path: str, value: Any) -> dict[str, Any]:
    """SMALL with one place changed: "nodes.1.needs.oximeter.cap"."""
    document = json.loads(json.dumps(SMALL))
    *way, last = path.split(".")
    place = document
    for step in way:
        place = place[int(step)] if isinstance(place, list) else place[step]
    if isinstance(place, list):
        place[int(last)] = value
    else:
        place[last] = value
    return document


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("nodes.1.needs.oximeter.cap", 2.5, "nodes[1].needs.oximeter.cap: 2.5"),
        ("nodes.1.needs.oximeter.cap", "6", "nodes[1].needs.oximeter.cap: '6'"),
        ("nodes.1.needs.oximeter.cap", True, "nodes[1].needs.oximeter.cap: True"),
        ("nodes.1.needs.oximeter.cap", 10**12, '(node "c1", item "oximeter"): cap is 10000'),
        ("nodes.1.needs.oximeter.cap", 10**30, "not a whole number of this size"),
        ("nodes.1.needs.oximeter.cap", -3, "cap is -3; give 0 to 10,000,000,000 units"),
        ("nodes.1.needs.oximeter.weight", -1.0, "weight is -1.0; give 0, or"),
        ("nodes.1.needs.oximeter.weight", 1e300, "weight is 1e+300; give 0, or"),
        ("nodes.1.needs.oximeter.weight", None, "weight: None is not a number"),
        ("nodes.1.needs.oximeter.drop", 0, "drop is 0; give 1"),
        ("nodes.1.needs.oximeter.request", -1, "request: a request is 0 or more"),
        ("nodes.1.needs.oximeter.wieght", 3, "wieght: not known here; known are cap, drop"),
        ("nodes.1.needs.oximeter", {"weight": 1}, "cap: missing; a whole number is needed"),
        ("nodes.1.needs.mask", {}, "nodes[1].needs.mask: not known here; known are oximeter"),
        ("nodes.1.needs", [], "nodes[1]"),
        ("nodes.1.parent", "63", 'nodes[1].parent: "63" is not in nodes'),
        ("nodes.1.parent", "c1", "form a circle"),
        ("nodes.1.id", 620102001001, "nodes[1].id: 620102001001 is not text; codes are written"),
        ("nodes.1.id", "62", 'node "62" is listed 2 times'),
        ("nodes.1.id", "a\nb", "is not an id"),
        ("nodes.1.id", "", "is not an id"),
        ("nodes.1", 5, "nodes[1]: an object is needed"),
        ("nodes", {}, "nodes: a list is needed"),
        ("supply.0.status", "maybe", "supply[0].status: 'maybe' is neither firm nor expected"),
        ("supply.0.item", "mask", 'supply row 0 (producer "p1"): item "mask" is not in items'),
        ("supply.0.units", -1, "units is -1"),
        ("supply.0.day", 6, "day is 6; give 0 to horizon_days (5)"),
        ("waves.0.day", 9, "waves row 0: day is 9"),
        ("waves.0.hubs", ["99"], 'waves row 0: hub "99" is not in nodes'),
        ("waves.0.hubs", "62", "waves[0].hubs: a list of node ids is needed"),
        ("waves", [{"day": 3}, {"day": 2}], "waves row 1: day 2 is before day 3"),
        ("items.0.carton_units", 0, "carton_units is 0"),
        ("items.0.volume_l", -1.0, "volume_l is -1.0"),
        ("items", [{"id": "oximeter"}, {"id": "oximeter"}], 'item "oximeter" is listed 2 times'),
        ("horizon_days", -1, "horizon_days is -1"),
        ("objective", "proportional", 'objective is "proportional"; this version plans webster'),
        ("waive", [], "the file.waive: not known here"),
        ("lanes", [{"from": "p1", "to": "99"}], 'lanes row 0: to "99" is not in nodes'),
        ("lanes", [{"from": "p1", "to": "62", "lead_days": -1}], "lead_days is -1"),
        ("lanes", [{"from": "p1", "to": "62", "units_a_day": -1}], "units_a_day is -1"),
        ("lanes", [{"from": "p1", "to": "62", "cost": -1.0}], "cost is -1.0"),
        ("inbound", [{"node": "99", "units_a_day": 1}], 'inbound row 0: node "99"'),
        ("inbound", [{"node": "62", "units_a_day": -1}], "units_a_day is -1"),
        ("kits", [{"id": "pack", "lines": {"mask": 0}}], '0 units of "mask"'),
        ("kits", [{"id": "pack", "lines": []}], "kits[0].lines: an object"),
    ],
)
def test_a_wrong_value_is_named_with_its_place(path: str, value: Any, said: str, tmp_path: Path):
    with pytest.raises(ProblemError) as refusal:
        read(tmp_path, changed(path, value))
    assert said in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[1, 2]", "the file: an object is needed"),
        ("{", "is not JSON (line 1, column 2)"),
        ('{"horizon_days": NaN}', "The file holds NaN; numbers in it must be finite"),
        ('{"horizon_days": -Infinity}', "The file holds -Infinity"),
    ],
)
def test_what_is_no_problem_is_refused(text: str, said: str, tmp_path: Path):
    with pytest.raises(ProblemError, match=r".") as refusal:
        read(tmp_path, text)
    assert said in str(refusal.value)


def test_another_encoding_is_refused(tmp_path: Path):
    (tmp_path / "problem.json").write_bytes('{"note": "甘肃省兰州市"}'.encode("gb18030"))
    with pytest.raises(ProblemError, match="is not UTF-8"):
        Problem.from_json(tmp_path / "problem.json")


def test_a_file_beyond_the_limit_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tongzhou.planning.problem.documents.MAX_FILE_BYTES", 10)
    with pytest.raises(ProblemError, match="at most 10 are read"):
        read(tmp_path, SMALL)


def test_faults_are_counted_but_only_twenty_are_said():
    with pytest.raises(ProblemError) as refusal:
        Problem.from_arrays(
            [f"n{i}" for i in range(30)],
            node=range(30),
            weight=1.0,
            cap=-1,
            items=two_hubs().items,
            supply=[],
        )
    assert len(refusal.value.faults) == 20
    assert str(refusal.value).endswith("... and 10 more")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"cap": [1.5, 2, 2, 2]}, "cap row 0: 1.5 is not a whole number"),
        ({"cap": [float("nan"), 2, 2, 2]}, "cap row 0: nan is not a whole number"),
        ({"cap": ["2", "2", "2", "2"]}, "whole numbers are needed"),
        ({"cap": [2, 2]}, "cap has shape (2,); (4,) is needed"),
        ({"weight": ["a", "b", "c", "d"]}, "numbers are needed"),
        ({"weight": [float("nan"), 1, 1, 1]}, "weight is nan"),
        ({"estimated": 3}, "true or false is needed"),
        ({"node": [2, 3, 4, 9]}, "needs row 3: node 9 is no row of nodes"),
        ({"item": [0, 0, 0, 7]}, "needs row 3: item 7 is no row of items"),
        ({"node": [2, 3, 4, 4]}, 'node "e1" states its need of "oximeter" more than once'),
        ({"parent": [-1, -1, 0, 0, 1, 77]}, 'nodes row 5 ("e2"): parent 77 is no row'),
        ({"parent": [1, 0, 0, 0, 1, 1]}, "form a circle"),
    ],
)
def test_wrong_arrays_are_named_with_their_row(change: dict[str, Any], said: str):
    with pytest.raises(ProblemError) as refusal:
        two_hubs(**change)
    assert said in str(refusal.value)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Supply("i", 0, 2.5), "Supply.units is 2.5; a whole number is needed"),
        (lambda: Supply("i", True, 2), "Supply.day is True"),
        (lambda: Wave("1"), "Wave.day is '1'"),
        (lambda: Item("i", 0.1, 1.5), "Item.carton_units is 1.5"),
        (lambda: Lane("p", "h", 0.5), "Lane.lead_days is 0.5"),
        (lambda: Lane("p", "h", 0, 0.5), "Lane.units_a_day is 0.5"),
        (lambda: Inbound("h", 0.5), "Inbound.units_a_day is 0.5"),
        (lambda: Kit("k", {"mask": 0.5}), "mask is 0.5"),
    ],
)
def test_a_row_with_a_fraction_is_refused(make: Any, said: str):
    with pytest.raises(ProblemError) as refusal:
        make()
    assert said in str(refusal.value)


def test_integers_of_numpy_and_lists_of_hubs_are_as_good_as_plain_ones():
    plain = two_hubs()
    other = two_hubs(
        supply=[
            Supply(s.item, int64(s.day), int64(s.units), s.producer, s.firm) for s in plain.supply
        ],
        waves=[Wave(int64(wave.day), list(wave.hubs)) for wave in plain.waves],
        items=[Item("oximeter", 0.3, int64(100))],
    )
    assert other.sha256 == plain.sha256


def test_whole_numbers_held_as_floats_are_whole_numbers():
    assert two_hubs(cap=[6.0, 6.0, 6.0, 6.0]).sha256 == two_hubs().sha256


def test_the_problem_keeps_its_own_arrays():
    cap = array([6, 6, 6, 6])
    problem = two_hubs(cap=cap)
    cap[0] = 0
    assert problem.needs.cap[0] == 6
    with pytest.raises(ValueError, match="read-only"):
        problem.needs.cap[0] = 0


@pytest.mark.parametrize(
    ("table", "change", "said"),
    [
        ("needs", {"node": "zz"}, 'needs row 0: node "zz" is not known'),
        ("needs", {"item": "zz"}, 'needs row 0: item "zz" is not known'),
        ("needs", {"cap": None}, "needs row 0: cap is missing"),
        ("nodes", {"parent": "zz"}, 'nodes row 0: parent "zz" is not known'),
        ("supply", {"units": 2.5}, "supply[0].units: 2.5 is not a whole number"),
    ],
)
def test_a_wrong_cell_of_a_table_is_named(
    table: str, change: dict[str, Any], said: str, tmp_path: Path
):
    two_hubs().to_parquet(tmp_path)
    path = tmp_path / f"{table}.parquet"
    rows = pl.read_parquet(path).to_dicts()
    rows[0].update(change)
    pl.DataFrame(rows, infer_schema_length=None, strict=False).write_parquet(path)
    with pytest.raises(ProblemError) as refusal:
        Problem.from_parquet(tmp_path)
    assert said in str(refusal.value)


def test_tables_that_are_none_are_refused(tmp_path: Path):
    with pytest.raises(ProblemError, match=r"has no nodes\.parquet"):
        Problem.from_parquet(tmp_path)
    two_hubs().to_parquet(tmp_path)
    (tmp_path / "needs.parquet").write_bytes(b"PAR1")
    with pytest.raises(ProblemError, match="is not a Parquet table"):
        Problem.from_parquet(tmp_path)


def test_a_column_that_is_needed_must_be_there(tmp_path: Path):
    two_hubs().to_parquet(tmp_path)
    path = tmp_path / "needs.parquet"
    pl.read_parquet(path).drop("cap", "floor").write_parquet(path)
    with pytest.raises(ProblemError, match="the column cap is missing"):
        Problem.from_parquet(tmp_path)


def test_a_table_beyond_the_limit_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    two_hubs().to_parquet(tmp_path)
    monkeypatch.setattr("tongzhou.planning.problem.tables.MAX_NODES", 3)
    with pytest.raises(ProblemError, match="6 rows, at most 3 are read"):
        Problem.from_parquet(tmp_path)
