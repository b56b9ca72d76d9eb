"""Every rule a problem must keep before it is planned; each fault is one sentence with its row."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .. import limits

if TYPE_CHECKING:
    from .model import Problem

OBJECTIVES = ("webster",)


def faults_of(problem: "Problem") -> list[str]:
    """All faults, in reading order; references are checked once nodes and items are sound."""
    faults = [*_sizes(problem), *_nodes(problem), *_items(problem)]
    if not faults:
        faults = [*_needs(problem), *_supply(problem), *_waves(problem), *_ways(problem)]
    return faults


def faults_of_parts(problem: "Problem", *, needs: bool) -> list[str]:
    """Faults of a problem whose nodes, items and waves are sound; needs: look at these as well."""
    faults = list(_needs(problem)) if needs else []
    return [*faults, *_sizes(problem), *_supply(problem), *_ways(problem)]


def _sizes(problem: "Problem") -> Iterator[str]:
    for name, count, limit in (
        ("nodes", len(problem.node_ids), limits.MAX_NODES),
        ("needs", len(problem.needs), limits.MAX_NEEDS),
        ("items", len(problem.items), limits.MAX_ITEMS),
        ("waves", len(problem.waves), limits.MAX_WAVES),
        ("supply", len(problem.supply), limits.MAX_SUPPLY_ROWS),
    ):
        if count > limit:
            yield f"{name}: {count:,} rows; at most {limit:,} are read. Split the problem."
    if not 0 <= problem.horizon_days <= limits.MAX_DAY:
        yield f"horizon_days is {problem.horizon_days}; give 0 to {limits.MAX_DAY}."
    if problem.objective not in OBJECTIVES:
        yield f'objective is "{problem.objective}"; this version plans {", ".join(OBJECTIVES)}.'


def _nodes(problem: "Problem") -> Iterator[str]:
    ids = problem.node_ids
    if len(problem.index) != len(ids):
        for node, times in Counter(ids).items():
            if times > 1:
                yield f'node "{node}" is listed {times} times; each node counts once.'
    for i in _id_faults(ids):
        yield f"nodes row {i}: {ids[i]!r} is not an id: 1 to 100 characters on one line."
    parent = problem.parent
    for i in np.flatnonzero((parent < -1) | (parent >= len(ids))).tolist():
        yield f'nodes row {i} ("{ids[i]}"): parent {parent[i]} is no row of nodes (-1 is none).'
    if len(parent) and parent.min() >= -1 and parent.max() < len(ids):
        yield from _cycles(problem)


def _id_faults(ids: Iterable[Any]) -> list[int]:
    names = list(ids)
    # Whole-list questions first: one by one, 600,000 ids would take half a second.
    if names and set(map(type, names)) == {str}:
        lengths = set(map(len, names))
        if min(lengths) > 0 and max(lengths) <= limits.MAX_ID_LENGTH and "\n" not in "".join(names):
            return []
    return [i for i, name in enumerate(names) if not _id_ok(name)]


def _cycles(problem: "Problem") -> Iterator[str]:
    above = np.append(problem.parent, -1)
    at = above[:-1].copy()
    for _ in range(limits.MAX_DEPTH):
        if (at == -1).all():
            return
        at = above[at]
    if (at != -1).any():
        i = int(np.flatnonzero(at != -1)[0])
        yield (
            f'nodes row {i} ("{problem.node_ids[i]}"): its parents form a circle or a chain of '
            f"more than {limits.MAX_DEPTH}; correct the parent column."
        )


def _items(problem: "Problem") -> Iterator[str]:
    names = Counter(item.id for item in problem.items)
    for name, times in names.items():
        if times > 1:
            yield f'item "{name}" is listed {times} times.'
    for item in problem.items:
        if not _id_ok(item.id):
            yield f"item {item.id!r} is not an id: 1 to 100 characters on one line."
        if not 1 <= item.carton_units <= limits.MAX_UNITS:
            yield f'item "{item.id}": carton_units is {item.carton_units}; give 1 or more.'
        if not 0 <= item.volume_l < float("inf"):
            yield f'item "{item.id}": volume_l is {item.volume_l}; give litres, 0 or more.'


def _id_ok(name: Any) -> bool:
    return isinstance(name, str) and 0 < len(name) <= limits.MAX_ID_LENGTH and "\n" not in name


def _needs(problem: "Problem") -> Iterator[str]:
    needs = problem.needs
    outside = (needs.node < 0) | (needs.node >= len(problem.node_ids))
    for i in np.flatnonzero(outside).tolist():
        yield f"needs row {i}: node {needs.node[i]} is no row of nodes."
    strange = (needs.item < 0) | (needs.item >= len(problem.items))
    for i in np.flatnonzero(strange).tolist():
        yield f"needs row {i}: item {needs.item[i]} is no row of items."
    if outside.any() or strange.any():
        return
    yield from _need_values(problem)
    place = needs.node * len(problem.items) + needs.item
    ordered = place if (place[1:] > place[:-1]).all() else np.sort(place)
    for value in np.unique(ordered[1:][ordered[1:] == ordered[:-1]]).tolist():
        node, item = divmod(value, len(problem.items))
        yield (
            f'node "{problem.node_ids[node]}" states its need of "{problem.items[item].id}" more '
            "than once; keep one row."
        )


def _need_values(problem: "Problem") -> Iterator[str]:
    needs = problem.needs
    most = f"{limits.MAX_UNITS:,}"
    weight = needs.weight
    off_weight = ~((weight == 0) | ((weight >= limits.MIN_WEIGHT) & (weight <= limits.MAX_WEIGHT)))
    yield from _rows(problem, "weight", off_weight, "give 0, or 1e-12 to 1e12 from the registry")
    for name, low, wish in (
        ("floor", 0, f"give 0 to {most} units"),
        ("cap", 0, f"give 0 to {most} units"),
        ("stock", 0, f"give 0 to {most} units"),
        ("drop", 1, f"give 1 to {most} units"),
        ("request", -1, f"give 0 to {most} units, or -1 where nothing was asked"),
    ):
        values = getattr(needs, name)
        yield from _rows(problem, name, (values < low) | (values > limits.MAX_UNITS), wish)


def _rows(problem: "Problem", name: str, bad: NDArray[np.bool_], wish: str) -> Iterator[str]:
    needs = problem.needs
    values = getattr(needs, name)
    for i in np.flatnonzero(bad).tolist():
        node, item = problem.node_ids[needs.node[i]], problem.items[needs.item[i]].id
        yield f'needs row {i} (node "{node}", item "{item}"): {name} is {values[i]}; {wish}.'


def _supply(problem: "Problem") -> Iterator[str]:
    known = problem.item_index
    for i, row in enumerate(problem.supply):
        where = f'supply row {i} (producer "{row.producer}")'
        if row.item not in known:
            yield f'{where}: item "{row.item}" is not in items.'
        if not 0 <= row.units <= limits.MAX_UNITS:
            yield f"{where}: units is {row.units}; give 0 to {limits.MAX_UNITS:,}."
        if not 0 <= row.day <= problem.horizon_days:
            yield f"{where}: day is {row.day}; give 0 to horizon_days ({problem.horizon_days})."


def _waves(problem: "Problem") -> Iterator[str]:
    if not problem.waves:
        yield "waves is empty; give at least one wave with its day."
    before = 0
    for i, wave in enumerate(problem.waves):
        if not 0 <= wave.day <= problem.horizon_days:
            yield f"waves row {i}: day is {wave.day}; give 0 to {problem.horizon_days}."
        if wave.day < before:
            yield f"waves row {i}: day {wave.day} is before day {before} of the wave above it."
        before = wave.day
        for hub in wave.hubs:
            if hub not in problem.index:
                yield f'waves row {i}: hub "{hub}" is not in nodes.'


def _ways(problem: "Problem") -> Iterator[str]:
    in_nodes: Callable[[str], bool] = problem.index.__contains__
    yield from _twice(problem)
    for i, lane in enumerate(problem.lanes):
        if not in_nodes(lane.target):
            yield f'lanes row {i}: to "{lane.target}" is not in nodes.'
        if not 0 <= lane.lead_days <= limits.MAX_DAY:
            yield f"lanes row {i}: lead_days is {lane.lead_days}; give 0 to {limits.MAX_DAY}."
        if not 0 <= lane.from_day <= limits.MAX_DAY:
            yield f"lanes row {i}: from_day is {lane.from_day}; give 0 to {limits.MAX_DAY}."
        if lane.until_day is not None and not 0 <= lane.until_day <= limits.MAX_DAY:
            yield f"lanes row {i}: until_day is {lane.until_day}; give 0 to {limits.MAX_DAY}."
        if lane.units_a_day is not None and not 0 <= lane.units_a_day <= limits.MAX_UNITS:
            yield f"lanes row {i}: units_a_day is {lane.units_a_day}; give 0 or more."
        # Written so that NaN, which compares false with everything, is refused too.
        if not 0 <= lane.cost < float("inf"):
            yield f"lanes row {i}: cost is {lane.cost}; give 0 or more."
    for i, row in enumerate(problem.inbound):
        if not in_nodes(row.node):
            yield f'inbound row {i}: node "{row.node}" is not in nodes.'
        if not 0 <= row.units_a_day <= limits.MAX_UNITS:
            yield f"inbound row {i}: units_a_day is {row.units_a_day}; give 0 or more."
    for i, kit in enumerate(problem.kits):
        for item, units in kit.lines.items():
            if not 1 <= units <= limits.MAX_UNITS:
                yield f'kits row {i} ("{kit.id}"): {units} units of "{item}"; give 1 or more.'


def _twice(problem: "Problem") -> Iterator[str]:
    """Lanes and inbound limits that stand for the same days more than once; prices name them."""
    until: dict[tuple[str, str], int] = {}
    for lane in sorted(problem.lanes, key=lambda lane: (lane.source, lane.target, lane.from_day)):
        pair = (lane.source, lane.target)
        if lane.from_day <= until.get(pair, -1):
            yield (
                f'lanes: "{lane.source}" to "{lane.target}" is listed twice for day '
                f"{lane.from_day}; keep one row with all its units a day."
            )
        until[pair] = limits.MAX_DAY if lane.until_day is None else lane.until_day
    for node, times in Counter(row.node for row in problem.inbound).items():
        if times > 1:
            yield f'inbound: node "{node}" is listed {times} times; keep one row.'
