"""Problem: who needs what, with which registry weight, and what arrives when."""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .digest import body, digest
from .faults import ProblemError, real_numbers, truths, whole_number, whole_numbers
from .validation import faults_of, faults_of_parts

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

NO_REQUEST = -1


def _settle(row: object, *names: str) -> None:
    """Make plain integers of these fields, so that equal rows have equal hashes."""
    for name in names:
        value = whole_number(f"{type(row).__name__}.{name}", getattr(row, name))
        object.__setattr__(row, name, value)


@dataclass(frozen=True, slots=True)
class Item:
    """A kind of good.

    With `whole_cartons`, lanes carry it in cartons of `carton_units` that only the hub opens;
    without, `carton_units` is carried for packing and limits nothing.
    """

    id: str
    volume_l: float = 0.0
    carton_units: int = 1
    whole_cartons: bool = False

    def __post_init__(self) -> None:
        _settle(self, "carton_units")


@dataclass(frozen=True, slots=True)
class Supply:
    """Units of an item that a producer has ready on a day; `firm` False means expected."""

    item: str
    day: int
    units: int
    producer: str = ""
    firm: bool = True

    def __post_init__(self) -> None:
        _settle(self, "day", "units")


@dataclass(frozen=True, slots=True)
class Wave:
    """One cut in the ranked list, on a day. `hubs` directs it to nodes at or under these ids."""

    day: int
    hubs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _settle(self, "day")
        object.__setattr__(self, "hubs", tuple(self.hubs))


@dataclass(frozen=True, slots=True)
class Lane:
    """A way from a producer to a hub; `units_a_day` None means no limit.

    It ships on the days from `from_day` to `until_day` (None: to the end), both included; a lane
    whose capacity changes is two rows. `cost` is for each unit.
    """

    source: str
    target: str
    lead_days: int = 0
    units_a_day: int | None = None
    cost: float = 0.0
    from_day: int = 0
    until_day: int | None = None

    def __post_init__(self) -> None:
        stated = [n for n in ("units_a_day", "until_day") if getattr(self, n) is not None]
        _settle(self, "lead_days", "from_day", *stated)


@dataclass(frozen=True, slots=True)
class Inbound:
    """What a hub can take in a day."""

    node: str
    units_a_day: int

    def __post_init__(self) -> None:
        _settle(self, "units_a_day")


@dataclass(frozen=True, slots=True)
class Kit:
    """A recipe: units of each item in one kit."""

    id: str
    lines: Mapping[str, int]

    def __post_init__(self) -> None:
        lines = {item: whole_number(item, units) for item, units in self.lines.items()}
        object.__setattr__(self, "lines", lines)


@dataclass(frozen=True, eq=False)
class Needs:
    """One row for each node and item, as parallel arrays of length R.

    node, item: indices into `Problem.node_ids` and `Problem.items`; weight: registry weight, >= 0;
    floor: units a node should hold before anybody gets more; cap: what the registry says it can
    use at most; request: what it asked for, -1 where it did not ask; stock: verified units it
    holds already; drop: units that travel together and are never split; estimated: bool[R], a
    figure behind the weight was missing and the parent's median stands for it.
    """

    node: Ints
    item: Ints
    weight: Floats
    floor: Ints
    cap: Ints
    stock: Ints
    drop: Ints
    request: Ints
    estimated: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.node)

    @cached_property
    def validated(self) -> Ints:
        """min(request, registry cap): the most a node may hold, int64[R]."""
        asked = np.where(self.request == NO_REQUEST, self.cap, self.request)
        validated: Ints = np.minimum(asked, self.cap)
        return validated

    @cached_property
    def room(self) -> Ints:
        """Units a node may still receive: validated cap less verified stock, never below 0."""
        room: Ints = np.maximum(self.validated - self.stock, 0)
        return room


@dataclass(frozen=True, eq=False)
class Problem:
    """The whole input of `solve`. Build it with `from_arrays`, `from_json` or `from_parquet`.

    Arrays are read-only once the problem is built; `sha256` names its content.
    Raises ProblemError (a ValueError) with one sentence per fault.
    """

    node_ids: Sequence[str]
    parent: Ints
    items: tuple[Item, ...]
    needs: Needs
    supply: tuple[Supply, ...]
    waves: tuple[Wave, ...]
    horizon_days: int
    objective: str = "webster"
    lanes: tuple[Lane, ...] = ()
    inbound: tuple[Inbound, ...] = ()
    kits: tuple[Kit, ...] = ()
    index: Mapping[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        index = dict(zip(self.node_ids, range(len(self.node_ids)), strict=True))
        object.__setattr__(self, "index", index)
        faults = faults_of(self)
        if faults:
            raise ProblemError(faults)
        # `sha256` is kept once computed, so what it stands for must not change afterwards.
        for array in (self.parent, *vars(self.needs).values()):
            array.flags.writeable = False

    @classmethod
    def from_arrays(
        cls,
        node_ids: Sequence[str] | NDArray[Any],
        parent: ArrayLike = -1,
        *,
        node: ArrayLike,
        weight: ArrayLike,
        cap: ArrayLike,
        item: ArrayLike = 0,
        floor: ArrayLike = 0,
        stock: ArrayLike = 0,
        drop: ArrayLike = 1,
        request: ArrayLike = NO_REQUEST,
        estimated: ArrayLike = False,
        items: Sequence[Item],
        supply: Sequence[Supply],
        waves: Sequence[Wave] = (),
        horizon_days: int | None = None,
        objective: str = "webster",
        lanes: Sequence[Lane] = (),
        inbound: Sequence[Inbound] = (),
        kits: Sequence[Kit] = (),
    ) -> "Problem":
        """Build a problem from N nodes and R needs held as arrays; scalars are repeated.

        node_ids: N unique strings, inner nodes (hubs) included; parent: int[N], index of the node
        above, -1 at the top; node: int[R], index of the row's node; item: int[R], index in
        `items`; weight: float[R]; floor, cap, stock, drop, request: int[R] in base units, request
        -1 where nothing was asked; estimated: bool[R]. The arrays are copied. Without waves, one
        wave on the last day of supply is planned; without a horizon, it is the last day named.
        """
        ids = node_ids.tolist() if isinstance(node_ids, np.ndarray) else list(node_ids)
        rows = len(np.asarray(node))
        last_day = max((row.day for row in supply), default=0)
        planned = tuple(waves) or (Wave(last_day),)
        needs = Needs(
            node=whole_numbers("node", node, rows),
            item=whole_numbers("item", item, rows),
            weight=real_numbers("weight", weight, rows),
            floor=whole_numbers("floor", floor, rows),
            cap=whole_numbers("cap", cap, rows),
            stock=whole_numbers("stock", stock, rows),
            drop=whole_numbers("drop", drop, rows),
            request=whole_numbers("request", request, rows),
            estimated=truths("estimated", estimated, rows),
        )
        return cls(
            node_ids=ids,
            parent=whole_numbers("parent", parent, len(ids)),
            items=tuple(items),
            needs=needs,
            supply=tuple(supply),
            waves=planned,
            horizon_days=max(last_day, planned[-1].day) if horizon_days is None else horizon_days,
            objective=objective,
            lanes=tuple(lanes),
            inbound=tuple(inbound),
            kits=tuple(kits),
        )

    def changed(self, **parts: Any) -> "Problem":
        """This problem with other supply, lanes, inbound limits or needs (the same rows of them).

        What stays is neither copied nor looked through again. Raises ProblemError as the
        constructor does.
        """
        made = copy(self)
        vars(made).pop("sha256", None)
        if "needs" in parts:
            vars(made).pop("_body", None)
        for name, value in parts.items():
            object.__setattr__(made, name, value)
        faults = faults_of_parts(made, needs="needs" in parts)
        if faults:
            raise ProblemError(faults)
        for array in vars(made.needs).values():
            array.flags.writeable = False
        return made

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the canonical content, the same from JSON, Parquet or arrays."""
        return digest(self, self._body)

    @cached_property
    def _body(self) -> Any:
        """The hash of nodes and needs, which is most of the work."""
        return body(self)

    @cached_property
    def item_index(self) -> Mapping[str, int]:
        return {item.id: k for k, item in enumerate(self.items)}

    @cached_property
    def by_node(self) -> Ints | None:
        """int64[R]: needs rows in the order of (node, item), None when they stand so already."""
        place = self._place()
        return None if (place[1:] > place[:-1]).all() else np.argsort(place)

    def _place(self) -> Ints:
        """(node, item) of each needs row as one number."""
        place: Ints = self.needs.node * len(self.items) + self.needs.item
        return place

    @cached_property
    def _sorted_place(self) -> Ints:
        return self._place() if self.by_node is None else self._place()[self.by_node]

    def rows_of(self, node: Ints, item: Ints) -> Ints:
        """int64: needs row of each (node, item) index, -1 where no need is stated."""
        places = self._sorted_place
        wanted = node * len(self.items) + item
        known = (node >= 0) & (item >= 0) & (item < len(self.items))
        if not len(places):
            return np.full(len(wanted), -1, dtype=np.int64)
        at = np.minimum(np.searchsorted(places, wanted), len(places) - 1)
        rows = at if self.by_node is None else self.by_node[at]
        return np.where(known & (places[at] == wanted), rows, -1)

    def row_of(self, node: str, item: str) -> int:
        """Needs row of a node's need of an item, by ids; KeyError when there is none."""
        if node not in self.index:
            raise KeyError(f'There is no node "{node}" in the problem.')
        if item not in self.item_index:
            raise KeyError(f'There is no item "{item}" in the problem.')
        found = self._row_at(self.index[node], self.item_index[item])
        if found is None:
            raise KeyError(f'Node "{node}" states no need of "{item}".')
        return found

    def _row_at(self, node: int, item: int) -> int | None:
        if self.by_node is not None:
            found = int(self.rows_of(np.array([node]), np.array([item]))[0])
            return None if found < 0 else found
        # Looked up in the columns themselves, which one look-up does not make a third of.
        needs = self.needs
        start, end = (int(np.searchsorted(needs.node, node, side)) for side in ("left", "right"))
        at = start + int(np.searchsorted(needs.item[start:end], item))
        return at if at < end and needs.item[at] == item else None

    def path(self, node: int) -> list[str]:
        """Ids of a node and of all nodes above it."""
        found = []
        while node >= 0:
            found.append(self.node_ids[node])
            node = int(self.parent[node])
        return found

    def under(self, hubs: Sequence[str]) -> NDArray[np.bool_]:
        """bool[N]: nodes that are one of `hubs` or below one; all nodes when `hubs` is empty."""
        if not hubs:
            return np.ones(len(self.node_ids), dtype=bool)
        reached = np.zeros(len(self.node_ids) + 1, dtype=bool)  # the last is the parent of the top
        # Each round goes one level down, so it ends after as many rounds as the tree is deep.
        reached[[self.index[hub] for hub in hubs]] = True
        while True:
            wider = reached.copy()
            wider[:-1] |= reached[self.parent]
            if np.array_equal(wider, reached):
                return reached[:-1]
            reached = wider

    @classmethod
    def from_json(cls, path: Path | str) -> "Problem":
        """Read PROBLEM JSON (docs/planning.md); ProblemError names place and fault."""
        from .documents import read_problem

        return read_problem(Path(path))

    def to_json(self, path: Path | str) -> None:
        from .documents import write_problem

        write_problem(self, Path(path))

    @classmethod
    def from_parquet(cls, folder: Path | str) -> "Problem":
        """Read a folder of Parquet tables with the columns of the JSON form (docs/planning.md)."""
        from .tables import read_tables

        return read_tables(Path(folder))

    def to_parquet(self, folder: Path | str) -> None:
        from .tables import write_tables

        write_tables(self, Path(folder))
