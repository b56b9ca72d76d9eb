"""One name for one content: the SHA-256 that a plan carries of the problem it answers."""

import hashlib
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .model import Item, Lane, Problem

_COLUMNS = ("node", "item", "weight", "floor", "cap", "stock", "drop", "request")
# Fields that came later: left out where they say nothing, so that older names hold.
_LATER = {"whole_cartons": False, "from_day": 0, "until_day": None}
_KINDS = {"weight": "<f8", "estimated": "u1"}


def digest(problem: "Problem") -> str:
    """Hex SHA-256 over scalars, tables, node ids and needs in (node, item) order.

    The order of nodes counts as content; the order of needs does not, because JSON keeps them
    under their nodes and a caller's arrays may be sorted by item.
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
    total = hashlib.sha256(b"tongzhou problem 1\n")
    total.update(json.dumps(small, sort_keys=True, ensure_ascii=True).encode())
    # Line ends cannot be part of an id (validation), so the join is unambiguous.
    total.update(("\n" + "\n".join(problem.node_ids) + "\n").encode())
    # A fixed byte order, so that the name is the same on every machine.
    total.update(problem.parent.astype("<i8", copy=False).tobytes())
    needs = problem.needs
    rows = problem.by_node
    for column in (*_COLUMNS, "estimated"):
        values = getattr(needs, column)
        values = values if rows is None else values[rows]
        total.update(values.astype(_KINDS.get(column, "<i8"), copy=False).tobytes())
    return total.hexdigest()


def _stated(row: "Item | Lane") -> dict[str, Any]:
    return {
        name: value
        for name, value in asdict(row).items()
        if name not in _LATER or value != _LATER[name]
    }
