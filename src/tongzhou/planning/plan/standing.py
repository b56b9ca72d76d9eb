"""Standing: how far down its list an item has been given, for explanations and proofs."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..ledger import STEP, Ledger, build
from ..problem import Problem
from ..ties import Seed, Ties
from ..waves import OPEN, arrivals


@dataclass(frozen=True, eq=False)
class Standing:
    """The list of one item and the wave that gave each drop.

    wave_of: int16[D] by rank, OPEN (-1) for drops not given; left: units not given at the end.
    """

    ledger: Ledger
    wave_of: NDArray[np.int16]
    left: int

    def waiting(self, rank: int) -> int:
        """Units of drops not given that come before this rank."""
        blocks = rank // STEP
        near = slice(blocks * STEP, rank)
        missing = self.ledger.row_of[near][self.wave_of[near] == OPEN]
        return int(self._blocks[0][blocks]) + int(self.ledger.drop[missing].sum())

    @cached_property
    def last(self) -> dict[int, int]:
        """Rank of the last drop each wave gave."""
        return {wave: rank for wave, rank in enumerate(self._blocks[1].tolist()) if rank >= 0}

    @cached_property
    def _blocks(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Units not given before each block of ranks, and the last rank of each wave or -1."""
        from .. import cutting

        ledger = self.ledger
        units = np.zeros(len(ledger) // STEP + 2, dtype=np.int64)
        last = np.full(int(self.wave_of.max(initial=OPEN)) + 1, -1, dtype=np.int64)
        cutting.waiting(ledger.row_of, ledger.drop, self.wave_of, STEP, units[1:], last)
        return np.cumsum(units), last

    def ready(self) -> None:
        """Make what an explanation needs: 0.01 s for 1.8 million drops."""
        _ = self._blocks, self.ledger.marks


def restore(
    problem: Problem,
    item: int,
    seed: Seed,
    units: NDArray[Any],
    published: tuple[int, ...],
    closed: NDArray[np.bool_],
) -> Standing:
    """The standing of a plan that was read from a file: its list is ranked again.

    units: int64[R, W]; closed: bool[R], rows a person fixed. Raises ValueError when the plan does
    not fit the problem (`check` says how).
    """
    total, _ = arrivals(problem, item)
    open_waves = [wave for wave in range(units.shape[1]) if wave not in published]
    ranked = np.where(closed[:, None], 0, units[:, open_waves])
    settled = units.sum(axis=1) - ranked.sum(axis=1)
    ledger = build(problem, item, Ties(seed, problem.node_ids), settled, closed, int(total[-1]))
    drops, split = np.divmod(ranked[ledger.rows], ledger.drop[:, None])
    if split.any() or (drops.sum(axis=1) > np.diff(ledger.offset)).any():
        raise ValueError("The plan does not fit the problem; `check` names the lines at fault.")
    # A node's drops are given in order, so its waves follow each other; the rest is open.
    rest = np.diff(ledger.offset) - drops.sum(axis=1)
    waves = np.tile(np.array([*open_waves, OPEN], dtype=np.int16), len(drops))
    by_drop = np.repeat(waves, np.column_stack([drops, rest]).reshape(-1))
    left = max(0, int(total[-1] - units[ledger.rows].sum()))
    return Standing(ledger, by_drop[ledger.order], left)
