"""Plans with lanes: exact where a flow can tell, within their bound always, and sound."""

from dataclasses import replace
from typing import Any

import pytest

from tongzhou.planning import (
    Inbound,
    Item,
    Kit,
    Lane,
    Plan,
    Problem,
    ProblemError,
    Supply,
    Wave,
    check,
    solve,
)
from tongzhou.planning.lanes import binds

from .flows import best_by_flow
from .lane_problems import mixed, one_item
from .problems import two_hubs

BOTH = [Lane(p, h) for p in ("p1", "p2") for h in ("west", "east")]


def stages(plan: Plan) -> dict[str, Any]:
    return {stage.stage: stage for stage in plan.certificate.stages}


@pytest.mark.parametrize(
    "change",
    [
        {"lanes": BOTH},
        {"lanes": [Lane(p, h, 0, 12) for p in ("p1", "p2") for h in ("west", "east")]},
        {"inbound": [Inbound("west", 14), Inbound("east", 20_000)]},
        {"inbound": [Inbound("w1", 6)]},
        {"kits": [Kit("pack", {"mask": 10})]},
    ],
)
def test_limits_that_cannot_bind_change_nothing(change: dict[str, Any]):
    problem = two_hubs(**change)
    plan = solve(problem, seed=7)
    assert not plan.by_hub
    assert (plan.units == solve(two_hubs(), seed=7).units).all()
    assert check(problem, plan) == []
    carried = sum(row.units for row in plan.shipments)
    assert carried == (plan.units.sum() if problem.lanes else 0)


def equals_the_flow(problem: Problem, seed: int) -> bool:
    plan = solve(problem, seed=seed)
    if not plan.by_hub:
        return False
    floors, by_day = best_by_flow(problem, seed)
    found = stages(plan)
    for stage, best in (("floor", float(floors)), ("days", float(by_day))):
        assert found[stage].primal == pytest.approx(best, abs=1e-9)
        assert found[stage].dual_bound >= best - 1e-9
    assert check(problem, plan) == []
    return True


def test_one_item_is_as_good_as_a_min_cost_flow():
    assert sum(equals_the_flow(one_item(seed), seed) for seed in range(70)) > 60


@pytest.mark.slow
def test_one_item_is_as_good_as_a_min_cost_flow_two_thousand_times():
    for seed in range(70, 2_070):
        equals_the_flow(one_item(seed), seed)


def sound(problem: Problem, seed: int) -> None:
    """Passes its audit, and again with waves published; the file gives the same certificate."""
    plan = solve(problem, seed=seed)
    assert check(problem, plan) == []
    assert all(stage.primal <= stage.dual_bound + 1e-7 for stage in plan.certificate.stages) or (
        not plan.by_hub
    )
    again = replace(plan)
    vars(again).pop("certificate", None)
    assert again.certificate.dual_bound == pytest.approx(plan.certificate.dual_bound)
    frozen = plan.publish([0])
    later = solve(problem, seed=seed, freeze=frozen)
    assert check(problem, later, freeze=frozen) == []
    assert (later.units[:, 0] == plan.units[:, 0]).all()


def test_plans_of_every_kind_are_sound():
    for seed in range(40):
        sound(mixed(seed), seed)


@pytest.mark.slow
def test_plans_of_every_kind_are_sound_two_thousand_times():
    for seed in range(40, 2_040):
        sound(mixed(seed), seed)


def test_a_far_hub_is_not_starved_by_a_near_one():
    problem = two_hubs(
        lanes=[Lane("p1", "west", 0), Lane("p1", "east", 3), Lane("p2", "east", 3)],
        supply=[Supply("oximeter", 0, 4, "p1")],
        weight=[1.0, 1.0, 9.0, 9.0],
        waves=[Wave(0), Wave(3)],
    )
    plan = solve(problem)
    # West could have all four on the first day; the first claims are in the east.
    assert plan.units.tolist() == [[0, 0], [0, 0], [0, 2], [0, 2]]


def test_each_hub_has_its_own_cut_and_the_prices_say_what_binds():
    problem = two_hubs(lanes=[*BOTH[1:], Lane("p1", "west", 0, 1)], waves=[Wave(0), Wave(3)])
    plan = solve(problem)
    assert {cut.hub for cut in plan.cuts} == {"west", "east"}
    assert any(price.what == ("p1", "west") for price in plan.prices)


def test_nodes_that_no_lane_reaches_get_nothing():
    problem = two_hubs(lanes=[Lane("p1", "west"), Lane("p2", "west")])
    plan = solve(problem)
    assert plan.units[2:].sum() == 0
    assert check(problem, plan) == []


def test_kits_are_put_together_from_their_parts_at_the_hub():
    problem = Problem.from_arrays(
        ["hub", "a", "b"],
        [-1, 0, 0],
        node=[1, 2, 2],
        item=[0, 0, 1],
        weight=1.0,
        cap=[3, 3, 4],
        items=[Item("pack"), Item("mask"), Item("soap")],
        supply=[Supply("mask", 0, 9, "p"), Supply("soap", 1, 3, "p")],
        waves=[Wave(0), Wave(1)],
        kits=[Kit("pack", {"mask": 2, "soap": 1})],
    )
    plan = solve(problem)
    assert plan.units[:2].sum() == 3  # three pieces of soap make three packs
    assert plan.units[:2, 0].sum() == 0  # and they come on the second day
    assert plan.units[2].sum() == 3  # the masks that are left
    assert check(problem, plan) == []


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ({"mask": 1}, 'its part "mask" is not in items'),
        ({"pack": 1}, 'its part "pack" is a kit'),
        ({}, "has no lines"),
    ],
)
def test_a_kit_that_cannot_be_put_together_is_refused(lines: dict[str, int], said: str):
    with pytest.raises(ProblemError, match=said):
        solve(
            two_hubs(
                kits=[Kit("pack", lines)],
                items=[Item("pack")],
                supply=[Supply("pack", 0, 4)],
            )
        )


def test_whole_cartons_travel_unopened():
    problem = two_hubs(
        items=[Item("oximeter", carton_units=4, whole_cartons=True)],
        supply=[Supply("oximeter", 0, 14, "p1")],
        lanes=[Lane("p1", "west", 0, 6), Lane("p1", "east", 1, 6)],
        waves=[Wave(1), Wave(3)],
    )
    plan = solve(problem)
    assert plan.shipments
    assert all(row.units % 4 == 0 for row in plan.shipments)
    assert plan.units.sum() == 12
    assert check(problem, plan) == []


def test_a_producer_without_any_lane_is_refused():
    with pytest.raises(ProblemError, match='producer "p2" has 4 units and no lane'):
        solve(two_hubs(lanes=BOTH[:2]))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"lanes": [*BOTH, Lane("p1", "west", 1)]}, "listed twice for day 0"),
        ({"lanes": [*BOTH[1:], Lane("p1", "west", 0, 1, 0, 0, -1)]}, "until_day is -1"),
        ({"inbound": [Inbound("west", 1), Inbound("west", 2)]}, "listed 2 times"),
    ],
)
def test_lanes_that_contradict_each_other_are_refused(change: dict[str, Any], said: str):
    with pytest.raises(ProblemError, match=said):
        two_hubs(**change)


def test_the_same_problem_and_seed_give_the_same_plan(tmp_path):
    for number in (1, 2):
        solve(mixed(3), seed="s").to_json(tmp_path / f"{number}.json")
    assert (tmp_path / "1.json").read_bytes() == (tmp_path / "2.json").read_bytes()


def test_a_plan_with_lanes_is_the_same_after_its_file(tmp_path):
    problem = two_hubs(lanes=[*BOTH[1:], Lane("p1", "west", 0, 1, 0.5, 0, 9)])
    plan = solve(problem)
    plan.to_json(tmp_path / "plan.json")
    read = Plan.from_json(tmp_path / "plan.json", problem)
    assert read.shipments == plan.shipments
    assert read.prices == plan.prices
    assert read.certificate == plan.certificate
    assert check(problem, read) == []


def test_binding_is_what_could_change_the_plan():
    assert not binds(two_hubs(lanes=BOTH))
    assert binds(two_hubs(lanes=BOTH[:3]))
    assert binds(two_hubs(lanes=[*BOTH[1:], Lane("p1", "west", 0, 9)]))
    assert binds(two_hubs(lanes=[*BOTH[1:], Lane("p1", "west", 2)]))
    assert binds(two_hubs(inbound=[Inbound("west", 11)]))


def test_an_explanation_names_the_hub_and_what_binds_on_the_way_to_it():
    problem = two_hubs(
        lanes=[Lane("p1", "west", 0, 1), Lane("p1", "east")],
        supply=[Supply("oximeter", 0, 100, "p1")],
        waves=[Wave(0), Wave(3)],
    )
    plan = solve(problem)
    why = plan.explain("w2")
    assert (why.hub, why.limit) == ("west", "lane")
    assert why.binding is not None
    assert why.binding.what == ("p1", "west")
    assert any('the lane from "p1" to "west"' in line for line in why.sentences())
    # Its next drop needs its own two units and those of claims of the west that come first.
    ahead = [d for d in plan.explain("w1").drops if d.wave is None and d.rank < why.next.rank]
    assert why.more_units == 2 + 2 * len(ahead) - plan.cuts_of(0, 3)[1].left


def test_an_explanation_says_where_no_lane_leads():
    plan = solve(two_hubs(lanes=[Lane("p1", "west"), Lane("p2", "west")]))
    assert plan.explain("e1").limit == "unreached"


def test_the_figures_of_a_whole_plan():
    problem = two_hubs(
        lanes=[Lane("p1", "west", 0, 2, 1.5), Lane("p1", "east", 1), Lane("p2", "east")],
        waves=[Wave(0), Wave(3)],
    )
    plan = solve(problem)
    figures = plan.overall()
    west = figures["lanes"][0]
    assert west["units"] == sum(row.units for row in plan.shipments if row.target == "west")
    assert west["use"] == west["units"] / 8  # two a day on four days
    assert figures["cost"] == 1.5 * west["units"]
    assert 0.0 <= figures["price_of_fairness"] < 1.0
    assert plan.metrics()["oximeter"]["by_day"][-1] == (plan.units.sum(axis=1) > 0).mean()
