"""Small problems that several tests ask about."""

from typing import Any

from tongzhou.planning import Inbound, Item, Kit, Lane, Problem, Supply, Wave


def two_hubs(**changes: Any) -> Problem:
    """Four clinics under two hubs, three waves, the second directed to the east."""
    stated: dict[str, Any] = {
        "node_ids": ["west", "east", "w1", "w2", "e1", "e2"],
        "parent": [-1, -1, 0, 0, 1, 1],
        "node": [2, 3, 4, 5],
        "weight": [4.0, 2.0, 8.0, 1.0],
        "cap": 6,
        "floor": 2,
        "drop": 2,
        "items": [Item("oximeter", 0.3, 100)],
        "supply": [
            Supply("oximeter", 0, 4, "p1"),
            Supply("oximeter", 2, 4, "p2"),
            Supply("oximeter", 3, 6, "p1", firm=False),
        ],
        "waves": [Wave(0), Wave(2, ("east",)), Wave(3)],
        **changes,
    }
    return Problem.from_arrays(**stated)


def everything() -> Problem:
    """A problem with every table filled, needs on an inner node, a request and an estimate."""
    return Problem.from_arrays(
        ["省", "县", "村-1"],
        [-1, 0, 1],
        node=[2, 1, 2],
        item=[1, 0, 0],
        weight=[1.5, 2.0, 0.1],
        cap=[4, 10, 6],
        floor=[2, 0, 2],
        stock=[0, 3, 1],
        drop=[2, 5, 1],
        request=[-1, 9, 5],
        estimated=[True, False, False],
        items=[Item("oximeter", 0.3, 100), Item("concentrator", 80.0, 1)],
        supply=[Supply("oximeter", 1, 50, "p1"), Supply("concentrator", 0, 4, "p2", firm=False)],
        waves=[Wave(1), Wave(4, ("县",))],
        horizon_days=21,
        lanes=[Lane("p1", "县", 0, 5000, 0.8), Lane("p2", "县")],
        inbound=[Inbound("县", 20_000)],
        kits=[Kit("pack", {"mask": 10, "ibuprofen": 1})],
    )
