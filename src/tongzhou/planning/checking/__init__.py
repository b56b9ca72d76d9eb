"""check: an audit of a plan that shares no code with the solver.

It does not rank drops. For each wave it asks, over whole arrays, who was given the weakest claim
and who was refused the strongest one, and recomputes room, stages, keys, ties and supply from the
problem alone. A plan that passes is the only one the rules allow: given the waves before, the
drops of a wave are exactly the best ones its supply reaches.

With lanes each hub has its own cut: the order is audited inside each hub, what travels against
every limit, and what the hubs get against a bound that is computed again from the published prices.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .hubs import Hubs
from .lines import cells_of, taken_back
from .order import Audit
from .ways import Ways
from .worth import Worth

if TYPE_CHECKING:
    from ..plan import Allocations, Plan
    from ..problem import Problem

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

SHOWN = 20


def check(
    problem: Problem,
    plan: Plan,
    *,
    freeze: Plan | Allocations | None = None,
    fixed: Sequence[tuple[str, str]] | None = None,
    max_gap: float | None = None,
) -> list[str]:
    """Every way in which `plan` breaks the rules for `problem`, one sentence each; [] when sound.

    freeze: what was really published before; fixed: the (node id, item id) pairs that a person
    really settled. With them, the plan must hold exactly that; without them, the plan is believed
    in what it says of both, and only the rest is audited. At most 20 findings of a kind are listed.
    max_gap: of a plan with lanes, how far the value of each stage may lie below its bound, as a
    share from 0.0 to 1.0; None allows 1e-4 and one drop (or carton) of each hub and item. A plan
    on one list has no gap to allow: every drop is audited. Raises ValueError for another max_gap.
    """
    if max_gap is not None and not 0.0 <= max_gap <= 1.0:
        raise ValueError(f"max_gap is a share from 0.0 to 1.0, not {max_gap!r}.")
    faults = [*_identity(problem, plan), *_fixed(problem, plan, fixed)]
    if faults:
        return faults  # anything further would be measured against another problem
    cells, faults = cells_of(problem, plan)
    if cells is None:
        return faults
    published = np.zeros(len(problem.waves), dtype=bool)
    published[list(plan.published)] = True
    if freeze is not None:
        faults += taken_back(problem, cells, published, freeze)
    settled: dict[int, list[int]] = {item: [] for item in range(len(problem.items))}
    for node, name in plan.fixed:
        settled[problem.item_index[name]].append(problem.index[node])
    cartons = any(item.whole_cartons for item in problem.items)
    if plan.by_hub and not (problem.lanes or problem.inbound or problem.kits or cartons):
        # Cuts by hub would leave between hubs what one list decides.
        return [*faults, "The plan has cuts by hub; nothing on the way limits this problem."]
    if plan.by_hub:
        return faults + list(_by_hub(problem, plan, cells, published, settled, max_gap))
    faults += _strange_cuts(plan, {None})
    for item, nodes in settled.items():
        faults += Audit(problem, plan, item, cells, published, nodes).faults()
    if problem.lanes:
        faults += Ways(problem, plan, Hubs(problem), cells).faults()
    return faults


def _by_hub(
    problem: Problem,
    plan: Plan,
    cells: Ints,
    published: Mask,
    settled: dict[int, list[int]],
    max_gap: float | None,
) -> Iterator[str]:
    """A plan with lanes: what travels, the order inside each hub, and the certificate."""
    hubs = Hubs(problem)
    yield from _strange_cuts(plan, {hub.label for hub in hubs.hubs})
    of_row = hubs.of_node[problem.needs.node]
    order = np.argsort(of_row * len(problem.items) + problem.needs.item, kind="stable")
    code = (of_row * len(problem.items) + problem.needs.item)[order]
    edges = np.flatnonzero(np.diff(code, prepend=-1, append=-1))
    for start, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        number, item = divmod(int(code[start]), len(problem.items))
        rows = np.sort(order[start:end])
        label = hubs.hubs[number].label
        yield from Audit(
            problem, plan, item, cells, published, settled[item], rows=rows, hub=label
        ).faults()
    ways = Ways(problem, plan, hubs, cells)
    found = ways.faults()
    yield from found
    if not found:
        worth = Worth(problem, plan, hubs, cells, settled, late=ways.late)
        yield from worth.faults(max_gap)


def _strange_cuts(plan: Plan, hubs: set[str] | set[None]) -> list[str]:
    """Cuts that stand beside those the lines are compared with: nobody made them."""
    return [
        f"A cut is of wave {cut.wave}, item {cut.item} and hub {cut.hub!r}; the plan has no such."
        for cut in plan.cuts
        if cut.hub not in hubs
        or not 0 <= cut.wave < len(plan.waves)
        or not 0 <= cut.item < len(plan.item_ids)
    ][:SHOWN]


def _identity(problem: Problem, plan: Plan) -> Iterator[str]:
    if plan.problem_sha256 != problem.sha256:
        yield (
            f"The plan answers problem {plan.problem_sha256[:12]}, this one is "
            f"{problem.sha256[:12]}; compute a plan for this problem."
        )
    if tuple(plan.waves) != tuple(problem.waves):
        yield "The waves of the plan are not the waves of the problem."
    for wave in plan.published:
        if type(wave) is not int or not 0 <= wave < len(problem.waves):
            yield f"Published wave {wave!r} is not in the problem."


def _fixed(problem: Problem, plan: Plan, fixed: Sequence[tuple[str, str]] | None) -> Iterator[str]:
    for node, item in plan.fixed[:SHOWN]:
        if node not in problem.index or item not in problem.item_index:
            yield f'The plan fixes item "{item}" for node "{node}", which the problem has not.'
    if fixed is None:
        return
    said, meant = set(plan.fixed), {(node, item) for node, item in fixed}
    for node, item in sorted(said - meant)[:SHOWN]:
        yield f'The plan fixes item "{item}" for node "{node}"; nobody decided that.'
    for node, item in sorted(meant - said)[:SHOWN]:
        yield f'The plan ranks item "{item}" for node "{node}", which a person settled.'
