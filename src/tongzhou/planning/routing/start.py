"""The first tour: savings of Clarke and Wright (Operations Research 12(4), 1964), compiled.

Savings are looked for between near stops only. Where going back costs the same and there are no
windows, a route may be turned round to be joined.
"""

import numpy as np
from numpy.typing import NDArray

from .compiled import inlined, kernel
from .tours import AFTER, BEFORE, DEMAND, DUE, EARLY, LATE, READY, SERVICE, SLOT, Cells, Ground

HEADS, TAILS, LOADS = range(3)
WIDTH = 30  # near stops that a stop may be joined with


def savings(
    ground: Ground, capacity: int, stops: NDArray[np.uint32], windows: NDArray[np.int64]
) -> NDArray[np.uint32]:
    """uint32[S, 8] like `stops` of the kernel, in routes of `capacity`; SLOT is the route."""
    dist, back, near, travel = ground
    count, width = near.shape[0], min(WIDTH, near.shape[1])
    near = near[:, :width]
    i = np.repeat(np.arange(1, count), width)
    j = near[1:].ravel().astype(np.int64)
    if back is dist and travel is None:
        once = (i < j) | ~(near[j] == i[:, None]).any(axis=1)
        i, j = i[once], j[once]
    saved = dist[i, 0].astype(np.int64) + dist[0, j] - dist[i, j]
    order = np.argsort(-saved, kind="stable")
    order = order[saved[order] > 0]
    stops = stops.copy()
    windows = windows.copy()
    turning = back is dist and travel is None
    ends = np.zeros((count, 3), dtype=np.int64)
    _join(i[order], j[order], capacity, stops, windows, travel, turning, ends)
    return stops


@kernel
def _join(
    first: Cells,
    second: Cells,
    capacity: int,
    stops: Cells,
    windows: Cells,
    travel: Cells | None,
    turning: bool,
    ends: Cells,
) -> None:
    count = stops.shape[0]
    for stop in range(1, count):
        stops[stop, BEFORE] = 0
        stops[stop, AFTER] = 0
        stops[stop, SLOT] = stop
        ends[stop, HEADS] = stop
        ends[stop, TAILS] = stop
        ends[stop, LOADS] = stops[stop, DEMAND]
        if travel is not None:
            windows[stop, EARLY] = max(windows[stop, READY], windows[0, READY] + travel[0, stop])
            windows[stop, LATE] = min(
                windows[stop, DUE], windows[0, DUE] - travel[stop, 0] - windows[stop, SERVICE]
            )
    for z in range(first.shape[0]):
        i = first[z]
        j = second[z]
        a = stops[i, SLOT]
        b = stops[j, SLOT]
        if a == b or ends[a, LOADS] + ends[b, LOADS] > capacity:
            continue
        if turning:
            if ends[a, TAILS] != i and ends[a, HEADS] == i:
                _turn(stops, ends, a)
            if ends[b, HEADS] != j and ends[b, TAILS] == j:
                _turn(stops, ends, b)
        if ends[a, TAILS] != i or ends[b, HEADS] != j:
            continue
        if travel is not None:
            begin = windows[i, EARLY] + windows[i, SERVICE] + travel[i, j]
            if begin > windows[j, LATE]:
                continue
        stops[i, AFTER] = j
        stops[j, BEFORE] = i
        ends[a, TAILS] = ends[b, TAILS]
        ends[a, LOADS] += ends[b, LOADS]
        stop = j
        while stop:
            stops[stop, SLOT] = a
            if travel is not None:
                at = stops[stop, BEFORE]
                windows[stop, EARLY] = max(
                    windows[stop, READY],
                    windows[at, EARLY] + windows[at, SERVICE] + travel[at, stop],
                )
            stop = stops[stop, AFTER]
        if travel is not None:
            stop = i
            while stop:
                following = stops[stop, AFTER]
                windows[stop, LATE] = min(
                    windows[stop, DUE],
                    windows[following, LATE] - travel[stop, following] - windows[stop, SERVICE],
                )
                stop = stops[stop, BEFORE]


@inlined
def _turn(stops: Cells, ends: Cells, route: int) -> None:
    stop = ends[route, HEADS]
    ends[route, HEADS], ends[route, TAILS] = ends[route, TAILS], ends[route, HEADS]
    while stop:
        following = stops[stop, AFTER]
        stops[stop, AFTER] = stops[stop, BEFORE]
        stops[stop, BEFORE] = following
        stop = following
