"""What a plan can be asked: why, how even, how good, what changed; and that files keep it."""

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tongzhou.planning import Item, Plan, Problem, ProblemError, Supply, Wave, check, solve
from tongzhou.planning.plan.explanation import DROPS_SHOWN, LIMITS

from .problems import everything, two_hubs
from .test_exact import many


@pytest.fixture
def plan() -> Plan:
    # w1 [2 0 2], w2 [0 0 2], e1 [2 2 2], e2 [0 2 0]; the whole supply of 14 is given
    return solve(two_hubs(), seed=7)


# ------------------------------------------------------------------------------- explain


def test_each_drop_has_its_rank_and_wave(plan: Plan):
    why = plan.explain("e1")
    assert [(d.number, d.stage, d.key, d.rank, d.wave) for d in why.drops] == [
        (1, "first", 1 / 8, 1, 0),
        (2, "share", 3 / 8, 5, 1),
        (3, "share", 5 / 8, 6, 2),
    ]
    assert (why.list_drops, why.units, why.held) == (12, 6, 6)
    assert (why.limit, why.next, why.more_units) == ("cap", None, None)


def test_each_wave_shows_its_cut_and_whom_it_reached(plan: Plan):
    first, second, third = plan.explain("w2").waves
    assert (first.reached, first.units, first.cut_rank) == (True, 0, 2)
    assert (second.reached, second.hubs) == (False, ("east",))
    assert (third.reached, third.units, third.cut_stage, third.cut_key) == (True, 2, "share", 0.75)


def test_the_next_drop_says_how_many_units_must_come_first(plan: Plan):
    why = plan.explain("w2")
    assert why.next is not None
    assert why.limit == "supply"
    richer = two_hubs(
        supply=[*two_hubs().supply, Supply("oximeter", 3, why.more_units)],
    )
    enough, short = solve(richer, seed=7), solve(grown(why.more_units - 1), seed=7)
    assert enough.units[1].sum() == why.units + 2
    assert short.units[1].sum() == why.units


def grown(units: int) -> Problem:
    return two_hubs(supply=[*two_hubs().supply, Supply("oximeter", 3, units)])


@pytest.mark.parametrize("seed", range(3))
def test_more_units_is_exact_in_random_plans(seed: int):
    problem = many(seed, 12, waves=[Wave(0), Wave(6)])
    plan = solve(problem, seed=seed)
    for row in range(0, len(problem.needs), 3):
        item = problem.items[int(problem.needs.item[row])].id
        why = plan.explain(problem.node_ids[int(problem.needs.node[row])], item)
        if not why.more_units:
            continue
        for more, gained in ((why.more_units, why.drop), (why.more_units - 1, 0)):
            supply = [*problem.supply, Supply(item, 6, more)]
            again = solve(rebuilt(problem, supply), seed=seed)
            assert again.units[row].sum() == why.units + gained


def rebuilt(problem: Problem, supply: list[Supply]) -> Problem:
    return replace(problem, supply=tuple(supply))


@pytest.mark.parametrize(
    ("change", "limit"),
    [
        ({"request": [2, -1, -1, -1]}, "request"),
        ({"cap": [2, 6, 6, 6]}, "cap"),
        ({"cap": [3, 6, 6, 6]}, "drop"),
        ({"stock": [6, 0, 0, 0]}, "stock"),
        ({"stock": [9, 0, 0, 0]}, "stock"),
        ({"weight": [0.5, 2.0, 8.0, 1.0]}, "supply"),
        ({"supply": []}, "supply"),
        ({"drop": [200, 2, 2, 2], "cap": 600}, "supply"),
        ({"waves": [Wave(0), Wave(3, ("east",))]}, "direction"),
    ],
)
def test_the_binding_limit_is_named(change: dict[str, Any], limit: str):
    problem = two_hubs(**change)
    why = solve(problem, seed=7).explain("w1")
    assert why.limit == limit
    assert LIMITS[limit] in why.sentences()


def test_a_directed_wave_binds_only_while_the_node_waits(plan: Plan):
    assert plan.explain("w1").limit == "supply"  # a later wave made up for it
    assert solve(two_hubs(waves=[Wave(3, ("west",))])).explain("e1").limit == "direction"


def test_what_was_published_is_told_apart(plan: Plan):
    later = solve(two_hubs(), seed=7, freeze=plan.publish([0]))
    why = later.explain("e1")
    assert why.waves[0].published
    assert why.waves[0].units == 2
    assert [drop.wave for drop in why.drops] == [1, 2]
    assert "Wave 0 on day 0 was published with 2 units for it." in why.sentences()


def test_a_weight_that_was_estimated_says_so():
    why = solve(everything(), seed=1).explain("村-1", "concentrator")
    assert why.estimated
    assert any("median of its parent" in sentence for sentence in why.sentences())


def test_sentences_say_bounds_ranks_waves_limit_and_next(plan: Plan):
    assert plan.explain("w1").sentences() == [
        "Node w1 gets 4 units of oximeter and then holds 4; it can use 6 (registry cap 6, "
        "request none, stock 0).",
        "Its weight is 4, its floor 2, one drop is 2 units.",
        "Drop 1 ranks 2 of 12 (first, key 0.25) and was given in wave 0.",
        "Drop 2 ranks 7 of 12 (share, key 0.75) and was given in wave 2.",
        "Drop 3 ranks 8 of 12 (share, key 1.25) and waits.",
        "Wave 0 on day 0 gave 2 units to it; the list was cut after rank 2.",
        "Wave 1 on day 2 was directed to east and did not reach it.",
        "Wave 2 on day 3 gave 2 units to it; the list was cut after rank 7.",
        "The supply ends before its next drop.",
        "Its next drop comes when 2 more units arrive for all hubs.",
    ]


def test_a_node_of_weight_zero_comes_last_and_can_be_explained():
    problem = two_hubs(weight=[0.0, 2.0, 8.0, 1.0], supply=[Supply("oximeter", 0, 22)])
    why = solve(problem, seed=7).explain("w1")
    assert [(drop.stage, drop.rank) for drop in why.drops] == [
        ("first", 4),
        ("spare", 11),
        ("spare", 12),
    ]
    assert why.to_dict()["drops"][0]["key"] is None
    assert json.dumps(why.to_dict(), allow_nan=False)


def test_a_node_with_very_many_drops_is_still_explained():
    problem = Problem.from_arrays(
        ["a", "b"],
        node=[0, 1],
        weight=[1.0, 1.0],
        cap=[5000, 5000],
        items=[Item("i")],
        supply=[Supply("i", 0, 3000)],
    )
    why = solve(problem).explain("a")
    assert (len(why.drops), why.own_drops) == (DROPS_SHOWN, 3000)
    assert why.next is not None
    assert (why.next.number, why.next.rank) == (1501, 3001 if why.next.rank == 3001 else 3002)
    assert any("drops more" in sentence for sentence in why.sentences())


@pytest.mark.parametrize(
    ("node", "item", "said"),
    [
        ("nobody", "oximeter", 'no node "nobody"'),
        ("w1", "mask", 'no item "mask"'),
        ("west", "oximeter", 'Node "west" states no need of "oximeter"'),
    ],
)
def test_who_states_no_need_cannot_be_explained(plan: Plan, node: str, item: str, said: str):
    with pytest.raises(KeyError, match=said):
        plan.explain(node, item)


def test_with_several_items_one_must_be_named():
    with pytest.raises(KeyError, match="Name one of the items oximeter, concentrator"):
        solve(everything()).explain("村-1")


# ------------------------------------------------------------------------------- metrics


def test_metrics_count_who_is_served_by_when(plan: Plan):
    figures = plan.metrics()["oximeter"]
    assert [(c["wave"], c["day"], c["units"], c["nodes_served"]) for c in figures["coverage"]] == [
        (0, 0, 4, 2),
        (1, 2, 4, 3),
        (2, 3, 6, 4),
    ]
    assert figures["day_of_share"] == {"50": 0, "95": 3, "99": 3}
    names = ("nodes", "nodes_served", "nodes_waiting", "nodes_below_floor")
    assert [figures[name] for name in names] == [4, 4, 0, 0]
    assert (figures["units_arrived"], figures["units_given"], figures["units_left"]) == (14, 14, 0)
    assert figures["units_expected"] == 6
    assert figures["units_unserved"] == 24 - 14
    assert figures["fill_min"] == 2 / 6


def test_what_is_left_and_what_comes_too_late_is_counted():
    late = two_hubs(
        supply=[Supply("oximeter", 0, 5), Supply("oximeter", 9, 100)],
        waves=[Wave(0)],
        horizon_days=9,
    )
    figures = solve(late).metrics()["oximeter"]
    assert (figures["units_left"], figures["units_after_last_wave"]) == (1, 100)
    assert (figures["nodes_waiting"], figures["nodes_below_floor"]) == (2, 2)


def test_an_even_plan_has_a_gini_of_zero_and_one_taker_has_nearly_one():
    def gini(weight: list[float], cap: list[int], units: int) -> float:
        problem = Problem.from_arrays(
            [f"n{i}" for i in range(len(weight))],
            node=range(len(weight)),
            weight=weight,
            cap=cap,
            items=[Item("i")],
            supply=[Supply("i", 0, units)],
        )
        return solve(problem).metrics()["i"]["gini"]

    assert gini([1.0, 2.0, 3.0], [9, 9, 9], 6) == pytest.approx(0.0, abs=1e-12)
    assert gini([1.0] * 50, [9] + [0] * 49, 9) == pytest.approx(0.98)
    assert gini([1.0, 3.0], [9, 0], 4) == pytest.approx(0.75)


def test_a_problem_without_needs_has_empty_figures():
    problem = two_hubs(node=[], weight=[])
    figures = solve(problem).metrics()["oximeter"]
    assert (figures["nodes"], figures["fill_min"], figures["gini"]) == (0, None, None)
    assert figures["coverage"][0]["share"] == 0.0
    assert check(problem, solve(problem)) == []


# --------------------------------------------------------------------------- certificate


@pytest.mark.parametrize("seed", range(5))
def test_without_directed_waves_value_and_bound_meet(seed: int):
    certificate = solve(many(seed, 20, waves=[Wave(0), Wave(6)]), seed=seed).certificate
    assert certificate.primal > 0
    assert certificate.gap < 1e-12


def test_the_bound_is_one_for_every_way_of_giving_the_same_units():
    from .oracles import every_way

    weight = [4.0, 2.0, 7.0, 1.0]
    problem = two_hubs(weight=weight, floor=0, drop=1, waves=[Wave(3)])
    bound = solve(problem).certificate.dual_bound
    values = [
        sum((2 * j + 1) / 2 / weight[i] for i, drops in enumerate(way) for j in range(drops))
        for way in every_way([6] * 4, 14)
    ]
    assert bound <= min(values) + 1e-12
    assert bound == pytest.approx(min(values), rel=1e-12)


def test_a_directed_wave_costs_what_the_gap_says():
    free = solve(two_hubs(waves=[Wave(3)]), seed=7)
    directed = solve(two_hubs(waves=[Wave(3, ("west",))]), seed=7)
    assert free.certificate.gap < 1e-12
    assert directed.certificate.gap > 0.1


def test_units_at_weight_zero_have_no_price():
    problem = two_hubs(weight=0.0)
    certificate = solve(problem).certificate
    assert (certificate.primal, certificate.dual_bound, certificate.gap) == (0.0, 0.0, 0.0)


# ---------------------------------------------------------------------------------- diff


def test_a_plan_does_not_differ_from_itself(plan: Plan):
    assert len(plan.diff(solve(two_hubs(), seed=7))) == 0


def test_a_difference_names_who_gained_lost_or_moved(plan: Plan):
    other = solve(two_hubs(waves=[Wave(0), Wave(2), Wave(3)], cap=[6, 6, 2, 6]), seed=7)
    change = plan.diff(other)
    lines = dict(zip(change.node_ids, change.change.tolist(), strict=True))
    assert lines == {"w1": 2, "w2": 2, "e1": -4}
    assert change.summary() == {
        "lines": 3,
        "gained": 2,
        "lost": 1,
        "moved": 0,
        "units_gained": 4,
        "units_lost": 4,
    }
    assert (other.diff(plan).change == -change.change).all()


def test_a_line_that_only_changes_its_wave_is_a_move(plan: Plan):
    change = plan.diff(solve(two_hubs(waves=[Wave(0), Wave(2), Wave(3)]), seed=7))
    moved = {
        node: (before, after)
        for node, before, after in zip(
            change.node_ids, change.before.tolist(), change.after.tolist(), strict=True
        )
    }
    assert moved == {"w2": ([0, 0, 2], [0, 2, 0]), "e1": ([2, 2, 2], [2, 0, 4])}
    assert change.summary()["moved"] == 2


def test_plans_of_different_nodes_are_matched_by_id(plan: Plan):
    fewer = two_hubs(
        node_ids=["east", "e2", "e1", "new"],
        parent=[-1, 0, 0, 0],
        node=[1, 2, 3],
        weight=[1.0, 8.0, 3.0],
    )
    change = plan.diff(solve(fewer, seed=7))
    lines = dict(zip(change.node_ids, change.change.tolist(), strict=True))
    assert lines["w1"] == -4
    assert lines["new"] > 0
    assert set(change.item_ids) == {"oximeter"}


# --------------------------------------------------------------------------------- files


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
    from .test_freeze import lines

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


def test_too_many_drops_are_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tongzhou.planning.ledger.MAX_DROPS", 11)
    with pytest.raises(ProblemError, match='"oximeter" has 12 drops to rank, at most 11'):
        solve(two_hubs())


def test_an_explanation_takes_less_than_a_millisecond():
    problem = many(3, 100)
    plan = solve(problem, seed=3)
    needs = [
        (problem.node_ids[node], problem.items[item].id)
        for node, item in zip(problem.needs.node.tolist(), problem.needs.item.tolist(), strict=True)
    ]
    plan.explain(*needs[0])
    spent = []
    for node, item in needs:
        start = time.perf_counter()
        plan.explain(node, item)
        spent.append(time.perf_counter() - start)
    assert np.median(spent) < 1e-3
