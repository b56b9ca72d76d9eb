"""One name for one content: the SHA-256 that a plan carries of the problem it answers."""

import hashlib
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from .model import Item, Lane, Problem

_COLUMNS = ("node", "item", "weight", "floor", "cap", "stock", "drop", "request")
# Fields that came later: left out where they say nothing, so that older names hold.
_LATER = {"whole_cartons": False, "from_day": 0, "until_day": None}
_KINDS = {"weight": "<f8", "estimated": "u1"}
_BLOCK = 65_536  # rows


def digest(problem: "Problem", nodes_and_needs: Any) -> str:
    """Hex SHA-256 over node ids, needs in (node, item) order, scalars and tables.

    The order of nodes counts as content; the order of needs does not, because JSON keeps them
    under their nodes and a caller's arrays may be sorted by item. nodes_and_needs: what `body`
    gives; it is not changed.
    """
    small = {
        "horizon_days": problem.horizon_days,
        "objective": problem.objective,
        "items": [_stated(item) for item in problem.items],
        "supply": [asdict(row) for row in problem.supply],
        "waves": [{"day": wave.day, "hubs": list(wave.hubs)} for wave in problem.waves],
        "lanes": [_stated(lane) for lane in problem.lanes],
        "inbound": [asdict(row) for row in problem.inbound],
        "kits": [{"id": kit.id, "lines": dict(kit.lines)} for kit in problem.kits],
    }
    total = nodes_and_needs.copy()
    total.update(json.dumps(small, sort_keys=True, ensure_ascii=True).encode())
    return str(total.hexdigest())


def body(problem: "Problem") -> Any:
    """The hash of nodes and needs, to which the small tables are added."""
    total = hashlib.sha256(b"tongzhou problem 2\n")
    total.update(f"{len(problem.node_ids)} nodes, {len(problem.needs)} needs\n".encode())
    # Line ends cannot be part of an id (validation), so the join is unambiguous.
    for text in ("\n".join(problem.node_ids), "\n"):
        total.update(text.encode())
    # A fixed byte order, so that the name is the same on every machine.
    _feed(total, problem.parent, "<i8")
    needs = problem.needs
    rows = problem.by_node
    for column in (*_COLUMNS, "estimated"):
        values = getattr(needs, column)
        values = values if rows is None else values[rows]
        _feed(total, values, _KINDS.get(column, "<i8"))
    return total


def _feed(total: "hashlib._Hash", values: NDArray[Any], kind: str) -> None:
    """Hash a column; one number that stands for all rows is not laid out for it."""
    if not len(values) or values.strides != (0,):
        total.update(np.ascontiguousarray(values, dtype=kind).data)
        return
    block = np.full(min(len(values), _BLOCK), values[0], dtype=kind)
    for start in range(0, len(values), _BLOCK):
        total.update(block[: len(values) - start].data)


def _stated(row: "Item | Lane") -> dict[str, Any]:
    return {
        name: value
        for name, value in asdict(row).items()
        if name not in _LATER or value != _LATER[name]
    }
