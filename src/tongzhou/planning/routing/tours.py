"""A tour as it stands, compiled: stops go out and in, routes know their times, steps are undone.

Stop 0 is the depot. Routes are linked lists with 0 at both ends. All costs are whole numbers, so a
sum never depends on the order in which it was made. What belongs to one stop or one route lies side
by side in one row: a look at a neighbour touches one line of the cache. No index has a sign: the
compiler would ask each whether it counts from the end.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .compiled import inlined

Cells = NDArray[Any]  # the compiler takes the type of a cell from the array itself
Whole = int | np.integer[Any]

# Columns of `stops`, uint32[S, 8]: COME and GO are the costs of the ways before and after.
BEFORE, AFTER, SLOT, DEMAND, COME, GO = range(6)
# Columns of `slots`, int64[R + 1, 8]: a slot is a vehicle that may drive one route. The last one is
# no vehicle: stops that are out lie in it, and it never has room.
HEAD, TAIL, ROOM, COUNT, CAPACITY, OPENING, RATE, KIND = range(8)
# Columns of `journal`, uint32[4 S, 4].
STOP, PLACE, ROUTE, PUT = range(4)
# Columns of `windows`, int64[S, 5]: ready, due and seconds of service do not change.
READY, DUE, SERVICE, EARLY, LATE = range(5)


class Ground(NamedTuple):
    """What does not change in a search."""

    dist: Any  # int32[S, S] cost of going from the row to the column
    back: Any  # int32[S, S] its transpose, the same array where both ways cost the same
    near: Any  # uint32[S, K] nearest stops of each stop, nearest first, never the depot
    travel: Any  # int32[S, S] seconds, or None where time does not matter


class Tour(NamedTuple):
    """Where everything stands; changed in place."""

    stops: Any
    slots: Any
    free: Any  # uint32[kinds, R] slots not in use, by kind
    frees: Any  # int32[kinds] how many of them
    windows: Any


class Scratch(NamedTuple):
    """What one step writes down."""

    journal: Any
    out: Any  # uint32[S] stops that are out
    key: Any  # float64[S] order in which they go back
    mark: Any  # int64[R] last step that touched the route


@inlined
def draw(state: Cells) -> Any:
    x = state[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    state[0] = x
    return x


@inlined
def uniform(state: Cells) -> float:
    return np.float64(draw(state) >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@inlined
def take_out(
    dist: Cells, stops: Cells, slots: Cells, free: Cells, frees: Cells, stop: Whole
) -> Any:
    """Unlink a stop; returns what the route costs less (never above 0 on a metric)."""
    slot = stops[stop, SLOT]
    a = stops[stop, BEFORE]
    b = stops[stop, AFTER]
    way = dist[a, b]
    cost = slots[slot, RATE] * (np.int64(way) - stops[stop, COME] - stops[stop, GO])
    if a:
        stops[a, AFTER] = b
        stops[a, GO] = way
    else:
        slots[slot, HEAD] = b
    if b:
        stops[b, BEFORE] = a
        stops[b, COME] = way
    else:
        slots[slot, TAIL] = a
    stops[stop, SLOT] = slots.shape[0] - 1
    slots[slot, ROOM] += stops[stop, DEMAND]
    slots[slot, COUNT] -= 1
    if slots[slot, COUNT] == 0:
        kind = slots[slot, KIND]
        free[kind, frees[kind]] = slot
        frees[kind] += 1
        cost -= slots[slot, OPENING]
    return cost


@inlined
def put_in(dist: Cells, stops: Cells, slots: Cells, stop: Whole, a: Whole, slot: Whole) -> None:
    """Link a stop behind `a` (0: at the head of the slot)."""
    b = stops[a, AFTER] if a else np.uint32(slots[slot, HEAD])
    stops[stop, BEFORE] = a
    stops[stop, AFTER] = b
    stops[stop, SLOT] = slot
    come = dist[a, stop]
    go = dist[stop, b]
    stops[stop, COME] = come
    stops[stop, GO] = go
    if a:
        stops[a, AFTER] = stop
        stops[a, GO] = come
    else:
        slots[slot, HEAD] = stop
    if b:
        stops[b, BEFORE] = stop
        stops[b, COME] = go
    else:
        slots[slot, TAIL] = stop
    slots[slot, ROOM] -= stops[stop, DEMAND]
    slots[slot, COUNT] += 1


@inlined
def claim(slots: Cells, free: Cells, frees: Cells, slot: Whole) -> None:
    """Take a slot off the free list; it is nearly always the last one there."""
    kind = slots[slot, KIND]
    last = frees[kind] - 1
    for q in range(last, -1, -1):
        if free[kind, q] == slot:
            free[kind, q] = free[kind, last]
            break
    frees[kind] = last


@inlined
def time_route(
    travel: Cells | None, stops: Cells, slots: Cells, windows: Cells, slot: Whole
) -> None:
    """Times of a whole route, forwards and backwards."""
    if travel is None:
        return
    at = 0
    ready = windows[0, READY]
    stop = slots[slot, HEAD]
    while stop:
        ready = max(windows[stop, READY], ready + travel[at, stop])
        windows[stop, EARLY] = ready
        ready += windows[stop, SERVICE]
        at = stop
        stop = stops[stop, AFTER]
    following = 0
    due = windows[0, DUE]
    while at:
        due = min(windows[at, DUE], due - travel[at, following] - windows[at, SERVICE])
        windows[at, LATE] = due
        following = at
        at = stops[at, BEFORE]


@inlined
def fits_in_time(travel: Cells | None, windows: Cells, stop: Whole, a: Whole, b: Whole) -> Any:
    if travel is None:
        return True
    leave = windows[a, EARLY] + windows[a, SERVICE] if a else windows[0, READY]
    begin = max(windows[stop, READY], leave + travel[a, stop])
    limit = windows[b, LATE] if b else windows[0, DUE]
    return begin <= windows[stop, DUE] and begin + windows[stop, SERVICE] + travel[stop, b] <= limit


@inlined
def undo(ground: Ground, tour: Tour, journal: Cells, entries: Whole) -> None:
    """Walk the journal backwards."""
    dist, travel = ground.dist, ground.travel
    stops, slots, free, frees, windows = tour
    for z in range(entries - 1, -1, -1):
        stop = journal[z, STOP]
        slot = journal[z, ROUTE]
        if journal[z, PUT]:
            take_out(dist, stops, slots, free, frees, stop)
        else:
            if slots[slot, COUNT] == 0:
                claim(slots, free, frees, slot)
            put_in(dist, stops, slots, stop, journal[z, PLACE], slot)
    if travel is None:
        return
    for z in range(entries):
        if z == 0 or journal[z, ROUTE] != journal[z - 1, ROUTE]:
            time_route(travel, stops, slots, windows, journal[z, ROUTE])


@inlined
def keep(tour: Tour, best: Tour) -> None:
    """Copy a tour, row by row."""
    for stop in range(tour.stops.shape[0]):
        for column in range(tour.stops.shape[1]):
            best.stops[stop, column] = tour.stops[stop, column]
    for slot in range(tour.slots.shape[0]):
        for column in range(tour.slots.shape[1]):
            best.slots[slot, column] = tour.slots[slot, column]
