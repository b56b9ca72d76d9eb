"""Local search on one kind of vehicle where both ways cost the same, compiled.

Method: the neighbourhoods of Vidal et al., Operations Research 60(3), 2012, and SWAP* of Vidal,
Computers & Operations Research 140, 2022: a stop or two move behind or change with a near stop or
two, two ways are exchanged within a route or between two, and two stops of neighbouring routes
change places, each going to its best place in the other route. Loads above the capacity are fined.

Nodes 1 to S - 1 are stops; node S + r is the depot as route r sees it: each route is a ring.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .compiled import inlined, kernel
from .kernel import draw

Cells = NDArray[Any]
Whole = int | np.integer[Any]

# Columns of `nodes`, uint32[S + R, 8]: AT is the row of the distances, UPTO the load up to here.
PREV, NEXT, ROUTE, POS, UPTO, AT, DEMAND, TRIED = range(8)
# Columns of `routes`, int64[R, 4]: CHANGED is the move that changed the route last.
LOAD, SIZE, CHANGED = range(3)
# Cells of `rule`, int64[3].
CAPACITY, FINE, MOVES = range(3)
FAR = np.int64(1) << np.int64(60)
BESIDE = 5  # routes are tried together where a stop has one of the other among so many near stops
PASSES = 10_000


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
def choose(rings: Rings, u: Whole, v: Whole, known: Any) -> Whole:
    """The first of nine moves of u and v that makes the routes cheaper, 0 for none."""
    dist, nodes, routes, rule = rings.dist, rings.nodes, rings.routes, rings.rule
    stops = rings.near.shape[0]
    p, x, ap, ax, axx, into, away, beyond, one, two, ru, load_u, qu = known
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
    x_stop = x < stops
    qx = np.int64(nodes[x, DEMAND])
    if u != y:
        cost = one + duv + duy - dvy
        if cost < fined and cost + shift(rule, apart, loads, -qu, fined) < 0:
            return 1
        if x_stop and v != x:
            cost = two - dvy + min(duv + dxy, dxv + duy)
            if cost < fined and cost + shift(rule, apart, loads, -qu - qx, fined) < 0:
                return 2 if duv + dxy < dxv + duy else 3
        w = nodes[v, PREV]
        if v < stops and u != w:
            aw = nodes[w, AT]
            both = np.int64(dist[u, aw]) - dist[av, aw] + dist[av, ap] - into
            more = np.int64(nodes[v, DEMAND]) - qu
            cost = both + dxv - away + duy - dvy
            if cost < fined and cost + shift(rule, apart, loads, more, fined) < 0:
                return 4
            if x_stop and x != w:
                cost = both + dist[av, axx] - beyond + dxy - dvy
                if cost < fined and cost + shift(rule, apart, loads, more - qx, fined) < 0:
                    return 5
                if y < stops and y != p and x != v and nodes[x, NEXT] != v:
                    ayy = nodes[nodes[y, NEXT], AT]
                    cost = both + dist[ay, axx] - beyond + dist[ax, ayy] - dist[ay, ayy]
                    more += np.int64(nodes[y, DEMAND]) - qx
                    if cost < fined and cost + shift(rule, apart, loads, more, fined) < 0:
                        return 6
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
