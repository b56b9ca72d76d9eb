"""Plan: who gets how many units in which wave, with the cuts that decided it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..ledger import Ledger
from ..problem import Problem, Wave
from ..ties import Seed
from ..waves import Cut
from .cells import Allocations, Whole, dense
from .certificate import Certificate, certify
from .comparison import Comparison, compare
from .explanation import Explanation, explain
from .forced import Forced
from .metrics import measure, overall
from .standing import Standing, restore
from .transport import Hubs, Price, Shipment

if TYPE_CHECKING:
    from ..lanes import Grouped


@dataclass(frozen=True, eq=False)
class Plan:
    """A plan. Indices in `allocations` refer to `node_ids` and `item_ids`, waves to `waves`.

    `published` lists waves that were published before this plan and are kept as they were; `fixed`
    the (node id, item id) pairs that a person settled. `problem` is attached by `solve`, or when a
    file is read together with its problem; metrics, explanations and files need it.
    `by_hub`: something on the way limits the plan, so each hub has its own cut of the list;
    `prices` are then those of the limits. `shipments` are there wherever the problem names lanes;
    `forced` says what each event forced since the first plan. `claimed` is what the file that the
    plan was read from says of its certificate (value, bound, gap), for `check` to compare.
    """

    problem_sha256: str
    seed: Seed
    node_ids: Sequence[str]
    item_ids: tuple[str, ...]
    waves: tuple[Wave, ...]
    allocations: Allocations
    cuts: tuple[Cut, ...]
    published: tuple[int, ...] = ()
    fixed: tuple[tuple[str, str], ...] = ()
    shipments: tuple[Shipment, ...] = ()
    prices: tuple[Price, ...] = ()
    by_hub: bool = False
    forced: tuple[Forced, ...] = ()
    claimed: tuple[float, float, float] | None = None
    problem: Problem | None = field(default=None, repr=False)
    standings: Mapping[int, Standing] = field(default_factory=dict, repr=False)

    def publish(self, waves: Sequence[int]) -> "Plan":
        """The same plan with these waves marked as published."""
        marked = tuple(sorted({*self.published, *waves}))
        unknown = [wave for wave in marked if not 0 <= wave < len(self.waves)]
        if unknown:
            raise ValueError(f"wave {unknown[0]} is not in the plan (0 to {len(self.waves) - 1}).")
        # What is ranked changes with what is published, so the standing is made anew; the order of
        # claims does not, and serves again.
        made = replace(self, published=marked, standings={}, claimed=None)
        vars(made)["ledgers"], vars(made)["grouped"] = self.ledgers, self.grouped
        if "units" in vars(self):
            vars(made)["units"] = self.units
        return made

    @cached_property
    def ledgers(self) -> dict[int, Ledger]:
        """The ranked lists that are there, by item."""
        return {item: standing.ledger for item, standing in self.standings.items()}

    @cached_property
    def grouped(self) -> "Grouped | None":
        """The curves of a plan with lanes, where it was made here; a replan begins with them."""
        return None

    @cached_property
    def units(self) -> Whole:
        """[R, W] of whole numbers: units by needs row of the problem and wave."""
        units = dense(self.need_problem(), self.allocations)
        units.flags.writeable = False
        return units

    def units_of(self, row: int) -> Whole:
        """[W]: units of one needs row by wave, without the table of all rows."""
        if "units" in vars(self) or not self._in_order:
            known: Whole = self.units[row]
            return known
        needs, lines = self.need_problem().needs, self.allocations
        # A number of the type of the column, or the whole column would be turned into its type.
        node = lines.node.dtype.type(needs.node[row])
        first, last = (int(np.searchsorted(lines.node, node, side)) for side in ("left", "right"))
        mine = np.flatnonzero(lines.item[first:last] == needs.item[row]) + first
        units = np.zeros(len(self.waves), dtype=np.int64)
        np.add.at(units, lines.wave[mine], lines.units[mine])
        return units

    @cached_property
    def _in_order(self) -> bool:
        """Whether the lines stand in the order of the problem's nodes, as `solve` writes them."""
        if self.node_ids is not self.need_problem().node_ids:
            return False
        node = self.allocations.node
        return bool((node[1:] >= node[:-1]).all())

    def ready(self) -> "Plan":
        """This plan, with what an explanation needs made beforehand."""
        _ = self._in_order
        for standing in self.standings.values():
            standing.ready()
        return self

    def explain(self, node: str, item: str | None = None) -> Explanation:
        """Why this node gets its units of this item (the only item, when there is one)."""
        if item is None:
            if len(self.item_ids) != 1:
                raise KeyError(f"Name one of the items {', '.join(self.item_ids)}.")
            item = self.item_ids[0]
        return explain(self, node, item)

    def metrics(self) -> dict[str, dict[str, Any]]:
        """Figures by item id (plan/metrics.py says what each one is)."""
        return measure(self)

    def overall(self) -> dict[str, Any]:
        """Figures of the whole plan: cost, lanes, price of fairness (plan/metrics.py)."""
        return overall(self)

    @cached_property
    def certificate(self) -> Certificate:
        """Value, computed lower bound and gap of the ranked part (plan/certificate.py)."""
        problem = self.need_problem()
        if not self.by_hub:
            return certify(self.standing(item) for item in range(len(problem.items)))
        # Not above: HiGHS is only loaded where lanes are planned.
        from ..lanes.certificate import certify_lanes

        return certify_lanes(
            problem, self.seed, self.units, self._closed, self.published, self.prices
        )

    def diff(self, other: "Plan") -> Comparison:
        """What changes from this plan to `other`, matched by ids."""
        return compare(self, other)

    def to_json(self, path: Path | str) -> None:
        """Write PLAN JSON (docs/planning.md)."""
        from .documents import write_plan

        write_plan(self, Path(path))

    def to_parquet(self, folder: Path | str) -> None:
        """Write plan.json and allocations.parquet into a folder, for national size."""
        from .documents import write_plan_tables

        write_plan_tables(self, Path(folder))

    @classmethod
    def from_json(cls, path: Path | str, problem: Problem | None = None) -> "Plan":
        """Read PLAN JSON; all but `diff` and `check` need the problem.

        Raises ProblemError when it is not a plan.
        """
        from .documents import read_plan

        return read_plan(Path(path), problem)

    @classmethod
    def from_parquet(cls, folder: Path | str, problem: Problem | None = None) -> "Plan":
        """Read what `to_parquet` wrote; else as `from_json`."""
        from .documents import read_plan_tables

        return read_plan_tables(Path(folder), problem)

    # ------------------------------------------------------------------------ for the above

    def standing(self, item: int) -> Standing:
        """The ranked list of an item and what was given of it; ranked again for a plan read."""
        if item not in self.standings:
            problem = self.need_problem()
            made = restore(problem, item, self.seed, self.units, self.published, self._closed)
            object.__setattr__(self, "standings", {**self.standings, item: made})
        return self.standings[item]

    def cuts_of(self, item: int, node: int) -> dict[int, Cut]:
        """The cuts of an item by wave, as they concern a node."""
        hub = None
        if self.by_hub:
            at = int(self.hubs.of_node[node])
            hub = self.hubs.labels[at] if at >= 0 else ""
        return self._cuts.get((item, hub), {})

    @cached_property
    def hubs(self) -> Hubs:
        """Hubs of a plan with lanes: those that share a cut."""
        from ..lanes.network import network_of
        from ..lanes.report import hubs_of

        return hubs_of(network_of(self.need_problem()))

    def is_fixed(self, row: int) -> bool:
        """Whether a person settled this needs row."""
        if not self.fixed:
            return False
        needs = self.need_problem().needs
        pair = (self.node_ids[needs.node[row]], self.item_ids[needs.item[row]])
        return pair in self._fixed_pairs

    @cached_property
    def _closed(self) -> NDArray[np.bool_]:
        """bool[R]: needs rows that a person settled."""
        problem = self.need_problem()
        closed = np.zeros(len(problem.needs), dtype=bool)
        closed[[problem.row_of(*pair) for pair in self.fixed]] = True
        return closed

    @cached_property
    def _fixed_pairs(self) -> frozenset[tuple[str, str]]:
        return frozenset(self.fixed)

    @cached_property
    def _cuts(self) -> dict[tuple[int, str | None], dict[int, Cut]]:
        by_item: dict[tuple[int, str | None], dict[int, Cut]] = {}
        for cut in self.cuts:
            by_item.setdefault((cut.item, cut.hub), {})[cut.wave] = cut
        return by_item

    def need_problem(self) -> Problem:
        """The problem this plan answers; ValueError when it was read without it."""
        if self.problem is None:
            raise ValueError("The plan was read without its problem; read it again with problem=.")
        return self.problem
