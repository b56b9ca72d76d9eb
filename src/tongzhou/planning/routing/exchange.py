"""SWAP*, compiled: two stops of two routes change places, each going to its best place there.

Method: Vidal, Computers & Operations Research 140, 2022. The three best places of a stop in another
route are kept until that route changes.
"""

from typing import Any

import numpy as np

from .compiled import inlined
from .rings import AT, CHANGED, DEMAND, FAR, LOAD, MOVES, NEXT, PREV, Rings, behind, over, recount
from .tours import Cells, Whole


@inlined
def find_places(
    dist: Cells, nodes: Cells, places: Cells, stop: Whole, route: Whole, depot: Whole
) -> None:
    """The three cheapest places of a stop in another route."""
    first = second = third = FAR
    behind_first = behind_second = behind_third = np.int64(0)
    node = depot
    while True:
        after = nodes[node, NEXT]
        a = nodes[node, AT]
        b = nodes[after, AT]
        cost = np.int64(dist[stop, a]) + dist[stop, b] - dist[a, b]
        if cost < third:
            if cost < second:
                third, behind_third = second, behind_second
                if cost < first:
                    second, behind_second = first, behind_first
                    first, behind_first = cost, np.int64(node)
                else:
                    second, behind_second = cost, np.int64(node)
            else:
                third, behind_third = cost, np.int64(node)
        node = after
        if node == depot:
            break
    places[route, stop, 0] = first
    places[route, stop, 1] = second
    places[route, stop, 2] = third
    places[route, stop, 3] = behind_first
    places[route, stop, 4] = behind_second
    places[route, stop, 5] = behind_third


@inlined
def instead(
    dist: Cells, nodes: Cells, places: Cells, route: Whole, u: Whole, v: Whole
) -> tuple[Whole, Whole]:
    """(cost, place) of u at its cheapest in the route of v when v is gone."""
    w = nodes[v, PREV]
    y = nodes[v, NEXT]
    aw = nodes[w, AT]
    ay = nodes[y, AT]
    cost = np.int64(dist[u, aw]) + dist[u, ay] - dist[aw, ay]
    place = np.int64(w)
    for z in range(3):
        there = np.uint32(places[route, u, z + 3])
        if there != v and nodes[there, NEXT] != v:
            if places[route, u, z] < cost:
                cost = places[route, u, z]
                place = np.int64(there)
            break
    return cost, place


@inlined
def gain(dist: Cells, nodes: Cells, u: Whole) -> Any:
    """What the route of u costs less when u leaves."""
    p = nodes[nodes[u, PREV], AT]
    x = nodes[nodes[u, NEXT], AT]
    return np.int64(dist[p, x]) - dist[u, p] - dist[u, x]


@inlined
def exchange(rings: Rings, ru: Whole, rv: Whole) -> bool:
    """SWAP*: the best exchange or move of a stop between two routes; True where one was made."""
    dist, nodes, routes, rule = rings.dist, rings.nodes, rings.routes, rings.rule
    places, placed, gains = rings.places, rings.placed, rings.gains
    stops = rings.near.shape[0]
    for route, other in ((ru, rv), (rv, ru)):
        node = nodes[stops + route, NEXT]
        while node < stops:
            if routes[other, CHANGED] > placed[other, node]:
                find_places(dist, nodes, places, node, other, np.uint32(stops + other))
                placed[other, node] = rule[MOVES]
            gains[node] = gain(dist, nodes, node)
            node = nodes[node, NEXT]
    load_u, load_v = routes[ru, LOAD], routes[rv, LOAD]
    fine_u, fine_v = over(rule, load_u), over(rule, load_v)
    best = np.int64(0)
    bu: Whole = np.int64(0)
    bv: Whole = np.int64(0)
    pu: Whole = np.int64(0)
    pv: Whole = np.int64(0)
    u = nodes[stops + ru, NEXT]
    while u < stops:
        gain_u = gains[u]
        v = nodes[stops + rv, NEXT]
        while v < stops:
            more = np.int64(nodes[v, DEMAND]) - np.int64(nodes[u, DEMAND])
            gained = gain_u + gains[v]
            gained += over(rule, load_u + more) - fine_u + over(rule, load_v - more) - fine_v
            if gained < best:
                cost_u, place_u = instead(dist, nodes, places, rv, u, v)
                cost_v, place_v = instead(dist, nodes, places, ru, v, u)
                if gained + cost_u + cost_v < best:
                    best = gained + cost_u + cost_v
                    bu, bv, pu, pv = np.int64(u), np.int64(v), place_u, place_v
            v = nodes[v, NEXT]
        u = nodes[u, NEXT]
    for here, there in ((ru, rv), (rv, ru)):
        u = nodes[stops + here, NEXT]
        while u < stops:
            q = np.int64(nodes[u, DEMAND])
            cost = gains[u] + places[there, u, 0]
            cost += over(rule, routes[here, LOAD] - q) + over(rule, routes[there, LOAD] + q)
            cost -= fine_u + fine_v
            if cost < best:
                best = cost
                bu, bv, pu, pv = np.int64(u), np.int64(0), places[there, u, 3], np.int64(0)
            u = nodes[u, NEXT]
    if best >= 0:
        return False
    # Both places are remembered as the stop before; neither is one of the two stops.
    behind(nodes, np.uint32(bu), np.uint32(pu))
    if bv:
        behind(nodes, np.uint32(bv), np.uint32(pv))
    rule[MOVES] += 1
    recount(nodes, routes, rule, ru, np.uint32(stops + ru))
    recount(nodes, routes, rule, rv, np.uint32(stops + rv))
    return True
