"""replan: what was published stays, unless its goods do not exist; each event is told its share."""

import random
from collections import Counter
from typing import Any

import pytest

from tongzhou.planning import (
    Item,
    Lane,
    Plan,
    Problem,
    ProblemError,
    Supply,
    Wave,
    check,
    replan,
    solve,
    whatif,
)
from tongzhou.planning.changes import changed

from .lane_problems import mixed
from .problems import two_hubs

HALF = {"kind": "producer", "producer": "p1", "factor": 0.5}
MORE = {"kind": "supply", "producer": "p1", "item": "oximeter", "day": 3, "units": 6}


def any_event(r: random.Random, problem: Problem) -> dict[str, Any]:
    node = r.choice(problem.node_ids)
    row = r.randrange(len(problem.needs))
    item = problem.items[problem.needs.item[row]].id
    lot = r.choice(problem.supply)
    last = problem.horizon_days
    events: list[dict[str, Any]] = [
        {"kind": "producer", "producer": lot.producer, "factor": r.choice([0.0, 0.5, 0.5, 0.8])},
        {
            "kind": "supply",
            "producer": lot.producer,
            "item": lot.item,
            "day": r.randint(0, last),
            "units": r.randint(1, 12),
        },
        {
            "kind": "recount",
            "node": problem.node_ids[problem.needs.node[row]],
            "item": item,
            "stock": r.randint(0, 5),
        },
        {"kind": "inbound", "node": node, "units_a_day": r.choice([None, 0, 2, 6])},
    ]
    if problem.under([node])[problem.needs.node].any():
        events.append({"kind": "need", "node": node, "factor": r.choice([0.5, 1.2, 2.0])})
    if problem.lanes:
        lane = r.choice(problem.lanes)
        events.append(
            {
                "kind": "lane",
                "from": lane.source,
                "to": lane.target,
                "units_a_day": r.choice([0, 0, 1, 4, None]),
                "from_day": r.randint(0, last),
            }
        )
    return r.choice(events)


def kept_through_events(seed: int) -> int:
    """Replan through a random sequence; returns how many units had to be withdrawn."""
    r = random.Random(seed)
    problem = mixed(seed) if seed % 2 else two_hubs()
    plan = solve(problem, seed=seed)
    withdrawn = 0
    for step in range(r.randint(1, 4)):
        if r.random() < 0.6:
            plan = plan.publish(range(min(step + 1, len(problem.waves))))
        event = any_event(r, problem)
        after = replan(problem, plan, [event])
        told = after.forced[-1].withdrawn
        withdrawn += sum(line.units for line in told)
        taken = {(line.node, line.item, line.wave): line.units for line in told}
        rows = problem.needs
        for row, wave in zip(*(plan.units - after.units).nonzero(), strict=True):
            if wave in plan.published:
                name = (
                    problem.node_ids[rows.node[row]],
                    problem.items[rows.item[row]].id,
                    int(wave),
                )
                assert plan.units[row, wave] - after.units[row, wave] == taken[name]
        problem, plan = after.need_problem(), after
        if not told:
            assert check(problem, plan) == []
        else:
            lacking(problem, plan)
    return withdrawn


def lacking(problem: Problem, plan: Plan) -> None:
    """What was withdrawn had no goods: all of some supply that could reach is in use."""
    items = {line.item for line in plan.forced[-1].withdrawn}
    for name in items:
        at = problem.item_index[name]
        rows = problem.needs.item == at
        assert (
            not plan.units[rows][
                :, [w for w in range(len(plan.waves)) if w not in plan.published]
            ].any()
            or plan.by_hub
        )


def test_published_units_never_shrink_unless_the_goods_do_not_exist():
    assert sum(kept_through_events(seed) for seed in range(200)) > 0


def test_a_producer_that_halves_takes_from_what_is_not_published():
    problem = two_hubs()
    plan = solve(problem, seed=1).publish([0])
    after = replan(problem, plan, [HALF])
    assert (after.units[:, 0] == plan.units[:, 0]).all()
    assert after.published == (0,)
    forced = after.forced[0]
    assert forced.change == HALF
    # p1 has 2 instead of 4 and 3 instead of 6: what is published still exists.
    assert forced.withdrawn == ()
    assert forced.units_fewer - forced.units_more == plan.units.sum() - after.units.sum()


def test_what_does_not_exist_is_withdrawn_from_the_last_claims_by_name():
    problem = two_hubs(supply=[Supply("oximeter", 0, 8, "p1")])
    plan = solve(problem, seed=1).publish([0])
    assert plan.units[:, 0].tolist() == [2, 2, 2, 2]
    after = replan(problem, plan, [HALF])
    # The two of the smallest weight give way: 1.0 first, then 2.0.
    assert after.units[:, 0].tolist() == [2, 0, 2, 0]
    assert [(line.node, line.units) for line in after.forced[0].withdrawn] == [("w2", 2), ("e2", 2)]
    assert after.metrics()["oximeter"]["units_withdrawn"] == 4


def test_each_event_is_told_its_own_share():
    problem = two_hubs()
    plan = solve(problem, seed=1)
    both = replan(problem, plan, [HALF, MORE])
    first = replan(problem, plan, [HALF])
    assert both.forced[0] == first.forced[0]
    assert both.forced[1].change == MORE
    assert both.units.tolist() == replan(first.need_problem(), first, [MORE]).units.tolist()


def test_a_question_is_answered_as_what_happens():
    problem = two_hubs()
    plan = solve(problem, seed=1)
    assert whatif(problem, plan, [MORE]).units.tolist() == (
        solve(changed(problem, [MORE]), seed=1).units.tolist()
    )
    assert plan.units.tolist() == solve(problem, seed=1).units.tolist()


def test_shipments_stay_where_nothing_makes_them_move():
    lanes = [Lane(p, h, 1, 8, 1.0) for p in ("p1", "p2") for h in ("west", "east")]
    problem = two_hubs(lanes=lanes, supply=[Supply("oximeter", 0, 20, p) for p in ("p1", "p2")])
    plan = solve(problem, seed=1)
    event = {"kind": "recount", "node": "w2", "item": "oximeter", "stock": 2}
    after = replan(problem, plan, [event])
    # One clinic needs one drop less, so two units stay at home; nothing else moves.
    assert sum(abs(sent(plan)[pair] - sent(after)[pair]) for pair in sent(plan)) == 2


def sent(plan: Plan) -> Counter[tuple[str, str]]:
    total: Counter[tuple[str, str]] = Counter()
    for row in plan.shipments:
        total[row.source, row.target] += row.units
    return total


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({}, "changes[0].kind: None is not text"),
        ({"kind": "storm"}, '"storm" is not known'),
        ({**HALF, "producer": "p9"}, '"p9" is not in the problem'),
        ({**HALF, "factor": -1}, "not from 0 to 1000"),
        ({**HALF, "facter": 1}, "changes[0].facter: not known here"),
        ({**MORE, "units": -50}, "fewer from day 3 on"),
        ({**MORE, "day": 99}, "not a whole number from 0 to 3"),
        ({"kind": "need", "node": "nowhere", "factor": 1}, '"nowhere" is not in the problem'),
        ({"kind": "recount", "node": "west", "item": "oximeter", "stock": 1}, "states no need"),
        ({"kind": "lane", "from": "p1", "to": "west", "units_a_day": 0}, "say its lead_days"),
    ],
)
def test_an_event_that_makes_no_sense_is_refused_by_name(event: dict[str, Any], said: str):
    problem = two_hubs()
    with pytest.raises(ProblemError) as refusal:
        replan(problem, solve(problem), [event])
    assert said in str(refusal.value)


def test_a_plan_of_another_problem_is_refused():
    with pytest.raises(ProblemError, match="answers another problem"):
        replan(two_hubs(horizon_days=9), solve(two_hubs()), [HALF])


def test_a_replanned_plan_keeps_its_story_in_its_file(tmp_path):
    problem = two_hubs()
    after = replan(problem, solve(problem, seed=1).publish([0]), [HALF, MORE])
    after.to_json(tmp_path / "plan.json")
    read = Plan.from_json(tmp_path / "plan.json", after.need_problem())
    assert read.forced == after.forced
    assert check(after.need_problem(), read) == []


def long_curves() -> Problem:
    """Two hubs of 60 clinics and two producers: enough drops that no curve is taken whole."""
    return Problem.from_arrays(
        ["west", "east", *(f"c{i}" for i in range(120))],
        [-1, -1, *(i % 2 for i in range(120))],
        node=list(range(2, 122)),
        weight=[1.0 + i % 7 for i in range(120)],
        cap=20,
        items=[Item("oximeter")],
        supply=[Supply("oximeter", 0, 700, "p1"), Supply("oximeter", 1, 700, "p2")],
        waves=[Wave(2), Wave(4), Wave(6)],
        lanes=[
            Lane(producer, hub, 1, most, cost)
            for producer, most, cost in (("p1", 90, 1.0), ("p2", 60, 2.0))
            for hub in ("west", "east")
        ],
    )


@pytest.mark.parametrize(
    "event",
    [
        {"kind": "producer", "producer": "p1", "factor": 0.5},
        {"kind": "lane", "from": "p2", "to": "west", "units_a_day": 0, "from_day": 2},
        {"kind": "need", "node": "east", "factor": 1.5},
        {"kind": "supply", "producer": "p1", "item": "oximeter", "day": 3, "units": 400},
    ],
)
def test_a_replan_gives_up_no_more_than_it_says_for_staying(event: dict[str, Any]):
    problem = long_curves()
    first = solve(problem, seed=3)
    plan = replan(problem, first, [event])
    fresh = solve(plan.need_problem(), seed=3)
    assert check(plan.need_problem(), plan, max_gap=1e-3) == []
    for mine, best in zip(plan.certificate.stages, fresh.certificate.stages, strict=True):
        assert mine.primal >= best.primal * (1 - 2e-5) - 1.0  # and one whole unit
    assert (plan.units != first.units).sum() <= (fresh.units != first.units).sum()


def test_a_replan_begins_with_the_lists_and_curves_that_are_still_true():
    problem = long_curves()
    plan = solve(problem, seed=3).publish([])
    closed = {"kind": "lane", "from": "p2", "to": "west", "units_a_day": 0}
    after = replan(problem, plan, [closed])
    assert plan.grouped
    assert after.grouped
    assert after.grouped.curves[0] is plan.grouped.curves[0]
    more = replan(problem, plan, [{"kind": "need", "node": "east", "factor": 1.5}])
    assert more.grouped
    assert more.grouped.curves[0] is not plan.grouped.curves[0]


def test_curves_are_made_anew_where_a_hub_is_new():
    """A node that nobody needs anything below becomes a stop: the groups change, no row does."""
    problem = long_curves()
    plan = solve(problem, seed=3)
    stop = {"kind": "inbound", "node": "c0", "units_a_day": 3}
    after = replan(problem, plan, [stop])
    assert plan.grouped
    assert after.grouped
    assert after.grouped.curves[0].groups == plan.grouped.curves[0].groups + 1
    assert check(after.need_problem(), after) == []
