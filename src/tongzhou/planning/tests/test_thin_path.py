"""A small campaign from arrays to a checked plan."""

from tongzhou.planning import Item, Problem, Supply, Wave, check, solve


def small() -> Problem:
    return Problem.from_arrays(
        ["west", "east", "w1", "w2", "e1", "e2"],
        [-1, -1, 0, 0, 1, 1],
        node=[2, 3, 4, 5],
        weight=[4.0, 2.0, 8.0, 1.0],
        cap=6,
        floor=2,
        drop=2,
        items=[Item("oximeter")],
        supply=[Supply("oximeter", 0, 4), Supply("oximeter", 2, 4), Supply("oximeter", 3, 6)],
        waves=[Wave(0), Wave(2, ("east",)), Wave(3)],
    )


def test_each_wave_is_a_cut_and_the_plan_passes_its_audit():
    problem = small()
    plan = solve(problem, seed=7)
    assert plan.units.tolist() == [[2, 0, 2], [0, 0, 2], [2, 2, 2], [0, 2, 0]]
    assert check(problem, plan) == []
