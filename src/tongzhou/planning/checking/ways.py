"""What travels: shipments on lanes that exist, within every limit, enough for what is given."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .coverage import Coverage
from .hubs import Hubs

if TYPE_CHECKING:
    from ..plan import Plan, Shipment
    from ..problem import Lane, Problem

Ints = NDArray[np.int64]

SHOWN = 20


class Ways:
    """The shipments of a plan against the lanes, inbound limits, supply and allocations.

    late: whether published units have not come by their wave; known once the faults are.
    """

    def __init__(self, problem: Problem, plan: Plan, hubs: Hubs, cells: Ints) -> None:
        self.problem, self.plan, self.hubs, self.cells = problem, plan, hubs, cells
        self.late = False
        self.lanes: dict[tuple[str, str], list[Lane]] = defaultdict(list)
        for lane in problem.lanes:
            self.lanes[lane.source, lane.target].append(lane)

    def faults(self) -> list[str]:
        found = list(self._rows())
        if found:
            return found[:SHOWN]
        limits = [*self._lane_days(), *self._inbound_days(), *self._sent()]
        covered = Coverage(self.problem, self.plan, self.hubs, self.cells)
        found = limits[:SHOWN] + list(covered.faults())
        self.late = covered.late
        return found

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


def _named(number: int, row: Shipment) -> str:
    return f'Shipment {number} ("{row.source}" to "{row.target}", day {row.ship_day})'
