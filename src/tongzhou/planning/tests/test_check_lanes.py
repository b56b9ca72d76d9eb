"""check finds what is wrong with a plan with lanes: each fault is planted in a sound plan."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tongzhou.planning import (
    Allocations,
    Inbound,
    Item,
    Lane,
    Plan,
    Problem,
    Supply,
    Wave,
    check,
    solve,
)

PROBLEM = Problem.from_arrays(
    ["west", "east", "w1", "w2", "e1", "e2"],
    [-1, -1, 0, 0, 1, 1],
    node=[2, 3, 4, 5],
    weight=[4.0, 2.0, 8.0, 1.0],
    cap=12,
    floor=2,
    drop=2,
    items=[Item("oximeter", carton_units=2, whole_cartons=True)],
    supply=[Supply("oximeter", 0, 12, "p1"), Supply("oximeter", 2, 12, "p2")],
    waves=[Wave(2), Wave(5)],
    lanes=[
        Lane("p1", "west", 1, 4, 1.0),
        Lane("p1", "east", 2, 4, 2.0),
        Lane("p2", "east", 1, 6, 1.0, 2, 4),
    ],
    inbound=[Inbound("east", 8)],
)


@pytest.fixture
def plan() -> Plan:
    found = solve(PROBLEM, seed=5)
    assert found.by_hub
    assert check(PROBLEM, found) == []
    return found


def shipments(**change: Any) -> Callable[[Plan], Plan]:
    """The plan with its first shipment from p1 to the east changed."""

    def made(plan: Plan) -> Plan:
        rows = list(plan.shipments)
        at = next(i for i, row in enumerate(rows) if (row.source, row.target) == ("p1", "east"))
        rows[at] = replace(rows[at], **change)
        return replace(plan, shipments=tuple(rows))

    return made


def without_last(plan: Plan) -> Plan:
    return replace(plan, shipments=plan.shipments[:-1])


def price(factor: float) -> Callable[[Plan], Plan]:
    def made(plan: Plan) -> Plan:
        prices = (replace(plan.prices[0], price=plan.prices[0].price * factor), *plan.prices[1:])
        changed = replace(plan, prices=prices)
        vars(changed)["certificate"] = plan.certificate
        return changed

    return made


def strange_price(plan: Plan) -> Plan:
    changed = replace(plan, prices=(replace(plan.prices[0], what=("p9", "west")),))
    vars(changed)["certificate"] = plan.certificate
    return changed


def value(change: float) -> Callable[[Plan], Plan]:
    def made(plan: Plan) -> Plan:
        first, *rest = plan.certificate.stages
        changed = replace(plan)
        vars(changed)["certificate"] = replace(
            plan.certificate, stages=(replace(first, primal=first.primal + change), *rest)
        )
        return changed

    return made


def within_hub(plan: Plan) -> Plan:
    """A drop of the stronger claim of the west given to the weaker one."""
    rows = plan.allocations
    units = rows.units.copy()
    strong = int((rows.node == 2).nonzero()[0][-1])
    weak = int((rows.node == 3).nonzero()[0][-1])
    units[strong] -= 2
    units[weak] += 2
    return replace(plan, allocations=Allocations(rows.node, rows.item, rows.wave, units))


def cut(**change: Any) -> Callable[[Plan], Plan]:
    def made(plan: Plan) -> Plan:
        first = next(i for i, c in enumerate(plan.cuts) if c.units)
        cuts = list(plan.cuts)
        cuts[first] = replace(cuts[first], **change)
        return replace(plan, cuts=tuple(cuts))

    return made


def no_cut(plan: Plan) -> Plan:
    given = [cut for cut in plan.cuts if cut.units]
    return replace(plan, cuts=tuple(c for c in plan.cuts if c is not given[0]))


@pytest.mark.parametrize(
    ("planted", "said"),
    [
        (shipments(item="soap"), 'there is no item "soap"'),
        (shipments(target="w1"), "no such lane is open"),
        (shipments(ship_day=-1), "no such lane is open"),
        (shipments(arrive_day=1), "the lane takes 2"),
        (shipments(units=0), "a shipment has at least 1"),
        (shipments(units=3), "not whole cartons of 2"),
        (shipments(units=6), "it can carry 4"),
        (shipments(units=20), "it had 12"),
        (shipments(source="p2", ship_day=2, arrive_day=3, units=20), "it can take 8"),
        (without_last, "are given that no shipment has brought"),
        (price(0.5), "the certificate says bound"),
        (price(3.0), "the certificate says bound"),
        (strange_price, "a limit that the problem has not"),
        (value(0.25), "the certificate says value"),
        (within_hub, "waits with a claim that comes first"),
        (cut(key=0.1), "the published cut"),
        (cut(units=1), "the published cut"),
        (cut(hub="north"), "0 cuts are published"),
        (no_cut, "one is needed"),
    ],
)
def test_a_planted_fault_is_found(plan: Plan, planted: Callable[[Plan], Plan], said: str):
    assert any(said in fault for fault in check(PROBLEM, planted(plan)))
