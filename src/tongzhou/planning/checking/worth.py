"""The certificate of a plan with lanes, computed again from the prices it publishes.

Nothing is believed: the list is ranked here, the way of every unit is priced day by day, and the
bound is summed drop by drop. That a bound holds needs no trust in whoever found the prices.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .hubs import Hub, Hubs
from .order import Audit, Claims

if TYPE_CHECKING:
    from ..plan import Plan, Price
    from ..problem import Lane, Problem

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

Name = tuple[str, tuple[str, ...]]

STAGES = ("floor", "days")
NEAR = 1e-7  # sums of a million doubles in another order


@dataclass(frozen=True)
class _Anywhere:
    """How a producer sends where the problem names no lane: at once, and everywhere."""

    source: str
    target: str = ""
    lead_days: int = 0
    units_a_day: int | None = None
    from_day: int = 0
    until_day: int | None = None


class Worth:
    """Value and bound of both stages, and what the plan says of them."""

    def __init__(self, problem: Problem, plan: Plan, hubs: Hubs, cells: Ints) -> None:
        self.problem, self.plan, self.hubs = problem, plan, hubs
        published = np.zeros(len(problem.waves), dtype=bool)
        published[list(plan.published)] = True
        self.open = ~published
        self.settled = bool(published.any() or plan.fixed)
        self.ranked = cells
        self.recipes = {
            problem.item_index[kit.id]: {problem.item_index[n]: u for n, u in kit.lines.items()}
            for kit in problem.kits
            if kit.id in problem.item_index
        }
        last = [wave.day for wave in problem.waves]
        ends = [*last[1:], max(problem.horizon_days, last[-1]) + 1]
        self.days = np.array(ends, dtype=np.float64) - last

    def faults(self) -> Iterator[str]:
        names = self._limits()
        strange = [
            p
            for p in self.plan.prices
            # Below 0, or on a lane without a limit, a price would lower the bound for nothing.
            if self._name(p) not in names or p.stage not in STAGES or not 0 <= p.price < np.inf
        ]
        for price in strange[:5]:
            yield f"A price is of a limit that the problem has not: {price}."
        if strange or self.settled:
            return  # what was promised takes room first; its share of the bound is not told apart
        tolls = {stage: self._tolls(stage, names) for stage in STAGES}
        value = dict.fromkeys(STAGES, 0.0)
        total = 0.0
        bound = {stage: rent for stage, (_, rent) in tolls.items()}
        for item in range(len(self.problem.items)):
            for hub, drops, worth, floor, given in self._curves(item):
                toll = {
                    s: tolls[s][0].get((item, hub), np.full(len(self.days), np.inf)) for s in STAGES
                }
                self._add(hub, drops, worth, floor, given, toll, value, bound)
                total += float((drops * worth).sum()) * float(self.days.sum())
        # A bound near 0 is the difference of terms that may be as large as all that is wanted.
        self.blur = 1e-13 * (total + sum(rent for _, rent in tolls.values()))
        yield from self._claims(value, bound)

    def _claims(self, value: dict[str, float], bound: dict[str, float]) -> Iterator[str]:
        """Where what the plan says of value and bound, by stage or in its file, is not so."""
        pairs = []
        if self.plan.claimed is None:
            said = {stage.stage: stage for stage in self.plan.certificate.stages}
            for name in STAGES:
                pairs.append((f"Stage {name}: the", "value", value[name], said[name].primal))
                pairs.append((f"Stage {name}: the", "bound", bound[name], said[name].dual_bound))
        else:
            gaps = [
                abs(bound[name] - value[name]) / max(bound[name], value[name])
                if max(bound[name], value[name]) > self.blur
                else 0.0
                for name in STAGES
            ]
            mine = (sum(value.values()), sum(bound.values()), max(gaps))
            for what, found, theirs in zip(
                ("value", "bound", "gap"), mine, self.plan.claimed, strict=True
            ):
                pairs.append(("The", what, found, theirs))
        for where, what, mine_, theirs in pairs:
            # Written so that NaN, which compares false with everything, is found too.
            if not abs(mine_ - theirs) <= NEAR * max(1.0, abs(mine_)) + self.blur:
                yield f"{where} certificate says {what} {theirs:.6f}; it is {mine_:.6f}."
        for name in STAGES:
            if value[name] > bound[name] * (1 + NEAR) + NEAR + self.blur:
                yield (
                    f"Stage {name}: the value {value[name]:.6f} is above its bound "
                    f"{bound[name]:.6f}."
                )

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
        audit = Audit(problem, self.plan, item, self.ranked, ~self.open, [])
        rows = audit.rows
        ranked = self.ranked[rows]
        base = problem.needs.stock[rows]
        count = np.clip(audit.most - base, 0, self._at_most(item)) // audit.drop
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
        made = min((have[part] // n for part, n in self.recipes.get(item, {}).items()), default=0)
        return have[item] + made

    # --------------------------------------------------------------------------- prices

    @staticmethod
    def _name(price: Price) -> Name:
        return price.kind, price.what

    def _limits(self) -> set[Name]:
        problem = self.problem
        found = {("supply", (row.producer, row.item)) for row in problem.supply}
        found |= {
            ("lane", (lane.source, lane.target))
            for lane in problem.lanes
            if lane.units_a_day is not None
        }
        return found | {("inbound", (row.node,)) for row in problem.inbound}

    def _tolls(self, stage: str, names: set[Name]) -> tuple[dict[tuple[int, int], Floats], float]:
        """By item and hub, the least price of being there by each wave; and the sum of rents."""
        by_name: dict[Name, list[Price]] = {name: [] for name in names}
        for price in self.plan.prices:
            if price.stage == stage:
                by_name[self._name(price)].append(price)
        rent = sum(p.price * self._most(p) for prices in by_name.values() for p in prices)
        tolls: dict[tuple[int, int], Floats] = {}
        for number, hub in enumerate(self.hubs.hubs):
            taken = [
                p
                for stop in hub.chain
                for p in by_name.get(("inbound", (self.problem.node_ids[stop],)), [])
            ]
            for item in range(len(self.problem.items)):
                if item not in self.recipes:
                    tolls[item, number] = self._toll(item, hub, by_name, taken)
            for kit, lines in self.recipes.items():
                parts = [units * tolls[part, number] for part, units in lines.items()]
                direct = self._toll(kit, hub, by_name, taken)
                tolls[kit, number] = np.minimum(direct, sum(parts))
        return tolls, rent

    def _toll(
        self, item: int, hub: Hub, by_name: dict[Name, list[Price]], taken: list[Price]
    ) -> Floats:
        """float64[W]: the least price of an item at a hub by each wave, however it travels."""
        problem = self.problem
        waves = [wave.day for wave in problem.waves]
        least = np.full(len(waves), np.inf)
        name = problem.items[item].id
        ready: dict[str, int] = {}
        for row in problem.supply:
            if row.item == name and row.units:
                ready[row.producer] = min(row.day, ready.get(row.producer, row.day))
        lanes: Sequence[Lane | _Anywhere] = [_Anywhere(name) for name in ready]
        if problem.lanes:
            lanes = self.hubs.lanes_to(hub)
        days = np.arange(waves[-1] + 1)
        for lane in lanes:
            if lane.source not in ready or lane.units_a_day == 0:
                continue
            ship = days - lane.lead_days
            mine = by_name.get(("lane", (lane.source, lane.target)), [])
            cost = _on([p for p in mine if _of_lane(p, lane)], ship) + _on(taken, days)
            for price in by_name["supply", (lane.source, name)]:
                # A unit that leaves before the next delivery counts against what was there.
                cost = cost + np.where(ship <= price.last_day, price.price, 0.0)
            last = days[-1] if lane.until_day is None else lane.until_day
            shut = (ship < max(lane.from_day, ready[lane.source])) | (ship > last)
            cost = np.where(shut, np.inf, cost)
            running = np.minimum.accumulate(cost)
            least = np.minimum(least, running[waves])
        return least

    def _most(self, price: Price) -> int:
        """The limit that a price is of, for its days."""
        problem = self.problem
        length = max(0, price.last_day - price.first_day + 1)
        if price.kind == "supply":
            producer, item = price.what
            return sum(
                row.units
                for row in problem.supply
                if (row.producer, row.item) == (producer, item) and row.day <= price.last_day
            )
        if price.kind == "inbound":
            return length * next(r.units_a_day for r in problem.inbound if r.node == price.what[0])
        return sum(
            length * (lane.units_a_day or 0)
            for lane in problem.lanes
            if (lane.source, lane.target) == price.what and _of_lane(price, lane)
        )


def _of_lane(price: Price, lane: Lane | _Anywhere) -> bool:
    """Whether a price of the lane's two ends is of this row: their days of shipping lie apart."""
    last = price.first_day if lane.until_day is None else lane.until_day
    return lane.units_a_day is not None and lane.from_day <= price.first_day <= last


def _on(prices: list[Price], days: Ints) -> Floats:
    """float64 by day: the sum of the prices whose days it is."""
    total = np.zeros(len(days))
    for price in prices:
        total += np.where((days >= price.first_day) & (days <= price.last_day), price.price, 0.0)
    return total
