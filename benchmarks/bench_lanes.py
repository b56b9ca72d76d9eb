"""Plans with lanes at national size, replanning, and how much of a plan an event moves.

Run `python -m benchmarks.bench_lanes [--clinics N] [--repeats N] [--only PART ...]`. 31 hubs, 11
producers, daily limits on every lane and hub, 5 items, 5 waves. Both sides of a comparison run one
after the other in each repeat, on one core; what is compared is CPU time. A line shows the median
and the range. The peer is HiGHS on the programme written down for 2,850 counties, with the same
lanes, limits and worth, eight pieces a curve.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS"):
    os.environ.setdefault(name, "1")
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "src"))

import numpy as np  # noqa: E402

from tongzhou.planning import (  # noqa: E402
    Inbound,
    Item,
    Lane,
    Plan,
    Problem,
    Supply,
    Wave,
    check,
    replan,
    solve,
)
from tongzhou.planning.lanes.planner import prepare  # noqa: E402
from tongzhou.planning.lanes.programme import Block, _highs  # noqa: E402
from tongzhou.planning.lanes.stages import Task  # noqa: E402
from tongzhou.planning.ties import Ties  # noqa: E402

HUBS, PRODUCERS, COUNTIES, SEED = 31, 11, 2_850, 7
EVENTS: list[dict[str, Any]] = [
    {"kind": "producer", "producer": "p0", "factor": 0.5, "from_day": 3},
    {"kind": "lane", "from": "p1", "to": "h3", "units_a_day": 0, "from_day": 2},
    {"kind": "need", "node": "h5", "factor": 1.2},
    {"kind": "supply", "producer": "p2", "item": "i2", "day": 6, "units": 100_000},
]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--clinics", type=int, default=600_000)
    options.add_argument("--repeats", type=int, default=3)
    options.add_argument("--only", action="append", choices=list(PARTS), metavar="PART")
    options.add_argument("--memory", action="store_true", help=argparse.SUPPRESS)
    arguments = options.parse_args()
    if arguments.memory:
        peak(arguments.clinics)
        return
    solve(nation(2_000), seed=SEED)  # kernels are compiled before anything is measured
    for part in arguments.only or PARTS:
        print(f"-- {part}: {(PARTS[part].__doc__ or '').splitlines()[0]}")
        PARTS[part](arguments.clinics, arguments.repeats)


def nation(clinics: int, items: int = 5, waves: int = 5, counties: int | None = None) -> Problem:
    """Clinics under 31 hubs; supply is half of what they can use; most producers make one item."""
    chance = np.random.default_rng(11)
    county = chance.integers(0, COUNTIES, clinics) if counties is None else np.arange(clinics)
    hub = county * HUBS // COUNTIES
    need = clinics * 6
    makes = [sorted({p % items, (3 * p + 1) % items} if p % 3 == 0 else {p % items})
             for p in range(PRODUCERS)]  # fmt: skip
    lots = need * 0.5 * items / sum(map(len, makes)) / 3
    flow = need * items * 0.5 / PRODUCERS / HUBS / 6
    return Problem.from_arrays(
        [f"h{h}" for h in range(HUBS)] + [f"n{n:07d}" for n in range(clinics)],
        np.concatenate((np.full(HUBS, -1), hub)),
        node=np.repeat(np.arange(HUBS, HUBS + clinics), items),
        item=np.tile(np.arange(items), clinics),
        weight=chance.lognormal(0, 0.7, clinics * items) + 0.01,
        cap=6,
        floor=2,
        drop=2,
        items=[Item(f"i{k}") for k in range(items)],
        supply=[
            Supply(f"i{k}", day, int(lots * chance.uniform(0.5, 1.5)), f"p{p}")
            for p in range(PRODUCERS)
            for k in makes[p]
            for day in (0, 3, 6)
        ],
        waves=[Wave(3 + 3 * w) for w in range(waves)],
        lanes=[
            Lane(
                f"p{p}",
                f"h{h}",
                int(chance.integers(1, 5)),
                int(flow * chance.uniform(0.5, 2)) + 1,
                float(chance.uniform(0.2, 2)),
            )
            for p in range(PRODUCERS)
            for h in range(HUBS)
        ],
        inbound=[
            Inbound(f"h{h}", int(flow * PRODUCERS * 0.75 * chance.uniform(0.5, 2)) + 1)
            for h in range(HUBS)
        ],
    )


# ------------------------------------------------------------------------------------ the parts


def national(clinics: int, repeats: int) -> None:
    """5 items, 5 waves, with lanes: solve, and HiGHS on 2,850 counties."""
    problem = nation(clinics)
    _ = problem.sha256
    counties = county_programme(problem)
    ours, theirs, audits = [], [], []
    for _repeat in range(repeats):
        spent, plan = timed(lambda: solve(problem, seed=SEED))
        ours.append(spent)
        theirs.append(timed(counties)[0])
        spent, faults = timed(partial(check, problem, plan))
        audits.append(spent)
        assert faults == [], faults[:3]
    say("solve", ours)
    say("HiGHS on 2,850 counties", theirs)
    say("ratio", [b / a for a, b in zip(ours, theirs, strict=True)], "x")
    say("check", audits)
    for stage in plan.certificate.stages:
        print(f"certified gap, {stage.stage:6} {stage.gap:.2e}")
    command = [
        sys.executable,
        "-m",
        "benchmarks.bench_lanes",
        "--memory",
        "--clinics",
        str(clinics),
    ]
    print(subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip())


def replans(clinics: int, repeats: int) -> None:
    """A replan after one event, beside the first plan and beside reading the problem as well."""
    for title, problem in (("one list", one_list(clinics)), ("lanes", nation(clinics))):
        build = timed(lambda t=title: one_list(clinics) if t == "one list" else nation(clinics))[0]
        _ = problem.sha256
        for event in EVENTS if problem.lanes else [EVENTS[0] | {"producer": "p0"}]:
            firsts, again = [], []
            for _repeat in range(repeats):
                spent, plan = timed(lambda p=problem: solve(p, seed=SEED))
                firsts.append(spent)
                again.append(timed(lambda p=problem, q=plan, e=event: replan(p, q, [e]))[0])
            say(f"{title}, {event['kind']}: first plan", firsts)
            say(f"{title}, {event['kind']}: replan", again)
            shares = [b / a for a, b in zip(firsts, again, strict=True)]
            say("  share of solve", shares, "")
            whole = [b / (a + build) for a, b in zip(firsts, again, strict=True)]
            say("  share of reading and solving", whole, "")


def stays(clinics: int, _repeats: int) -> None:
    """Cells (hub, item, wave) that an event changes: replan, and a programme that may stay put."""
    problem = nation(min(clinics, 60_000))
    plan = solve(problem, seed=SEED)
    for event in EVENTS:
        after = replan(problem, plan, [event])
        mine = int((cells(plan) != cells(after)).sum())
        theirs = int((np.abs(stable(after, cells(plan)) - cells(plan)) > 1e-6).sum())
        was, now = sent(plan), sent(after)
        shipped = sum(was.get(key, 0) != now.get(key, 0) for key in was | now)
        print(
            f"{event['kind']:9} replan {mine:4}  stable programme {theirs:4}  of {cells(plan).size}"
        )
        print(f"{'':9} lanes and days with other units {shipped:5} of {len(was)}")


PARTS: dict[str, Callable[[int, int], None]] = {
    "national": national,
    "replans": replans,
    "stays": stays,
}


# ------------------------------------------------------------------------------------ the sides


def one_list(clinics: int) -> Problem:
    """One item, no lanes."""
    chance = np.random.default_rng(5)
    return Problem.from_arrays(
        [f"n{n:07d}" for n in range(clinics)],
        -1,
        node=np.arange(clinics),
        weight=chance.lognormal(0, 0.7, clinics) + 0.01,
        cap=6,
        floor=2,
        drop=2,
        items=[Item("i0")],
        supply=[Supply("i0", day, clinics // 2, "p0") for day in (0, 3, 6, 9)],
        waves=[Wave(day) for day in (1, 4, 7, 10)],
    )


def county_programme(problem: Problem) -> Callable[[], float]:
    """HiGHS on the same lanes and limits with a curve of eight pieces for every county and item."""
    chance = np.random.default_rng(11)
    clinics = len(problem.node_ids) - HUBS
    county = chance.integers(0, COUNTIES, clinics)
    task = task_of(problem)
    programme = task.programme
    curves = []
    for cell, (item, hub) in enumerate(programme.cells.tolist()):
        ledger, ranks = task.curves[item].ledger, task.curves[item].ranks
        mine = ranks[task.curves[item].of(hub)]
        where = county[problem.needs.node[ledger.rows[ledger.row_of[mine]]] - HUBS]
        worth = 1.0 - (2.0 * mine + 1.0) / task.curves[item].units
        for one in np.unique(where).tolist():
            parts = np.array_split(worth[where == one], 8)
            curves.append((cell, [(2.0 * len(p), float(p.mean())) for p in parts if len(p)]))
    return lambda: _county(task, curves)


def _county(task: Task, curves: list[tuple[int, list[tuple[float, float]]]]) -> float:
    """One programme: units by county, item and wave never fall, and pieces make their worth."""
    programme = task.programme
    waves = programme.waves
    block = Block()
    block.add(*programme.block.arrays())
    at = programme.columns
    low, high = [*programme.low], [*programme.high]
    row = programme.rows
    cost, upper = [np.zeros(at)], [np.full(at, np.inf)]
    by_cell: dict[int, list[np.ndarray]] = {}
    for cell, pieces in curves:
        given = at + np.arange(waves)
        at += waves
        cost.append(np.zeros(waves))
        upper.append(np.full(waves, np.inf))
        by_cell.setdefault(cell, []).append(given)
        for wave in range(waves):
            taken = at + np.arange(len(pieces))
            at += len(pieces)
            cost.append(np.array([-value * task.days[wave] for _, value in pieces]))
            upper.append(np.array([units for units, _ in pieces]))
            block.add(row, given[: wave + 1], 1.0)
            block.add(row, taken, -1.0)
            low.append(np.zeros(1))
            high.append(np.full(1, np.inf))
            row += 1
    for cell, parts in by_cell.items():
        for wave in range(waves):
            block.add(row, programme.g[cell, wave : wave + 1], 1.0)
            block.add(row, [part[wave] for part in parts], -1.0)
            low.append(np.zeros(1))
            high.append(np.zeros(1))
            row += 1
    sides = np.concatenate(low), np.concatenate(high)
    _, _, best = _highs(
        np.concatenate(cost), np.zeros(at), np.concatenate(upper), *sides, block, vertex=False
    )
    return -best


def stable(after: Plan, before: np.ndarray) -> np.ndarray:
    """Units by hub, item and wave of the programme whose worth is less a price of any change."""
    problem = after.need_problem()
    task = task_of(problem)
    programme = task.programme
    block = Block()
    block.add(*programme.block.arrays())
    at, row = programme.columns, programme.rows
    low, high = [*programme.low], [*programme.high]
    cost, upper = [np.zeros(at)], [np.full(at, np.inf)]
    for cell, (item, hub) in enumerate(programme.cells.tolist()):
        curve = task.points[cell]
        marks = np.unique(np.linspace(0, len(curve.units) - 1, 25).astype(int))
        width = np.diff(curve.units[marks]).astype(float)
        value = np.diff(curve.worth[marks]) / width
        for wave in range(programme.waves):
            taken = at + np.arange(len(width))
            change = at + len(width) + np.arange(2)
            at += len(width) + 2
            cost.append(np.append(-value * task.days[wave], [0.05, 0.05]))
            upper.append(np.append(width, [np.inf, np.inf]))
            block.add(row, programme.g[cell, : wave + 1], 1.0)
            block.add(row, taken, -1.0)
            block.add(row + 1, programme.g[cell, wave : wave + 1], 1.0)
            block.add(row + 1, change, [-1.0, 1.0])
            was = before[hub, item, wave]
            low.append(np.array([0.0, was]))
            high.append(np.array([np.inf, was]))
            row += 2
    x, _, _ = _highs(
        np.concatenate(cost),
        np.zeros(at),
        np.concatenate(upper),
        np.concatenate(low),
        np.concatenate(high),
        block,
        vertex=True,
    )
    found = np.zeros(before.shape)
    found[programme.cells[:, 1], programme.cells[:, 0]] = x[programme.g]
    return found


def task_of(problem: Problem) -> Task:
    nothing = np.zeros((len(problem.needs), len(problem.waves)), dtype=np.int64)
    closed = np.zeros(len(problem.needs), dtype=bool)
    return prepare(problem, Ties(SEED, problem.node_ids), nothing, closed, ())


def sent(plan: Plan) -> dict[tuple[str, str, str, int], int]:
    """Units by lane, item and day."""
    return {(s.source, s.target, s.item, s.ship_day): s.units for s in plan.shipments}


def cells(plan: Plan) -> np.ndarray:
    """int64[hubs, items, waves]: units."""
    problem = plan.need_problem()
    found = np.zeros((HUBS, len(problem.items), len(problem.waves)), dtype=np.int64)
    hub = problem.parent[plan.allocations.node]
    np.add.at(found, (hub, plan.allocations.item, plan.allocations.wave), plan.allocations.units)
    return found


def peak(clinics: int) -> None:
    """Peak memory of the problem, its plan and its audit, above the interpreter with all loaded."""
    small = nation(2_000)
    check(small, solve(small, seed=SEED))
    before = peak_mb()
    problem = nation(clinics)
    held = peak_mb()
    plan = solve(problem, seed=SEED)
    solved = peak_mb()
    check(problem, plan)
    sides = (("problem", held), ("and plan", solved), ("and audit", peak_mb()))
    print("peak memory: " + ", ".join(f"{name} {mb - before:.0f} MB" for name, mb in sides))


def peak_mb() -> float:
    """The peak of this process: getrusage would tell that of the parent as well."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def timed(run: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.process_time()
    made = run()
    return time.process_time() - begun, made


def say(name: str, values: list[float], unit: str = "s") -> None:
    print(f"{name:42} {median(values):8.3f} {unit} ({min(values):.3f} to {max(values):.3f})")


if __name__ == "__main__":
    main()
