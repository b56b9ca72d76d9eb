"""Slack induction by string removals, compiled: ruin some strings of stops, put them back, anneal.

Method: Christiaens and Vanden Berghe, "Slack Induction by String Removals for Vehicle Routing
Problems", Transportation Science 54(2), 2020. Ours differs in that stops go back only beside one of
their nearest stops (not at every place of every route), in the journal that undoes a refused step
without a copy, and in that open routes, kinds of vehicles and time windows share one loop.
"""

import numpy as np

from .compiled import inlined, kernel
from .tours import (
    AFTER,
    BEFORE,
    CAPACITY,
    COME,
    COUNT,
    DEMAND,
    DUE,
    GO,
    OPENING,
    PLACE,
    PUT,
    RATE,
    READY,
    ROOM,
    ROUTE,
    SLOT,
    STOP,
    Cells,
    Ground,
    Scratch,
    Tour,
    Whole,
    claim,
    draw,
    fits_in_time,
    keep,
    put_in,
    take_out,
    time_route,
    undo,
    uniform,
)

FAR = np.int64(1) << np.int64(60)
SHUT = np.int64(1) << np.int64(58)
MASK = np.uint64(127)  # a place is passed over once in 128 looks ("blink"; paper: 1 in 100)


@inlined
def string_start(stops: Cells, state: Cells, stop: Whole, total: Whole) -> Whole:
    """First stop of a string of `total` stops of one route, placed at random over `stop`."""
    first = stop
    for _ in range(int(uniform(state) * total)):
        if stops[first, BEFORE] == 0:
            break
        first = stops[first, BEFORE]
    reach = 0
    end = first
    while reach < total and end:
        end = stops[end, AFTER]
        reach += 1
    while reach < total and stops[first, BEFORE]:
        first = stops[first, BEFORE]
        reach += 1
    return first


@inlined
def ruin(
    ground: Ground,
    tour: Tour,
    scratch: Scratch,
    state: Cells,
    step: Whole,
    used: Whole,
    removed: float,
    string: float,
) -> tuple[Whole, Whole]:
    """Take strings of neighbouring routes out; returns (entries, change of cost).

    Every entry of the journal is a stop that is out now. `removed` is how many go on average,
    `string` the longest string of one route.
    """
    dist, near, travel = ground.dist, ground.near, ground.travel
    stops, slots, free, frees, windows = tour
    journal, out, mark = scratch.journal, scratch.out, scratch.mark
    total_stops = stops.shape[0] - 1
    nobody = slots.shape[0] - 1
    longest = min(string, total_stops / max(1, used))
    strings = int(uniform(state) * (4.0 * removed / (1.0 + longest) - 1.0) + 1.0)
    seed = 1 + int(uniform(state) * total_stops)
    entries = 0
    change: Whole = np.int64(0)
    for q in range(-1, near.shape[1]):
        if strings <= 0:
            break
        stop = np.uint32(seed) if q < 0 else near[seed, q]
        slot = stops[stop, SLOT]
        if slot == nobody or mark[slot] == step:
            continue
        mark[slot] = step
        strings -= 1
        size = slots[slot, COUNT]
        length = min(size, int(uniform(state) * min(np.float64(size), longest) + 1.0))
        kept = 0
        keep_from = 0
        if 1 < length < size and uniform(state) < 0.5:
            kept = 1
            while length + kept < size and uniform(state) < 0.5:
                kept += 1
            keep_from = 1 + int(uniform(state) * max(1, length - 1))
        stop = string_start(stops, state, stop, length + kept)
        for position in range(length + kept):
            following = stops[stop, AFTER]
            if not keep_from <= position < keep_from + kept:
                journal[entries, STOP] = stop
                journal[entries, PLACE] = stops[stop, BEFORE]
                journal[entries, ROUTE] = slot
                journal[entries, PUT] = 0
                out[entries] = stop
                entries += 1
                change += take_out(dist, stops, slots, free, frees, stop)
            stop = following
        time_route(travel, stops, slots, windows, slot)
    return entries, change


@inlined
def sort_key(
    dist: Cells, stops: Cells, windows: Cells, state: Cells, stop: Whole, choice: Whole
) -> float:
    """What the stops go back by: at random, by demand, far or near the depot, by window."""
    if choice < 4:
        return uniform(state)
    if choice < 8:
        return -np.float64(stops[stop, DEMAND])
    if choice < 10:
        return -np.float64(dist[0, stop])
    if choice < 11:
        return np.float64(dist[0, stop])
    if choice < 13:
        return np.float64(windows[stop, DUE] - windows[stop, READY])
    if choice < 15:
        return np.float64(windows[stop, READY])
    return -np.float64(windows[stop, DUE])


@inlined
def order_out(ground: Ground, tour: Tour, scratch: Scratch, state: Cells, outs: Whole) -> None:
    """Sort the stops that are out; the order is drawn with the weights of the paper."""
    dist, stops, windows = ground.dist, tour.stops, tour.windows
    out, key = scratch.out, scratch.key
    choice = int(uniform(state) * (11 if ground.travel is None else 17))
    for z in range(outs):
        key[z] = sort_key(dist, stops, windows, state, out[z], choice)
    for z in range(1, outs):
        k = key[z]
        stop = out[z]
        y = z - 1
        while y >= 0 and key[y] > k:
            key[y + 1] = key[y]
            out[y + 1] = out[y]
            y -= 1
        key[y + 1] = k
        out[y + 1] = stop


@inlined
def best_place(
    dist: Cells,
    back: Cells,
    near: Cells,
    travel: Cells | None,
    stops: Cells,
    slots: Cells,
    windows: Cells,
    state: Cells,
    stop: Whole,
    width: Whole,
) -> tuple[Whole, Whole, Whole]:
    """The cheapest place beside a near stop: (cost, stop before, slot); none from SHUT on."""
    to = dist[stop]
    come = back[stop]
    demand = np.int64(stops[stop, DEMAND])
    best = FAR
    place = np.uint32(0)
    found = np.uint32(slots.shape[0] - 1)
    for q in range(near.shape[1]):
        if q >= width and best < SHUT:
            break
        v = near[stop, q]
        slot = stops[v, SLOT]
        a = stops[v, BEFORE]
        b = stops[v, AFTER]
        # No branch but the comparison of costs: the processor guesses them badly.
        above = SHUT if slots[slot, ROOM] < demand else 0
        rate = slots[slot, RATE]
        behind = above + rate * (np.int64(come[v]) + to[b] - stops[v, GO])
        ahead = above + rate * (np.int64(come[a]) + to[v] - stops[v, COME])
        if behind < best and draw(state) & MASK and fits_in_time(travel, windows, stop, v, b):
            best = behind
            place = v
            found = slot
        if ahead < best and draw(state) & MASK and fits_in_time(travel, windows, stop, a, v):
            best = ahead
            place = a
            found = slot
    return best, place, found


@inlined
def best_new_route(
    dist: Cells,
    back: Cells,
    slots: Cells,
    free: Cells,
    frees: Cells,
    demand: Whole,
    state: Cells,
    stop: Whole,
) -> tuple[Whole, Whole]:
    """The cheapest slot that is free and large enough: (cost, slot), FAR for none."""
    trip = np.int64(dist[0, stop]) + np.int64(back[0, stop])
    best = FAR
    found = np.uint32(0)
    for kind in range(frees.shape[0]):
        if frees[kind] == 0:
            continue
        slot = free[kind, frees[kind] - 1]
        cost = slots[slot, OPENING] + slots[slot, RATE] * trip
        if demand > slots[slot, CAPACITY] or cost >= best:
            continue
        if best < FAR and uniform(state) < 0.1:
            continue
        best = cost
        found = slot
    return best, found


@inlined
def recreate(
    ground: Ground,
    tour: Tour,
    scratch: Scratch,
    state: Cells,
    entries: Whole,
    outs: Whole,
    width: Whole,
) -> tuple[Whole, Whole, bool]:
    """Put the stops back one by one; returns (entries, change of cost, all are in)."""
    dist, back, near, travel = ground
    stops, slots, free, frees, windows = tour
    journal, out = scratch.journal, scratch.out
    change: Whole = np.int64(0)
    for z in range(outs):
        stop = out[z]
        best, place, slot = best_place(
            dist, back, near, travel, stops, slots, windows, state, stop, width
        )
        fresh, opened = best_new_route(
            dist, back, slots, free, frees, stops[stop, DEMAND], state, stop
        )
        if fresh < best:
            best = fresh
            place = np.uint32(0)
            slot = opened
            claim(slots, free, frees, slot)
        if best >= SHUT:
            return entries, change, False
        change += best
        put_in(dist, stops, slots, stop, place, slot)
        time_route(travel, stops, slots, windows, slot)
        journal[entries, STOP] = stop
        journal[entries, PLACE] = place
        journal[entries, ROUTE] = slot
        journal[entries, PUT] = 1
        entries += 1
    return entries, change, True


@kernel
def settle(
    ground: Ground,
    tour: Tour,
    best: Tour,
    joined: Cells,
    scratch: Scratch,
    state: Cells,
    width: Whole,
) -> tuple[Whole, bool]:
    """Put whole routes into an empty tour and its copy; returns (cost, all stops are in).

    `joined` is uint32[S, 8] of linked stops. Each route takes the cheapest slot that holds it; the
    stops of a route that no free slot holds go back one by one.
    """
    dist, travel = ground.dist, ground.travel
    stops, slots, free, frees, windows = tour
    left = 0
    cost = np.int64(0)
    for head in range(1, stops.shape[0]):
        if joined[head, BEFORE]:
            continue
        load = np.int64(0)
        way = np.int64(0)
        stop = np.uint32(head)
        at = np.uint32(0)
        while stop:
            load += joined[stop, DEMAND]
            way += dist[at, stop]
            at = stop
            stop = joined[stop, AFTER]
        way += dist[at, 0]
        least = FAR
        slot: Whole = np.uint32(0)
        for kind in range(frees.shape[0]):
            if frees[kind]:
                candidate = free[kind, frees[kind] - 1]
                price = slots[candidate, OPENING] + slots[candidate, RATE] * way
                if slots[candidate, CAPACITY] >= load and price < least:
                    least = price
                    slot = candidate
        stop = np.uint32(head)
        at = np.uint32(0)
        if least < FAR:
            claim(slots, free, frees, slot)
            cost += least
        while stop:
            if least < FAR:
                put_in(dist, stops, slots, stop, at, slot)
            else:
                scratch.out[left] = stop
                left += 1
            at = stop
            stop = joined[stop, AFTER]
        if least < FAR:
            time_route(travel, stops, slots, windows, slot)
    _, more, whole = recreate(ground, tour, scratch, state, 0, left, width)
    keep(tour, best)
    return cost + more, whole


@kernel
def anneal(
    ground: Ground,
    tour: Tour,
    best: Tour,
    scratch: Scratch,
    state: Cells,
    cost: Whole,
    best_cost: Whole,
    step: Whole,
    steps: Whole,
    heats: tuple[float, float],
    shape: tuple[float, float, Whole],
) -> tuple[Whole, Whole]:
    """`steps` steps from the first of the two `heats` to the second; returns (cost, best cost).

    `best` gets a copy of each new best tour; `step` numbers the first step and must rise from call
    to call. `shape` is (stops out on average, longest string, near stops looked at).
    """
    removed, string, width = shape
    cooling = (heats[1] / heats[0]) ** (1.0 / steps)
    heat = heats[0]
    slots = tour.slots.shape[0] - 1
    for number in range(step, step + steps):
        heat *= cooling
        used = slots - tour.frees.sum()
        entries, change = ruin(ground, tour, scratch, state, number, used, removed, string)
        order_out(ground, tour, scratch, state, entries)
        entries, more, whole = recreate(ground, tour, scratch, state, entries, entries, width)
        change += more
        if whole and change < -heat * np.log(uniform(state) + 1e-300):
            cost += change
            if cost < best_cost:
                best_cost = cost
                keep(tour, best)
        else:
            undo(ground, tour, scratch.journal, entries)
    return cost, best_cost
