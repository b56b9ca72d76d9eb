"""What was published stays, what a person settled stays, and the rest is ranked around them."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongzhou.planning import Allocations, Problem, ProblemError, Supply, Wave, check, solve

from .problems import two_hubs
from .test_exact import many


def lines(*rows: tuple[int, int, int, int]) -> Allocations:
    columns = np.array(rows, dtype=np.int64).reshape(-1, 4).T
    return Allocations(*columns)


def test_a_published_wave_is_kept_when_the_supply_grows():
    before = solve(two_hubs(), seed=7).publish([0])
    richer = two_hubs(
        supply=[Supply("oximeter", 0, 8, "p1"), Supply("oximeter", 3, 30, "p1")],
    )
    plan = solve(richer, seed=7, freeze=before)
    assert plan.published == (0,)
    assert plan.units[:, 0].tolist() == [2, 0, 2, 0]
    assert plan.units[:, 1].tolist() == [0, 0, 2, 2]  # the 4 units left, to the east
    assert check(richer, plan, freeze=before) == []


def test_a_published_wave_is_kept_when_needs_and_weights_turn():
    before = solve(two_hubs(), seed=7).publish([0, 1])
    turned = two_hubs(weight=[1.0, 8.0, 2.0, 4.0], cap=[2, 6, 6, 6])
    plan = solve(turned, seed=7, freeze=before)
    assert (plan.units[:, :2] == before.units[:, :2]).all()
    assert check(turned, plan, freeze=before) == []


def test_a_plan_without_a_published_mark_is_frozen_whole():
    before = solve(two_hubs(), seed=7)
    later = two_hubs(weight=[1.0, 8.0, 2.0, 4.0])
    assert (solve(later, freeze=before).units == before.units).all()


def test_published_lines_can_be_given_as_arrays():
    problem = two_hubs()
    published = lines((3, 0, 0, 2), (5, 0, 0, 2))
    plan = solve(problem, seed=7, freeze=published)
    assert plan.units[:, 0].tolist() == [0, 2, 0, 2]
    assert plan.published == (0,)
    assert check(problem, plan, freeze=published) == []


def test_units_published_for_a_later_wave_are_not_given_away_before():
    problem = two_hubs(supply=[Supply("oximeter", 0, 8)], waves=[Wave(0), Wave(3)])
    published = lines((2, 0, 1, 6))
    plan = solve(problem, seed=7, freeze=published)
    assert plan.units.sum(axis=0).tolist() == [2, 6]
    assert check(problem, plan, freeze=published) == []


def test_less_arrived_than_was_published():
    before = solve(two_hubs(), seed=7).publish([0])
    poorer = two_hubs(supply=[Supply("oximeter", 2, 6)])
    plan = solve(poorer, seed=7, freeze=before)
    assert plan.units.sum(axis=0).tolist() == [4, 2, 0]  # 4 of the 6 were promised already
    assert check(poorer, plan, freeze=before) == []


def test_a_published_amount_that_is_no_whole_drop_is_kept():
    problem = two_hubs()
    published = lines((2, 0, 0, 3))
    plan = solve(problem, seed=7, freeze=published)
    assert plan.units[0, 0] == 3
    assert (plan.units[0, 1:] % 2 == 0).all()
    assert check(problem, plan, freeze=published) == []


def test_a_published_place_must_stay_in_view():
    before = solve(two_hubs(), seed=7).publish([0])
    without = two_hubs(node=[3, 4, 5], weight=[2.0, 8.0, 1.0])
    with pytest.raises(ProblemError, match="keep the row"):
        solve(without, freeze=before)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([(2, 0, 5, 2)], "the problem has no such wave"),
        ([(2, 0, 0, -2)], "units below 0"),
        ([(0, 0, 0, 2)], "no need row"),
        ([(99, 0, 0, 2)], "no need row"),
    ],
)
def test_wrong_published_lines_are_refused(rows: list[tuple[int, int, int, int]], said: str):
    with pytest.raises(ProblemError, match=said):
        solve(two_hubs(), freeze=lines(*rows))


def test_what_a_person_settles_is_not_ranked():
    problem = two_hubs()
    settled = lines((5, 0, 0, 4), (2, 0, 0, 0))
    plan = solve(problem, seed=7, fixed=settled)
    assert plan.units[3].tolist() == [4, 0, 0]
    assert plan.units[0].tolist() == [0, 0, 0]
    assert plan.fixed == (("w1", "oximeter"), ("e2", "oximeter"))
    assert check(problem, plan, fixed=plan.fixed) == []
    assert plan.explain("e2").limit == "person"


def test_what_a_person_lowers_goes_to_the_next_claims():
    problem = two_hubs()
    plain, lowered = solve(problem, seed=7), solve(problem, seed=7, fixed=lines((4, 0, 0, 0)))
    assert lowered.units.sum() == plain.units.sum()
    assert (lowered.units.sum(axis=1)[[0, 1, 3]] >= plain.units.sum(axis=1)[[0, 1, 3]]).all()


def test_a_published_wave_and_a_settled_place_go_together():
    problem = two_hubs()
    before = solve(problem, seed=7).publish([0])
    plan = solve(problem, seed=7, freeze=before, fixed=lines((4, 0, 0, 99), (4, 0, 2, 2)))
    assert plan.units[2].tolist() == [2, 0, 2]
    assert check(problem, plan, freeze=before, fixed=plan.fixed) == []


def test_settling_more_than_there_is_is_seen_by_check():
    problem = two_hubs()
    plan = solve(problem, seed=7, fixed=lines((4, 0, 0, 6)))
    assert any("have arrived" in fault for fault in check(problem, plan))


def test_stability_is_a_share_of_the_cost():
    with pytest.raises(ProblemError, match="a share of the cost"):
        solve(two_hubs(), stability=1.5)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), data=st.data())
def test_whatever_was_published_is_never_taken_back(seed: int, data: st.DataObject):
    problem = many(seed, 5, mixed=0.5)
    waves = data.draw(st.sets(st.integers(0, 3)))
    before = solve(problem, seed=seed)
    changed = many(seed, 5, mixed=0.5, least_cap=2)
    kept = before.publish(sorted(waves)) if waves else lines()
    plan = solve(changed, seed=seed + 1, freeze=kept)
    assert (plan.units[:, sorted(waves)] == before.units[:, sorted(waves)]).all()
    assert check(changed, plan, freeze=kept) == []


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), more=st.integers(1, 9))
def test_more_supply_takes_from_nobody(seed: int, more: int):
    problem = many(seed, 5, waves=[Wave(6)])
    richer = grown(problem, more)
    before, after = solve(problem, seed=seed), solve(richer, seed=seed)
    assert (after.units >= before.units).all()


def grown(problem: Problem, more: int) -> Problem:
    extra = [Supply(item.id, 6, more) for item in problem.items]
    needs = problem.needs
    return Problem.from_arrays(
        problem.node_ids,
        problem.parent,
        **{column.name: getattr(needs, column.name) for column in fields(needs)},
        items=problem.items,
        supply=[*problem.supply, *extra],
        waves=problem.waves,
    )
