"""What travels: shipments on lanes that exist, within every limit, enough for what is given."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .hubs import Hubs

if TYPE_CHECKING:
    from ..plan import Plan, Shipment
    from ..problem import Lane, Problem

Ints = NDArray[np.int64]

SHOWN = 20


class Ways:
    """The shipments of a plan against the lanes, inbound limits, supply and allocations."""

    def __init__(self, problem: Problem, plan: Plan, hubs: Hubs, cells: Ints) -> None:
        self.problem, self.plan, self.hubs, self.cells = problem, plan, hubs, cells
        self.lanes: dict[tuple[str, str], list[Lane]] = defaultdict(list)
        for lane in problem.lanes:
            self.lanes[lane.source, lane.target].append(lane)

    def faults(self) -> list[str]:
        found = list(self._rows())
        if found:
            return found[:SHOWN]
        limits = [*self._lane_days(), *self._inbound_days(), *self._sent()]
        return limits[:SHOWN] + list(self._covered())[:SHOWN]

    def _rows(self) -> Iterator[str]:
        for number, row in enumerate(self.plan.shipments):
            said = _named(number, row)
            lane = self._lane(row)
            if row.item not in self.problem.item_index:
                yield f'{said}: there is no item "{row.item}" in the problem.'
            elif lane is None:
                yield f"{said}: no such lane is open on day {row.ship_day}."
            elif row.arrive_day != row.ship_day + lane.lead_days:
                yield f"{said}: arrives on day {row.arrive_day}; the lane takes {lane.lead_days}."
            elif row.units < 1:
                yield f"{said}: {row.units} units; a shipment has at least 1."
            elif row.units % (size := self._carton(row.item)):
                yield f"{said}: {row.units} units are not whole cartons of {size}."

    def _lane(self, row: Shipment) -> Lane | None:
        for lane in self.lanes.get((row.source, row.target), ()):
            last = row.ship_day if lane.until_day is None else lane.until_day
            if max(0, lane.from_day) <= row.ship_day <= last:
                return lane
        return None

    def _carton(self, name: str) -> int:
        item = self.problem.items[self.problem.item_index[name]]
        return item.carton_units if item.whole_cartons else 1

    def _lane_days(self) -> Iterator[str]:
        sent: dict[tuple[str, str, int], int] = defaultdict(int)
        for row in self.plan.shipments:
            sent[row.source, row.target, row.ship_day] += row.units
        for (source, target, day), units in sorted(sent.items()):
            for lane in self.lanes[source, target]:
                last = day if lane.until_day is None else lane.until_day
                most = lane.units_a_day
                if lane.from_day <= day <= last and most is not None and units > most:
                    yield (
                        f'Lane "{source}" to "{target}" carries {units:,} units on day {day}; it '
                        f"can carry {most:,}."
                    )

    def _inbound_days(self) -> Iterator[str]:
        for limit in self.problem.inbound:
            stop = self.problem.index[limit.node]
            inside = {hub.stop for hub in self.hubs.hubs if stop in hub.chain}
            taken: dict[int, int] = defaultdict(int)
            for row in self.plan.shipments:
                if self.problem.index[row.target] in inside:
                    taken[row.arrive_day] += row.units
            for day, units in sorted(taken.items()):
                if units > limit.units_a_day:
                    yield (
                        f'Node "{limit.node}" takes {units:,} units on day {day}; it can take '
                        f"{limit.units_a_day:,}."
                    )

    def _sent(self) -> Iterator[str]:
        sent: dict[tuple[str, str], dict[int, int]] = defaultdict(lambda: defaultdict(int))
        for row in self.plan.shipments:
            sent[row.source, row.item][row.ship_day] += row.units
        for (producer, item), days in sorted(sent.items()):
            total = 0
            for day in sorted(days):
                total += days[day]
                had = sum(
                    s.units
                    for s in self.problem.supply
                    if s.producer == producer and s.item == item and s.day <= day
                )
                if total > had:
                    yield (
                        f'Producer "{producer}" has sent {total:,} units of "{item}" by day {day}; '
                        f"it had {had:,}."
                    )

    # --------------------------------------------------------------------------- coverage

    def _covered(self) -> Iterator[str]:
        """By every wave, what has arrived at a hub and above it covers what was given below.

        What a published wave gave may lack its goods: it cannot be unmade.
        """
        given = self._given()
        arrived = self._arrived()
        order = sorted(range(len(self.hubs.hubs)), key=lambda h: -len(self.hubs.hubs[h].chain))
        none = np.zeros(len(self.problem.waves), dtype=np.int64)
        taken: dict[tuple[int, int], Ints] = defaultdict(lambda: none)
        short = np.zeros_like(given[:, 0])
        index = self.problem.item_index
        kits = {index[kit.id]: kit for kit in self.problem.kits if kit.id in index}
        # Kits first: those that did not arrive as kits are put together, and need their parts.
        items = sorted(range(len(self.problem.items)), key=lambda item: item not in kits)
        for number in order:
            hub = self.hubs.hubs[number]
            for item in items:
                need = given[item, number].copy()
                for stop in hub.chain if self.problem.lanes else (-1,):
                    free = arrived[item, stop] - taken[item, stop]
                    # What is free by a wave must not be promised to a later one already.
                    use = np.minimum(need, np.maximum(free, 0))
                    taken[item, stop] = taken[item, stop] + np.maximum.accumulate(use)
                    need = need - use
                if item in kits:
                    made = np.maximum.accumulate(need)
                    for part, units in kits[item].lines.items():
                        given[index[part], number] += units * made
                else:
                    short[item] += need
        published = np.zeros(len(self.problem.waves), dtype=bool)
        published[list(self.plan.published)] = True
        kept = np.zeros_like(short)
        np.add.at(kept, self.problem.needs.item, np.where(published, self.cells, 0))
        for item, kit in kits.items():
            for part, units in kit.lines.items():
                kept[index[part]] += units * kept[item]
        for item, wave in np.argwhere(short > np.cumsum(kept, axis=1))[:SHOWN].tolist():
            yield (
                f'By wave {wave} {short[item, wave]:,} units of "{self.problem.items[item].id}" '
                "are given that no shipment has brought."
            )

    def _given(self) -> Ints:
        """int64[K, H, W], cumulative."""
        needs = self.problem.needs
        shape = (len(self.problem.items), len(self.hubs.hubs), len(self.problem.waves))
        code = needs.item * shape[1] + self.hubs.of_node[needs.node]
        given = np.empty(shape, dtype=np.int64)
        for wave in range(shape[2]):
            # Exact: sums stay far below 2**53, where doubles hold every whole number.
            sums = np.bincount(code, weights=self.cells[:, wave], minlength=shape[0] * shape[1])
            given[:, :, wave] = sums.reshape(shape[:2])
        found: Ints = np.cumsum(given, axis=2)
        return found

    def _arrived(self) -> dict[tuple[int, int], Ints]:
        """By item and stop, int64[W]: units there by each wave; stop -1 where no lane is named."""
        days = np.array([wave.day for wave in self.problem.waves], dtype=np.int64)
        zero = np.zeros(len(days), dtype=np.int64)
        found: dict[tuple[int, int], Ints] = defaultdict(lambda: zero)
        index = self.problem.item_index
        if not self.problem.lanes:
            for row in self.problem.supply:
                here = np.where(row.day <= days, row.units, 0)
                found[index[row.item], -1] = found[index[row.item], -1] + here
        for sent in self.plan.shipments:
            key = (index[sent.item], self.problem.index[sent.target])
            found[key] = found[key] + np.where(sent.arrive_day <= days, sent.units, 0)
        return found


def _named(number: int, row: Shipment) -> str:
    return f'Shipment {number} ("{row.source}" to "{row.target}", day {row.ship_day})'
