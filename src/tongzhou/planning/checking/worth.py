"""The certificate of a plan with lanes, computed again from the prices it publishes.

Nothing is believed: the list is ranked here, the way of every unit is priced day by day, and the
bound is summed drop by drop. That a bound holds needs no trust in whoever found the prices.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .hubs import Hubs
from .order import Audit, Claims
from .tolls import STAGES, Tolls

if TYPE_CHECKING:
    from ..plan import Plan
    from ..problem import Problem

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

GAP = 1e-4  # what a plan of any size may lack, of each stage's bound (docs/planning.md)
NEAR = 1e-7  # sums of a million doubles in another order


class Span(NamedTuple):
    """Where a figure lies: at one place, unless promised units are late."""

    low: float
    high: float


class Worth:
    """Value and bound of both stages, and what the plan says of them."""

    def __init__(
        self,
        problem: Problem,
        plan: Plan,
        hubs: Hubs,
        cells: Ints,
        settled: dict[int, list[int]],
        *,
        late: bool,
    ) -> None:
        """settled: by item, the nodes whose units a person decided; late: whether some published
        units have not come by their wave."""
        self.problem, self.plan, self.hubs, self.late = problem, plan, hubs, late
        published = np.zeros(len(problem.waves), dtype=bool)
        published[list(plan.published)] = True
        self.open = ~published
        self.cells, self.settled = cells, settled
        self.tolls = Tolls(problem, plan.prices, hubs)
        last = [wave.day for wave in problem.waves]
        ends = [*last[1:], max(problem.horizon_days, last[-1]) + 1]
        self.days = np.array(ends, dtype=np.float64) - last

    def faults(self, max_gap: float | None) -> Iterator[str]:
        """max_gap: the largest share of the bound that the value may lie below it, in each stage;
        None takes GAP, beyond what whole drops can cost."""
        strange = self.tolls.strange()
        for price in strange[:5]:
            yield f"A price is of a limit that the problem has not: {price}."
        if strange:
            return
        tolls = {stage: self.tolls.of(stage) for stage in STAGES}
        value = dict.fromkeys(STAGES, 0.0)
        total = 0.0
        bound = {stage: rent for stage, (_, rent) in tolls.items()}
        promised = dict.fromkeys(STAGES, 0.0)
        self.whole = 0
        for item in range(len(self.problem.items)):
            for (hub, units), stage in product(self._promised(item), STAGES):
                promised[stage] += self._passage(units, tolls[stage][0][item, hub])
            for hub, drops, worth, floor, given in self._curves(item):
                toll = {stage: tolls[stage][0][item, hub] for stage in STAGES}
                self._add(hub, drops, worth, floor, given, toll, value, bound)
                self.whole += max(int(drops.max()), self._carton(item))
                total += float((drops * worth).sum()) * float(self.days.sum())
        # A bound near 0 is the difference of terms that may be as large as all that is wanted.
        self.blur = 1e-13 * (total + sum(rent for _, rent in tolls.values()))
        spans = {
            stage: Span(most - promised[stage], most if self.late else most - promised[stage])
            for stage, most in bound.items()
        }
        yield from self._claims(value, spans)
        yield from self._far(value, spans, max_gap)

    def _carton(self, item: int) -> int:
        row = self.problem.items[item]
        return row.carton_units if row.whole_cartons else 1

    def _unused(self) -> int:
        """The most units of daily limits that no whole carton may fit into, over all days."""
        problem, last = self.problem, self.problem.waves[-1].day
        most = max((self._carton(item) for item in range(len(problem.items))), default=1) - 1
        total = sum(min(row.units_a_day, most) for row in problem.inbound) * (last + 1)
        for lane in problem.lanes:
            until = last if lane.until_day is None else min(last, lane.until_day)
            # A lane without a limit has nothing left over.
            total += min(lane.units_a_day or 0, most) * max(0, until - lane.from_day + 1)
        return total

    def _far(
        self, value: dict[str, float], bound: dict[str, Span], max_gap: float | None
    ) -> Iterator[str]:
        """Stages in which the plan is not near enough to its bound."""
        if max_gap is None and self.late:
            return  # the bound of what can still be given is not known so closely
        whole = self.whole + self._unused()
        for name in STAGES:
            lacking, spare = bound[name].high - value[name], ""
            allowed = (GAP if max_gap is None else max_gap) * bound[name].high + self.blur
            if max_gap is None:
                # The bound may split drops and cartons: of each list one may wait, at worst for
                # all days, though its claim is worth 1.
                allowed += whole * (float(self.days.sum()) if name == "days" else 1.0)
                spare = " and a drop of each hub and item"
            if lacking > allowed * (1 + NEAR):
                yield (
                    f"Stage {name}: the value {value[name]:.6f} is {lacking / bound[name].high:.2e}"
                    f" of its bound {bound[name].high:.6f} below it; "
                    f"{GAP if max_gap is None else max_gap:.2e}{spare} may be lacking."
                )

    def _promised(self, item: int) -> Iterator[tuple[int, Ints]]:
        """By hub, int64[W]: units of an item that were published or that a person decided."""
        needs = self.problem.needs
        rows = np.flatnonzero(needs.item == item)
        decided = np.isin(needs.node[rows], self.settled[item])
        if self.open.all() and not decided.any():
            return
        units = np.where(decided[:, None] | ~self.open, self.cells[rows], 0)
        hub = self.hubs.of_node[needs.node[rows]]
        for number in np.unique(hub[units.any(axis=1)]).tolist():
            yield number, units[hub == number].sum(axis=0)

    def _passage(self, units: Ints, toll: Floats) -> float:
        """The least price of the way of promised units: their share of the limits is taken.

        Of late ones nobody but the solver knows when they come, so the price is the highest that
        this may have been.
        """
        if self.late:
            # Prices fall with time: the first wave that can be reached is the dearest.
            come = np.where(np.isfinite(toll), toll, 0.0)
            toll = np.maximum.accumulate(come[::-1])[::-1]
        return float((units * np.where(np.isfinite(toll), toll, 0.0)).sum())

    def _claims(self, value: dict[str, float], bound: dict[str, Span]) -> Iterator[str]:
        """Where what the plan says of value and bound, by stage or in its file, is not so."""
        pairs: list[tuple[str, str, Span, float]] = []
        if self.plan.claimed is None:
            said = {stage.stage: stage for stage in self.plan.certificate.stages}
            for name in STAGES:
                worth = Span(value[name], value[name])
                pairs.append((f"Stage {name}: the", "value", worth, said[name].primal))
                pairs.append((f"Stage {name}: the", "bound", bound[name], said[name].dual_bound))
        else:
            gaps = [self._gap(value[name], bound[name]) for name in STAGES]
            total = sum(value.values())
            mine = (
                Span(total, total),
                Span(sum(b.low for b in bound.values()), sum(b.high for b in bound.values())),
                Span(max(gap.low for gap in gaps), max(gap.high for gap in gaps)),
            )
            for what, found, theirs in zip(
                ("value", "bound", "gap"), mine, self.plan.claimed, strict=True
            ):
                pairs.append(("The", what, found, theirs))
        for where, what, (low, high), theirs in pairs:
            near = NEAR * max(1.0, abs(high)) + self.blur
            # Written so that NaN, which compares false with everything, is found too.
            if not low - near <= theirs <= high + near:
                found_ = f"{high:.6f}" if low == high else f"between {low:.6f} and {high:.6f}"
                yield f"{where} certificate says {what} {theirs:.6f}; it is {found_}."
        for name in STAGES:
            if value[name] > bound[name].high * (1 + NEAR) + NEAR + self.blur:
                yield (
                    f"Stage {name}: the value {value[name]:.6f} is above its bound "
                    f"{bound[name].high:.6f}."
                )

    def _gap(self, value: float, bound: Span) -> Span:
        """The distance of value and bound as a share of the larger."""
        ends = [
            abs(end - value) / max(end, value) if max(end, value) > self.blur else 0.0
            for end in bound
        ]
        return Span(0.0 if bound.low <= value <= bound.high else min(ends), max(ends))

    def _add(
        self,
        hub: int,
        drops: Ints,
        worth: Floats,
        floor: NDArray[np.bool_],
        given: Ints,
        toll: dict[str, Floats],
        value: dict[str, float],
        bound: dict[str, float],
    ) -> None:
        """Add one hub's list of one item. given: the wave of each drop, -1 where it waits."""
        ahead = np.cumsum(self.days[::-1])[::-1]
        may = np.array(self.hubs.hubs[hub].waves, dtype=bool) & self.open
        served = given >= 0
        value["floor"] += float((drops * worth)[served & floor].sum())
        value["days"] += float((drops * worth * ahead[given])[served].sum())
        if may.any():
            net = np.maximum(worth - toll["floor"][np.flatnonzero(may)[-1]], 0.0)
            bound["floor"] += float((drops * net)[floor].sum())
        may &= np.isfinite(toll["days"])
        if may.any():
            best = np.full(len(drops), -np.inf)
            for wave in np.flatnonzero(may).tolist():
                best = np.maximum(best, worth * ahead[wave] - toll["days"][wave])
            must = served & floor
            bound["days"] += float((drops * np.where(must, best, np.maximum(best, 0.0))).sum())

    # --------------------------------------------------------------------------- the list

    def _curves(self, item: int) -> Iterator[tuple[int, Ints, Floats, NDArray[np.bool_], Ints]]:
        """By hub: the drops of an item in order, their worth, whether they are below a floor, and
        the wave that gave each."""
        problem = self.problem
        audit = Audit(problem, self.plan, item, self.cells, ~self.open, self.settled[item])
        rows, base = audit.rows, audit.base
        ranked = self.cells[rows]
        ranked[:, ~self.open] = 0
        ranked[audit.settled] = 0
        count = np.clip(audit.most - base, 0, self._at_most(item)) // audit.drop
        count[audit.settled] = 0
        at: NDArray[Any] = np.repeat(np.arange(len(rows), dtype=np.int32), count)
        number = np.arange(len(at), dtype=np.int32) - (np.cumsum(count) - count)[at]
        claims = audit.claims(at, base[at] + number * audit.drop[at])
        order = self._order(claims, rows[at])
        at, number, stage = at[order], number[order], claims.stage[order]
        drops = audit.drop[at]
        before = np.cumsum(drops) - drops
        worth = 1.0 - (before + drops / 2) / max(1, int(drops.sum()))
        through = np.cumsum(ranked, axis=1) // audit.drop[:, None]
        given = np.zeros(len(at), dtype=np.int64)
        for wave in range(through.shape[1]):
            given += number >= through[at, wave]
        given[given == through.shape[1]] = -1
        hub = self.hubs.of_node[problem.needs.node[rows]][at]
        by_hub = np.argsort(hub, kind="stable")
        edges = np.searchsorted(hub[by_hub], np.arange(len(self.hubs.hubs) + 1))
        for number_of in range(len(self.hubs.hubs)):
            mine = by_hub[edges[number_of] : edges[number_of + 1]]
            if len(mine):
                yield number_of, drops[mine], worth[mine], stage[mine] < 2, given[mine]

    def _order(self, claims: Claims, rows: Ints) -> Ints:
        """Positions of the claims of these needs rows, first to last."""
        order = np.argsort(claims.key, kind="stable")
        order = order[np.argsort(claims.stage[order].astype(np.int8), kind="stable")]
        stage, key = claims.stage[order], claims.key[order]
        same = (stage[1:] == stage[:-1]) & (key[1:] == key[:-1])
        tied = np.flatnonzero(np.append(same, False) | np.append(False, same))
        if len(tied):
            run = np.cumsum(np.append(True, ~same))[tied]
            held = order[tied]
            # Only those that are equal so far need their digests.
            ties = self._ties(rows[held])
            order[tied] = held[np.lexsort((ties, claims.second[held], run))]
        return order

    def _ties(self, rows: Ints) -> NDArray[np.uint64]:
        """uint64: the heads of SHA-256("<seed>:<node id>") of the nodes of these needs rows."""
        nodes, at = np.unique(self.problem.needs.node[rows], return_inverse=True)
        names, seed = self.problem.node_ids, self.plan.seed
        raw = b"".join(
            hashlib.sha256(f"{seed}:{names[node]}".encode()).digest()[:8] for node in nodes.tolist()
        )
        return np.frombuffer(raw, dtype=">u8").astype(np.uint64)[at]

    def _at_most(self, item: int) -> int:
        last = self.problem.waves[-1].day
        have: dict[int, int] = defaultdict(int)
        for row in self.problem.supply:
            if row.day <= last:
                have[self.problem.item_index[row.item]] += row.units
        made = min(
            (have[part] // n for part, n in self.tolls.recipes.get(item, {}).items()), default=0
        )
        return have[item] + made
