"""PROBLEM as JSON: read with the place of each fault, written in one fixed form."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ..limits import MAX_FILE_BYTES
from .faults import ProblemError
from .model import NO_REQUEST, Inbound, Item, Kit, Lane, Needs, Problem, Supply, Wave

_TOP = {
    *("horizon_days", "objective", "items", "nodes", "supply"),
    *("lanes", "inbound", "kits", "waves", "note"),
}
_ITEM = {"id", "volume_l", "carton_units", "whole_cartons", "name", "note"}
_LANE = {"from", "to", "lead_days", "units_a_day", "cost", "from_day", "until_day", "note"}
_NEED = ("weight", "floor", "cap", "stock", "drop", "request", "estimated")


def read_problem(path: Path) -> Problem:
    """The problem in a JSON file. Raises ProblemError; OSError when the file cannot be read."""
    size = path.stat().st_size
    if size > MAX_FILE_BYTES:
        raise ProblemError(
            [f"{path.name} has {size:,} bytes, at most {MAX_FILE_BYTES:,} are read; use Parquet."]
        )
    try:
        data = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse_constant)
    except UnicodeDecodeError as fault:
        raise ProblemError(
            [f"{path.name} is not UTF-8 (byte {fault.start}); save it so."]
        ) from fault
    except json.JSONDecodeError as fault:
        raise ProblemError(
            [f"{path.name} is not JSON (line {fault.lineno}, column {fault.colno}): {fault.msg}."]
        ) from fault
    return problem_from(data)


def problem_from(data: Any) -> Problem:
    """The problem of parsed JSON (docs/planning.md); ProblemError names every place at fault."""
    reader = _Reader()
    small = reader.small(data)
    nodes = list(reader.rows(data, "nodes", reader.node))
    reader.stop()
    columns: dict[str, Any] = reader.columns(
        nodes, {item.id: k for k, item in enumerate(small["items"])}
    )
    parent = reader.parents(nodes)
    reader.stop()
    return Problem.from_arrays([node.id for node in nodes], parent, **columns, **small)


def small_from(data: Any) -> dict[str, Any]:
    """Everything but nodes and needs, as keyword arguments of `Problem.from_arrays`."""
    reader = _Reader()
    small = reader.small(data)
    reader.stop()
    return small


def small_to(problem: Problem) -> dict[str, Any]:
    """Everything but nodes and needs, in the JSON form."""
    return {
        "horizon_days": problem.horizon_days,
        "objective": problem.objective,
        "items": [
            {
                "id": item.id,
                "volume_l": item.volume_l,
                "carton_units": item.carton_units,
                **({"whole_cartons": True} if item.whole_cartons else {}),
            }
            for item in problem.items
        ],
        "supply": [_supply_to(row) for row in problem.supply],
        "lanes": [_lane_to(lane) for lane in problem.lanes],
        "inbound": [{"node": row.node, "units_a_day": row.units_a_day} for row in problem.inbound],
        "kits": [{"id": kit.id, "lines": dict(kit.lines)} for kit in problem.kits],
        "waves": [wave_to(wave) for wave in problem.waves],
    }


def problem_to(problem: Problem) -> dict[str, Any]:
    """The JSON form; reading it again gives the same problem and the same sha256."""
    nodes: list[dict[str, Any]] = [
        {"id": name, "parent": None if above < 0 else problem.node_ids[above]}
        for name, above in zip(problem.node_ids, problem.parent.tolist(), strict=True)
    ]
    for row, (node, item) in enumerate(
        zip(problem.needs.node.tolist(), problem.needs.item.tolist(), strict=True)
    ):
        stated = nodes[node].setdefault("needs", {})
        stated[problem.items[item].id] = _need_to(problem.needs, row)
    return {**small_to(problem), "nodes": nodes}


def write_problem(problem: Problem, path: Path) -> None:
    text = json.dumps(problem_to(problem), ensure_ascii=False, separators=(",", ":"))
    path.write_text(text + "\n", encoding="utf-8")


def wave_to(wave: Wave) -> dict[str, Any]:
    return {"day": wave.day, "hubs": list(wave.hubs)} if wave.hubs else {"day": wave.day}


def _need_to(needs: Needs, row: int) -> dict[str, Any]:
    stated = {name: getattr(needs, name)[row].item() for name in _NEED}
    if stated["request"] == NO_REQUEST:
        del stated["request"]
    if not stated["estimated"]:
        del stated["estimated"]
    return stated


def _supply_to(row: Supply) -> dict[str, Any]:
    return {
        "producer": row.producer,
        "item": row.item,
        "day": row.day,
        "units": row.units,
        "status": "firm" if row.firm else "expected",
    }


def _lane_to(lane: Lane) -> dict[str, Any]:
    return {
        "from": lane.source,
        "to": lane.target,
        "lead_days": lane.lead_days,
        "units_a_day": lane.units_a_day,
        "cost": lane.cost,
        # Left out where a lane is always open, so that such a problem keeps its name.
        **({"from_day": lane.from_day} if lane.from_day else {}),
        **({} if lane.until_day is None else {"until_day": lane.until_day}),
    }


def _refuse_constant(name: str) -> float:
    raise ProblemError([f"The file holds {name}; numbers in it must be finite."])


class _Node(NamedTuple):
    id: str
    parent: str | None
    needs: Any


class _Reader:
    """Reads parsed JSON and notes the place of everything that is not what it should be."""

    def __init__(self) -> None:
        self.faults: list[str] = []

    def stop(self) -> None:
        if self.faults:
            raise ProblemError(self.faults)

    def small(self, data: Any) -> dict[str, Any]:
        if not self.is_object(data, "the file", _TOP):
            self.stop()
        days = data.get("horizon_days")
        return {
            "items": self.rows(data, "items", self.item),
            "supply": self.rows(data, "supply", self.supply),
            "waves": self.rows(data, "waves", self.wave),
            "lanes": self.rows(data, "lanes", self.lane),
            "inbound": self.rows(data, "inbound", self.inbound),
            "kits": self.rows(data, "kits", self.kit),
            "horizon_days": None if days is None else self.whole(data, "horizon_days", "the file"),
            "objective": self.text(data, "objective", "the file", "webster"),
        }

    def parents(self, nodes: Sequence["_Node"]) -> list[int]:
        """Index of the node above each node, -1 at the top."""
        index = {node.id: i for i, node in enumerate(nodes)}
        found = []
        for i, node in enumerate(nodes):
            if node.parent is not None and node.parent not in index:
                self.note(f"nodes[{i}].parent", f'"{node.parent}" is not in nodes')
            found.append(-1 if node.parent is None else index.get(node.parent, -1))
        return found

    # --------------------------------------------------------------------------- rows

    def rows(
        self, data: Mapping[str, Any], name: str, read: Callable[[Any, str], Any]
    ) -> list[Any]:
        values = data.get(name, [])
        if not isinstance(values, list):
            self.note(name, "a list is needed")
            return []
        return [read(value, f"{name}[{i}]") for i, value in enumerate(values)]

    def item(self, value: Any, at: str) -> Item:
        if not self.is_object(value, at, _ITEM):
            return Item("")
        return Item(
            self.text(value, "id", at),
            self.number(value, "volume_l", at, 0.0),
            self.whole(value, "carton_units", at, 1),
            self.truth(value, "whole_cartons", at),
        )

    def node(self, value: Any, at: str) -> "_Node":
        if not self.is_object(value, at, {"id", "parent", "needs", "name", "note"}):
            return _Node("", None, {})
        parent = None if value.get("parent") is None else self.text(value, "parent", at)
        return _Node(
            self.text(value, "id", at), parent, {} if value.get("needs") is None else value["needs"]
        )

    def columns(self, nodes: Sequence["_Node"], items: Mapping[str, int]) -> dict[str, Any]:
        """The needs of all nodes as parallel columns."""
        found: dict[str, list[Any]] = {name: [] for name in ("node", "item", *_NEED)}
        for i, k, stated, at in self.needs(nodes, items):
            found["node"].append(i)
            found["item"].append(k)
            found["weight"].append(self.number(stated, "weight", at, None))
            found["cap"].append(self.whole(stated, "cap", at))
            found["floor"].append(self.whole(stated, "floor", at, 0))
            found["stock"].append(self.whole(stated, "stock", at, 0))
            found["drop"].append(self.whole(stated, "drop", at, 1))
            asked = stated.get("request")
            found["request"].append(
                NO_REQUEST if asked is None else self.whole(stated, "request", at)
            )
            if asked is not None and found["request"][-1] == NO_REQUEST:
                self.note(
                    f"{at}.request", "a request is 0 or more; leave it out where none was made"
                )
            found["estimated"].append(self.truth(stated, "estimated", at))
        return found

    def needs(
        self, nodes: Sequence["_Node"], items: Mapping[str, int]
    ) -> Iterator[tuple[int, int, Mapping[str, Any], str]]:
        for i, node in enumerate(nodes):
            if not self.is_object(node.needs, f"nodes[{i}].needs", items):
                continue
            for name, stated in node.needs.items():
                at = f"nodes[{i}].needs.{name}"
                if self.is_object(stated, at, _NEED):
                    yield i, items[name], stated, at

    def supply(self, value: Any, at: str) -> Supply:
        if not self.is_object(value, at, {"producer", "item", "day", "units", "status", "note"}):
            return Supply("", 0, 0)
        status = value.get("status", "firm")
        if status not in ("firm", "expected"):
            self.note(f"{at}.status", f"{status!r} is neither firm nor expected")
        return Supply(
            item=self.text(value, "item", at),
            day=self.whole(value, "day", at),
            units=self.whole(value, "units", at),
            producer=self.text(value, "producer", at, ""),
            firm=status == "firm",
        )

    def wave(self, value: Any, at: str) -> Wave:
        if not self.is_object(value, at, {"day", "hubs", "note"}):
            return Wave(0)
        hubs = value.get("hubs") or []
        if not isinstance(hubs, list) or not all(isinstance(hub, str) for hub in hubs):
            self.note(f"{at}.hubs", "a list of node ids is needed")
            hubs = []
        return Wave(self.whole(value, "day", at), tuple(hubs))

    def lane(self, value: Any, at: str) -> Lane:
        if not self.is_object(value, at, _LANE):
            return Lane("", "")
        limit, last = value.get("units_a_day"), value.get("until_day")
        return Lane(
            source=self.text(value, "from", at),
            target=self.text(value, "to", at),
            lead_days=self.whole(value, "lead_days", at, 0),
            units_a_day=None if limit is None else self.whole(value, "units_a_day", at),
            cost=self.number(value, "cost", at, 0.0),
            from_day=self.whole(value, "from_day", at, 0),
            until_day=None if last is None else self.whole(value, "until_day", at),
        )

    def inbound(self, value: Any, at: str) -> Inbound:
        if not self.is_object(value, at, {"node", "units_a_day", "note"}):
            return Inbound("", 0)
        return Inbound(self.text(value, "node", at), self.whole(value, "units_a_day", at))

    def kit(self, value: Any, at: str) -> Kit:
        if not self.is_object(value, at, {"id", "lines", "note"}):
            return Kit("", {})
        lines = value.get("lines", {})
        if not isinstance(lines, dict):
            self.note(f"{at}.lines", "an object of item and units is needed")
            lines = {}
        counted = {name: self.whole(lines, name, f"{at}.lines") for name in lines}
        return Kit(self.text(value, "id", at), counted)

    # --------------------------------------------------------------------------- values

    def note(self, at: str, what: str) -> None:
        self.faults.append(f"{at}: {what}.")

    def is_object(self, value: Any, at: str, known: Any) -> bool:
        if not isinstance(value, dict):
            self.note(at, "an object is needed")
            return False
        strange = [key for key in value if key not in known]
        for key in strange:
            self.note(f"{at}.{key}", f"not known here; known are {', '.join(sorted(known))}")
        return not strange

    def text(self, data: Mapping[str, Any], name: str, at: str, default: str | None = None) -> str:
        value = data.get(name, default)
        if not isinstance(value, str):
            self.note(f"{at}.{name}", f"{value!r} is not text; codes are written in quotes")
            return ""
        return value

    def whole(self, data: Mapping[str, Any], name: str, at: str, default: int | None = None) -> int:
        """A whole number; without a default it must be there."""
        value = data.get(name, default)
        if value is None:
            self.note(f"{at}.{name}", "missing; a whole number is needed")
            return 0
        if isinstance(value, float) and value.is_integer() and abs(value) < 2.0**53:
            return int(value)
        if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 2**62:
            self.note(f"{at}.{name}", f"{value!r} is not a whole number of this size")
            return 0
        return value

    def number(self, data: Mapping[str, Any], name: str, at: str, default: float | None) -> float:
        value = data.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.note(f"{at}.{name}", f"{value!r} is not a number")
            return 0.0
        return float(value)

    def truth(self, data: Mapping[str, Any], name: str, at: str) -> bool:
        value = data.get(name, False)
        if not isinstance(value, bool):
            self.note(f"{at}.{name}", f"{value!r} is neither true nor false")
            return False
        return value
