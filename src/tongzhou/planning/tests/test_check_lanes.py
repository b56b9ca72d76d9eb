"""check finds what is wrong with a plan with lanes: each fault is planted in a sound plan."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tongzhou.planning import (
    Allocations,
    Inbound,
    Item,
    Kit,
    Lane,
    Plan,
    Problem,
    Supply,
    Wave,
    check,
    replan,
    solve,
)
from tongzhou.planning.checking.worth import Worth
from tongzhou.planning.plan import Price

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


def priced(**change: Any) -> Callable[[Plan], Plan]:
    """The plan with its first price of a lane changed."""

    def made(plan: Plan) -> Plan:
        rows = list(plan.prices)
        at = next(i for i, row in enumerate(rows) if row.kind == "lane")
        rows[at] = replace(rows[at], **change)
        changed = replace(plan, prices=tuple(rows))
        vars(changed)["certificate"] = plan.certificate
        return changed

    return made


def dearer(plan: Plan) -> Plan:
    """The plan with a price more, of what the east takes in."""
    changed = replace(plan, prices=(*plan.prices, Price("days", "inbound", ("east",), 0, 5, 9.0)))
    vars(changed)["certificate"] = plan.certificate
    return changed


def claims(at: int, change: float) -> Callable[[Plan], Plan]:
    """The plan as read from a file whose certificate is changed in one of its three figures."""

    def made(plan: Plan) -> Plan:
        said = [plan.certificate.primal, plan.certificate.dual_bound, plan.certificate.gap]
        said[at] += change
        return replace(plan, claimed=(said[0], said[1], said[2]))

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
        (priced(price=-1.0), "a limit that the problem has not"),
        (priced(price=float("nan")), "a limit that the problem has not"),
        (priced(price=1.0, first_day=9, last_day=0), "the certificate says bound"),
        (claims(0, 0.5), "certificate says value"),
        (claims(1, -0.5), "certificate says bound"),
        (claims(2, -0.01), "certificate says gap"),
        (strange_price, "a limit that the problem has not"),
        (value(0.25), "the certificate says value"),
        (within_hub, "waits with a claim that comes first"),
        (cut(key=0.1), "the published cut"),
        (cut(units=1), "the published cut"),
        (cut(hub="north"), "0 cuts are published"),
        (cut(wave=9), "the plan has no such"),
        (cut(hub=None), "the plan has no such"),
        (no_cut, "one is needed"),
    ],
)
def test_a_planted_fault_is_found(plan: Plan, planted: Callable[[Plan], Plan], said: str):
    assert any(said in fault for fault in check(PROBLEM, planted(plan)))


def two_lanes() -> Problem:
    """One pair of ends, a slow lane and then a quick one: their days of arrival overlap."""
    return Problem.from_arrays(
        ["hub", "c1", "c2"],
        [-1, 0, 0],
        node=[1, 2],
        weight=[2.0, 1.0],
        cap=40,
        items=[Item("oximeter")],
        supply=[Supply("oximeter", 0, 100, "p1")],
        waves=[Wave(4), Wave(6)],
        lanes=[Lane("p1", "hub", 3, 5, 0.0, 0, 2), Lane("p1", "hub", 0, 3, 0.5, 3)],
    )


def test_lanes_of_one_pair_have_prices_of_their_own():
    problem = two_lanes()
    plan = solve(problem, seed=1)
    assert sum(price.kind == "lane" for price in plan.prices) > 3
    assert check(problem, plan) == []


def test_a_lane_without_a_limit_has_no_price_that_lowers_the_bound():
    lanes = (replace(PROBLEM.lanes[0], units_a_day=None), *PROBLEM.lanes[1:])
    problem = PROBLEM.changed(lanes=lanes)
    plan = solve(problem, seed=5)
    forged = replace(plan, prices=(*plan.prices, Price("days", "lane", ("p1", "west"), 0, 5, 9.0)))
    assert any("a limit that the problem has not" in fault for fault in check(problem, forged))


def test_a_price_over_two_deliveries_pays_for_both():
    """The days of a price stretched over a later delivery must not hide what that brings."""
    problem = PROBLEM.changed(
        supply=(*PROBLEM.supply, Supply("oximeter", 4, 1_000, "p2")),
    )
    plan = solve(problem, seed=5)
    forged = Price("days", "supply", ("p2", "oximeter"), 2, 5, 20.0)
    changed = replace(plan, prices=(forged,))
    vars(changed)["certificate"] = plan.certificate
    said = " ".join(check(problem, changed))
    assert "is above its bound" not in said
    assert "certificate says bound" in said


@pytest.mark.parametrize("kits_ready", [0, 3, 50])
def test_kits_that_come_ready_and_kits_put_together_are_both_covered(kits_ready: int):
    problem = Problem.from_arrays(
        ["hub", "c1", "c2"],
        [-1, 0, 0],
        node=[1, 2],
        weight=[2.0, 1.0],
        cap=6,
        item=1,
        items=[Item("part"), Item("kit")],
        kits=[Kit("kit", {"part": 2})],
        supply=[Supply("part", 0, 8, "p1"), Supply("kit", 0, kits_ready, "p1")],
        waves=[Wave(2), Wave(5)],
        lanes=[Lane("p1", "hub", 1, 9)],
    )
    plan = solve(problem, seed=5)
    assert plan.units.sum() == min(12, kits_ready + 4)
    assert check(problem, plan) == []
    assert any("no shipment has brought" in fault for fault in check(problem, without_last(plan)))


@pytest.mark.filterwarnings("error")
def test_waves_of_one_day_meet_nowhere():
    problem = PROBLEM.changed(supply=PROBLEM.supply)
    problem = replace(problem, waves=(Wave(2), Wave(2, ("west",)), Wave(5), Wave(5)))
    assert check(problem, solve(problem, seed=5)) == []


def test_units_near_the_most_leave_the_bound_as_exact_as_its_terms():
    problem = Problem.from_arrays(
        ["hub", "c1", "c2"],
        [-1, 0, 0],
        node=[1, 2],
        weight=[2.0, 1.0],
        cap=10**10,
        drop=10**9,
        items=[Item("oximeter")],
        supply=[Supply("oximeter", 0, 10**10, "p1")],
        waves=[Wave(2), Wave(5)],
        lanes=[Lane("p1", "hub", 1, None)],
        inbound=[Inbound("hub", 1)],
    )
    assert check(problem, solve(problem, seed=5)) == []


def test_cuts_by_hub_where_nothing_limits_the_way_are_refused():
    problem = PROBLEM.changed(lanes=(), inbound=())
    problem = replace(problem, items=(Item("oximeter"),))
    plan = replace(solve(problem, seed=5), by_hub=True)
    assert "nothing on the way limits" in check(problem, plan)[-1]


def test_published_kits_whose_parts_come_late_are_no_fault():
    problem = Problem.from_arrays(
        ["hub", "c1"],
        [-1, 0],
        node=[1],
        weight=1.0,
        cap=4,
        item=1,
        items=[Item("part"), Item("kit")],
        kits=[Kit("kit", {"part": 2})],
        supply=[Supply("part", 0, 8, "p1")],
        waves=[Wave(2), Wave(5)],
        lanes=[Lane("p1", "hub", 1, 9)],
    )
    plan = solve(problem, seed=5).publish([0])
    late = {"kind": "lane", "from": "p1", "to": "hub", "units_a_day": 0, "until_day": 3}
    after = replan(problem, plan, [late])
    assert after.units.tolist() == plan.units.tolist() == [[4, 0]]
    assert after.shipments[0].ship_day == 4
    assert check(after.need_problem(), after) == []


def test_a_plan_by_hub_is_audited_without_its_problem_at_hand(plan: Plan, tmp_path: Path):
    plan.to_json(tmp_path / "plan.json")
    assert check(PROBLEM, Plan.from_json(tmp_path / "plan.json")) == []


# ------------------------------------------------------------------- published waves, and the gap


@pytest.fixture
def published() -> Plan:
    """A plan whose first wave is published, and what a person decided beside it."""
    decided = Allocations(*(np.array([value]) for value in (4, 0, 1, 4)))
    made = solve(PROBLEM, seed=5, freeze=solve(PROBLEM, seed=5).publish([0]), fixed=decided)
    assert check(PROBLEM, made) == []
    assert made.prices
    return made


@pytest.mark.parametrize(
    ("planted", "said"),
    [
        (price(0.5), "the certificate says bound"),
        (dearer, "the certificate says bound"),
        (value(0.25), "the certificate says value"),
        (claims(0, 0.5), "certificate says value"),
        (claims(1, -0.5), "certificate says bound"),
        (claims(2, 0.01), "certificate says gap"),
    ],
)
def test_the_certificate_of_what_is_still_open_is_audited(
    published: Plan, planted: Callable[[Plan], Plan], said: str
):
    assert any(said in fault for fault in check(PROBLEM, planted(published)))


def test_what_was_published_takes_its_share_of_the_bound(
    published: Plan, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(Worth, "_passage", lambda *_: 0.0)
    assert any("certificate says bound" in fault for fault in check(PROBLEM, published))


def test_a_bound_is_told_apart_no_closer_than_late_goods_allow(published: Plan):
    """When a published unit comes late, nobody knows how much of a limit it will have taken."""
    late = {"kind": "lane", "from": "p1", "to": "west", "units_a_day": 0, "until_day": 3}
    after = replan(PROBLEM, published, [late])
    problem = after.need_problem()
    assert check(problem, after) == []
    wrong = replace(after, claimed=(after.certificate.primal, 1_000.0, 0.0))
    assert any("it is between" in fault for fault in check(problem, wrong))


def wide(units_a_day: int) -> Problem:
    """Two hubs of 60 clinics, and lanes that carry so many units a day."""
    return Problem.from_arrays(
        ["west", "east", *(f"c{i}" for i in range(120))],
        [-1, -1, *(i % 2 for i in range(120))],
        node=np.arange(2, 122),
        weight=1.0 + np.arange(120) % 7,
        cap=20,
        items=[Item("oximeter")],
        supply=[Supply("oximeter", 0, 2_000, "p1")],
        waves=[Wave(2), Wave(6)],
        lanes=[Lane("p1", hub, 1, units_a_day) for hub in ("west", "east")],
    )


def test_a_plan_that_leaves_half_of_the_lanes_idle_is_refused():
    problem, lazy = wide(200), solve(wide(100), seed=5)
    assert check(problem, solve(problem, seed=5), max_gap=0.0) == []
    lazy = replace(lazy, problem=problem, problem_sha256=problem.sha256, standings={})
    gap = lazy.certificate.gap
    assert gap > 0.1
    assert any("of each hub and item may be lacking" in fault for fault in check(problem, lazy))
    assert check(problem, lazy, max_gap=gap + 1e-6) == []
    assert any("may be lacking" in fault for fault in check(problem, lazy, max_gap=gap - 1e-6))


@pytest.mark.parametrize("share", [-0.1, 1.5, float("nan")])
def test_a_gap_is_a_share(plan: Plan, share: float):
    with pytest.raises(ValueError, match="max_gap is a share"):
        check(PROBLEM, plan, max_gap=share)
