"""Why a node gets what it gets: ranks, cuts, the binding limit and the next drop, exactly."""

import json
import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tongzhou.planning import Item, Plan, Problem, Supply, Wave, solve
from tongzhou.planning.plan.explanation import DROPS_SHOWN, LIMITS

from .problems import everything, two_hubs
from .test_exact import many


@pytest.fixture
def plan() -> Plan:
    # w1 [2 0 2], w2 [0 0 2], e1 [2 2 2], e2 [0 2 0]; the whole supply of 14 is given
    return solve(two_hubs(), seed=7)


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


def scarce(seed: int, more: int = 0, **lanes: Any) -> Problem:
    """Eight nodes with room for far more than the supply, so that the list is cut at it."""
    rng = np.random.default_rng(seed)
    return two_hubs(
        weight=rng.choice([1.0, 3.0, 100.0, 90_000.0], 4),
        cap=rng.integers(2, 12, 4) * 2,
        drop=2,
        floor=int(rng.integers(0, 3)) * 2,
        stock=rng.integers(0, 3, 4),
        supply=[Supply("oximeter", 0, 2, "p1"), Supply("oximeter", 3, 2 + more, "p1")],
        waves=[Wave(0), Wave(3)],
        **lanes,
    )


def test_drops_that_no_supply_could_fill_come_before_the_next_drop_of_others():
    """The heavy node could take ten drops; with four units only two of them are listed."""
    problem = Problem.from_arrays(
        ["heavy", "light"],
        [-1, -1],
        node=[0, 1],
        weight=[90_000.0, 100.0],
        floor=0,
        cap=20,
        drop=2,
        supply=[Supply("i", 0, 4)],
        waves=[Wave(0)],
        items=[Item("i")],
    )
    assert solve(problem).explain("light", "i").more_units == 18
    for units, gained in ((4 + 17, 0), (4 + 18, 2)):
        richer = solve(rebuilt(problem, [Supply("i", 0, units)]))
        assert richer.units[1].sum() == gained


@pytest.mark.parametrize("seed", range(12))
def test_more_units_is_exact_where_the_list_is_cut_at_the_supply(seed: int):
    plan, asked = solve(scarce(seed), seed=seed), 0
    for row in range(4):
        why = plan.explain(plan.node_ids[int(plan.need_problem().needs.node[row])])
        if why.more_units:
            for more, gained in ((why.more_units, why.drop), (why.more_units - 1, 0)):
                again = solve(scarce(seed, more), seed=seed)
                assert again.units[row].sum() == why.units + gained
            asked += 1
    assert asked


def test_a_list_that_is_too_long_to_rank_again_says_nothing(monkeypatch):
    from tongzhou.planning.plan import whole

    monkeypatch.setattr(whole, "DROPS_AT_MOST", 3)
    plan = solve(scarce(1), seed=1)
    nodes = [plan.node_ids[int(n)] for n in plan.need_problem().needs.node]
    assert any(plan.explain(node).next for node in nodes)
    assert {plan.explain(node).more_units for node in nodes} == {None}
