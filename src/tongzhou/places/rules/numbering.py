"""The pre-order numbers of a tree, with gaps into which later divisions fit."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Spacing:
    """`step` numbers to each division, and after the last child of a division of depth d `tails[d]`
    numbers more, for its later children. A depth beyond the list has no tail."""

    step: int
    tails: tuple[int, ...]

    @classmethod
    def roomy(cls, deepest: int = 5) -> "Spacing":
        """Room for 32 more villages in a town, eight times as much at each level above."""
        return cls(4, tuple(4 * 8 ** (deepest - depth) for depth in range(deepest)))

    @classmethod
    def tight(cls, step: int, deepest: int = 5) -> "Spacing":
        return cls(step, (step,) * deepest)

    def tail(self, depth: int) -> int:
        return self.tails[depth] if depth < len(self.tails) else 0


def numbered(
    depths: Sequence[int] | Numbers, *, start: int, spacing: Spacing
) -> tuple[Numbers, Numbers, int]:
    """Number a forest given as depths in pre-order (int[n]).

    Returns `first` and `last` (int64[n] each) and the largest number used. `first` is start + step
    for the first row; every `first` is different; a division's interval holds exactly those of its
    descendants.
    """
    depth = np.asarray(depths, dtype=np.int64)
    if not len(depth):
        return depth, depth, start
    if depth.min() < 0 or (np.diff(depth) > 1).any():
        raise ValueError("Depths are not in pre-order: a row is more than one below its parent.")
    # closed[d]: what closing every open division from depth d down to the deepest costs.
    deepest = int(depth.max())
    tails = np.array([spacing.tail(d) for d in range(deepest + 1)], dtype=np.int64)
    closed = np.concatenate([np.cumsum(tails[::-1])[::-1], [0]])
    closing = np.where(depth[1:] <= depth[:-1], closed[depth[1:]] - closed[depth[:-1] + 1], 0)
    first = start + spacing.step + np.concatenate([[0], np.cumsum(closing + spacing.step)])
    last = _lasts(depth, first, closed)
    return first, last, int(last[depth == depth.min()].max())


def _lasts(depth: Numbers, first: Numbers, closed: Numbers) -> Numbers:
    """Each interval ends where the division is closed: after its last descendant and all tails."""
    last = np.empty_like(first)
    for level in range(int(depth.max()) + 1):
        rows = np.flatnonzero(depth == level)
        ends = np.flatnonzero(depth <= level)
        after = np.searchsorted(ends, rows, side="right")
        stop = np.append(ends, len(depth))[after] - 1
        last[rows] = first[stop] + closed[level] - closed[depth[stop] + 1]
    return last
