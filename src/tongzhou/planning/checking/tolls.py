"""Tolls: what the published prices make the way of a unit cost, day by day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .hubs import Hub, Hubs

if TYPE_CHECKING:
    from ..plan import Price
    from ..problem import Lane, Problem

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

Name = tuple[str, tuple[str, ...]]

STAGES = ("floor", "days")


@dataclass(frozen=True)
class _Anywhere:
    """How a producer sends where the problem names no lane: at once, and everywhere."""

    source: str
    target: str = ""
    lead_days: int = 0
    units_a_day: int | None = None
    from_day: int = 0
    until_day: int | None = None


class Tolls:
    """The prices of a plan, on the limits of its problem; recipes: by kit, units of its parts."""

    def __init__(self, problem: Problem, prices: Sequence[Price], hubs: Hubs) -> None:
        self.problem, self.prices, self.hubs = problem, prices, hubs
        self.limits = self._limits()
        index = problem.item_index
        self.recipes = {
            index[kit.id]: {index[part]: units for part, units in kit.lines.items()}
            for kit in problem.kits
            if kit.id in index and set(kit.lines) <= set(index)
        }

    def strange(self) -> list[Price]:
        """Prices of no limit; below 0, or on a lane without one, a price would lower the bound for
        nothing."""
        return [
            price
            for price in self.prices
            if self._name(price) not in self.limits
            or price.stage not in STAGES
            or not 0 <= price.price < np.inf
        ]

    @staticmethod
    def _name(price: Price) -> Name:
        return price.kind, price.what

    def of(self, stage: str) -> tuple[dict[tuple[int, int], Floats], float]:
        """By item and hub, the least price of being there by each wave; and the sum of rents."""
        by_name: dict[Name, list[Price]] = {name: [] for name in self.limits}
        for price in self.prices:
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

    def _limits(self) -> set[Name]:
        problem = self.problem
        found = {("supply", (row.producer, row.item)) for row in problem.supply}
        found |= {
            ("lane", (lane.source, lane.target))
            for lane in problem.lanes
            if lane.units_a_day is not None
        }
        return found | {("inbound", (row.node,)) for row in problem.inbound}

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
