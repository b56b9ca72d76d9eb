"""What changed from one plan to another, line by line."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from .model import Plan

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Comparison:
    """The (node, item) pairs whose units differ in any wave.

    node_ids, item_ids: c ids each; before, after: int64[c, W] units by wave, W the larger count.
    """

    node_ids: tuple[str, ...]
    item_ids: tuple[str, ...]
    before: Ints
    after: Ints

    def __len__(self) -> int:
        return len(self.node_ids)

    @property
    def change(self) -> Ints:
        """int64[c]: units more (or, below 0, less) over all waves."""
        change: Ints = self.after.sum(axis=1) - self.before.sum(axis=1)
        return change

    def summary(self) -> dict[str, int]:
        """How many lines changed, gained, lost or only moved to another wave, and by how much."""
        change = self.change
        return {
            "lines": len(change),
            "gained": int((change > 0).sum()),
            "lost": int((change < 0).sum()),
            "moved": int((change == 0).sum()),
            "units_gained": int(change[change > 0].sum()),
            "units_lost": int(-change[change < 0].sum()),
        }


def compare(before: "Plan", after: "Plan") -> Comparison:
    """Match the two plans by node and item ids, whatever order they hold them in."""
    nodes, old_node, new_node = _joined(before.node_ids, after.node_ids)
    items, old_item, new_item = _joined(before.item_ids, after.item_ids)
    width = len(items)
    old = old_node[before.allocations.node] * width + old_item[before.allocations.item]
    new = new_node[after.allocations.node] * width + new_item[after.allocations.item]
    # Lines that neither plan has cannot differ, so only the union of both is laid out.
    places, which = np.unique(np.concatenate([old, new]), return_inverse=True)
    waves = max(len(before.waves), len(after.waves))
    cells = np.zeros((2, len(places), waves), dtype=np.int64)
    np.add.at(cells[0], (which[: len(old)], before.allocations.wave), before.allocations.units)
    np.add.at(cells[1], (which[len(old) :], after.allocations.wave), after.allocations.units)
    changed = np.flatnonzero((cells[0] != cells[1]).any(axis=1))
    node, item = np.divmod(places[changed], width)
    return Comparison(
        node_ids=tuple(nodes[i] for i in node.tolist()),
        item_ids=tuple(items[i] for i in item.tolist()),
        before=cells[0, changed],
        after=cells[1, changed],
    )


def _joined(old: Sequence[str], new: Sequence[str]) -> tuple[Sequence[str], Ints, Ints]:
    """All names, and where each name of the first and of the second list stands among them."""
    places = np.arange(len(old))
    if new is old or list(new) == list(old):
        return old, places, places
    index = {name: i for i, name in enumerate(old)}
    found = [index.setdefault(name, len(index)) for name in new]
    return list(index), places, np.array(found, dtype=np.int64)
