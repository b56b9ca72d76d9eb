"""Lanes, inbound limits and kits are carried; where they could bind, solve says so and stops."""

from typing import Any

import pytest

from tongzhou.planning import Inbound, Item, Kit, Lane, ProblemError, Supply, check, solve

from .problems import two_hubs


@pytest.mark.parametrize(
    "change",
    [
        {
            "lanes": [Lane(p, "west") for p in ("p1", "p2")]
            + [Lane("p1", "east"), Lane("p2", "east")]
        },
        {"lanes": [Lane(p, h, 0, 12) for p in ("p1", "p2") for h in ("west", "east")]},
        {"inbound": [Inbound("west", 14), Inbound("east", 20_000)]},
        {"inbound": [Inbound("w1", 6)]},
        {"kits": [Kit("pack", {"mask": 10})]},
    ],
)
def test_limits_that_cannot_bind_change_nothing(change: dict[str, Any]):
    problem = two_hubs(**change)
    plan = solve(problem, seed=7)
    assert (plan.units == solve(two_hubs(), seed=7).units).all()
    assert check(problem, plan) == []


BOTH = [Lane(p, h) for p in ("p1", "p2") for h in ("west", "east")]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"lanes": [*BOTH[1:], Lane("p1", "west", 0, 9)]},
            'Lane "p1" to "west" carries 9 units a day; up to 10 may have to pass',
        ),
        ({"lanes": [*BOTH[1:], Lane("p1", "west", 2)]}, 'Lane "p1" to "west" takes 2 days'),
        ({"lanes": BOTH[:3]}, 'Producer "p2" has no lane to node "e1" and 1 others'),
        ({"lanes": BOTH[:2]}, 'Producer "p2" has no lane to node "w1" and 3 others'),
        ({"inbound": [Inbound("west", 11)]}, 'Node "west" takes 11 units a day; up to 12 may'),
        (
            {
                "kits": [Kit("pack", {"mask": 1})],
                "items": [Item("pack")],
                "supply": [Supply("pack", 0, 4)],
            },
            'Kit "pack" is needed and would have to be put together',
        ),
    ],
)
def test_a_limit_that_could_bind_is_refused_by_name(change: dict[str, Any], said: str):
    with pytest.raises(ProblemError) as refusal:
        solve(two_hubs(**change))
    assert said in str(refusal.value)
    assert "This version does not plan it" in str(refusal.value)


def test_every_limit_that_could_bind_is_named():
    with pytest.raises(ProblemError) as refusal:
        solve(two_hubs(lanes=BOTH[:3], inbound=[Inbound("west", 1), Inbound("east", 1)]))
    assert len(refusal.value.faults) == 3
