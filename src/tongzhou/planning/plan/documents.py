"""PLAN as JSON, or as a folder with the allocations in Parquet; the same plan, the same bytes."""

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from ..limits import MAX_FILE_BYTES
from ..problem import Problem, ProblemError, Wave
from ..problem.documents import wave_to
from ..waves import Cut
from .cells import Allocations
from .forced import Forced, Withdrawn
from .model import Plan
from .transport import Price, Shipment

_TABLE = "allocations.parquet"
# The names of what a price is of, by kind of limit.
_LIMITS = {"supply": ("producer", "item"), "lane": ("from", "to"), "inbound": ("node",)}


def plan_to(plan: Plan, *, allocations: bool = True) -> dict[str, Any]:
    """The JSON form (docs/planning.md)."""
    certificate = plan.certificate
    rows = plan.allocations
    return {
        "problem_sha256": plan.problem_sha256,
        "seed": plan.seed,
        "shipments": [_shipment_to(shipment) for shipment in plan.shipments],
        "allocations": [
            {
                "node": plan.node_ids[node],
                "item": plan.item_ids[item],
                "wave": wave,
                "units": units,
            }
            for node, item, wave, units in zip(
                *(column.tolist() for column in rows.columns()), strict=True
            )
        ]
        if allocations
        else [],
        "waves": [wave_to(wave) for wave in plan.waves],
        "cuts": [_cut_to(plan, cut) for cut in plan.cuts],
        "certificate": {
            "primal": certificate.primal,
            "dual_bound": certificate.dual_bound,
            "gap": certificate.gap,
        },
        "duals": _duals_to(plan),
        **({"by_hub": True} if plan.by_hub else {}),
        "metrics": plan.metrics(),
        "overall": plan.overall(),
        "published": list(plan.published),
        **({"forced": [asdict(forced) for forced in plan.forced]} if plan.forced else {}),
        "fixed": [{"node": node, "item": item} for node, item in plan.fixed],
    }


def write_plan(plan: Plan, path: Path) -> None:
    path.write_text(_text(plan_to(plan)), encoding="utf-8")


def write_plan_tables(plan: Plan, folder: Path) -> None:
    """plan.json without allocations, and allocations.parquet (node, item, wave, units)."""
    import polars as pl

    folder.mkdir(parents=True, exist_ok=True)
    text = _text(plan_to(plan, allocations=False))
    (folder / "plan.json").write_text(text, encoding="utf-8")
    rows = plan.allocations
    nodes, items = np.array(plan.node_ids, dtype=object), np.array(plan.item_ids, dtype=object)
    pl.DataFrame(
        {
            "node": nodes[rows.node].tolist(),
            "item": items[rows.item].tolist(),
            "wave": rows.wave,
            "units": rows.units,
        },
        schema={"node": pl.String, "item": pl.String, "wave": pl.Int64, "units": pl.Int64},
    ).write_parquet(folder / _TABLE)


def read_plan(path: Path, problem: Problem | None) -> Plan:
    """The plan in a JSON file; ProblemError says what is wrong."""
    data = _parsed(path)
    return _from(data, problem, _listed(data))


def read_plan_tables(folder: Path, problem: Problem | None) -> Plan:
    """The plan in a folder; ProblemError says what is wrong."""
    return _from(_parsed(folder / "plan.json"), problem, _table(folder / _TABLE))


def _text(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n"


def _duals_to(plan: Plan) -> dict[str, Any]:
    """Prices by item and stage; with lanes, by stage, one line for each limit that has one."""
    if not plan.by_hub:
        duals: dict[str, Any] = {name: {} for name in plan.item_ids}
        for stage in plan.certificate.stages:
            assert stage.item is not None  # only stages of lanes are of no item
            duals[plan.item_ids[stage.item]][stage.stage] = stage.price
        return duals
    lines: dict[str, Any] = {stage.stage: [] for stage in plan.certificate.stages}
    for price in plan.prices:
        names = dict(zip(_LIMITS[price.kind], price.what, strict=True))
        days = {"first_day": price.first_day, "last_day": price.last_day}
        lines[price.stage].append({"limit": price.kind, **names, **days, "price": price.price})
    return lines


def _shipment_to(shipment: Shipment) -> dict[str, Any]:
    return {
        "from": shipment.source,
        "to": shipment.target,
        "item": shipment.item,
        "ship_day": shipment.ship_day,
        "arrive_day": shipment.arrive_day,
        "units": shipment.units,
    }


def _cut_to(plan: Plan, cut: Cut) -> dict[str, Any]:
    return {
        "item": plan.item_ids[cut.item],
        "wave": cut.wave,
        "hub": cut.hub,
        "stage": cut.stage,
        "key": cut.key if cut.key is not None and math.isfinite(cut.key) else None,
        "rank": cut.rank,
        "available": cut.available,
        "units": cut.units,
        "left": cut.left,
        "expected": cut.expected,
        **({} if cut.hub is None else {"last": cut.last}),
    }


# ------------------------------------------------------------------------------ reading


def _parsed(path: Path) -> dict[str, Any]:
    if path.stat().st_size > MAX_FILE_BYTES:
        raise ProblemError([f"{path.name} is above {MAX_FILE_BYTES:,} bytes; use Parquet."])
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as fault:
        raise ProblemError([f"{path.name} is not a plan in JSON: {fault}."]) from fault
    if not isinstance(data, dict):
        raise ProblemError([f"{path.name} is not a plan: an object is needed."])
    return data


def _listed(data: dict[str, Any]) -> list[tuple[Any, ...]]:
    rows = data.get("allocations", [])
    try:
        return [(row["node"], row["item"], row["wave"], row["units"]) for row in rows]
    except (KeyError, TypeError) as fault:
        raise ProblemError(
            [f"allocations: each line has node, item, wave and units ({fault})."]
        ) from fault


def _table(path: Path) -> list[tuple[Any, ...]]:
    import polars as pl

    try:
        return pl.read_parquet(path).select("node", "item", "wave", "units").rows()
    except (pl.exceptions.PolarsError, OSError) as fault:
        raise ProblemError([f"{path.name} is not the table of a plan: {fault}."]) from fault


def _from(data: dict[str, Any], problem: Problem | None, rows: Sequence[tuple[Any, ...]]) -> Plan:
    """Ids unknown to the problem are kept after its own, so that `check` can name them."""
    node_ids: list[str] = list(problem.node_ids) if problem else []
    item_ids: list[str] = [item.id for item in problem.items] if problem else []
    node_index = dict(problem.index) if problem else {}
    item_index = {name: i for i, name in enumerate(item_ids)}
    columns = np.zeros((4, len(rows)), dtype=np.int64)
    try:
        for i, (node, item, wave, units) in enumerate(rows):
            # `isinstance` would let true and false pass as 1 and 0.
            if type(wave) is not int or type(units) is not int:
                raise ProblemError([f"allocations[{i}]: wave and units are whole numbers."])
            place = node_index.setdefault(node, len(node_index))
            kind = item_index.setdefault(item, len(item_index))
            columns[:, i] = place, kind, wave, units
        cuts = tuple(_cut_from(cut, item_index) for cut in data.get("cuts", []))
        waves = tuple(Wave(wave["day"], tuple(wave.get("hubs", ()))) for wave in data["waves"])
        fixed = tuple((pair["node"], pair["item"]) for pair in data.get("fixed", []))
        sha256, seed = data["problem_sha256"], data["seed"]
        shipments = tuple(_shipment_from(row) for row in data.get("shipments", ()))
        by_hub = data.get("by_hub", False) is True
        forced = tuple(_forced_from(row) for row in data.get("forced", ()))
        prices = tuple(_prices_from(data["duals"])) if by_hub else ()
        published = tuple(_whole("published", wave) for wave in data.get("published", ()))
        claimed = _claim_from(data["certificate"]) if by_hub or "certificate" in data else None
        _seed_ok(seed)
    except ProblemError:
        raise  # it is a ValueError too, and says more
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as fault:
        raise ProblemError([f"The file is not a whole plan: {fault!r}."]) from fault
    # With the problem's own list, nobody who reads on has to match ids again.
    same = problem is not None and len(node_index) == len(node_ids)
    return Plan(
        problem_sha256=str(sha256),
        seed=seed,
        node_ids=problem.node_ids if problem is not None and same else list(node_index),
        item_ids=tuple(item_index),
        waves=waves,
        allocations=Allocations(*columns),
        cuts=cuts,
        published=published,
        fixed=fixed,
        shipments=shipments,
        prices=prices,
        by_hub=by_hub,
        forced=forced,
        claimed=claimed,
        problem=problem,
    )


def _whole(where: str, value: Any) -> int:
    """A whole number that columns hold, and not true or false."""
    if type(value) is not int or not -(2**62) < value < 2**62:
        raise ProblemError([f"{where}: {value!r} is not a whole number."])
    return value


def _maybe(where: str, value: Any) -> int | None:
    return None if value is None else _whole(where, value)


def _seed_ok(seed: Any) -> None:
    if type(seed) not in (int, str):
        raise ProblemError([f"seed: {seed!r} is neither text nor a whole number."])


def _real(where: str, value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise ProblemError([f"{where}: {value!r} is not a number."])
    return float(value)


def _claim_from(said: dict[str, Any]) -> tuple[float, float, float]:
    value, bound, gap = (
        _real(f"certificate.{name}", said[name]) for name in ("primal", "dual_bound", "gap")
    )
    return value, bound, gap


def _shipment_from(row: dict[str, Any]) -> Shipment:
    counts = [
        _whole(f"shipments: {name}", row[name]) for name in ("ship_day", "arrive_day", "units")
    ]
    return Shipment(str(row["from"]), str(row["to"]), str(row["item"]), *counts)


def _forced_from(row: dict[str, Any]) -> Forced:
    names = ("lines", "gained", "lost", "units_more", "units_fewer")
    counts = {name: _whole(f"forced: {name}", row[name]) for name in names}
    withdrawn = tuple(
        Withdrawn(
            str(line["node"]),
            str(line["item"]),
            _whole("withdrawn: wave", line["wave"]),
            _whole("withdrawn: units", line["units"]),
        )
        for line in row["withdrawn"]
    )
    return Forced(change=dict(row["change"]), **counts, withdrawn=withdrawn)


def _prices_from(duals: dict[str, Any]) -> Iterator[Price]:
    for stage, lines in duals.items():
        for line in lines:
            what = tuple(str(line[name]) for name in _LIMITS[line["limit"]])
            first, last = (_whole(f"duals: {n}", line[n]) for n in ("first_day", "last_day"))
            price = _real("duals: price", line["price"])
            if price < 0 or last < first:
                raise ProblemError(["duals: price is 0 or more, last_day not before first_day."])
            yield Price(stage, line["limit"], what, first, last, price)


def _cut_from(cut: dict[str, Any], items: dict[str, int]) -> Cut:
    key = cut["key"]
    if key is None and cut["stage"] is not None:
        key = math.inf  # JSON has no word for it
    for name, value in (("stage", cut["stage"]), ("hub", cut["hub"])):
        if value is not None and not isinstance(value, str):
            raise ProblemError([f"cuts: {name} {value!r} is not text."])
    if key is not None and (type(key) not in (int, float) or math.isnan(key)):
        raise ProblemError([f"cuts: key {key!r} is not a number."])
    return Cut(
        item=items.setdefault(_text_of("cuts: item", cut["item"]), len(items)),
        wave=_whole("cuts: wave", cut["wave"]),
        stage=cut["stage"],
        key=key,
        rank=_maybe("cuts: rank", cut["rank"]),
        available=_whole("cuts: available", cut["available"]),
        units=_whole("cuts: units", cut["units"]),
        left=_whole("cuts: left", cut["left"]),
        expected=_whole("cuts: expected", cut["expected"]),
        hub=cut["hub"],
        last=_maybe("cuts: last", cut.get("last")),
    )


def _text_of(where: str, value: Any) -> str:
    if not isinstance(value, str):
        raise ProblemError([f"{where} {value!r} is not text."])
    return value
