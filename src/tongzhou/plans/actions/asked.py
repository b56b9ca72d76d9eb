"""A run planned with changes: the answer to "what if", and what a run kept from one gives.

Each change is planned on top of those before it by the engine's own `replan`, so that a question
and its answer do not differ from what happens when the question comes true.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import partial
from typing import Any, TypeVar

import numpy as np
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from tongzhou.places.models import Division, Place
from tongzhou.planning import Plan, Problem, Supply, replan, solve
from tongzhou.planning.changes import changed
from tongzhou.planning.plan import Forced
from tongzhou.plans.models import Run, RunWave, RunWays
from tongzhou.plans.queries.goods import waves_with
from tongzhou.plans.queries.results import Result, read_result
from tongzhou.plans.queries.ways import carried_to, on_hand_units, ways_of
from tongzhou.plans.rules import UNITS_AT_MOST, Goods, Ints, Mask

from .by_lane import (
    Planned,
    first_wave,
    lane_changes,
    plan_by_lane,
    plan_by_lane_again,
    ranks_of,
)
from .goods import ON_THE_WAY, Change, goods_by_step
from .one_list import (
    Task,
    decided,
    items_of,
    ranks_in,
    result_of,
    settled,
    solved,
    task_of,
    wave_for,
)
from .refusal import PlanRefused

Report = Callable[[int], None]
Row = TypeVar("Row", Place, Division)
PUBLISHED = (Run.State.PUBLISHING, Run.State.PUBLISHED, Run.State.PARTLY)


@dataclass(frozen=True, slots=True)
class Piece:
    """One item of a plan: its result, the plan, the engine's number of the item, and where its
    places begin among the needs of the problem."""

    result: Result
    plan: Plan
    item: int
    first: int


@dataclass(slots=True)
class Step:
    """What one change forced: places with more units, with fewer, and such that only wait longer
    or shorter; and what was published and cannot be given."""

    more: int = 0
    fewer: int = 0
    shifted: int = 0
    units_more: int = 0
    units_fewer: int = 0
    gone_places: int = 0
    gone_units: int = 0

    def numbers(self) -> dict[str, int]:
        return asdict(self)

    def add(self, forced: Forced) -> None:
        self.more += forced.gained
        self.fewer += forced.lost
        self.shifted += forced.lines - forced.gained - forced.lost
        self.units_more += forced.units_more
        self.units_fewer += forced.units_fewer
        self.gone_places += len({gone.node for gone in forced.withdrawn})
        self.gone_units += sum(gone.units for gone in forced.withdrawn)


@dataclass(frozen=True, slots=True)
class Answer:
    """A run before and after changes, over the same waves, with the goods of both; `steps`: what
    each of these changes forced."""

    waves: list[RunWave]
    before: list[Piece]
    after: list[Piece]
    steps: list[Step]
    goods_before: list[Goods]
    goods: list[Goods]
    digests: list[str]
    sent: bytes


def planned(
    run: Run,
    changes: Sequence[Change] = (),
    *,
    base: int = 0,
    then: bool = False,
    report: Report = lambda _done: None,
) -> Answer:
    """Plan a run and then its changes, in their order. Nothing is written.

    base: how many of the changes the run was kept with: what follows is compared with the plan
    after them.
    then: what places had is what they had when the run was computed, and what is published of it
    stays; for questions about a computed run. Raises PlanRefused where a change does not fit or
    the check has findings.
    """
    ways = ways_of(run)
    goods = goods_by_step(run, ways, changes)
    stored = list(run.waves.order_by("number").prefetch_related("hubs"))
    waves = stored if ways else waves_with(run, stored, goods)
    results = {result.item_id: result for result in read_result(run)} if then else {}
    work = _Work(run, ways, waves, goods, list(changes), base, results, report)
    return work.by_lane(ways) if ways else work.in_one_list()


@dataclass(frozen=True, slots=True)
class _Work:
    run: Run
    ways: RunWays | None
    waves: list[RunWave]
    goods: list[list[Goods]]
    changes: list[Change]
    base: int
    then: dict[int, Result]
    report: Report

    def in_one_list(self) -> Answer:
        """Every dock reaches everybody at once: one ranked list for each item."""
        before, after, digests = [], [], []
        steps = [Step() for _change in self.changes]
        for item in items_of(self.run):
            task = task_of(self.run, item, self.waves, wave_for, self.then)
            problem, plan = solved(self.run, task)
            kept, lost = np.zeros_like(task.supply), task.supply - _supplied(problem)
            for number in range(len(self.changes) + 1):
                if number == self.base:
                    before.append(_piece(task, plan))
                    plan, waves = self.published(plan, before[-1:])
                    kept[waves] = lost[waves]  # what a published wave could not place stays out
                if number == len(self.changes):
                    break
                supply = _by_wave(self.goods[number + 1], item.item.code, self.waves)
                task = replace(_changed(task, self.changes[number]), supply=supply)
                _made, plan = settled(task, np.maximum(supply - kept, 0), _Again(plan), of=plan)
                steps[number].add(plan.forced[-1])
                self.report(number + 1)
            digests += [plan.problem_sha256, *decided(task)]
            after.append(_piece(task, plan))
        return self.answer(before, after, steps, digests, b"")

    def by_lane(self, ways: RunWays) -> Answer:
        """With lanes: all items at once, since they share them."""
        steps = [Step() for _change in self.changes]
        tasks = self.tasks_by_lane(ways)
        if not tasks:
            return self.answer([], [], steps, [], b"")
        made = plan_by_lane(self.run, ways, tasks)
        plan, after = made.plan, _pieces(tasks, made)
        before = after
        for number in range(len(self.changes) + 1):
            if number == self.base:
                before = after
                plan, _waves = self.published(plan, before)
            if number == len(self.changes):
                break
            tasks = [_changed(task, self.changes[number]) for task in tasks]
            change = partial(self.on_the_way, ways=ways, up_to=number + 1)
            made = plan_by_lane_again(self.run, ways, tasks, _Again(plan, change), plan)
            plan, after = made.plan, _pieces(tasks, made)
            steps[number].add(plan.forced[-1])
            self.report(number + 1)
        digests = [plan.problem_sha256, *(line for task in tasks for line in decided(task))]
        return self.answer(before, after, steps, digests, carried_to(made.carried))

    def tasks_by_lane(self, ways: RunWays) -> list[Task]:
        days = [(wave.day - ways.opened_on).days for wave in self.waves]

        def pick(recipient: int, _units: int, _waves: list[RunWave], _left: Ints) -> int:
            return first_wave(ways, days, recipient)

        return [task_of(self.run, item, self.waves, pick, self.then) for item in items_of(self.run)]

    def on_the_way(self, problem: Problem, ways: RunWays, up_to: int) -> Problem:
        """A problem with the goods and the lanes that the first changes leave. Goods that come
        after its last day reach nobody in it."""
        if self.goods[up_to] != self.goods[0]:
            open_ = {lane.source for lane in problem.lanes}
            rows = [(row, (row.day - ways.opened_on).days) for row in self.goods[up_to]]
            problem = problem.changed(
                supply=tuple(
                    Supply(row.item, max(day, 0), row.units, row.source, row.on_hand)
                    for row, day in rows
                    if row.source in open_ and day <= problem.horizon_days
                )
            )
        events = [
            event for change in self.changes[:up_to] for event in _events(self.run, ways, change)
        ]
        return changed(problem, events)

    def published(self, plan: Plan, pieces: Sequence[Piece]) -> tuple[Plan, list[int]]:
        """The plan with those waves marked whose units are all published: what they gave stays, as
        far as the goods exist."""
        if not self.then or self.run.state not in PUBLISHED:
            return plan, []
        found = []
        there = [on_hand_units(self.run, self.then[piece.result.item_id]) for piece in pieces]
        given = [np.zeros(len(units), dtype=np.int64) for units in there]
        for at in range(len(self.waves)):
            for sum_, piece in zip(given, pieces, strict=True):
                sum_ += piece.result.units[:, at]
            if any((sum_ > units).any() for sum_, units in zip(given, there, strict=True)):
                break
            if any(piece.result.units[:, at].any() for piece in pieces):
                found.append(at)
        return (plan.publish(found) if found else plan), found

    def answer(
        self,
        before: list[Piece],
        after: list[Piece],
        steps: list[Step],
        digests: list[str],
        sent: bytes,
    ) -> Answer:
        goods = self.goods[self.base], self.goods[-1]
        return Answer(self.waves, before, after, steps[self.base :], *goods, digests, sent)


@dataclass(frozen=True, slots=True)
class _Again:
    """The plan as the engine makes it anew for another problem of the same places and items, after
    what `change` makes of it."""

    plan: Plan
    change: Callable[[Problem], Problem] = lambda problem: problem

    def __call__(self, problem: Problem) -> Plan:
        problem = self.change(problem)
        moved = replace(self.plan, problem=problem, problem_sha256=problem.sha256)
        vars(moved)["ledgers"] = self.plan.ledgers
        needs = problem.needs
        if not len(needs):
            # Nobody needs the item, so nothing can force anything.
            made = solve(problem, seed=self.plan.seed).publish(self.plan.published)
            return replace(made, forced=(*self.plan.forced, Forced({}, 0, 0, 0, 0, 0)))
        # What changed is in the problem already; a recount that finds what is known adds nothing.
        known = {
            "kind": "recount",
            "node": problem.node_ids[needs.node[0]],
            "item": problem.items[needs.item[0]].id,
            "stock": int(needs.stock[0]),
        }
        return replan(problem, moved, [known])


def _piece(task: Task, plan: Plan) -> Piece:
    return Piece(result_of(task, ranks_in(task, plan), plan.units), plan, 0, 0)


def _pieces(tasks: Sequence[Task], made: Planned) -> list[Piece]:
    pieces = []
    for at, task in enumerate(tasks):
        first, size = made.rows[at], task.inputs.size
        units = made.plan.units[first : first + size]
        result = result_of(task, ranks_of(made, at, size), units)
        pieces.append(Piece(result, made.plan, made.items[at], first))
    return pieces


def _supplied(problem: Problem) -> Ints:
    supply = np.zeros(len(problem.waves), dtype=np.int64)
    for row in problem.supply:
        supply[row.day] += row.units
    return supply


def _by_wave(goods: Iterable[Goods], item: str, waves: Sequence[RunWave]) -> Ints:
    """int64[waves]: units of an item that each wave gives."""
    by_number = {wave.number: at for at, wave in enumerate(waves) if wave.number}
    by_day = {wave.day: at for at, wave in enumerate(waves) if not wave.pk or not wave.hubs.all()}
    supply = np.zeros(len(waves), dtype=np.int64)
    for row in goods:
        if row.item == item:
            supply[by_number[row.wave] if row.wave else by_day[row.day]] += row.units
    return supply


def _events(run: Run, ways: RunWays, change: Change) -> list[dict[str, Any]]:
    """A change on the way in the engine's words."""
    if change["kind"] not in ON_THE_WAY:
        return []
    if change["kind"] == "inbound":
        hub = f"hub:{change['recipient']}"
        return [{"kind": "inbound", "node": hub, "units_a_day": change["units"]}]
    pair = (change["dock"], change["recipient"])
    return lane_changes(run, ways, pair, change["units"], date.fromisoformat(change["day"]))


def _changed(task: Task, change: Change) -> Task:
    """A task after a change of what is needed or held."""
    if change.get("item", "") not in ("", task.item.item.code):
        return task
    if change["kind"] == "need":
        return _needing(task, change)
    if change["kind"] == "recount":
        stock = task.inputs.stock.copy()
        place = _there(Place.objects.all(), change["place"])
        stock[task.inputs.place == place.pk] = change["units"]
        return replace(task, inputs=replace(task.inputs, stock=stock))
    return task


def _there(rows: QuerySet[Row], code: str) -> Row:
    """What a change names. It may be gone since: a kept plan is computed when it is computed."""
    row = rows.filter(code=code).first()
    if row is None:
        raise PlanRefused(
            _("%(code)s, which a change names, is no longer there. Ask without it.")
            % {"code": code}
        )
    return row


def _needing(task: Task, change: Change) -> Task:
    """All needs in a division become a share of what they were, as the engine reckons it."""
    rows, factor = _inside(task, change["division"]), change["percent"] / 100
    cap = np.floor(task.inputs.cap * factor + 0.5).astype(np.int64)
    if cap.max(initial=0) > UNITS_AT_MOST:
        raise PlanRefused(_("A place would need more than 1,000,000,000 units. Ask for less."))
    return replace(
        task,
        weight=np.where(rows, np.round(task.weight * factor, 6), task.weight),
        inputs=replace(task.inputs, cap=np.where(rows, cap, task.inputs.cap)),
    )


def _inside(task: Task, code: str) -> Mask:
    division = _there(Division.objects.all(), code)
    places = Place.objects.filter(division__first__range=(division.first, division.last))
    inside: Mask = np.isin(task.inputs.place, list(places.values_list("pk", flat=True)))
    return inside
