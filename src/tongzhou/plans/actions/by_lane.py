"""Plan a run with lanes: all items in one problem, since they share the lanes."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from tongzhou.planning import (
    Allocations,
    Inbound,
    Item,
    Lane,
    Plan,
    Problem,
    ProblemError,
    Supply,
    Wave,
    apportion,
    check,
    solve,
)
from tongzhou.plans.models import Run, RunSupply, RunWays
from tongzhou.plans.queries.ways import Carried, Given, Sent, Source, Worth, given_in
from tongzhou.plans.rules import Ints, LaneDays

from .one_list import Task, published_in
from .refusal import PlanRefused
from .ways import lanes_from


@dataclass(frozen=True, slots=True)
class Planned:
    """The plan of all items. `rows`: where the needs of each task begin in the problem; `items`:
    the engine's number of each task's item."""

    problem: Problem
    plan: Plan
    rows: list[int]
    items: list[int]
    carried: Carried


def first_wave(ways: RunWays, days: Sequence[int], recipient: int) -> int:
    """The first wave (from 0) by which anything can be at a recipient; the last if nothing can."""
    arrivals = [r.from_day + r.lead_days for r in given_in(ways).lanes if r.recipient == recipient]
    earliest = min(arrivals, default=days[-1])
    return next((n for n, day in enumerate(days) if day >= earliest), len(days) - 1)


def plan_by_lane(run: Run, ways: RunWays, tasks: Sequence[Task]) -> Planned:
    """Solve and check. Raises PlanRefused where the plan fails its check or is too large."""
    joint = _Joint(run, given_in(ways), tasks)
    return _planned(joint, lambda: _solved(run, joint.problem(), joint.fixed(), joint))


def plan_by_lane_again(
    run: Run,
    ways: RunWays,
    tasks: Sequence[Task],
    plan_for: Callable[[Problem], Plan],
    of: Plan,
) -> Planned:
    """The same after a change of the plan `of`."""
    joint = _Joint(run, given_in(ways), tasks)
    return _planned(joint, lambda: _audited(plan_for(joint.problem()), joint, of))


def _planned(joint: "_Joint", plan_of: Callable[[], tuple[Plan, list[str]]]) -> Planned:
    try:
        plan, findings = plan_of()
    except ProblemError as refusal:
        raise PlanRefused(str(refusal)) from refusal
    if findings:
        raise PlanRefused(
            _("The check refuses this plan: %(findings)s") % {"findings": " ".join(findings[:3])}
        )
    carried = Carried(
        by_hub=plan.by_hub, sent=tuple(joint.sent(plan)), worths=tuple(joint.worths(plan))
    )
    return Planned(plan.need_problem(), plan, joint.rows, joint.item_of, carried)


def lane_changes(
    run: Run, ways: RunWays, lane: tuple[int, int], units_a_day: int, first: date
) -> list[dict[str, Any]]:
    """The question "what if this lane (dock, recipient) carries so many units from a day on" for
    `planning.whatif`; 0 units: it closes. One change for each source that uses the lane.

    Raises PlanRefused where the run has no such lane.
    """
    given = given_in(ways)
    dock, recipient = lane
    held = dict(RunSupply.objects.filter(run=run).values_list("pk", "units"))
    using = [
        source
        for source in given.sources
        if source.dock == dock
        and any(r.recipient == recipient for r in lanes_from((dock, source.hubs), given.lanes))
    ]
    if not using:
        raise PlanRefused(_("This plan sends nothing by that lane. Choose one of its lanes."))
    units = [sum(held[pk] for pk in source.supply) for source in using]
    return [
        {
            "kind": "lane",
            "from": source.name,
            "to": f"hub:{recipient}",
            "units_a_day": _share(units_a_day, units, at),
            "from_day": max(0, (first - given.opened_on).days),
        }
        for at, source in enumerate(using)
    ]


def _solved(
    run: Run, problem: Problem, fixed: Allocations, joint: "_Joint"
) -> tuple[Plan, list[str]]:
    """What a person settled is given in the first wave that can bring it, or in the last one."""
    plan, findings = _audited(solve(problem, seed=run.seed, fixed=fixed), joint)
    if findings and plan.fixed:
        fixed = Allocations(fixed.node, fixed.item, fixed.wave * 0 + joint.last, fixed.units)
        return _audited(solve(problem, seed=run.seed, fixed=fixed), joint)
    return plan, findings


def _audited(plan: Plan, joint: "_Joint", of: Plan | None = None) -> tuple[Plan, list[str]]:
    """A plan with what the independent check finds in it; `of`: the plan before a change."""
    problem, fixed = plan.need_problem(), joint.fixed()
    decided = [
        (problem.node_ids[node], problem.items[item].id)
        for node, item in zip(fixed.node.tolist(), fixed.item.tolist(), strict=True)
    ]
    return plan, check(problem, plan, fixed=decided, freeze=published_in(plan, of))


class _Joint:
    """The tasks of a run as one problem. Hubs come first, then each place once."""

    def __init__(self, run: Run, given: Given, tasks: Sequence[Task]) -> None:
        self.run, self.given, self.tasks = run, given, tasks
        self.hubs = tasks[0].hubs
        self.waves = tasks[0].waves
        self.last = len(self.waves) - 1
        self.codes = list(dict.fromkeys(task.item.item.code for task in tasks))
        self.item_of = [self.codes.index(task.item.item.code) for task in tasks]
        sizes = [task.inputs.size for task in tasks]
        self.rows = [sum(sizes[:at]) for at in range(len(sizes))]
        self.node_ids, self.nodes = _nodes(self.hubs, [task.inputs.codes for task in tasks])

    def problem(self) -> Problem:
        parent = np.full(len(self.node_ids), -1, dtype=np.int64)
        for task, nodes in zip(self.tasks, self.nodes, strict=True):
            above = np.searchsorted(self.hubs, task.inputs.recipient)
            parent[nodes] = np.where(task.inputs.recipient == 0, -1, above)
        sizes = [task.inputs.size for task in self.tasks]
        items = [task.item for task in self.tasks]
        held = [task.inputs.stock + task.inputs.given for task in self.tasks]
        cap = [
            # A place that no recipient serves takes part in no ranking.
            np.where(task.inputs.recipient == 0, had, task.inputs.cap)
            for task, had in zip(self.tasks, held, strict=True)
        ]
        cartons = {item.item.code: item.carton_units for item in items}
        days = self.days()
        supply = list(self._supply())
        return Problem.from_arrays(
            self.node_ids,
            parent,
            node=np.concatenate(self.nodes),
            item=np.repeat(self.item_of, sizes),
            weight=np.concatenate([task.weight for task in self.tasks]),
            floor=np.repeat([item.floor_units for item in items], sizes),
            cap=np.concatenate(cap),
            stock=np.concatenate(held),
            drop=np.repeat([item.drop_units for item in items], sizes),
            items=[Item(code, carton_units=cartons[code]) for code in self.codes],
            supply=supply,
            waves=[Wave(day) for day in days],
            lanes=list(self._lanes()),
            inbound=[Inbound(f"hub:{hub}", units) for hub, units in self.given.inbound.items()],
            horizon_days=max(days[-1], *(row.day for row in supply)),
        )

    def days(self) -> list[int]:
        return [(wave.day - self.given.opened_on).days for wave in self.waves]

    def fixed(self) -> Allocations:
        """What the tasks' overrides decide, in the problem's numbers."""
        columns = []
        for task, nodes, item in zip(self.tasks, self.nodes, self.item_of, strict=True):
            rows = task.fixed.node - len(self.hubs)
            columns.append(
                np.stack((nodes[rows], rows * 0 + item, task.fixed.wave, task.fixed.units))
            )
        return Allocations(*np.concatenate(columns, axis=1).astype(np.int64))

    def _open(self) -> list[tuple[int, Source, list[LaneDays]]]:
        """Sources with a lane, numbered. Goods whose donor named recipients that no lane from
        their dock leads to have none: they stay at the dock."""
        found = [
            (number, source, lanes_from((source.dock, source.hubs), self.given.lanes))
            for number, source in enumerate(self.given.sources)
        ]
        return [row for row in found if row[2]]

    def _supply(self) -> Iterable[Supply]:
        stored = RunSupply.objects.select_related("item").in_bulk(
            [pk for source in self.given.sources for pk in source.supply]
        )
        for _number, source, _lanes in self._open():
            for pk in source.supply:
                row = stored[pk]
                day = (row.day - self.given.opened_on).days
                yield Supply(row.item.code, day, row.units, source.name, row.on_hand)

    def _lanes(self) -> Iterable[Lane]:
        open_ = self._open()
        held = self._held()
        for number, source, lanes in open_:
            for lane in lanes:
                sharing = [n for n, _source, theirs in open_ if lane in theirs]
                yield Lane(
                    source.name,
                    f"hub:{lane.recipient}",
                    lane.lead_days,
                    _share(lane.units_a_day, [held[n] for n in sharing], sharing.index(number)),
                    float(lane.cost_fen),
                    lane.from_day,
                    lane.until_day,
                )

    def _held(self) -> list[int]:
        units = dict(RunSupply.objects.filter(run=self.run).values_list("pk", "units"))
        return [sum(units[pk] for pk in source.supply) for source in self.given.sources]

    def sent(self, plan: Plan) -> Iterable[Sent]:
        numbers = {source.name: n for n, source in enumerate(self.given.sources)}
        items = {task.item.item.code: task.item.item_id for task in self.tasks}
        for row in plan.shipments:
            yield Sent(
                numbers[row.source],
                _hub(row.target),
                items[row.item],
                row.ship_day,
                row.arrive_day,
                row.units,
            )

    def worths(self, plan: Plan) -> Iterable[Worth]:
        numbers = {source.name: n for n, source in enumerate(self.given.sources)}
        for row in plan.prices:
            source = -1 if row.kind == "inbound" else numbers[row.what[0]]
            hub = 0 if row.kind == "supply" else _hub(row.what[-1])
            yield Worth(
                row.stage, row.kind, source, hub, row.first_day, row.last_day, float(row.price)
            )


def _nodes(hubs: Sequence[int], codes: Sequence[list[str]]) -> tuple[list[str], list[Ints]]:
    """Hubs first, then each place once; and the nodes of each task, in the order of its places."""
    names = [f"hub:{hub}" for hub in hubs]
    if len(codes) == 1:
        # A nation has 600,000: no need to look up what stands in order already.
        return names + codes[0], [np.arange(len(names), len(names) + len(codes[0]))]
    index = {name: at for at, name in enumerate(names)}
    for code in (code for part in codes for code in part):
        index.setdefault(code, len(index))
    return list(index), [np.array([index[c] for c in part], dtype=np.int64) for part in codes]


def _hub(node: str) -> int:
    return int(node.removeprefix("hub:"))


def _share(most: int | None, held: Sequence[int], at: int) -> int | None:
    """What of a lane one of several sources of a dock may use: a share by what each holds."""
    if most is None or len(held) == 1:
        return most
    floor = 1 if most >= len(held) else 0
    return int(apportion(most, np.array(held, dtype=np.float64), floor=floor)[at])


def ranks_of(planned: Planned, at: int, size: int) -> Ints:
    """int64[size]: place of each row's first open drop in its item's list, 1 first; 0: none."""
    ledger = planned.plan.standing(planned.items[at]).ledger
    rank = np.zeros(size, dtype=np.int64)
    mine = (ledger.rows >= planned.rows[at]) & (ledger.rows < planned.rows[at] + size)
    ranked = mine & (ledger.offset[:-1] < ledger.offset[1:])
    first = ledger.offset[:-1][ranked]
    rank[ledger.rows[ranked] - planned.rows[at]] = ledger.rank[first] + 1
    return rank
