"""Local search on one kind of vehicle where both ways cost the same, compiled.

Method: the neighbourhoods of Vidal et al., Operations Research 60(3), 2012, and SWAP* of Vidal,
Computers & Operations Research 140, 2022: a stop or two move behind or change with a near stop or
two, two ways are exchanged within a route or between two, and two stops of neighbouring routes
change places, each going to its best place in the other route. Loads above the capacity are fined.
"""

from typing import Any

import numpy as np

from .compiled import inlined, kernel
from .exchange import exchange
from .rings import (
    AT,
    CHANGED,
    DEMAND,
    LOAD,
    MOVES,
    NEXT,
    POS,
    PREV,
    ROUTE,
    SIZE,
    TRIED,
    UPTO,
    Child,
    Rings,
    behind,
    cross,
    lay,
    over,
    recount,
    shuffle,
    swap,
    turn,
)
from .tours import Cells, Whole

BESIDE = 5  # routes are tried together where a stop has one of the other among so many near stops
PASSES = 10_000


@inlined
def about(rings: Rings, u: Whole) -> Any:
    """What `choose` needs to know of u alone, looked up once for all its near stops."""
    dist, nodes, routes = rings.dist, rings.nodes, rings.routes
    p = nodes[u, PREV]
    x = nodes[u, NEXT]
    ap = nodes[p, AT]
    ax = nodes[x, AT]
    axx = nodes[nodes[x, NEXT], AT]
    into = np.int64(dist[u, ap])
    away = np.int64(dist[u, ax])
    beyond = np.int64(dist[ax, axx])
    one = dist[ap, ax] - into - away
    two = dist[ap, axx] - into - beyond
    ru = nodes[u, ROUTE]
    load = routes[ru, LOAD]
    qu = np.int64(nodes[u, DEMAND])
    return p, x, ap, ax, axx, into, away, beyond, one, two, ru, load, qu


@inlined
def shift(rule: Cells, apart: bool, loads: Any, more: Whole, fined: Whole) -> Any:
    """How the fines change when `more` units go from the second route to the first."""
    if not apart:
        return np.int64(0)
    return over(rule, loads[0] + more) + over(rule, loads[1] - more) - fined


@inlined
def between(rings: Rings, u: Whole, v: Whole, known: Any) -> Any:
    """What a move of u and v needs to know of both; the fines are of two routes, 0 for one."""
    dist, nodes, routes, rule = rings.dist, rings.nodes, rings.routes, rings.rule
    _, _, _, ax, _, _, _, _, _, _, ru, load_u, _ = known
    rv = nodes[v, ROUTE]
    y = nodes[v, NEXT]
    av = nodes[v, AT]
    ay = nodes[y, AT]
    apart = ru != rv
    loads = load_u, routes[rv, LOAD]
    fined = over(rule, loads[0]) + over(rule, loads[1]) if apart else np.int64(0)
    duv = np.int64(dist[u, av])
    duy = np.int64(dist[u, ay])
    dvy = np.int64(dist[av, ay])
    dxv = np.int64(dist[ax, av])
    dxy = np.int64(dist[ax, ay])
    return y, av, ay, apart, loads, fined, duv, duy, dvy, dxv, dxy


@inlined
def choose(rings: Rings, u: Whole, v: Whole, known: Any) -> Whole:
    """The first of nine moves of u and v that makes the routes cheaper, 0 for none."""
    both = between(rings, u, v, known)
    if u != both[0]:
        move = choose_place(rings, u, v, known, both)
        if move == 0:
            move = choose_swap(rings, u, v, known, both)
        if move:
            return move
    return choose_ways(rings, u, v, known, both)


@inlined
def choose_place(rings: Rings, u: Whole, v: Whole, known: Any, both: Any) -> Whole:
    """1 where u is to go behind v, 2 for u and the stop after it, 3 for the two turned round."""
    nodes, rule = rings.nodes, rings.rule
    _, x, _, _, _, _, _, _, one, two, _, _, qu = known
    _, _, _, apart, loads, fined, duv, duy, dvy, dxv, dxy = both
    cost = one + duv + duy - dvy
    if cost < fined and cost + shift(rule, apart, loads, -qu, fined) < 0:
        return 1
    if x < rings.near.shape[0] and v != x:
        qx = np.int64(nodes[x, DEMAND])
        cost = two - dvy + min(duv + dxy, dxv + duy)
        if cost < fined and cost + shift(rule, apart, loads, -qu - qx, fined) < 0:
            return 2 if duv + dxy < dxv + duy else 3
    return 0


@inlined
def choose_swap(rings: Rings, u: Whole, v: Whole, known: Any, both: Any) -> Whole:
    """4 where u and v are to change places, 5 for two stops and v, 6 for two and two."""
    dist, nodes, rule = rings.dist, rings.nodes, rings.rule
    stops = rings.near.shape[0]
    p, x, ap, ax, axx, into, away, beyond, _, _, _, _, qu = known
    y, av, ay, apart, loads, fined, _, duy, dvy, dxv, dxy = both
    w = nodes[v, PREV]
    if v >= stops or u == w:
        return 0
    aw = nodes[w, AT]
    changed = np.int64(dist[u, aw]) - dist[av, aw] + dist[av, ap] - into
    more = np.int64(nodes[v, DEMAND]) - qu
    cost = changed + dxv - away + duy - dvy
    if cost < fined and cost + shift(rule, apart, loads, more, fined) < 0:
        return 4
    if x >= stops or x == w:
        return 0
    qx = np.int64(nodes[x, DEMAND])
    cost = changed + dist[av, axx] - beyond + dxy - dvy
    if cost < fined and cost + shift(rule, apart, loads, more - qx, fined) < 0:
        return 5
    if y < stops and y != p and x != v and nodes[x, NEXT] != v:
        ayy = nodes[nodes[y, NEXT], AT]
        cost = changed + dist[ay, axx] - beyond + dist[ax, ayy] - dist[ay, ayy]
        more += np.int64(nodes[y, DEMAND]) - qx
        if cost < fined and cost + shift(rule, apart, loads, more, fined) < 0:
            return 6
    return 0


@inlined
def choose_ways(rings: Rings, u: Whole, v: Whole, known: Any, both: Any) -> Whole:
    """7 where the way from u to v is to be turned, 8 and 9 where two routes exchange their ends."""
    nodes, rule = rings.nodes, rings.rule
    stops = rings.near.shape[0]
    x, away = known[1], known[6]
    _, _, _, apart, loads, fined, duv, duy, dvy, dxv, dxy = both
    joined = duv + dxy - away - dvy
    crossed = duy + dxv - away - dvy
    if not apart:
        turns = v < stops and x != v and joined < 0 and nodes[u, POS] < nodes[v, POS]
        return 7 if turns else 0
    if min(joined, crossed) < fined:
        upto_u, upto_v = upto(nodes, stops, u, v)
        if joined + shift(rule, True, loads, upto_u + upto_v - loads[0], fined) < 0:
            return 8
        if crossed + shift(rule, True, loads, upto_u - upto_v + loads[1] - loads[0], fined) < 0:
            return 9
    return 0


@inlined
def upto(nodes: Cells, stops: Whole, u: Whole, v: Whole) -> tuple[Whole, Whole]:
    """The loads of the two routes up to u and v."""
    return np.int64(nodes[u, UPTO]), np.int64(nodes[v, UPTO]) if v < stops else np.int64(0)


@inlined
def carry_out(rings: Rings, u: Whole, v: Whole, move: Whole) -> None:
    """Make a move of `choose`, and count its routes anew."""
    nodes, routes, rule, line = rings.nodes, rings.routes, rings.rule, rings.line
    stops = rings.near.shape[0]
    ru = nodes[u, ROUTE]
    rv = nodes[v, ROUTE]
    x = nodes[u, NEXT]
    y = nodes[v, NEXT]
    if move == 1:
        behind(nodes, u, v)
    elif move == 2:
        behind(nodes, u, v)
        behind(nodes, x, u)
    elif move == 3:
        behind(nodes, x, v)
        behind(nodes, u, x)
    elif move == 4:
        swap(nodes, u, v)
    elif move == 5:
        swap(nodes, u, v)
        behind(nodes, x, u)
    elif move == 6:
        swap(nodes, u, v)
        swap(nodes, x, y)
    elif move == 7:
        turn(nodes, x, v)
    else:
        cross(nodes, line, u, v, np.uint32(stops + ru), np.uint32(stops + rv), move == 8)
    rule[MOVES] += 1
    recount(nodes, routes, rule, ru, np.uint32(stops + ru))
    if rv != ru:
        recount(nodes, routes, rule, rv, np.uint32(stops + rv))


@inlined
def look_at(rings: Rings, u: Whole, look: Whole) -> tuple[Whole, Whole]:
    """What u is tried with at a look: (node, node whose route counts), 0 where there is nothing.

    Even looks are near stops, odd ones the depot where the near stop is its route's first, the last
    is a route without stops.
    """
    nodes, routes, near = rings.nodes, rings.routes, rings.near
    stops = near.shape[0]
    if look < 2 * near.shape[1]:
        v = near[u, look >> 1]
        if look & 1:
            before = nodes[v, PREV]
            return before if before >= stops else np.uint32(0), v
        return v, v
    for r in range(routes.shape[0]):
        if routes[r, SIZE] == 0:
            return np.uint32(stops + r), np.uint32(stops + r)
    return np.uint32(0), u


@inlined
def try_stops(rings: Rings, state: Cells, first: bool) -> bool:
    """All stops beside their near stops, at the head of a route, and in a route of their own."""
    nodes, routes, rule, order = rings.nodes, rings.routes, rings.rule, rings.order
    near = rings.near
    stops = near.shape[0]
    found = False
    shuffle(state, order, stops - 1)
    looks = 2 * near.shape[1] + (0 if first else 1)
    for z in range(stops - 1):
        u = order[z]
        tried = nodes[u, TRIED]
        nodes[u, TRIED] = rule[MOVES]
        known = about(rings, u)
        for look in range(looks):
            v, other = look_at(rings, u, look)
            if v == 0:
                continue
            changed = max(
                routes[nodes[u, ROUTE], CHANGED],
                routes[nodes[other, ROUTE], CHANGED],
            )
            if changed <= tried and not first:
                continue
            move = choose(rings, u, v, known)
            if move:
                carry_out(rings, u, v, move)
                known = about(rings, u)
                found = True
    return found


@inlined
def try_routes(rings: Rings) -> bool:
    """SWAP* between each two routes that hold near stops and changed since they were tried."""
    nodes, routes, rule, near = rings.nodes, rings.routes, rings.rule, rings.near
    beside, pairs = rings.beside, rings.pairs
    stops = near.shape[0]
    found = False
    beside[:] = 0
    for ru in range(routes.shape[0]):
        if routes[ru, SIZE] == 0:
            continue
        u = nodes[stops + ru, NEXT]
        while u < stops:
            for q in range(min(BESIDE, near.shape[1])):
                rv = nodes[near[u, q], ROUTE]
                if rv != ru and beside[rv] != ru + 1:
                    beside[rv] = ru + 1
            u = nodes[u, NEXT]
        for rv in range(routes.shape[0]):
            if beside[rv] != ru + 1 or routes[rv, SIZE] == 0 or routes[ru, SIZE] == 0:
                continue
            changed = max(routes[ru, CHANGED], routes[rv, CHANGED])
            if changed > max(pairs[ru, rv], pairs[rv, ru]):
                pairs[ru, rv] = rule[MOVES]
                if exchange(rings, ru, rv):
                    found = True
    return found


@kernel
def educate(rings: Rings, child: Child, count: Whole, state: Cells) -> None:
    """Improve a child of `count` routes until no move helps; `breeding.gather` writes it down."""
    lay(rings, child, count)
    first = True
    for _ in range(PASSES):
        found = try_stops(rings, state, first)
        if not found or first:
            found = try_routes(rings) or found
        if not found and not first:
            break
        first = False
