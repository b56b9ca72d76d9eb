"""Routes as rings of nodes, compiled: how one is laid, linked anew, turned and counted.

Nodes 1 to S - 1 are stops; node S + r is the depot as route r sees it: each route is a ring.
"""

from typing import Any, NamedTuple

import numpy as np

from .compiled import inlined
from .tours import Cells, Whole, draw

# Columns of `nodes`, uint32[S + R, 8]: AT is the row of the distances, UPTO the load up to here.
PREV, NEXT, ROUTE, POS, UPTO, AT, DEMAND, TRIED = range(8)
# Columns of `routes`, int64[R, 4]: CHANGED is the move that changed the route last.
LOAD, SIZE, CHANGED = range(3)
# Cells of `rule`, int64[3].
CAPACITY, FINE, MOVES = range(3)
FAR = np.int64(1) << np.int64(60)


class Rings(NamedTuple):
    """The ground, the routes as rings, and room to work in; changed in place."""

    dist: Any  # int32[S, S]
    near: Any  # uint32[S, K] near stops of each stop
    nodes: Any
    routes: Any
    rule: Any
    line: Any  # uint32[2 S] two routes written in a row
    order: Any  # uint32[S - 1] stops in the order in which they are tried
    places: Any  # int64[R, S, 6] the three best places of a stop in a route: costs, then nodes
    placed: Any  # int64[R, S] the move after which they were looked for
    pairs: Any  # int64[R, R] the move after which two routes were tried together
    gains: Any  # int64[S] what a route costs less without a stop
    beside: Any  # int64[R] routes that hold near stops; at the end, routes in their order
    spots: Any  # float64[S, 2] where stops lie, the depot at 0, 0
    angles: Any  # float64[R] directions of the routes


class Child(NamedTuple):
    """A solution in and out: the routes one after the other, where each begins, and the links."""

    giant: Any  # uint32[S - 1]
    ends: Any  # uint32[S + 1]
    links: Any  # uint32[2, S] what comes after and before each stop


@inlined
def shuffle(state: Cells, order: Cells, count: Whole) -> None:
    """Put order[:count] into an order by chance."""
    for z in range(count - 1, 0, -1):
        y = np.int64(draw(state) % np.uint64(z + 1))
        order[z], order[y] = order[y], order[z]


@inlined
def over(rule: Cells, load: Whole) -> Any:
    """The fine for a load."""
    return rule[FINE] * max(0, load - rule[CAPACITY])


@inlined
def recount(nodes: Cells, routes: Cells, rule: Cells, route: Whole, first: Whole) -> None:
    """Positions and loads of a route whose links are set; `first` is its depot's node."""
    load = np.int64(0)
    position = 0
    node = nodes[first, NEXT]
    while node != first:
        position += 1
        load += nodes[node, DEMAND]
        nodes[node, POS] = position
        nodes[node, UPTO] = load
        nodes[node, ROUTE] = route
        node = nodes[node, NEXT]
    routes[route, LOAD] = load
    routes[route, SIZE] = position
    routes[route, CHANGED] = rule[MOVES]


@inlined
def behind(nodes: Cells, node: Whole, place: Whole) -> None:
    """Take a node from where it is and link it behind `place`."""
    before = nodes[node, PREV]
    after = nodes[node, NEXT]
    nodes[before, NEXT] = after
    nodes[after, PREV] = before
    after = nodes[place, NEXT]
    nodes[node, PREV] = place
    nodes[node, NEXT] = after
    nodes[place, NEXT] = node
    nodes[after, PREV] = node


@inlined
def swap(nodes: Cells, u: Whole, v: Whole) -> None:
    """Let two nodes that are not neighbours change places."""
    before = nodes[v, PREV]
    behind(nodes, v, nodes[u, PREV])
    behind(nodes, u, before)


@inlined
def write(nodes: Cells, line: Cells, begin: Whole, end: Whole, depot: Whole) -> None:
    """Link the nodes of line[begin:end] as the ring of a depot."""
    at = depot
    for z in range(begin, end):
        node = line[z]
        nodes[at, NEXT] = node
        nodes[node, PREV] = at
        at = node
    nodes[at, NEXT] = depot
    nodes[depot, PREV] = at


@inlined
def turn(nodes: Cells, x: Whole, v: Whole) -> None:
    """Turn the way from x to v of one route round."""
    before = nodes[x, PREV]
    after = nodes[v, NEXT]
    node = v
    at = before
    while True:
        following = nodes[node, PREV]
        nodes[at, NEXT] = node
        nodes[node, PREV] = at
        at = node
        if node == x:
            break
        node = following
    nodes[at, NEXT] = after
    nodes[after, PREV] = at


@inlined
def cross(
    nodes: Cells, line: Cells, u: Whole, v: Whole, first_u: Whole, first_v: Whole, turned: bool
) -> None:
    """Exchange the ends of two routes behind u and v; turned: u goes on to v, backwards."""
    count = 0
    node = nodes[first_u, NEXT]
    while u != first_u:
        line[count] = node
        count += 1
        if node == u:
            break
        node = nodes[node, NEXT]
    if turned:
        node = v
        while node != first_v:
            line[count] = node
            count += 1
            node = nodes[node, PREV]
        half = count
        node = nodes[first_u, PREV]
        while node != u and node != first_u:
            line[count] = node
            count += 1
            node = nodes[node, PREV]
    else:
        node = nodes[v, NEXT]
        while node != first_v:
            line[count] = node
            count += 1
            node = nodes[node, NEXT]
        half = count
        node = nodes[first_v, NEXT]
        while v != first_v:
            line[count] = node
            count += 1
            if node == v:
                break
            node = nodes[node, NEXT]
        node = nodes[u, NEXT]
        while node != first_u:
            line[count] = node
            count += 1
            node = nodes[node, NEXT]
    if turned:
        node = nodes[v, NEXT]
        while node != first_v:
            line[count] = node
            count += 1
            node = nodes[node, NEXT]
    write(nodes, line, 0, half, first_u)
    write(nodes, line, half, count, first_v)


@inlined
def lay(rings: Rings, child: Child, count: Whole) -> None:
    """Write the first `count` routes of a child as rings."""
    nodes, routes, rule = rings.nodes, rings.routes, rings.rule
    giant, ends = child.giant, child.ends
    stops = rings.near.shape[0]
    rule[MOVES] = 1
    for r in range(routes.shape[0]):
        if r < count:
            write(nodes, giant, ends[r], ends[r + 1], np.uint32(stops + r))
        else:
            write(nodes, giant, 0, 0, np.uint32(stops + r))
        recount(nodes, routes, rule, r, np.uint32(stops + r))
    for u in range(1, stops):
        nodes[u, TRIED] = 0
    rings.placed[:] = -1
    rings.pairs[:] = -1
