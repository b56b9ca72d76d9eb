"""The order of claims in one item of a plan: whole drops, caps, supply, hubs, envy, ties, cuts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .lines import name_of

if TYPE_CHECKING:
    from ..plan import Cut, Plan
    from ..problem import Problem

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Claim = tuple[int, float, float]

SHOWN = 20
STAGE_NAMES = ("first", "floor", "share", "spare")


@dataclass(frozen=True)
class Claims:
    """One drop for each of some rows: stage, key, second key; the smaller comes first."""

    row: Ints
    stage: Ints
    key: Floats
    second: Floats


class Audit:
    """One item of one plan: every rule, wave by wave.

    cells: int64[R, W] of the plan; published: bool[W]; nodes: those whose units a person settled;
    rows: the needs rows of one hub, whose label is `hub`; without, the item has one list.
    """

    def __init__(
        self,
        problem: Problem,
        plan: Plan,
        item: int,
        cells: Ints,
        published: Mask,
        nodes: list[int],
        *,
        rows: Ints | None = None,
        hub: str | None = None,
    ) -> None:
        needs = problem.needs
        self.hub = hub
        self.problem, self.plan, self.item = problem, plan, item
        self.name = problem.items[item].id
        self.published = published
        self.rows = np.flatnonzero(needs.item == item) if rows is None else rows
        self.cells = cells[self.rows]
        self.settled = np.isin(needs.node[self.rows], nodes)
        self.weight = needs.weight[self.rows]
        self.floor = needs.floor[self.rows]
        self.drop = needs.drop[self.rows]
        asked, most = needs.request[self.rows], needs.cap[self.rows]
        self.most = np.where((asked >= 0) & (asked < most), asked, most)
        self.base = needs.stock[self.rows] + self.cells[:, published].sum(axis=1)
        self.arrived, self.firm = self._arrived(firm=False), self._arrived(firm=True)
        # What no ranking decided: published waves, and whatever a person settled.
        total = self.cells.sum(axis=0)
        settled = self.cells[self.settled].sum(axis=0)
        self.ranked = np.where(published, 0, total - settled)
        self.preset = total - self.ranked
        self.cuts: dict[tuple[int, str | None], list[Cut]] = {}
        for cut in plan.cuts:
            if cut.item == item:
                self.cuts.setdefault((cut.wave, cut.hub), []).append(cut)
        self.heads = np.zeros(len(self.rows), dtype=np.uint64)
        self.hashed = np.zeros(len(self.rows), dtype=bool)

    def faults(self) -> list[str]:
        found = [*self._drops(), *self._caps()]
        if self.hub is None:
            found += self._supply()
        held = self.base.copy()
        for wave in np.flatnonzero(~self.published).tolist():
            given = self.cells[:, wave]
            reach = self._reach(wave)
            for i in np.flatnonzero((given > 0) & ~reach)[:SHOWN].tolist():
                found.append(f"Wave {wave} is directed to other hubs than that of {self.at(i)}.")
            held = held + given
            found += self._order(wave, given, held, reach & ~self.settled)
        return found

    def at(self, i: int) -> str:
        return name_of(self.problem, int(self.rows[i]))

    def _arrived(self, *, firm: bool) -> Ints:
        """int64[W]: units that are there by the day of each wave."""
        rows = [s for s in self.problem.supply if s.item == self.name and (s.firm or not firm)]
        days = [wave.day for wave in self.problem.waves]
        return np.array(
            [sum(row.units for row in rows if row.day <= day) for day in days], dtype=np.int64
        )

    # ------------------------------------------------------------------------- amounts

    def _drops(self) -> Iterator[str]:
        # One number for all, where it is one: then the division is many times as fast.
        alike = len(self.drop) > 0 and self.drop[0] < 2**31 and (self.drop == self.drop[0]).all()
        drop = self.cells.dtype.type(self.drop[0]) if alike else self.drop[:, None]
        split = (self.cells // drop * drop != self.cells) & ~self.published
        for i, wave in np.argwhere(split)[:SHOWN].tolist():
            yield (
                f"Wave {wave}: {self.cells[i, wave]} units for {self.at(i)} split a drop of "
                f"{self.drop[i]}."
            )

    def _caps(self) -> Iterator[str]:
        new = self.cells[:, ~self.published].sum(axis=1)
        over = (new > 0) & (self.base + new > self.most)
        for i in np.flatnonzero(over)[:SHOWN].tolist():
            yield (
                f"{self.at(i)} would hold {self.base[i] + new[i]} units; its validated cap is "
                f"{self.most[i]}."
            )

    def _supply(self) -> Iterator[str]:
        units = self.cells.sum(axis=0)
        spent = np.cumsum(units)
        # What was published cannot be unmade, even where less arrived than was said.
        kept = np.cumsum(np.where(self.published, units, 0))
        for wave in np.flatnonzero(spent > np.maximum(self.arrived, kept)).tolist():
            yield (
                f'By wave {wave} the plan gives {spent[wave]:,} units of "{self.name}"; '
                f"{self.arrived[wave]:,} have arrived."
            )

    def _reach(self, wave: int) -> Mask:
        hubs = self.problem.waves[wave].hubs
        if not hubs:
            return np.ones(len(self.rows), dtype=bool)
        node = self.problem.needs.node[self.rows]
        wanted = np.array([self.problem.index[hub] for hub in hubs], dtype=np.int64)
        inside = np.zeros(len(node), dtype=bool)
        while (node >= 0).any():
            inside |= np.isin(node, wanted)
            node = np.where(node >= 0, self.problem.parent[node], -1)
        return inside

    def _left(self, wave: int) -> int:
        """Units that could still have been given in this wave."""
        before = np.arange(len(self.ranked)) <= wave
        spent = np.cumsum(self.preset + np.where(before, self.ranked, 0))
        return max(0, int((self.arrived - spent)[wave:].min()))

    def _expected(self, wave: int) -> int:
        """Units of this wave's ranked drops that were not yet firm; firm ones go first."""
        spent = 0
        for w in range(wave + 1):
            for units in (int(self.preset[w]), int(self.ranked[w])):
                firm = min(units, max(0, int(self.firm[w]) - spent))
                spent += firm
        return units - firm

    # ------------------------------------------------------------------------- order

    def claims(self, i: Ints, held: Ints) -> Claims:
        """The claim of a drop of rows `i` that would be given when they hold `held`."""
        weight, drop = self.weight[i], self.drop[i]
        low = held < self.floor[i]
        empty = low & (held == 0)
        fill = low & ~empty
        spare = ~low & (weight == 0)
        stage = np.full(len(i), 2, dtype=np.int64)
        stage[empty], stage[fill], stage[spare] = 0, 1, 3
        with np.errstate(divide="ignore", invalid="ignore"):
            key = (held + drop / 2) / np.where(spare, 1.0, weight)
            key = np.where(fill, held / weight, key)
            second = np.where(fill, (held + drop) / weight, 0.0)
        second = np.where(fill & (weight == 0), -1.0 * held, second)
        return Claims(i, stage, key, -second)

    def _edge(self, i: Ints, held: Ints, *, last: bool) -> tuple[Claim, Ints]:
        """The first (or last) claim of one drop each of rows `i` when they hold `held`.

        Also the rows that have it. A key is only made for the rows whose stage decides.
        """
        low = held < self.floor[i]
        stage = np.where(self.weight[i] == 0, np.int8(3), np.int8(2))
        stage[low] = 1
        stage[low & (held == 0)] = 0
        most = int(stage.max() if last else stage.min())
        i, held = i[stage == most], held[stage == most]
        key = self._key(most, i, held)
        edge = key.max() if last else key.min()
        i, held = i[key == edge], held[key == edge]
        if most != 1:
            return (most, float(edge), 0.0), i
        # Equal needs below the floor: a larger fill first; of weight 0, who holds less.
        weight = self.weight[i]
        with np.errstate(divide="ignore"):
            fill = np.where(weight == 0, held, -(held + self.drop[i]) / weight)
        best = fill.max() if last else fill.min()
        return (most, float(edge), float(best)), i[fill == best]

    def _key(self, stage: int, i: Ints, held: Ints) -> Floats:
        key: Floats
        if stage == 3:
            key = held + self.drop[i] / 2
            return key
        with np.errstate(divide="ignore"):
            key = (held if stage == 1 else held + self.drop[i] / 2) / self.weight[i]
        return key

    def _order(self, wave: int, given: Ints, after: Ints, reach: Mask) -> Iterator[str]:
        # A drop that all supply together could not fill has no claim.
        room = np.minimum(self.most - self.base, int(self.arrived[-1]))
        waits = np.flatnonzero(reach & (after - self.base + self.drop <= room))
        served = np.flatnonzero((given > 0) & reach)
        weakest = strongest = None
        if len(served):
            weakest = self._edge(served, after[served] - self.drop[served], last=True)
        if len(waits):
            strongest = self._edge(waits, after[waits], last=False)
        left = self._left(wave) if self.hub is None else None
        yield from self._cut(wave, weakest, left)
        if weakest and strongest:
            yield from self._envy(wave, weakest, strongest)
        if strongest and left is not None:
            yield from self._idle(wave, left, strongest[1])

    def _envy(
        self, wave: int, weakest: tuple[Claim, Ints], strongest: tuple[Claim, Ints]
    ) -> Iterator[str]:
        (given, served), (refused, waiting) = weakest, strongest
        if given > refused:
            yield (
                f"Wave {wave}: {self.at(int(served[0]))} was given a drop ({_words(given)}) while "
                f"{self.at(int(waiting[0]))} waits with a claim that comes first "
                f"({_words(refused)})."
            )
        elif given == refused:
            last, first = self._by_seed(served)[-1], self._by_seed(waiting)[0]
            if self._digest(last) > self._digest(first):
                yield (
                    f"Wave {wave}: equal claims ({_words(given)}) are not in the order of seed "
                    f"{self.plan.seed!r}: {self.at(last)} was served, {self.at(first)} waits."
                )

    def _idle(self, wave: int, left: int, waiting: Ints) -> Iterator[str]:
        sizes = self.drop[waiting]
        if left < sizes.min():
            return
        alike = sizes.min() == sizes.max()
        first = int(waiting[0]) if alike else self._by_seed(waiting)[0]
        if left >= self.drop[first]:
            yield (
                f"Wave {wave}: {left:,} units are left although {self.at(first)} waits for "
                f"{self.drop[first]}."
            )

    def _cut(
        self, wave: int, weakest: tuple[Claim, Ints] | None, left: int | None
    ) -> Iterator[str]:
        """What the plan publishes of its cut must be what it did."""
        cuts = self.cuts.get((wave, self.hub), [])
        units = int(self.ranked[wave])
        where = f'"{self.name}"' if self.hub is None else f'"{self.name}" for hub "{self.hub}"'
        if len(cuts) != 1:
            if self.hub is None or units or cuts:
                yield f"Wave {wave}: {len(cuts)} cuts are published of {where}; one is needed."
            return
        cut = cuts[0]
        stage, key = (None, None) if weakest is None else weakest[0][:2]
        name = None if stage is None else STAGE_NAMES[stage]
        if left is None:
            # What reached a hub and was firm is audited where the shipments are.
            left, expected = max(0, cut.left), min(max(0, cut.expected), units)
        else:
            expected = self._expected(wave)
        said = (cut.stage, cut.key, cut.available, cut.units, cut.left, cut.expected)
        found = (name, key, units + left, units, left, expected)
        if said != found:
            words = "stage {}, key {}, {:,} available, {:,} given, {:,} left, {:,} expected"
            yield (
                f"Wave {wave}: the published cut of {where} says {words.format(*said)}; the lines "
                f"say {words.format(*found)}."
            )

    # ------------------------------------------------------------------------- ties

    def _by_seed(self, rows: Ints) -> list[int]:
        """Rows in the order of SHA-256("<seed>:<node id>")."""
        fresh = rows[~self.hashed[rows]]
        ids = self.problem.needs.node[self.rows[fresh]].tolist()
        names = self.problem.node_ids
        raw = b"".join([self._sha(names[node])[:8] for node in ids])
        self.heads[fresh] = np.frombuffer(raw, dtype=">u8")
        self.hashed[fresh] = True
        heads = self.heads[rows]
        # Only the first and the last count; whole digests decide should two heads meet.
        edges = rows[(heads == heads.min()) | (heads == heads.max())].tolist()
        return sorted(edges, key=self._digest)

    def _sha(self, name: str) -> bytes:
        return hashlib.sha256(f"{self.plan.seed}:{name}".encode()).digest()

    def _digest(self, row: int) -> bytes:
        return self._sha(self.problem.node_ids[int(self.problem.needs.node[self.rows[row]])])


def _words(claim: Claim) -> str:
    return f"{STAGE_NAMES[claim[0]]} {claim[1]:.6g}"
