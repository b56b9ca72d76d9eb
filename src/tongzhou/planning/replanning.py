"""replan and whatif: the plan after something has changed, with what was published kept.

What was published shrinks only where its goods do not exist: then the claims that come last in the
list give way first, drop by drop, and every unit that is taken back is named. The rest is planned
anew by the same rules, so that nobody gains by the order in which news arrives; of equally good
shipments those like the earlier ones are chosen.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .changes import MAX_CHANGES, Change, apply
from .lanes import binds, undeliverable
from .ledger import build
from .plan import Forced, Plan, Withdrawn
from .plan.cells import nothing
from .problem import Problem, ProblemError
from .solver import Preset, solve_from
from .ties import Ties
from .waves import arrivals

Ints = NDArray[np.int64]


def replan(
    problem: Problem, plan: Plan, events: Sequence[Change], *, stability: float = 0.0
) -> Plan:
    """The plan after `events` (changes.py), one after the other.

    The waves that `plan.published` lists are kept, and so is what a person fixed. `plan.forced`
    of the answer says what each event forced; `plan.problem` is the problem after all of them.
    stability: how much more the shipments may cost, as a share, to stay like those of `plan`.
    Raises ProblemError that names the event at fault.
    """
    if plan.problem_sha256 != problem.sha256:
        raise ProblemError(["The plan answers another problem; give the problem it was made for."])
    if not isinstance(events, list | tuple) or not 0 < len(events) <= MAX_CHANGES:
        raise ProblemError([f"events: give a list of 1 to {MAX_CHANGES} changes."])
    forced: list[Forced] = list(plan.forced)
    for number, event in enumerate(events):
        problem = apply(problem, event, number)
        after, withdrawn = _after(problem, plan, stability)
        forced.append(_forced(event, plan, after, withdrawn))
        plan = replace(after, forced=tuple(forced))
        _keep_made(after, plan)
    return plan


def whatif(problem: Problem, plan: Plan, changes: Sequence[Change]) -> Plan:
    """The plan as it would be after `changes`; neither the problem nor the plan is touched.

    The same computation as `replan`: a question and its answer must not differ from what happens
    when the question comes true.
    """
    return replan(problem, plan, changes)


def _after(problem: Problem, plan: Plan, stability: float) -> tuple[Plan, tuple[Withdrawn, ...]]:
    units, closed = _kept(problem, plan)
    withdrawn = _withdraw(problem, plan, units, closed)
    preset = Preset(units, closed, plan.published, plan.fixed)
    made = solve_from(
        problem,
        plan.seed,
        preset,
        plan.shipments,
        stability,
        plan.ledgers,
        plan.cuts,
        plan.grouped,
    )
    return made, withdrawn


def _kept(problem: Problem, plan: Plan) -> tuple[Ints, NDArray[np.bool_]]:
    """int64[R, W] of what was published or fixed, and bool[R] of the rows that a person fixed."""
    # Changes keep every needs row in its place, so the rows of the plan are those of the problem.
    closed = np.zeros(len(problem.needs), dtype=bool)
    closed[[problem.row_of(*pair) for pair in plan.fixed]] = True
    units = nothing(problem)
    units[:, list(plan.published)] = plan.units[:, list(plan.published)]
    units[closed] = plan.units[closed]
    return units, closed


# ------------------------------------------------------------------------ goods that do not exist


def _withdraw(
    problem: Problem, plan: Plan, units: Ints, closed: NDArray[np.bool_]
) -> tuple[Withdrawn, ...]:
    """Take back, in `units`, what no supply can cover any more."""
    if not plan.published and not plan.fixed:
        return ()
    before = units.copy()
    if binds(problem):
        lacking = undeliverable(problem, Ties(plan.seed, problem.node_ids), units, closed)
        for item, rows, missing in lacking:
            _shrink(problem, plan, item, units, rows, missing)
    else:
        for item in range(len(problem.items)):
            rows = np.flatnonzero(problem.needs.item == item)
            missing = int(units[rows].sum() - arrivals(problem, item)[0][-1])
            if missing > 0:
                _shrink(problem, plan, item, units, rows, missing)
    row, wave = np.nonzero(units < before)
    return tuple(
        Withdrawn(
            problem.node_ids[problem.needs.node[r]],
            problem.items[problem.needs.item[r]].id,
            w,
            int(before[r, w] - units[r, w]),
        )
        for r, w in zip(row.tolist(), wave.tolist(), strict=True)
    )


def _shrink(problem: Problem, plan: Plan, item: int, units: Ints, rows: Ints, missing: int) -> None:
    """Take at least `missing` units from `rows`, the drops that come last in the list first."""
    needs = problem.needs
    held = units.sum(axis=1)
    none = np.zeros(len(needs), dtype=np.int64)
    ledger = build(
        problem,
        item,
        Ties(plan.seed, problem.node_ids),
        none,
        np.zeros(len(needs), dtype=bool),
        max(int(held.max()), 1),
    )
    mine = np.zeros(len(needs), dtype=bool)
    mine[rows] = True
    number = ledger.order - np.asarray(ledger.offset)[ledger.row_of]
    at = np.asarray(ledger.rows)[ledger.row_of]
    given = (number < held[at] // needs.drop[at]) & mine[at]
    # Beyond its validated cap a node has no claim at all, so that goes before any other.
    listed = np.zeros(len(needs), dtype=np.int64)
    np.add.at(listed, at[given], 1)
    beyond = np.flatnonzero(mine & (held > listed * needs.drop))
    order = np.concatenate((beyond, at[given][::-1]))
    size = np.concatenate(
        (held[beyond] - listed[beyond] * needs.drop[beyond], needs.drop[order[len(beyond) :]])
    )
    count = int(np.searchsorted(np.cumsum(size), missing)) + 1
    for row, less in zip(order[:count].tolist(), size[:count].tolist(), strict=True):
        _take(units, row, less)


def _take(units: Ints, row: int, less: int) -> None:
    """Take units from the latest waves of a row."""
    for wave in range(units.shape[1] - 1, -1, -1):
        here = min(less, int(units[row, wave]))
        units[row, wave] -= here
        less -= here


# ------------------------------------------------------------------------ what was forced


def _forced(event: Change, before: Plan, after: Plan, withdrawn: tuple[Withdrawn, ...]) -> Forced:
    moved = np.flatnonzero((after.units != before.units).any(axis=1))
    change = after.units[moved].sum(axis=1) - before.units[moved].sum(axis=1)
    return Forced(
        change=dict(event),
        lines=len(moved),
        gained=int((change > 0).sum()),
        lost=int((change < 0).sum()),
        units_more=int(change[change > 0].sum()),
        units_fewer=int(-change[change < 0].sum()),
        withdrawn=withdrawn,
    )


def _keep_made(made: Plan, plan: Plan) -> None:
    """Carry over what was computed with the plan: `replace` makes a new one without it."""
    for name in ("units", "certificate", "hubs", "grouped"):
        if name in vars(made):
            vars(plan)[name] = vars(made)[name]
