"""Random small problems with lanes."""

import random
from typing import Any

from tongzhou.planning import Inbound, Item, Kit, Lane, Problem, Supply, Wave


def one_item(seed: int) -> Problem:
    """One item, drops of 1, whole limits: what a min-cost flow can answer exactly."""
    r = random.Random(seed)
    hubs, clinics = r.randint(2, 3), r.randint(3, 7)
    names = [f"h{i}" for i in range(hubs)]
    producers = [f"p{i}" for i in range(r.randint(1, 3))]
    lanes = [
        Lane(p, hub, r.randint(0, 3), r.choice([None, 1, 1, 2, 3]), r.randint(0, 3))
        for p in producers
        for hub in names
        if r.random() < 0.85
    ] or [Lane("p0", "h0")]
    sending = sorted({lane.source for lane in lanes})
    return Problem.from_arrays(
        [*names, *(f"c{i}" for i in range(clinics))],
        [-1] * hubs + [r.randrange(hubs) for _ in range(clinics)],
        node=list(range(hubs, hubs + clinics)),
        weight=[r.choice([0.5, 1.0, 1.0, 2.0, 3.0]) for _ in range(clinics)],
        floor=[r.randint(0, 2) for _ in range(clinics)],
        cap=[r.randint(0, 4) for _ in range(clinics)],
        stock=[r.choice([0, 0, 1]) for _ in range(clinics)],
        items=[Item("a")],
        supply=[
            Supply("a", r.randint(0, 5), r.randint(1, 6), p)
            for p in sending
            for _ in range(r.randint(1, 2))
        ],
        waves=_waves(r, names, 0.2),
        lanes=lanes,
        inbound=[
            Inbound(hub, r.randint(1, 3))
            for hub in sorted({lane.target for lane in lanes})
            if r.random() < 0.4
        ],
        horizon_days=8,
    )


def mixed(seed: int) -> Problem:
    """Several items, kits, cartons, nested hubs, lanes that open and close, drops of any size."""
    r = random.Random(seed)
    ids, parent = _tree(r)
    inner = list(range(len(ids)))
    leaves = [f"c{i}" for i in range(r.randint(3, 9))]
    items = [
        Item(f"i{k}", carton_units=r.choice([1, 1, 4]), whole_cartons=r.random() < 0.15)
        for k in range(r.randint(1, 3))
    ]
    supplied = [item.id for item in items]
    kits = []
    if r.random() < 0.3:
        kits = [Kit("kit", {name: r.randint(1, 2) for name in supplied[: r.randint(1, 3)]})]
        items.append(Item("kit"))
    rows = [
        (len(ids) + leaf, item)
        for leaf in range(len(leaves))
        for item in range(len(items))
        if r.random() < 0.8
    ] or [(len(ids), 0)]
    lanes, supply = _ways(r, [ids[i] for i in inner], supplied)
    drop = r.choice([1, 2, 2, 3])
    return Problem.from_arrays(
        ids + leaves,
        parent + [r.choice(inner) for _ in leaves],
        node=[node for node, _ in rows],
        item=[item for _, item in rows],
        weight=[r.choice([0, 0.5, 1.0, 1.0, 2.0, 3.0]) for _ in rows],
        floor=[r.randint(0, 4) for _ in rows],
        cap=[r.randint(0, 9) for _ in rows],
        stock=[r.choice([0, 0, 1]) for _ in rows],
        drop=[drop if r.random() < 0.8 else r.choice([1, 2]) for _ in rows],
        items=items,
        supply=supply,
        waves=_waves(r, [ids[i] for i in inner], 0.25),
        lanes=lanes,
        inbound=[Inbound(ids[i], r.randint(1, 8)) for i in inner if r.random() < 0.25],
        kits=kits,
        horizon_days=9,
    )


def ready_kits(seed: int) -> Problem:
    """As `mixed`, with kits that come ready from some producers and can be put together as well."""
    problem = mixed(seed)
    while not problem.kits:
        seed += 100_000
        problem = mixed(seed)
    r = random.Random(seed)
    ready = [
        Supply("kit", r.randint(0, 5), r.randint(1, 6), producer)
        for producer in sorted({row.producer for row in problem.supply})
        if r.random() < 0.7
    ]
    return problem.changed(supply=(*problem.supply, *ready))


def _tree(r: random.Random) -> tuple[list[str], list[int]]:
    provinces = r.randint(1, 3)
    ids, parent = [f"h{p}" for p in range(provinces)], [-1] * provinces
    for p in range(provinces):
        for q in range(r.randint(0, 2)):
            ids.append(f"h{p}-{q}")
            parent.append(p)
    return ids, parent


def _waves(r: random.Random, hubs: list[str], directed: float) -> list[Wave]:
    days = sorted(r.sample(range(1, 8), r.randint(1, 3)))
    return [Wave(d, tuple(r.sample(hubs, 1)) if r.random() < directed else ()) for d in days]


def _ways(r: random.Random, hubs: list[str], items: list[str]) -> tuple[list[Lane], list[Any]]:
    lanes: list[Lane] = []
    producers = [f"p{i}" for i in range(r.randint(1, 3))]
    for p in producers if r.random() < 0.85 else ():
        for hub in hubs:
            most = r.choice([None, 1, 2, 5, 9])
            if r.random() < 0.15:
                lanes += [Lane(p, hub, 1, most, 1.0, 0, 3), Lane(p, hub, 2, most, 2.0, 4)]
            elif r.random() < 0.6:
                lanes.append(Lane(p, hub, r.randint(0, 3), most, float(r.randint(0, 3))))
    sending = {lane.source for lane in lanes} or set(producers)
    supply = [
        Supply(item, r.randint(0, 5), r.randint(1, 20), p, r.random() < 0.7)
        for p in sorted(sending)
        for item in items
    ]
    return lanes, supply
