"""What a population breeds with: crossover, cutting and writing giant tours, how two differ."""

import numpy as np

from .compiled import inlined, kernel
from .rings import CAPACITY, FAR, LOAD, NEXT, SIZE, Child, Rings
from .tours import Cells, Whole, draw


@kernel
def crossover(state: Cells, first: Cells, second: Cells, child: Cells, there: Cells) -> None:
    """Ordered crossover (OX): a piece of one giant tour, the rest in the order of the other."""
    n = first.shape[0]
    begin = np.int64(draw(state) % np.uint64(n))
    end = np.int64(draw(state) % np.uint64(n))
    while n > 1 and end == begin:
        end = np.int64(draw(state) % np.uint64(n))
    there[:] = 0
    at = begin
    while True:
        child[at] = first[at]
        there[first[at]] = 1
        if at == end:
            break
        at = (at + 1) % n
    at = (end + 1) % n
    for z in range(n):
        stop = second[(end + 1 + z) % n]
        if not there[stop]:
            child[at] = stop
            at = (at + 1) % n


@kernel
def split(
    dist: Cells,
    demand: Cells,
    capacity: Whole,
    fine: Whole,
    child: Child,
    costs: Cells,
    came: Cells,
) -> Whole:
    """Cut a giant tour into routes at the least cost and fine; returns how many.

    Method: the shortest path of Prins, Computers & Operations Research 31(12), 2004. A route may be
    half as full again as it should; `costs` and `came` are room for S numbers.
    """
    giant, ends = child.giant, child.ends
    n = giant.shape[0]
    costs[:] = FAR
    costs[0] = 0
    limit = capacity + capacity // 2
    for i in range(n):
        load = np.int64(0)
        way = np.int64(dist[0, giant[i]])
        for j in range(i, n):
            stop = giant[j]
            load += demand[stop]
            if load > limit and j > i:
                break
            if j > i:
                way += dist[giant[j - 1], stop]
            total = costs[i] + way + dist[stop, 0] + fine * max(0, load - capacity)
            if total < costs[j + 1]:
                costs[j + 1] = total
                came[j + 1] = i
    count = 0
    at = n
    while at > 0:
        at = came[at]
        count += 1
    at = n
    for r in range(count, 0, -1):
        ends[r] = at
        at = came[at]
    ends[0] = 0
    return count


@kernel
def apart(out: Cells, others: Cells, count: Whole, away: Cells) -> None:
    """Broken pairs: of how many stops the neighbours differ, for each of `others`."""
    stops = out.shape[1]
    for k in range(count):
        differ = 0
        for stop in range(1, stops):
            a = others[k, 0, stop]
            b = others[k, 1, stop]
            x = out[0, stop]
            first = out[1, stop] == 0 and a != 0 and b != 0
            if (x != a and x != b) or first:
                differ += 1
        away[k] = differ


@inlined
def order_routes(rings: Rings) -> Whole:
    """Routes that are driven, by the direction of their middle from the depot; returns how many."""
    nodes, routes, spots = rings.nodes, rings.routes, rings.spots
    order, angles = rings.beside, rings.angles
    stops = rings.near.shape[0]
    count = 0
    for r in range(routes.shape[0]):
        if routes[r, SIZE] == 0:
            continue
        x = y = 0.0
        node = nodes[stops + r, NEXT]
        while node < stops:
            x += spots[node, 0]
            y += spots[node, 1]
            node = nodes[node, NEXT]
        # Rises with the angle from -2 to 2, without a trigonometric function.
        side = y / (abs(x) + abs(y) + 1e-9)
        angle = side if x >= 0 else (2.0 - side if y >= 0 else -2.0 - side)
        at = count
        while at > 0 and angles[at - 1] > angle:
            angles[at] = angles[at - 1]
            order[at] = order[at - 1]
            at -= 1
        angles[at] = angle
        order[at] = r
        count += 1
    return count


@kernel
def gather(rings: Rings, child: Child) -> tuple[Whole, Whole, Whole]:
    """Write the rings as a giant tour, neighbouring routes one after the other.

    Returns (cost without fines, units above the capacities, routes).
    """
    nodes, routes, dist = rings.nodes, rings.routes, rings.dist
    giant, ends, out = child.giant, child.ends, child.links
    stops = rings.near.shape[0]
    cost = np.int64(0)
    excess = np.int64(0)
    at = 0
    ends[0] = 0
    count = order_routes(rings)
    for z in range(count):
        r = rings.beside[z]
        excess += max(0, routes[r, LOAD] - rings.rule[CAPACITY])
        node = nodes[stops + r, NEXT]
        here = np.uint32(0)
        while node < stops:
            giant[at] = node
            out[1, node] = here
            cost += dist[here, node]
            at += 1
            here = node
            node = nodes[node, NEXT]
            out[0, here] = node if node < stops else 0
        cost += dist[here, 0]
        ends[z + 1] = at
    return cost, excess, count
