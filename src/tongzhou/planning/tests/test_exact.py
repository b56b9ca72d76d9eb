"""The plan is the exact optimum: against the definition drop by drop, and against every way."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from tongzhou.planning import Item, Problem, Supply, Wave, apportion, check, solve

from .oracles import by_hand, every_way

WEIGHTS = (
    lambda draw, n: draw.integers(1, 5, n).astype(float),
    lambda draw, n: draw.gamma(2.0, 40.0, n),
    lambda draw, n: draw.choice([0.0, 1.0, 1.5, 3.0], n),
)


def many(seed: int, instances: int, **limits: Any) -> Problem:
    """`instances` unrelated small problems in one: each is an item with nodes of its own."""
    draw = np.random.default_rng(seed)
    columns: dict[str, list[Any]] = {
        name: [] for name in ("node", "item", "weight", "floor", "cap", "stock", "drop", "request")
    }
    ids, parent, supply = ["west", "east"], [-1, -1], []
    waves = limits.get("waves") or [Wave(0), Wave(1, ("east",)), Wave(1), Wave(4, ("west", "east"))]
    for item in range(instances):
        n = int(draw.integers(1, 6))
        largest = limits.get("largest_drop", 3)
        drop = draw.integers(1, 4, n) if draw.random() < limits.get("mixed", 0.0) else None
        drop = np.full(n, draw.integers(1, largest + 1)) if drop is None else drop
        columns["node"] += range(len(ids), len(ids) + n)
        columns["item"] += [item] * n
        columns["weight"] += WEIGHTS[draw.integers(0, limits.get("weights", 3))](draw, n).tolist()
        columns["floor"] += (draw.integers(0, 5, n) * drop).tolist()
        columns["cap"] += draw.integers(limits.get("least_cap", 0), 9, n).tolist()
        columns["stock"] += (draw.integers(0, 3, n) * (draw.random(n) < 0.4)).tolist()
        columns["drop"] += drop.tolist()
        columns["request"] += draw.integers(-1, 9, n).tolist()
        parent += draw.integers(0, 2, n).tolist()
        ids += [f"{item}-{i}" for i in range(n)]
        for _ in range(draw.integers(1, 4)):
            day, units = int(draw.integers(0, 6)), int(draw.integers(0, 13))
            supply.append(Supply(f"i{item}", day, units, firm=bool(draw.random() < 0.7)))
    items = [Item(f"i{item}") for item in range(instances)]
    return Problem.from_arrays(
        ids, parent, **columns, items=items, supply=supply, waves=waves, horizon_days=6
    )


def assert_as_by_hand(seed: int) -> None:
    problem = many(seed, 100, mixed=0.3)
    plan = solve(problem, seed=seed)
    for item in range(len(problem.items)):
        rows = problem.needs.item == item
        assert plan.units[rows].tolist() == by_hand(problem, item, seed)
    assert check(problem, plan) == []


@pytest.mark.parametrize("seed", range(10))
def test_waves_are_what_giving_drop_by_drop_gives(seed: int):
    assert_as_by_hand(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 150))
def test_waves_are_what_giving_drop_by_drop_gives_5000_times(seed: int):
    assert_as_by_hand(seed)


def assert_best_of_every_way(seed: int) -> None:
    """One wave, one drop size an item, weights above 0: compare with every possible plan."""
    kind = {"weights": 2} if seed % 2 else {"weights": 1, "largest_drop": 1, "least_cap": 4}
    problem = many(seed, 100, waves=[Wave(6)], **kind)
    plan = solve(problem, seed=seed)
    for item in range(len(problem.items)):
        rows = np.flatnonzero(problem.needs.item == item)
        drop = int(problem.needs.drop[rows[0]])
        most = (problem.needs.room[rows] // drop).tolist()
        chosen = tuple((plan.units[rows, 0] // drop).tolist())
        units = sum(s.units for s in problem.supply if s.item == f"i{item}")
        assert sum(chosen) == min(units // drop, sum(most))
        values = {way: value(problem, rows, way) for way in every_way(most, sum(chosen))}
        assert values[chosen] == min(values.values())


def value(problem: Problem, rows: np.ndarray, way: tuple[int, ...]) -> tuple[Any, ...]:
    """What the stages minimise, in their order.

    1 the number of nodes with a floor that hold nothing; 2 among those served first, the weighted
    fill; 3 the leximin of floor fill (as its negative, worst first); 4 the Webster sum.
    """
    needs = problem.needs
    empty, first, fills, square = 0, Fraction(0), [], Fraction(0)
    for row, drops in zip(rows.tolist(), way, strict=True):
        weight = Fraction(float(needs.weight[row]))
        drop, stock, floor = (int(a[row]) for a in (needs.drop, needs.stock, needs.floor))
        held = stock + drops * drop
        # The floor is reached in whole drops, as far as the cap allows.
        wanted = -(-max(0, floor - stock) // drop)
        reachable = stock + drop * min(wanted, int(needs.room[row]) // drop)
        if reachable > stock:
            fills.append(-min(held, reachable) / weight)
            empty += held == 0
            first += Fraction(drop) / weight if stock == 0 and held > 0 else 0
        square += Fraction(held * held) / weight
    return (empty, first if empty else 0, sorted(fills, reverse=True) if not empty else [], square)


@pytest.mark.parametrize("seed", range(20, 32))
def test_no_other_plan_is_better(seed: int):
    assert_best_of_every_way(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(200, 288))
def test_no_other_plan_is_better_8800_times(seed: int):
    assert_best_of_every_way(seed)


@pytest.mark.parametrize("drop", [1, 2])
def test_without_floors_a_plan_is_webster_over_the_nodes_in_the_order_of_the_seed(drop: int):
    draw = np.random.default_rng(drop)
    ids = [f"n{i}" for i in range(40)]
    weight, cap = draw.integers(1, 6, 40).astype(float), draw.integers(0, 30, 40) * drop
    problem = Problem.from_arrays(
        ids,
        node=range(40),
        weight=weight,
        cap=cap,
        drop=drop,
        items=[Item("i")],
        supply=[Supply("i", 0, 300)],
    )
    given = solve(problem, seed="s").units[:, 0]
    from .oracles import digest

    order = sorted(range(40), key=lambda i: digest("s", ids[i]))
    shares = apportion(300 // drop, weight[order], cap=cap[order] // drop)
    assert given[order].tolist() == (shares * drop).tolist()
