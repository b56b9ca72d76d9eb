"""Slow, plain answers to small problems, from the definitions alone, in exact fractions."""

import hashlib
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product
from typing import Any

from tongzhou.planning import Problem

LAST = Fraction(10**30)


def one_by_one(
    units: int, weight: Sequence[float], floor: Sequence[int], cap: Sequence[int], rule: str
) -> list[int]:
    """A divisor method as the books tell it: give one unit at a time to the smallest key."""
    shares = list(floor)
    exact = [Fraction(w) for w in weight]
    for _ in range(units - sum(floor)):
        open_ = [i for i, w in enumerate(exact) if w > 0 and shares[i] < cap[i]]
        best = min(open_, key=lambda i: (divisor_key(rule, shares[i], exact[i]), i))
        shares[best] += 1
    return shares


def divisor_key(rule: str, j: int, w: Fraction) -> Fraction:
    """The key of unit j, or for huntington-hill its square, which orders the same."""
    match rule:
        case "adams":
            return j / w
        case "dean":
            return Fraction(2 * j * (j + 1), 2 * j + 1) / w
        case "huntington-hill":
            return j * (j + 1) / w**2
        case "webster":
            return Fraction(2 * j + 1, 2) / w
    return (j + 1) / w


def digest(seed: Any, node: str) -> bytes:
    return hashlib.sha256(f"{seed}:{node}".encode()).digest()


def claim(problem: Problem, row: int, held: int, seed: Any) -> tuple[Any, ...]:
    """Where the drop of a row that would be given at `held` units stands; smaller comes first."""
    needs = problem.needs
    weight = Fraction(float(needs.weight[row]))
    drop, floor = int(needs.drop[row]), int(needs.floor[row])
    tie = digest(seed, problem.node_ids[int(needs.node[row])])
    middle = held + Fraction(drop, 2)
    if held < floor and held == 0:
        return (0, middle / weight if weight else LAST, 0, tie)
    if held < floor:
        if not weight:
            return (1, LAST, held, tie)
        return (1, held / weight, -(held + drop) / weight, tie)
    return (2, middle / weight, 0, tie) if weight else (3, middle, 0, tie)


def by_hand(problem: Problem, item: int, seed: Any) -> list[list[int]]:
    """Units by needs row of the item and wave, by giving one drop after the other."""
    needs = problem.needs
    name = problem.items[item].id
    rows = [r for r in range(len(needs)) if needs.item[r] == item]
    total = sum(s.units for s in problem.supply if s.item == name and s.day <= last_day(problem))
    most = {r: min(int(needs.room[r]), total) // int(needs.drop[r]) for r in rows}
    given = {r: [0] * len(problem.waves) for r in rows}
    spent = 0
    for wave, planned in enumerate(problem.waves):
        arrived = sum(s.units for s in problem.supply if s.item == name and s.day <= planned.day)
        while True:
            open_ = []
            for r in rows:
                drop = int(needs.drop[r])
                own = sum(given[r])
                if own // drop < most[r] and reached(problem, int(needs.node[r]), planned.hubs):
                    open_.append((claim(problem, r, int(needs.stock[r]) + own, seed), r, drop))
            if not open_ or min(open_)[2] > arrived - spent:
                break
            _, best, drop = min(open_)
            given[best][wave] += drop
            spent += drop
    return [given[r] for r in rows]


def reached(problem: Problem, node: int, hubs: Sequence[str]) -> bool:
    while node >= 0:
        if not hubs or problem.node_ids[node] in hubs:
            return True
        node = int(problem.parent[node])
    return not hubs


def last_day(problem: Problem) -> int:
    return max(wave.day for wave in problem.waves)


def every_way(most: Sequence[int], drops: int) -> Iterator[tuple[int, ...]]:
    """All ways to give `drops` drops where node i takes at most most[i]."""
    return (way for way in product(*(range(m + 1) for m in most)) if sum(way) == drops)
