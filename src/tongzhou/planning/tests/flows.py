"""A plain min-cost flow, and lane problems written as one: every unit, day and drop for itself."""

from collections import defaultdict, deque
from fractions import Fraction
from typing import Any

from tongzhou.planning import Problem

from .oracles import claim, reached

INFINITE = 10**9


class Flow:
    """Max-profit flow by successive best paths (Ford and Fulkerson 1962), in exact integers."""

    def __init__(self) -> None:
        self.edges: list[list[Any]] = []  # to, capacity, profit
        self.out: dict[Any, list[int]] = defaultdict(list)

    def add(self, a: Any, b: Any, capacity: int, profit: int = 0) -> int:
        for start, end, room, gain in ((a, b, capacity, profit), (b, a, 0, -profit)):
            self.out[start].append(len(self.edges))
            self.edges.append([end, room, gain])
        return len(self.edges) - 2

    def best(self, source: Any, sink: Any) -> int:
        """The most profit of any flow from source to sink."""
        total = 0
        while (found := self._path(source, sink)) and found[0] > 0:
            gain, path = found
            units = min(self.edges[e][1] for e in path)
            for e in path:
                self.edges[e][1] -= units
                self.edges[e ^ 1][1] += units
            total += gain * units
        return total

    def _path(self, source: Any, sink: Any) -> tuple[int, list[int]] | None:
        gain = {source: 0}
        came: dict[Any, int] = {}
        queue, waiting = deque([source]), {source}
        while queue:
            at = queue.popleft()
            waiting.discard(at)
            for e in self.out[at]:
                end, room, profit = self.edges[e]
                if room and gain[at] + profit > gain.get(end, -(10**30)):
                    gain[end], came[end] = gain[at] + profit, e
                    if end not in waiting:
                        queue.append(end)
                        waiting.add(end)
        if sink not in came:
            return None
        path, at = [], sink
        while at != source:
            path.append(came[at])
            at = self.edges[came[at] ^ 1][0]
        return gain[sink], path[::-1]


def best_by_flow(problem: Problem, seed: Any) -> tuple[Fraction, Fraction]:
    """(floors in the end, worth by day) that no plan of one item with drops of 1 exceeds, in the
    order of the stages: floors first."""
    order, below = ranked(problem, seed)
    units = max(1, len(order))
    days = days_counted(problem)
    scale = 2 * units * sum(days) * units * 2 + 1  # above all that days can be worth
    flow = Flow()
    sources(problem, flow)
    for place, (row, _) in enumerate(order):
        worth = 2 * units - 2 * place - 1  # of 2 x units: 1 - (before + 1/2) / units
        node = int(problem.needs.node[row])
        for wave in range(len(problem.waves)):
            if reached(problem, node, problem.waves[wave].hubs):
                gain = worth * sum(days[wave:]) + (worth * scale if below[place] else 0)
                for hub in hubs_of(problem, node):
                    flow.add(("at", hub, wave), ("drop", place), 1, gain)
        flow.add(("drop", place), "sink", 1)
    floors, by_day = divmod(flow.best("source", "sink"), scale)
    return Fraction(floors, 2 * units), Fraction(by_day, 2 * units)


def ranked(problem: Problem, seed: Any) -> tuple[list[tuple[int, int]], list[bool]]:
    """(row, held) of every open drop of 1 in the order of the list, and which are below a floor."""
    needs = problem.needs
    last = problem.waves[-1].day
    supply = sum(row.units for row in problem.supply if row.day <= last)
    drops = [
        (claim(problem, row, held, seed), row, held)
        for row in range(len(needs))
        for held in range(
            int(needs.stock[row]),
            int(needs.stock[row]) + min(int(needs.room[row]), supply),
        )
    ]
    drops.sort()
    return [(row, held) for _, row, held in drops], [c[0] < 2 for c, _, _ in drops]


def days_counted(problem: Problem) -> list[int]:
    marks = [wave.day for wave in problem.waves]
    ends = [*marks[1:], max(problem.horizon_days, marks[-1]) + 1]
    return [end - day for day, end in zip(marks, ends, strict=True)]


def hubs_of(problem: Problem, node: int) -> list[str]:
    """Lane targets at or above a node."""
    targets = {lane.target for lane in problem.lanes}
    return [name for name in problem.path(node) if name in targets]


def sources(problem: Problem, flow: Flow) -> None:
    """Edges from the supply over every lane on every day to what each hub holds at each wave.

    Only for problems whose inbound limits are at lane targets, one around no other.
    """
    inbound = {row.node: row.units_a_day for row in problem.inbound}
    last = problem.waves[-1].day
    for number, row in enumerate(problem.supply):
        flow.add("source", ("lot", number), row.units)
        for at, lane in enumerate(problem.lanes):
            until = last if lane.until_day is None else lane.until_day
            if lane.source != row.producer:
                continue
            for day in range(max(row.day, lane.from_day), min(until, last - lane.lead_days) + 1):
                flow.add(("lot", number), ("lane", at, day), INFINITE)
    for at, lane in enumerate(problem.lanes):
        most = INFINITE if lane.units_a_day is None else lane.units_a_day
        for day in range(last - lane.lead_days + 1):
            flow.add(("lane", at, day), ("in", lane.target, day + lane.lead_days), most)
    for hub in {lane.target for lane in problem.lanes}:
        for day in range(last + 1):
            wave = next(w for w, planned in enumerate(problem.waves) if planned.day >= day)
            flow.add(("in", hub, day), ("at", hub, wave), inbound.get(hub, INFINITE))
        for wave in range(len(problem.waves) - 1):
            flow.add(("at", hub, wave), ("at", hub, wave + 1), INFINITE)
