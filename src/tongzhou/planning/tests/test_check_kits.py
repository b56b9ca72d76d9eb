"""check shares goods out as well as they can be: no sound plan is refused, no fault hidden.

Two prefectures lie in a province; ready kits come to the province alone, parts of kits only to the
prefectures. Whoever lets the nearest hub take the ready kits first leaves the province's own clinic
without any, although the plan is sound.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from tongzhou.planning import Item, Kit, Lane, Plan, Problem, Supply, Wave, check, solve
from tongzhou.planning.checking import coverage
from tongzhou.planning.plan import Shipment

from .lane_problems import ready_kits

PROBLEM = Problem.from_arrays(
    ["province", "a", "b", "own", "in a", "in b"],
    [-1, 0, 0, 0, 1, 2],
    node=[3, 4, 5],
    weight=[3.0, 2.0, 1.0],
    cap=2,
    item=1,
    items=[Item("part"), Item("kit")],
    kits=[Kit("kit", {"part": 2})],
    supply=[Supply("kit", 0, 3, "ready"), Supply("part", 0, 6, "maker")],
    waves=[Wave(2), Wave(5)],
    lanes=[
        Lane("ready", "province", 1),
        Lane("maker", "a", 1, 4),
        Lane("maker", "b", 1, 4, 5.0),
    ],
)


def sent(*rows: tuple[str, str, str, int, int]) -> Callable[[Plan], Plan]:
    """The plan with these shipments: from, to, item, day of arrival, units; all take a day."""
    made = tuple(Shipment(a, b, item, day - 1, day, units) for a, b, item, day, units in rows)
    return lambda plan: replace(plan, shipments=made)


READY = ("ready", "province", "kit", 1, 3)


@pytest.fixture
def plan() -> Plan:
    found = solve(PROBLEM, seed=3)
    assert found.units.sum() == 6
    return found


def lacking(plan: Plan) -> list[str]:
    return [fault for fault in check(PROBLEM, plan) if "no shipment has brought" in fault]


def test_ready_kits_go_where_parts_cannot(plan: Plan):
    assert check(PROBLEM, plan) == []


@pytest.mark.parametrize(
    "shares",
    [
        sent(READY, ("maker", "a", "part", 1, 4), ("maker", "b", "part", 1, 2)),
        sent(READY, ("maker", "a", "part", 1, 2), ("maker", "b", "part", 1, 4)),
    ],
)
def test_the_third_ready_kit_may_go_to_either_prefecture(
    plan: Plan, shares: Callable[[Plan], Plan]
):
    assert lacking(shares(plan)) == []


@pytest.mark.parametrize(
    ("planted", "wave"),
    [
        # One part less, and a kit cannot be put together.
        (sent(READY, ("maker", "a", "part", 1, 3), ("maker", "b", "part", 1, 2)), 0),
        # Parts enough in all, but three kits' worth are where two kits are wanted.
        (sent(READY, ("maker", "a", "part", 1, 6)), 0),
        # A part each too few for one kit more: halves of two kits make none.
        (sent(READY, ("maker", "a", "part", 1, 3), ("maker", "b", "part", 1, 3)), 0),
        # Two ready kits are not three, wherever the parts are.
        (
            sent(
                ("ready", "province", "kit", 1, 2),
                ("maker", "a", "part", 1, 4),
                ("maker", "b", "part", 1, 3),
            ),
            0,
        ),
        # All is there in the end, and two parts come after the wave that gives their kit.
        (sent(READY, ("maker", "a", "part", 1, 4), ("maker", "b", "part", 3, 2)), 0),
    ],
)
def test_a_kit_that_nobody_could_put_together_is_found(
    plan: Plan, planted: Callable[[Plan], Plan], wave: int
):
    assert any(fault.startswith(f"By wave {wave} 1 units") for fault in lacking(planted(plan)))


def sound(seed: int) -> bool:
    """Whether a random problem's plan passes, and the plan after its first wave is published."""
    problem = ready_kits(seed)
    plan = solve(problem, seed=seed)
    told = plan.publish([0])
    later = solve(problem, seed=seed, freeze=told)
    return not check(problem, plan) and not check(problem, later, freeze=told)


def test_no_sound_plan_is_refused():
    """Sharing goods out from the nearest hub up refused every one of the first six."""
    assert all(sound(seed) for seed in (8, 64, 114, 135, 138, 205, *range(6)))


@pytest.mark.slow
def test_no_sound_plan_is_refused_of_many():
    assert all(sound(seed) for seed in range(1_500))


def test_goods_of_a_published_wave_are_not_given_twice():
    """What was published may lack its goods; it may not lack them for the sake of later waves."""
    problem = PROBLEM.changed(supply=(Supply("kit", 0, 2, "ready"), Supply("part", 0, 0, "maker")))
    told = solve(problem, seed=3)
    assert told.units.tolist() == [[1, 0], [1, 0], [0, 0]]
    twice = np.array([[1, 0], [1, 0], [0, 2]])
    assert any("no shipment has brought" in fault for fault in check(problem, given(told, twice)))
    forged = given(told.publish([0]), twice)
    assert any("given to others" in fault for fault in check(problem, forged))
    late = sent(("ready", "province", "kit", 4, 2))
    assert check(problem, late(told.publish([0]))) == []


def given(plan: Plan, units: NDArray[np.int64]) -> Plan:
    lines = plan.allocations
    row, wave = np.nonzero(units)
    node = PROBLEM.needs.node[row]
    made = type(lines)(node, np.ones_like(node), wave, units[row, wave])
    return replace(plan, allocations=made)


def test_a_question_too_large_to_decide_is_said(plan: Plan, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(coverage._SETTINGS, "time_limit", 0.0)
    assert any("was not decided" in fault for fault in check(PROBLEM, plan))
