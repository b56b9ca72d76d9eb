"""Ranked lists and plans at national size: 600,000 clinics, up to 5 items and 5 waves, one core.

Run `python -m benchmarks.bench_planning [--clinics N] [--repeats N] [--only PART ...]`. Both sides
of a comparison run one after the other in each repeat, so that the machine's load moves both; what
is compared is CPU time, after the kernels are compiled. A line shows the median and the range.
The peer of part `flow` is OR-Tools; where it is not installed, the part says so.
"""

import argparse
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS"):
    os.environ.setdefault(name, "1")
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "src"))

import numpy as np  # noqa: E402

from benchmarks import planning_peers  # noqa: E402
from tongzhou.planning import (  # noqa: E402
    Item,
    Plan,
    Problem,
    Supply,
    Wave,
    apportion,
    check,
    solve,
)
from tongzhou.planning.ledger import build, reused  # noqa: E402
from tongzhou.planning.ties import Ties  # noqa: E402
from tongzhou.planning.waves import OPEN, arrivals, cut, describe  # noqa: E402

HUBS = 32
SHARE = 1_172_000 / 600_000  # units a clinic in January 2023
SEED = 7


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--clinics", type=int, default=600_000)
    options.add_argument("--repeats", type=int, default=7)
    options.add_argument("--only", action="append", choices=list(PARTS), metavar="PART")
    options.add_argument("--memory", choices=["one", "five"], help=argparse.SUPPRESS)
    arguments = options.parse_args()
    if arguments.memory:
        peak(arguments.memory, arguments.clinics)
        return
    print(f"machine    {machine()}")
    print(f"python     {platform.python_version()}, numpy {np.__version__}")
    warm()
    for part in arguments.only or PARTS:
        print(f"-- {part}: {(PARTS[part].__doc__ or '').splitlines()[0]}")
        PARTS[part](arguments.clinics, arguments.repeats)


def warm() -> None:
    """Compile, and load what is loaded late, before anything is measured."""
    for weight in (np.arange(1.0, 2001.0), np.ones(2000)):
        problem = nation(2000, weight=weight)
        plan = solve(problem, seed=SEED)
        check(problem, plan)
        plan.explain(f"{7:012d}-1")


# ------------------------------------------------------------------------------------ the parts


def ledger(n: int, repeats: int) -> None:
    """All drops of one item ranked and cut into 4 waves, beside one np.sort of N doubles."""
    doubles = np.random.default_rng(0).random(n)
    for kind, weight in (("weights all distinct", distinct(n)), ("weights all tied", tied(n))):
        problem = nation(n, weight=weight)
        reach = [problem.under(wave.hubs)[problem.needs.node] for wave in problem.waves]
        pairs = []
        for _ in range(repeats):
            sort = cpu(lambda: np.sort(doubles))[0]
            made, drops = cpu(lambda p=problem, r=reach: ranked(p, r))
            pairs.append((made, sort))
        beside(f"{drops:,} drops, {kind}", "np.sort", pairs)


def flow(n: int, repeats: int) -> None:
    """One wave, one item, no floors: the whole `solve` beside OR-Tools' min-cost flow."""
    if not planning_peers.there():
        print("OR-Tools is not installed (`pip install ortools`); this part is left out.")
        return
    alone, whole, gaps = [], [], []
    for number in range(max(1, repeats - 2)):
        problem = nation(n, waves=1, floor=0, instance=number)
        spent, plan = cpu(lambda p=problem: solve(p, seed=SEED))
        found = planning_peers.flow(problem, int(plan.units.sum()) // 2)
        alone.append((spent, found.solving))
        whole.append((spent, found.whole))
        value, peer = (objective(problem, units) for units in (plan.units[:, 0], found.units))
        gaps.append(abs(value - peer) / peer)
    beside("solve", "flow, the network built before", alone, turned=True)
    beside("solve", "flow, with building the network", whole, turned=True)
    print(f"{'objectives apart by':<34}{max(gaps):12.1e} at most, of {len(gaps)} instances")


def five(n: int, repeats: int) -> None:
    """Five items and five waves: 5 N needs rows, without lanes."""
    memory("five", n)
    solving, checking = [], []
    for _ in range(max(1, repeats - 2)):
        problem = nation(n, items=5, waves=5)
        spent, plan = cpu(lambda p=problem: solve(p, seed=SEED))
        solving.append(spent)
        spent, faults = cpu(lambda p=problem, made=plan: check(p, made))
        checking.append(spent)
        refuse(faults)
    drops = sum(len(plan.standing(item).ledger) for item in range(5))
    lines = len(plan.allocations)
    alone(f"solve, {drops:,} drops", solving)
    alone(f"check, {lines:,} lines", checking)
    explanations("explain, right after solve", plan, n)


def one(n: int, repeats: int) -> None:
    """One item and four waves, the second directed: each step of a plan."""
    memory("one", n)
    units = int(n * SHARE)
    for rule in ("webster", "adams"):
        share = partial(apportion, units, distinct(n), rule=rule)
        alone(f"apportion, {rule}", [cpu(share)[0] for _ in range(repeats)])
    for kind, weight in (("distinct", distinct(n)), ("tied", tied(n))):
        made = {name: [] for name in ("problem from arrays", "solve", "check", "metrics")}
        for _ in range(repeats):
            spent, problem = cpu(lambda w=weight: nation(n, weight=w))
            made["problem from arrays"].append(spent)
            spent, plan = cpu(lambda p=problem: solve(p, seed=SEED))
            made["solve"].append(spent)
            spent, faults = cpu(lambda p=problem, found=plan: check(p, found))
            made["check"].append(spent)
            refuse(faults)
            made["metrics"].append(cpu(plan.metrics)[0])
        for name, spent in made.items():
            alone(f"{name}, weights {kind}", spent)


def explain(n: int, repeats: int) -> None:
    """The explanation of one node, right after `solve` and from a file (wall time)."""
    problem = nation(n)
    plan = solve(problem, seed=SEED)
    explanations("right after solve", plan, n)
    with tempfile.TemporaryDirectory() as folder:
        plan.to_parquet(folder)
        again = Plan.from_parquet(folder, problem)
    spent, _ = cpu(lambda: again.explain(f"{n // 2:012d}-1"))
    alone("the first of a plan read again", [spent])
    explanations("the next of a plan read again", again, n)


def again(n: int, repeats: int) -> None:
    """The list of an item after other supply, from the ranked one, beside ranking it anew."""
    problem = nation(n)
    settled, closed = nothing_settled(problem)
    total = int(arrivals(problem, 0)[0][-1])
    less = replace(problem, supply=problem.supply[:-1])
    old = build(problem, 0, Ties(SEED, problem.node_ids), settled, closed, total)
    pairs = []
    for _ in range(repeats):
        ties = Ties(SEED, problem.node_ids)
        anew = cpu(lambda t=ties: build(less, 0, t, settled, closed, total // 2))[0]
        pairs.append((cpu(lambda: reused(old, less, 0, settled, closed, total // 2))[0], anew))
    beside("reused", "build", pairs)


PARTS: dict[str, Callable[[int, int], None]] = {
    part.__name__: part for part in (ledger, flow, five, one, explain, again)
}


# ------------------------------------------------------------------------------------ the problems


def nation(
    n: int,
    *,
    items: int = 1,
    waves: int = 4,
    floor: int = 2,
    instance: int = 1,
    weight: np.ndarray | None = None,
) -> Problem:
    """Two units a clinic at a time, up to six by the registry; batches of equal size.

    The second wave goes to 11 of 32 hubs.
    """
    draw = np.random.default_rng(instance)
    hubs = [f"hub-{i:02d}" for i in range(HUBS)]
    share = np.sort(draw.integers(0, HUBS, n))
    batch = int(n * SHARE) // (2 * waves) * 2
    return Problem.from_arrays(
        hubs + [f"{i:012d}-1" for i in range(n)],
        np.concatenate([np.full(HUBS, -1), share]),
        node=np.repeat(np.arange(HUBS, HUBS + n), items),
        item=np.tile(np.arange(items), n),
        weight=distinct(n * items, instance) if weight is None else weight,
        cap=2 + 2 * draw.integers(1, 4, n * items),
        floor=floor,
        drop=2,
        items=[Item(f"item-{k}", 0.3, 100) for k in range(items)],
        supply=[Supply(f"item-{k}", day, batch) for k in range(items) for day in range(waves)],
        waves=[Wave(day, tuple(hubs[:11]) if day == 1 else ()) for day in range(waves)],
    )


def distinct(n: int, instance: int = 2) -> np.ndarray:
    return np.round(np.random.default_rng(100 + instance).gamma(2.0, 40.0, n) + 1, 6)


def tied(n: int) -> np.ndarray:
    """One weight a province: every drop then needs the published order of ties."""
    by_hub = np.round(np.random.default_rng(3).gamma(8.0, 10.0, HUBS), 3)
    return by_hub[np.arange(n) * HUBS // n]


def nothing_settled(problem: Problem) -> tuple[np.ndarray, np.ndarray]:
    """As `solve` says it: units by needs row, and the rows that a person settled."""
    rows = len(problem.needs)
    return np.broadcast_to(np.int64(0), rows), np.zeros(rows, dtype=bool)


def ranked(problem: Problem, reach: list[np.ndarray]) -> int:
    """Keys, ranks and cuts of the only item, from its needs; returns how many drops there are."""
    total, _ = arrivals(problem, 0)
    made = build(
        problem, 0, Ties(SEED, problem.node_ids), *nothing_settled(problem), int(total[-1])
    )
    wave_of, spent = np.full(len(made), OPEN, dtype=np.int16), 0
    for wave, reached in enumerate(reach):
        available = int(total[wave]) - spent
        given, following = cut(made, wave_of, wave, reached, available)
        spent += describe(made, wave, given, following, available, available).units
    return len(made)


def objective(problem: Problem, units: np.ndarray) -> float:
    """The Webster sum of a plan, drop x key of all that is given: units squared by weight."""
    return float((units.astype(np.float64) ** 2 / (2 * problem.needs.weight)).sum())


# ------------------------------------------------------------------------------------ the clock


def cpu(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def alone(name: str, spent: list[float]) -> None:
    low, high = min(spent) * 1e3, max(spent) * 1e3
    print(f"{name:<34}{median(spent) * 1e3:9.1f} ms CPU ({low:.1f} to {high:.1f})")


def beside(name: str, peer: str, pairs: list[tuple[float, float]], *, turned: bool = False) -> None:
    """Ours and the peer's, and the median and range of their ratio over the repeats."""
    ratios = sorted(b / a if turned else a / b for a, b in pairs)
    alone(name, [pair[0] for pair in pairs])
    alone(f"  {peer}", [pair[1] for pair in pairs])
    words = "times as fast" if turned else "times its time"
    print(f"  {median(ratios):.1f} {words} ({ratios[0]:.1f} to {ratios[-1]:.1f})")


def explanations(name: str, plan: Plan, n: int) -> None:
    """2,000 nodes, one after the other: by the clock, which other work stops, and by CPU time."""
    wall, spent, items = [], [], [*plan.item_ids]
    for node in np.random.default_rng(4).integers(0, n, 2000).tolist():
        item = items[node % len(items)]
        start = time.perf_counter()
        spent.append(cpu(lambda i=item, k=node: plan.explain(f"{k:012d}-1", i))[0] * 1e3)
        wall.append((time.perf_counter() - start) * 1e3)
    for kind, figures in (("CPU", spent), ("wall", wall)):
        middle, slow = median(figures), sorted(figures)[int(0.99 * len(figures))]
        line = f"{middle:9.3f} ms {kind} (first {figures[0]:.3f}, p99 {slow:.3f})"
        print(f"{name:<34}{line}")


def refuse(faults: list[str]) -> None:
    if faults:
        sys.exit(f"check refuses the plan: {faults[:3]}")


def memory(name: str, n: int) -> None:
    """Peak memory, in a process of its own, of building one problem, solving and checking it."""
    command = [sys.executable, "-m", "benchmarks.bench_planning", "--memory", name]
    subprocess.run([*command, "--clinics", str(n)], check=True, cwd=HERE.parent)


def peak(name: str, n: int) -> None:
    """What `memory` runs. The base is a process that has loaded all it needs."""
    warm()
    before = most_held()
    problem = nation(n, items=5, waves=5) if name == "five" else nation(n)
    refuse(check(problem, solve(problem, seed=SEED)))
    print(f"{'memory: build, solve and check':<34}{most_held() - before:9,.0f} MB at the peak")


def most_held() -> float:
    """MB this process has held at most. Where the system says it, without what its parent held."""
    status = Path("/proc/self/status")
    if status.is_file():
        lines = status.read_text(encoding="utf-8").splitlines()
        return next(int(x.split()[1]) / 1024 for x in lines if x.startswith("VmHWM"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def machine() -> str:
    model = platform.processor()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        lines = info.read_text(encoding="utf-8").splitlines()
        model = next((x.split(":")[1].strip() for x in lines if x.startswith("model name")), model)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    return f"{model}, {os.cpu_count()} cores (one used), load {load:.1f} at the start"


if __name__ == "__main__":
    main()
