"""A plan in a file is the plan: the same lines, explanations, figures and bytes."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tongzhou.planning import Lane, Plan, Problem, ProblemError, check, solve

from .problems import everything, two_hubs
from .test_freeze import lines


@pytest.fixture
def plan() -> Plan:
    # w1 [2 0 2], w2 [0 0 2], e1 [2 2 2], e2 [0 2 0]; the whole supply of 14 is given
    return solve(two_hubs(), seed=7)


@pytest.mark.parametrize("make", [two_hubs, everything])
@pytest.mark.parametrize("form", ["json", "parquet"])
def test_a_plan_read_again_is_the_same_and_sound(make: Any, form: str, tmp_path: Path):
    problem = make(lanes=[], horizon_days=4) if make is two_hubs else plain(make())
    plan = solve(problem, seed="s")
    path = tmp_path / ("plan.json" if form == "json" else "plan")
    (plan.to_json if form == "json" else plan.to_parquet)(path)
    again = (Plan.from_json if form == "json" else Plan.from_parquet)(path, problem)
    assert len(plan.diff(again)) == 0
    assert check(problem, again) == []
    assert again.metrics() == plan.metrics()
    assert again.certificate == plan.certificate
    node = problem.node_ids[int(problem.needs.node[0])]
    item = problem.items[int(problem.needs.item[0])].id
    assert again.explain(node, item) == plan.explain(node, item)


def plain(problem: Problem) -> Problem:
    return replace(problem, lanes=())


def test_the_same_problem_and_seed_give_the_same_bytes(tmp_path: Path):
    turned = two_hubs(node=[5, 4, 3, 2], weight=[1.0, 8.0, 2.0, 4.0])
    for name, problem in (("a", two_hubs()), ("b", two_hubs()), ("c", turned)):
        solve(problem, seed=7).to_json(tmp_path / name)
    texts = {(tmp_path / name).read_bytes() for name in "abc"}
    assert len(texts) == 1
    solve(two_hubs(), seed=8).to_json(tmp_path / "d")
    assert (tmp_path / "d").read_bytes() not in texts


def test_the_file_has_the_promised_names(plan: Plan, tmp_path: Path):
    plan.to_json(tmp_path / "plan.json")
    data = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))
    promised = "problem_sha256 seed shipments allocations cuts certificate duals metrics published"
    assert set(promised.split()) <= set(data)
    assert data["allocations"][0] == {"node": "w1", "item": "oximeter", "wave": 0, "units": 2}
    assert {"item", "wave", "hub", "key"} <= set(data["cuts"][0])
    assert set(data["certificate"]) == {"primal", "dual_bound", "gap"}
    assert data["duals"] == {"oximeter": {"first": 1.0, "share": 0.75}}


def test_published_and_settled_lines_are_kept_in_the_file(tmp_path: Path):
    problem = two_hubs()
    before = solve(problem, seed=7).publish([0])
    plan = solve(problem, seed=7, freeze=before, fixed=lines((5, 0, 1, 4)))
    plan.to_json(tmp_path / "plan.json")
    again = Plan.from_json(tmp_path / "plan.json", problem)
    assert (again.published, again.fixed) == ((0,), (("e2", "oximeter"),))
    assert check(problem, again, freeze=before, fixed=plan.fixed) == []
    assert again.explain("e2") == plan.explain("e2")
    assert again.certificate == plan.certificate


def test_a_key_without_end_survives_the_file(tmp_path: Path):
    problem = two_hubs(weight=0.0)
    solve(problem, seed=7).to_json(tmp_path / "plan.json")
    assert check(problem, Plan.from_json(tmp_path / "plan.json", problem)) == []


def test_without_its_problem_a_plan_can_still_be_compared(plan: Plan, tmp_path: Path):
    plan.to_json(tmp_path / "plan.json")
    alone = Plan.from_json(tmp_path / "plan.json")
    assert len(plan.diff(alone)) == 0
    assert len(alone.diff(plan)) == 0
    assert check(two_hubs(), alone) == []
    with pytest.raises(ValueError, match="read without its problem"):
        alone.metrics()


def test_ids_the_problem_does_not_know_are_kept_for_check_to_name(plan: Plan, tmp_path: Path):
    path = tmp_path / "plan.json"
    plan.to_json(path)
    path.write_text(path.read_text(encoding="utf-8").replace('"node":"w1"', '"node":"zz"'))
    found = check(two_hubs(), Plan.from_json(path, two_hubs()))
    assert any('node "zz" states no need' in fault for fault in found)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is not a plan in JSON"),
        ("[]", "an object is needed"),
        ("{}", "not a whole plan"),
        ('{"allocations": [{"node": "w1"}]}', "each line has node, item, wave and units"),
        (
            '{"allocations": [{"node": "w1", "item": "i", "wave": 0, "units": 2.5}]}',
            "allocations[0]: wave and units are whole numbers",
        ),
        (
            '{"allocations": [{"node": "w1", "item": "i", "wave": 0, "units": 1%s}]}' % ("0" * 30),
            "not a whole plan",
        ),
    ],
)
def test_what_is_no_plan_is_refused(text: str, said: str, tmp_path: Path):
    (tmp_path / "plan.json").write_text(text, encoding="utf-8")
    with pytest.raises(ProblemError) as refusal:
        Plan.from_json(tmp_path / "plan.json")
    assert said in str(refusal.value)


def test_a_plan_file_beyond_the_limit_is_not_read(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    plan.to_json(tmp_path / "plan.json")
    monkeypatch.setattr("tongzhou.planning.plan.documents.MAX_FILE_BYTES", 10)
    with pytest.raises(ProblemError, match="above 10 bytes"):
        Plan.from_json(tmp_path / "plan.json")


def test_a_folder_without_its_table_is_refused(plan: Plan, tmp_path: Path):
    plan.to_parquet(tmp_path)
    (tmp_path / "allocations.parquet").unlink()
    with pytest.raises(ProblemError, match="is not the table of a plan"):
        Plan.from_parquet(tmp_path)


def test_a_plan_that_does_not_fit_its_problem_says_so(plan: Plan, tmp_path: Path):
    plan.to_json(tmp_path / "plan.json")
    small = two_hubs(cap=2)
    with pytest.raises(ValueError, match="does not fit the problem"):
        Plan.from_json(tmp_path / "plan.json", small).explain("e1")


def test_only_waves_of_the_plan_can_be_published(plan: Plan):
    assert plan.publish([1]).publish([0]).published == (0, 1)
    with pytest.raises(ValueError, match=r"wave 3 is not in the plan"):
        plan.publish([3])


def with_lanes(path: Path) -> dict[str, Any]:
    """PLAN JSON of two hubs with lanes that bind."""
    lanes = [Lane(name, hub, 1, 2) for name in ("p1", "p2") for hub in ("west", "east")]
    problem = two_hubs(lanes=lanes, horizon_days=6)
    plan = solve(problem, seed=7)
    assert plan.by_hub
    plan.to_json(path)
    data: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return data


@pytest.mark.parametrize(
    ("at", "value"),
    [
        (("published",), 3),
        (("published",), [True]),
        (("seed",), None),
        (("duals",), []),
        (("duals", "days", 0, "price"), "x"),
        (("duals", "days", 0, "price"), -1.0),
        (("duals", "days", 0, "price"), float("nan")),
        (("duals", "days", 0, "last_day"), -9),
        (("cuts", 0, "wave"), [1]),
        (("cuts", 0, "units"), "2"),
        (("cuts", 0, "left"), None),
        (("cuts", 0, "rank"), {}),
        (("cuts", 0, "item"), 4),
        (("cuts", 0, "hub"), 0),
        (("shipments", 0, "units"), 10**30),
        (("certificate",), None),
        (("certificate", "gap"), "small"),
    ],
)
def test_a_value_of_another_kind_is_refused(at: tuple[Any, ...], value: Any, tmp_path: Path):
    path = tmp_path / "plan.json"
    data = with_lanes(path)
    assert Plan.from_json(path).by_hub
    place: Any = data
    for name in at[:-1]:
        place = place[name]
    place[at[-1]] = value
    path.write_text(json.dumps(data), "utf-8")
    with pytest.raises(ProblemError):
        Plan.from_json(path)
