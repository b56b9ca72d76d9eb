"""check: an audit of a plan that shares no code with the solver.

It does not rank drops. For each wave it asks, over whole arrays, who was given the weakest claim
and who was refused the strongest one, and recomputes room, stages, keys, ties and supply from the
problem alone. A plan that passes is the only one the rules allow: given the waves before, the
drops of a wave are exactly the best ones its supply reaches.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from .plan.model import Allocations, Plan
    from .problem.model import Problem

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

SHOWN = 20
STAGE_NAMES = ("first", "floor", "share", "spare")


def check(problem: Problem, plan: Plan, *, freeze: Plan | Allocations | None = None) -> list[str]:
    """Every way in which `plan` breaks the rules for `problem`, one sentence each; [] when sound.

    freeze: what was really published before. With it, the plan's published waves must hold exactly
    that; without it they are taken as given, and only the other waves are audited.
    """
    faults = list(_identity(problem, plan))
    cells, cell_faults = _cells(problem, plan)
    faults += cell_faults
    if cells is None:
        return faults
    published = np.zeros(len(problem.waves), dtype=bool)
    published[list(plan.published)] = True
    if freeze is not None:
        faults += _taken_back(problem, cells, published, freeze)
    for item in range(len(problem.items)):
        faults += _Audit(problem, plan, item, cells, published).faults()
    return faults


def _identity(problem: Problem, plan: Plan) -> Iterator[str]:
    if plan.problem_sha256 != problem.sha256:
        yield (
            f"The plan answers problem {plan.problem_sha256[:12]}, this one is "
            f"{problem.sha256[:12]}; compute a plan for this problem."
        )
    if tuple(plan.waves) != tuple(problem.waves):
        yield "The waves of the plan are not the waves of the problem."
    for wave in plan.published:
        if not 0 <= wave < len(problem.waves):
            yield f"Published wave {wave} is not in the problem."


# ----------------------------------------------------------------------------- allocations


def _cells(problem: Problem, plan: Plan) -> tuple[Ints | None, list[str]]:
    """int64[R, W] of the plan's units, or None when its rows cannot be placed."""
    faults = list(_row_faults(problem, plan))
    if faults or any(not 0 <= wave < len(problem.waves) for wave in plan.published):
        return None, faults
    rows = _rows_of(problem, plan.node_ids, plan.item_ids, plan.allocations)
    cells = np.zeros((len(problem.needs), len(problem.waves)), dtype=np.int64)
    wave, units = plan.allocations.wave, plan.allocations.units
    place = rows * cells.shape[1] + wave
    ordered = np.sort(place)
    twice = ordered[1:][ordered[1:] == ordered[:-1]]
    for cell in np.unique(twice)[:SHOWN].tolist():
        row, number = divmod(cell, cells.shape[1])
        faults.append(f"{_name(problem, row)} is listed more than once in wave {number}.")
    cells.reshape(-1)[place] = units
    return cells, faults


def _row_faults(problem: Problem, plan: Plan) -> Iterator[str]:
    rows = plan.allocations
    for name in ("node", "item", "wave", "units"):
        values = getattr(rows, name)
        if values.dtype.kind != "i" or values.shape != rows.units.shape:
            yield f"allocations.{name} is {values.dtype} {values.shape}; whole numbers are needed."
            return
    limits = (
        ("node", len(plan.node_ids)),
        ("item", len(plan.item_ids)),
        ("wave", len(problem.waves)),
    )
    for name, limit in limits:
        values = getattr(rows, name)
        for i in np.flatnonzero((values < 0) | (values >= limit))[:SHOWN].tolist():
            yield f"Allocation {i}: {name} {values[i]} does not exist (0 to {limit - 1})."
    for i in np.flatnonzero(rows.units <= 0)[:SHOWN].tolist():
        yield f"Allocation {i}: {rows.units[i]} units; an allocation has 1 or more."
    if all(((getattr(rows, n) >= 0) & (getattr(rows, n) < limit)).all() for n, limit in limits):
        placed = _rows_of(problem, plan.node_ids, plan.item_ids, rows)
        for i in np.flatnonzero(placed < 0)[:SHOWN].tolist():
            node, item = plan.node_ids[rows.node[i]], plan.item_ids[rows.item[i]]
            yield f'Allocation {i}: node "{node}" states no need of "{item}" in the problem.'


def _rows_of(
    problem: Problem, node_ids: Sequence[str], item_ids: Sequence[str], rows: Allocations
) -> Ints:
    """Needs row of each allocation, -1 where the problem has none."""
    node = rows.node
    if node_ids is not problem.node_ids and list(node_ids) != list(problem.node_ids):
        table = np.array([problem.index.get(name, -1) for name in node_ids], dtype=np.int64)
        node = table[rows.node]
    places = np.array([problem.item_index.get(name, -1) for name in item_ids], dtype=np.int64)
    item = places[rows.item]
    width = len(problem.items)
    stated = problem.needs.node * width + problem.needs.item
    order = np.argsort(stated)
    wanted = node * width + item
    at = np.searchsorted(stated, wanted, sorter=order)
    hit = (node >= 0) & (item >= 0) & (at < len(stated))
    hit[hit] = stated[order[at[hit]]] == wanted[hit]
    found = np.full(len(wanted), -1, dtype=np.int64)
    found[hit] = order[at[hit]]
    return found


def _taken_back(
    problem: Problem, cells: Ints, published: Mask, freeze: Plan | Allocations
) -> Iterator[str]:
    rows = cast("Allocations", getattr(freeze, "allocations", freeze))
    kept = set(getattr(freeze, "published", ())) or set(np.unique(rows.wave).tolist())
    nodes = getattr(freeze, "node_ids", problem.node_ids)
    items = getattr(freeze, "item_ids", [item.id for item in problem.items])
    row = _rows_of(problem, nodes, items, rows)
    held = np.isin(rows.wave, sorted(kept)) & (row >= 0) & (rows.wave < cells.shape[1])
    for i in np.flatnonzero((row < 0) & np.isin(rows.wave, sorted(kept)))[:SHOWN].tolist():
        yield f'Published units of node "{nodes[rows.node[i]]}" have no need row in the problem.'
    truth = np.zeros_like(cells)
    np.add.at(truth, (row[held], rows.wave[held]), rows.units[held])
    for wave in sorted(kept | set(np.flatnonzero(published).tolist())):
        if wave not in kept or wave >= cells.shape[1] or not published[wave]:
            yield f"Wave {wave} is published in one of plan and records, not in both."
            continue
        for i in np.flatnonzero(cells[:, wave] != truth[:, wave])[:SHOWN].tolist():
            verb = "takes back from" if cells[i, wave] < truth[i, wave] else "adds to"
            yield (
                f"Wave {wave} is published with {truth[i, wave]} units for {_name(problem, i)}; "
                f"the plan {verb} it ({cells[i, wave]})."
            )


def _name(problem: Problem, row: int) -> str:
    needs = problem.needs
    item = problem.items[int(needs.item[row])].id
    return f'node "{problem.node_ids[int(needs.node[row])]}", item "{item}"'


# ----------------------------------------------------------------------------- claims


@dataclass(frozen=True)
class _Claims:
    """One drop for each of some rows: stage, key, second key; the smaller comes first."""

    row: Ints
    stage: Ints
    key: Floats
    second: Floats

    def extreme(self, *, last: bool) -> tuple[tuple[int, float, float], Ints]:
        """The first (or last) claim and the rows that hold it."""
        rows = np.arange(len(self.row))
        found: list[float] = []
        for level in (self.stage, self.key, self.second):
            values = level[rows]
            edge = values.max() if last else values.min()
            found.append(edge.item())
            rows = rows[values == edge]
        return (int(found[0]), found[1], found[2]), self.row[rows]


class _Audit:
    """One item of one plan: every rule, wave by wave."""

    def __init__(
        self, problem: Problem, plan: Plan, item: int, cells: Ints, published: Mask
    ) -> None:
        needs = problem.needs
        self.problem, self.plan, self.item = problem, plan, item
        self.published = published
        self.rows = np.flatnonzero(needs.item == item)
        self.cells = cells[self.rows]
        self.weight = needs.weight[self.rows]
        self.floor = needs.floor[self.rows]
        self.drop = needs.drop[self.rows]
        asked = needs.request[self.rows]
        most = needs.cap[self.rows]
        self.most = np.where((asked >= 0) & (asked < most), asked, most)
        self.base = needs.stock[self.rows] + self.cells[:, published].sum(axis=1)
        self.arrived = self._arrived()
        self.heads = np.zeros(len(self.rows), dtype=np.uint64)
        self.hashed = np.zeros(len(self.rows), dtype=bool)

    def faults(self) -> list[str]:
        found = [*self._drops(), *self._caps(), *self._supply()]
        held = self.base.copy()
        for wave in np.flatnonzero(~self.published).tolist():
            given = self.cells[:, wave]
            reach = self._reach(wave)
            for i in np.flatnonzero((given > 0) & ~reach)[:SHOWN].tolist():
                found.append(f"Wave {wave} is directed to other hubs than that of {self.at(i)}.")
            after = held + given
            found += self._order(wave, given, after, reach)
            held = after
        return found

    def at(self, i: int) -> str:
        return _name(self.problem, int(self.rows[i]))

    def _arrived(self) -> Ints:
        name = self.problem.items[self.item].id
        days = [wave.day for wave in self.problem.waves]
        return np.array(
            [
                sum(s.units for s in self.problem.supply if s.item == name and s.day <= d)
                for d in days
            ],
            dtype=np.int64,
        )

    def _drops(self) -> Iterator[str]:
        split = (self.cells % self.drop[:, None] != 0) & ~self.published
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
        spent = np.cumsum(self.cells.sum(axis=0))
        kept = np.cumsum(np.where(self.published, self.cells.sum(axis=0), 0))
        for wave in np.flatnonzero(spent > np.maximum(self.arrived, kept)).tolist():
            item = self.problem.items[self.item].id
            yield (
                f'By wave {wave} the plan gives {spent[wave]:,} units of "{item}"; '
                f"{self.arrived[wave]:,} have arrived."
            )

    def _reach(self, wave: int) -> Mask:
        hubs = self.problem.waves[wave].hubs
        node = self.problem.needs.node[self.rows]
        if not hubs:
            return np.ones(len(node), dtype=bool)
        wanted = np.array([self.problem.index[hub] for hub in hubs], dtype=np.int64)
        inside = np.zeros(len(node), dtype=bool)
        while (node >= 0).any():
            inside |= np.isin(node, wanted)
            node = np.where(node >= 0, self.problem.parent[node], -1)
        return inside

    # ------------------------------------------------------------------------- order

    def _claims(self, i: Ints, held: Ints) -> _Claims:
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
        return _Claims(i, stage, key, -second)

    def _order(self, wave: int, given: Ints, after: Ints, reach: Mask) -> Iterator[str]:
        total = int(self.arrived[-1])
        room = np.minimum(self.most - self.base, total)
        waits = np.flatnonzero(reach & (after - self.base + self.drop <= room))
        served = np.flatnonzero((given > 0) & reach)
        item = self.problem.items[self.item].id
        left = self._left(wave)
        weakest = strongest = None
        if len(served):
            weakest = self._claims(served, after[served] - self.drop[served]).extreme(last=True)
        if len(waits):
            strongest = self._claims(waits, after[waits]).extreme(last=False)
        yield from self._cut(wave, item, weakest, int(given.sum()), left)
        if weakest and strongest:
            yield from self._envy(wave, weakest, strongest)
        if strongest:
            yield from self._idle(wave, left, strongest[1])

    def _left(self, wave: int) -> int:
        """Units that could still have been given in this wave."""
        later = ~self.published & (np.arange(len(self.published)) > wave)
        counted = np.where(later, 0, self.cells.sum(axis=0))
        return int((self.arrived - np.cumsum(counted))[wave:].min())

    def _envy(
        self,
        wave: int,
        weakest: tuple[tuple[int, float, float], Ints],
        strongest: tuple[tuple[int, float, float], Ints],
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
        first = int(waiting[0]) if len(np.unique(sizes)) == 1 else self._by_seed(waiting)[0]
        if left >= self.drop[first]:
            yield (
                f"Wave {wave}: {left:,} units are left although {self.at(first)} waits for "
                f"{self.drop[first]}."
            )

    def _cut(
        self,
        wave: int,
        item: str,
        weakest: tuple[tuple[int, float, float], Ints] | None,
        units: int,
        left: int,
    ) -> Iterator[str]:
        """What the plan publishes of its cut must be what it did."""
        cuts = [c for c in self.plan.cuts if c.item == self.item and c.wave == wave]
        if len(cuts) != 1:
            yield f'Wave {wave}: {len(cuts)} cuts are published for "{item}"; one is needed.'
            return
        cut = cuts[0]
        stage, key = (None, None) if weakest is None else weakest[0][:2]
        name = None if stage is None else STAGE_NAMES[stage]
        if (cut.stage, cut.key, cut.units, cut.left) != (name, key, units, max(left, 0)):
            yield (
                f'Wave {wave}: the published cut of "{item}" ({cut.stage}, {cut.key}, '
                f"{cut.units:,} units, {cut.left:,} left) is not what was given ({name}, {key}, "
                f"{units:,} units, {left:,} left)."
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
        edges = rows[(heads == heads.min()) | (heads == heads.max())].tolist()
        return sorted(edges, key=self._digest)

    def _sha(self, name: str) -> bytes:
        return hashlib.sha256(f"{self.plan.seed}:{name}".encode()).digest()

    def _digest(self, row: int) -> bytes:
        return self._sha(self.problem.node_ids[int(self.problem.needs.node[self.rows[row]])])


def _words(claim: tuple[int, float, float]) -> str:
    return f"{STAGE_NAMES[claim[0]]} {claim[1]:.6g}"
