"""How even a plan is, how good it is by a computed bound, and what changed to another one."""

import pytest

from tongzhou.planning import Item, Plan, Problem, ProblemError, Supply, Wave, check, solve

from .oracles import every_way
from .problems import two_hubs
from .test_exact import many


@pytest.fixture
def plan() -> Plan:
    # w1 [2 0 2], w2 [0 0 2], e1 [2 2 2], e2 [0 2 0]; the whole supply of 14 is given
    return solve(two_hubs(), seed=7)


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


@pytest.mark.parametrize("seed", range(5))
def test_without_directed_waves_value_and_bound_meet(seed: int):
    certificate = solve(many(seed, 20, waves=[Wave(0), Wave(6)]), seed=seed).certificate
    assert certificate.primal > 0
    assert certificate.gap < 1e-12


def test_the_bound_is_one_for_every_way_of_giving_the_same_units():
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


def test_too_many_drops_are_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tongzhou.planning.ledger.MAX_DROPS", 11)
    with pytest.raises(ProblemError, match='"oximeter" has 12 drops to rank, at most 11'):
        solve(two_hubs())
