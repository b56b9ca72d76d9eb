"""check finds every planted fault, by itself: it never asks the solver."""

import ast
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import tongzhou.planning.checking
from conftest import examples
from tongzhou.planning import Allocations, Item, Plan, Problem, Supply, Wave, check, solve

from .problems import two_hubs
from .test_exact import many


def equals() -> Problem:
    """Ten equal clinics, five drops in two waves, the second for the west alone."""
    return Problem.from_arrays(
        ["west", "east", *[f"c{i}" for i in range(10)]],
        [-1, -1, *[i % 2 for i in range(10)]],
        node=range(2, 12),
        weight=3.0,
        cap=[4] * 9 + [3],
        stock=[0] * 9 + [1],
        floor=2,
        drop=2,
        items=[Item("oximeter"), Item("mask")],
        supply=[Supply("oximeter", 0, 7), Supply("oximeter", 2, 4, firm=False)],
        waves=[Wave(0), Wave(2, ("west",))],
    )


def changed(plan: Plan, cells: Callable[[np.ndarray], None]) -> Plan:
    """The plan with its units by needs row and wave changed, and cuts that fit the new sums."""
    units = plan.units.copy()
    cells(units)
    row, wave = np.nonzero(units)
    needs = plan.need_problem().needs
    lines = Allocations(needs.node[row], needs.item[row], wave, units[row, wave])
    return Plan(**{**shown(plan), "allocations": lines})


def shown(plan: Plan) -> dict[str, object]:
    """What a plan says of itself, without what it remembers of how it was made."""
    hidden = {"standings"}
    return {name: value for name, value in vars(plan).items() if name in FIELDS - hidden}


FIELDS = set(Plan.__dataclass_fields__)


def with_lines(plan: Plan, **columns: np.ndarray) -> Plan:
    return Plan(**{**shown(plan), "allocations": replace(plan.allocations, **columns)})


def first(values: np.ndarray, value: int) -> np.ndarray:
    out = values.copy()
    out[0] = value
    return out


def swap(a: tuple[int, int], b: tuple[int, int]) -> Callable[[np.ndarray], None]:
    def cells(units: np.ndarray) -> None:
        units[a], units[b] = units[b], units[a]

    return cells


def put(row: int, wave: int, units_: int) -> Callable[[np.ndarray], None]:
    def cells(units: np.ndarray) -> None:
        units[row, wave] = units_

    return cells


@pytest.fixture
def plan() -> Plan:
    plan = solve(two_hubs(), seed=7)
    # w1 [2 0 2], w2 [0 0 2], e1 [2 2 2], e2 [0 2 0]
    assert check(two_hubs(), plan) == []
    return plan


PLANTED: dict[str, tuple[Callable[[Plan], Plan], str]] = {
    "a drop is split": (lambda p: changed(p, put(0, 2, 1)), "split a drop of 2"),
    "a cap is passed": (lambda p: changed(p, put(2, 2, 4)), "its validated cap is 6"),
    "more is given than arrived": (
        lambda p: changed(p, put(1, 0, 2)),
        "By wave 0 the plan gives 6 units",
    ),
    "a directed wave goes elsewhere": (
        lambda p: changed(p, swap((1, 1), (3, 1))),
        "Wave 1 is directed to other hubs than that of",
    ),
    "a weaker claim is served": (
        lambda p: changed(p, swap((0, 0), (1, 0))),
        "waits with a claim that comes first",
    ),
    "a floor is passed over": (
        lambda p: changed(p, lambda u: u.__setitem__((slice(None), 2), [2, 0, 4, 0])),
        'node "w2", item "oximeter" waits with a claim that comes first (first',
    ),
    "units are held back": (lambda p: changed(p, put(1, 2, 0)), "units are left although"),
    "another problem": (lambda p: replace(p, problem_sha256="0" * 64), "compute a plan for this"),
    "another calendar": (lambda p: replace(p, waves=p.waves[:2]), "not the waves of the problem"),
    "an unknown published wave": (lambda p: replace(p, published=(7,)), "Published wave 7 is not"),
    "an unknown node": (
        lambda p: Plan(**{**shown(p), "node_ids": [*p.node_ids[:-1], "e9"]}),
        'node "e9" states no need',
    ),
    "a node without a need": (
        lambda p: with_lines(p, node=first(p.allocations.node, 0)),
        'node "west" states no need of "oximeter"',
    ),
    "an unknown item": (
        lambda p: Plan(**{**shown(p), "item_ids": ("mask",)}),
        'states no need of "mask"',
    ),
    "a wave that is none": (
        lambda p: with_lines(p, wave=first(p.allocations.wave, 9)),
        "wave 9 does not exist",
    ),
    "a node that is none": (
        lambda p: with_lines(p, node=first(p.allocations.node, -1)),
        "node -1 does not exist",
    ),
    "units below zero": (lambda p: with_lines(p, units=first(p.allocations.units, -2)), "-2 units"),
    "units without end": (
        lambda p: with_lines(p, units=first(p.allocations.units, 10**15)),
        "an allocation has 1 to",
    ),
    "units in fractions": (
        lambda p: with_lines(p, units=p.allocations.units * 1.0),
        "whole numbers are needed",
    ),
    "a line twice": (
        lambda p: with_lines(p, **{n: np.append(c, c[:1]) for n, c in vars(p.allocations).items()}),
        "listed more than once in wave 0",
    ),
    "a column of another length": (
        lambda p: with_lines(p, wave=p.allocations.wave[:-1]),
        "whole numbers are needed",
    ),
    "a false cut key": (
        lambda p: replace(p, cuts=(replace(p.cuts[0], key=0.1), *p.cuts[1:])),
        "the published cut",
    ),
    "a false cut amount": (
        lambda p: replace(p, cuts=(replace(p.cuts[0], left=9), *p.cuts[1:])),
        "the published cut",
    ),
    "expected units called firm": (
        lambda p: replace(p, cuts=(*p.cuts[:2], replace(p.cuts[2], expected=0))),
        "0 expected; the lines say",
    ),
    "a cut is missing": (lambda p: replace(p, cuts=p.cuts[1:]), "Wave 0: 0 cuts are published"),
    "a fixed node that is none": (
        lambda p: replace(p, fixed=(("e9", "oximeter"),)),
        "which the problem has not",
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_found(name: str, plan: Plan):
    plant, said = PLANTED[name]
    assert said in "\n".join(check(two_hubs(), plant(plan)))


def test_the_order_of_ties_is_that_of_the_published_seed():
    problem = equals()
    plan = solve(problem, seed="published")
    assert check(problem, plan) == []
    found = check(problem, replace(plan, seed="another"))
    assert any("not in the order of seed 'another'" in fault for fault in found)


def test_one_equal_served_for_another_is_found():
    problem = equals()
    plan = solve(problem, seed="published")
    served, waits = (np.flatnonzero((plan.units[:9, 0] > 0) == on) for on in (True, False))
    wrong = changed(plan, swap((int(served[0]), 0), (int(waits[0]), 0)))
    assert any("not in the order of seed" in fault for fault in check(problem, wrong))


def test_ties_in_the_order_of_codes_are_found():
    problem = equals()
    plan = solve(problem, seed="published")
    in_code_order = np.zeros_like(plan.units)
    in_code_order[:3, 0] = 2
    wrong = changed(plan, lambda units: units.__setitem__(slice(None), in_code_order))
    assert any("not in the order of seed" in fault for fault in check(problem, wrong))


def test_a_withdrawn_published_unit_is_found():
    problem = two_hubs()
    truth = solve(problem, seed=7).publish([0])
    plan = solve(problem, seed=7, freeze=truth)
    assert check(problem, plan, freeze=truth) == []
    less = changed(plan, put(0, 0, 0))
    assert any("takes back from it (0)" in fault for fault in check(problem, less, freeze=truth))
    more = changed(plan, put(1, 0, 2))
    assert any("adds to it (2)" in fault for fault in check(problem, more, freeze=truth))


def test_what_was_never_published_cannot_be_called_published():
    problem = two_hubs()
    nothing = Allocations(*(np.empty(0, dtype=np.int64) for _ in range(4)))
    pretended = Allocations(*np.array([[3, 5], [0, 0], [0, 0], [2, 2]], dtype=np.int64))
    favour = solve(problem, seed=7, freeze=pretended)
    assert check(problem, favour) == []  # believed, when nobody says better
    found = check(problem, favour, freeze=nothing)
    assert found == ["Wave 0 is published in one of plan and records, not in both."]


def test_published_units_of_an_unknown_node_are_found():
    problem = two_hubs()
    other = two_hubs(node_ids=["west", "east", "w1", "w2", "e1", "e9"])
    truth = solve(other, seed=7).publish([1])
    plan = solve(problem, seed=7)
    assert any('node "e9"' in fault for fault in check(problem, plan, freeze=truth))


def test_what_nobody_settled_cannot_be_called_settled():
    problem = two_hubs()
    plan = replace(solve(problem, seed=7), fixed=(("w1", "oximeter"),))
    assert any("nobody decided that" in fault for fault in check(problem, plan, fixed=[]))


def test_what_a_person_settled_must_not_be_ranked():
    problem = two_hubs()
    plan = solve(problem, seed=7)
    found = check(problem, plan, fixed=[("w1", "oximeter")])
    assert any("which a person settled" in fault for fault in found)


def test_a_settled_place_still_keeps_drops_caps_and_hubs():
    problem = two_hubs()
    cells = np.array([[2, 2, 2, 2], [0, 0, 0, 0], [0, 1, 2, 2], [3, 2, 8, 4]])[:, :3]
    lines = Allocations(*(row.astype(np.int64) for row in cells))
    found = "\n".join(check(problem, solve(problem, seed=7, fixed=lines)))
    for said in ("split a drop", "its validated cap is 6", "directed to other hubs"):
        assert said in found


def test_a_plan_read_with_its_lines_in_another_order_is_sound(plan: Plan):
    turned = with_lines(plan, **{n: c[::-1] for n, c in vars(plan.allocations).items()})
    assert check(two_hubs(), turned) == []


def test_findings_are_listed_up_to_a_limit():
    problem = Problem.from_arrays(
        [f"c{i}" for i in range(50)],
        node=range(50),
        weight=1.0,
        cap=4,
        drop=2,
        items=[Item("i")],
        supply=[Supply("i", 0, 100)],
    )
    plan = solve(problem)
    wrong = with_lines(plan, units=plan.allocations.units - 1)
    assert sum("split a drop" in fault for fault in check(problem, wrong)) == 20


@pytest.mark.examples
@pytest.mark.parametrize("seed", range(4))
def test_any_unit_moved_in_a_random_plan_is_found(seed: int):
    """The rules leave one plan: whatever drop moves to another node or wave, check objects."""
    draw = np.random.default_rng(seed)
    problem = many(seed + 40, 30, mixed=0.3)
    plan = solve(problem, seed=seed)
    needs = problem.needs
    tried = 0
    while tried < examples(25):
        row, wave = (int(draw.choice(axis)) for axis in np.nonzero(plan.units))
        if not plan.units[row, wave]:
            continue
        same = np.flatnonzero((needs.item == needs.item[row]) & (needs.drop == needs.drop[row]))
        other, later = int(draw.choice(same)), int(draw.integers(0, 4))
        if (other, later) == (row, wave):
            continue
        tried += 1

        def move(units: np.ndarray, row=row, wave=wave, other=other, later=later) -> None:
            units[row, wave] -= needs.drop[row]
            units[other, later] += needs.drop[row]

        assert check(problem, changed(plan, move)), (row, wave, other, later)


def test_check_imports_nothing_of_the_solver():
    folder = Path(tongzhou.planning.checking.__file__).parent
    for path in folder.glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        guarded = {
            inner
            for node in ast.walk(tree)
            if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
            for inner in ast.walk(node)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node not in guarded:
                assert node.module in {
                    *("__future__", "collections", "collections.abc", "dataclasses", "itertools"),
                    "typing",
                    *(
                        "numpy.typing",
                        "coverage",
                        "hubs",
                        "lines",
                        "order",
                        "tolls",
                        "ways",
                        "worth",
                    ),
                }, f"{path.name} imports {node.module}"


def test_lines_may_stand_in_any_order_and_be_placed_in_parts(monkeypatch: pytest.MonkeyPatch):
    problem = many(4, 20)
    plan = solve(problem, seed=4)
    monkeypatch.setattr("tongzhou.planning.checking.lines.CHUNK", 7)
    turned = np.random.default_rng(0).permutation(len(plan.allocations))
    lines = {name: column[turned] for name, column in vars(plan.allocations).items()}
    assert check(problem, with_lines(plan, **lines)) == []
    twice = {name: np.append(column, column[:1]) for name, column in lines.items()}
    assert "more than once" in "\n".join(check(problem, with_lines(plan, **twice)))
    unknown = {**lines, "node": np.append(lines["node"][:-1], 0)}
    assert "states no need" in "\n".join(check(problem, with_lines(plan, **unknown)))
