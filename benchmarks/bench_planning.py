"""The planning engine at national size: 600,000 clinics, 4 waves, one core.

Run `python -m benchmarks.bench_planning [--clinics N] [--repeats N]`. Every figure is the median of
the repeats after one warm-up, with the range, and as a multiple of one np.sort of as many doubles
measured in the same run: the machine's load moves both.
"""

import argparse
import os
import platform
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS"):
    os.environ.setdefault(name, "1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

import numpy as np  # noqa: E402

from tongzhou.planning import Item, Problem, Supply, Wave, apportion, check, solve  # noqa: E402

HUBS = 32
SHARE = 1_172_000 / 600_000  # units a clinic in January 2023


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--clinics", type=int, default=600_000)
    options.add_argument("--repeats", type=int, default=5)
    arguments = options.parse_args()
    n, repeats = arguments.clinics, arguments.repeats
    print(f"machine    {machine()}")
    print(f"python     {platform.python_version()}, numpy {np.__version__}")
    print(f"size       {n:,} clinics, {HUBS} hubs, 4 waves, the second to 11 hubs")
    memory(n, distinct(n))  # first, while this process holds nothing of the kind
    doubles = np.random.default_rng(0).random(n)
    sort = measured("np.sort of doubles", lambda: np.sort(doubles), repeats)
    weight = distinct(n)
    units = int(n * SHARE)
    for rule in ("webster", "adams"):
        measured(
            f"apportion, {rule}", lambda r=rule: apportion(units, weight, rule=r), repeats, sort
        )
    for kind, made in (("weights all distinct", weight), ("weights all tied", tied(n))):
        print(f"-- {kind}")
        whole(n, made, repeats, sort)


def whole(n: int, weight: np.ndarray, repeats: int, sort: float) -> None:
    """Problem, solve, check, explain and metrics of one problem."""
    measured("problem from arrays", lambda: nation(n, weight), repeats, sort)
    # A fresh problem each time, so that nothing remembered from the last solve helps the next.
    plan = measured(
        "solve, 4 waves",
        lambda fresh: solve(fresh, seed=7),
        repeats,
        sort,
        keep=True,
        prepare=lambda: nation(n, weight),
    )
    problem = plan.need_problem()
    faults = measured("check", lambda: check(problem, plan), repeats, sort, keep=True)
    if faults:
        sys.exit(f"check refuses the plan: {faults[:3]}")
    drops = len(plan.standing(0).ledger)
    print(f"           {drops:,} drops ranked, gap {plan.certificate.gap:.1e}, audit: no fault")
    explanations(plan, n)
    measured("metrics", plan.metrics, repeats, sort)


def nation(n: int, weight: np.ndarray) -> Problem:
    """Two units a clinic as a floor, up to six by the registry; four batches of equal size."""
    draw = np.random.default_rng(1)
    hubs = [f"hub-{i:02d}" for i in range(HUBS)]
    share = np.sort(draw.integers(0, HUBS, n))
    batch = int(n * SHARE) // 8 * 2
    return Problem.from_arrays(
        hubs + [f"{i:012d}-1" for i in range(n)],
        np.concatenate([np.full(HUBS, -1), share]),
        node=np.arange(HUBS, HUBS + n),
        weight=weight,
        cap=2 + 2 * draw.integers(1, 4, n),
        floor=2,
        drop=2,
        items=[Item("oximeter", 0.3, 100)],
        supply=[Supply("oximeter", day, batch) for day in (0, 2, 3, 5)],
        waves=[Wave(0), Wave(2, tuple(hubs[:11])), Wave(3), Wave(5)],
    )


def distinct(n: int) -> np.ndarray:
    return np.round(np.random.default_rng(2).gamma(2.0, 40.0, n) + 1, 6)


def tied(n: int) -> np.ndarray:
    """One weight a province: every drop then needs the published order of ties."""
    by_hub = np.round(np.random.default_rng(3).gamma(8.0, 10.0, HUBS), 3)
    return by_hub[np.arange(n) * HUBS // n]


def explanations(plan: Any, n: int) -> None:
    nodes = [f"{i:012d}-1" for i in np.random.default_rng(4).integers(0, n, 2000)]
    spent = []
    for node in nodes:
        start = time.perf_counter()
        plan.explain(node)
        spent.append(time.perf_counter() - start)
    first, middle, slow = spent[0], median(spent), sorted(spent)[int(0.99 * len(spent))]
    print(
        f"{'explain one node':<22}{middle * 1e3:9.3f} ms   "
        f"(first {first * 1e3:.3f}, p99 {slow * 1e3:.3f})"
    )


def measured(
    name: str,
    work: Callable[..., Any],
    repeats: int,
    sort: float = 0.0,
    *,
    keep: bool = False,
    prepare: Callable[[], Any] | None = None,
) -> Any:
    """Print one line; return the median, or with `keep` the last result."""
    result, spent, cpu = None, [], []
    for turn in range(repeats + 1):
        inputs = (prepare(),) if prepare else ()
        start, start_cpu = time.perf_counter(), time.process_time()
        result = work(*inputs)
        if not turn:
            continue  # the first turn warms up
        spent.append(time.perf_counter() - start)
        cpu.append(time.process_time() - start_cpu)
    middle = median(spent)
    ratio = f"{middle / sort:7.1f} x sort" if sort else ""
    print(
        f"{name:<22}{middle * 1e3:9.1f} ms   ({min(spent) * 1e3:.1f} to {max(spent) * 1e3:.1f}, "
        f"CPU {median(cpu) * 1e3:.1f}) {ratio}"
    )
    return result if keep else middle


def memory(n: int, weight: np.ndarray) -> None:
    """Peak memory of a process that builds one problem, solves and checks it."""
    child = os.fork()
    if not child:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        problem = nation(n, weight)
        plan = solve(problem, seed=7)
        check(problem, plan)
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(f"memory     {(after - before) / 1024:,.0f} MB at the peak of build, solve, check")
        sys.stdout.flush()
        os._exit(0)
    os.waitpid(child, 0)


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
