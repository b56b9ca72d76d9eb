"""The hubs of a plan with lanes, found from the problem alone: which nodes share a cut."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from ..problem import Lane, Problem

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Hub:
    """Nodes with one nearest stop (a lane's target or an inbound limit; -1: none) that the same
    directed waves reach. chain: the stop and those above it."""

    label: str
    stop: int
    chain: tuple[int, ...]
    waves: tuple[bool, ...]


class Hubs:
    """hubs, and int64[N] the hub of each node."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        names = {lane.target for lane in problem.lanes} | {row.node for row in problem.inbound}
        self.stops = {problem.index[name] for name in names}
        nearest = self._nearest()
        # One number a node: its stop, then a digit for each directed wave, the last wave first.
        directed = [number for number, wave in enumerate(problem.waves) if wave.hubs]
        code = nearest + 1
        for number in reversed(directed):
            code = code * 2 + _under(problem, problem.waves[number].hubs)
        codes, self.of_node = np.unique(code, return_inverse=True)
        self.hubs: list[Hub] = []
        seen: dict[int, int] = {}
        for value in codes.tolist():
            stop = (value >> len(directed)) - 1
            missed = {wave for bit, wave in enumerate(directed) if not value >> bit & 1}
            seen[stop] = seen.get(stop, 0) + 1
            name = "" if stop < 0 else problem.node_ids[stop]
            label = name if seen[stop] == 1 else f"{name} ({seen[stop]})"
            chain = tuple(at for at in self._up(stop) if at in self.stops)
            reached = tuple(wave not in missed for wave in range(len(problem.waves)))
            self.hubs.append(Hub(label, stop, chain, reached))

    def lanes_to(self, hub: Hub) -> list[Lane]:
        """Lanes whose target is the hub's stop or above it; all there are where none is named."""
        return [lane for lane in self.problem.lanes if self.problem.index[lane.target] in hub.chain]

    def _up(self, node: int) -> list[int]:
        found = []
        while node >= 0:
            found.append(node)
            node = int(self.problem.parent[node])
        return found

    def _nearest(self) -> Ints:
        node = np.arange(len(self.problem.node_ids))
        wanted = np.array(sorted(self.stops), dtype=np.int64)
        found = np.full(len(node), -1, dtype=np.int64)
        at = node.copy()
        while (at >= 0).any():
            hit = (found < 0) & (at >= 0) & np.isin(at, wanted)
            found[hit] = at[hit]
            at = np.where(at >= 0, self.problem.parent[at], -1)
        return found


def _under(problem: Problem, hubs: tuple[str, ...]) -> Mask:
    if not hubs:
        return np.ones(len(problem.node_ids), dtype=bool)
    wanted = np.array([problem.index[hub] for hub in hubs], dtype=np.int64)
    at = np.arange(len(problem.node_ids))
    inside = np.zeros(len(at), dtype=bool)
    while (at >= 0).any():
        inside |= np.isin(at, wanted)
        at = np.where(at >= 0, problem.parent[at], -1)
    return inside
