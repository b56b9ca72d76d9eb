"""Routes beside PyVRP, HGS, OR-Tools and VROOM: gap to the best known, on one core, in one run.

Run `make bench-peers` once, then `.venv-bench/bin/python -m benchmarks.bench_routes --best FILE`.
The sides take turns on each instance, budget and seed, so that what else the machine does falls on
all of them; compiling and building a model are not counted. FILE keeps the best cost known of each
instance from run to run: `--improve SECONDS` looks for better ones first, and every run adds what
it finds. A gap is a side's cost over that best, less 1; the median goes over the instances, of each
the mean of its seeds.
"""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import mean, median
from typing import Any

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")
sys.path[:0] = [str(Path(__file__).resolve().parent.parent / part) for part in ("src", "")]

import numpy as np  # noqa: E402

from benchmarks import route_instances, route_peers  # noqa: E402
from benchmarks.route_instances import Instance  # noqa: E402
from tongzhou.planning import check_routes, route  # noqa: E402
from tongzhou.planning.routing import Routes  # noqa: E402

FAMILIES = {
    "county": (list(range(1, 21)), [0.05, 0.2, 1.0, 5.0], ["ours", "pyvrp", "hgs"]),
    "uchoa": (list(range(1, 9)), [10.0, 60.0], ["ours", "pyvrp", "hgs"]),
    "windows": (list(range(1, 9)), [10.0], ["ours", "pyvrp", "ortools"]),
    # One county of a nation: budgets are what a county gets; PyVRP has 1 s of its own at the last.
    "nation": (list(range(101, 121)), [0.1, 0.5, 1.0], ["ours", "pyvrp"]),
}
COUNTIES, STOPS = 2_850, 211
RESAMPLES = 10_000


def main() -> None:
    arguments = _arguments()
    family = arguments.family
    numbers, budgets, sides = FAMILIES[family]
    numbers = arguments.instances or numbers
    budgets = arguments.budgets or budgets
    sides = arguments.sides or sides
    if absent := route_peers.missing(sides):
        print(
            f"{', '.join(absent)} cannot be imported by {sys.executable}: install the peers of"
            " requirements/bench.lock with `make bench-peers`, then run .venv-bench/bin/python."
        )
        if arguments.sides:
            sys.exit(1)
        print("Ours is measured alone.")
        sides = ["ours"]
    instances = [_instance(family, number) for number in numbers]
    best = Best(arguments.best)
    _warm(instances)
    print(f"machine    {_machine()}, python {platform.python_version()}, load {os.getloadavg()}")
    if arguments.improve:
        _improve(instances, sides, arguments.improve, best)
        return
    rows = list(_measure(instances, sides, budgets, arguments.seeds, best))
    table = "\n".join(_table(rows, best, sides, budgets))
    print(f"\n{table}")
    if family == "nation":
        print(f"\n{COUNTIES:,} counties of {STOPS} stops take {COUNTIES:,} times the mean run.")
    if arguments.json:
        kept = {"machine": _machine(), "best": best.costs, "rows": rows}
        Path(arguments.json).write_text(json.dumps(kept, indent=1), encoding="utf-8")


def _arguments() -> argparse.Namespace:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--family", choices=list(FAMILIES), default="county")
    options.add_argument("--instances", type=int, nargs="+", metavar="NUMBER")
    options.add_argument("--budgets", type=float, nargs="+", metavar="SECONDS")
    options.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    options.add_argument("--sides", nargs="+", choices=list(route_peers.SIDES))
    options.add_argument("--best", type=Path, help="JSON file of the best costs known")
    options.add_argument("--improve", type=float, metavar="SECONDS")
    options.add_argument("--json", metavar="FILE", help="where every single run is written")
    return options.parse_args()


def _instance(family: str, number: int) -> Instance:
    if family == "nation":
        return replace(route_instances.county(number, STOPS), name=f"nation-{number}")
    if family == "windows":  # 1-6 of 100 stops, one of each kind; from 7 on of 200
        return route_instances.windows(number, 100 if number <= 6 else 200)
    return {"county": route_instances.county, "uchoa": route_instances.uchoa}[family](number)


def _machine() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _warm(instances: list[Instance]) -> None:
    """Compile, so that no budget pays for it."""
    begun = time.perf_counter()
    for timed in (False, True):
        for instance in instances:
            if (instance.windows is not None) == timed:
                route(instance.problem, iterations=400 * instance.stops)
                break
    print(f"compiled   {time.perf_counter() - begun:.1f} s, not counted below")


class Best:
    """The best cost known of each instance, kept in a file where one is named."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        kept = path is not None and path.exists()
        self.costs: dict[str, int] = json.loads(path.read_text("utf-8")) if kept else {}

    def add(self, name: str, cost: int) -> None:
        if cost < self.costs.get(name, cost + 1):
            self.costs[name] = cost
            if self.path is not None:
                self.path.write_text(json.dumps(self.costs, indent=1), encoding="utf-8")


def _improve(instances: list[Instance], sides: list[str], seconds: float, best: Best) -> None:
    """Three runs of every side on every instance, of which only the best cost is kept."""
    for instance in instances:
        for side in sides:
            costs = [_run(instance, side, seconds, seed)["cost"] for seed in (101, 102, 103)]
            for cost in costs:
                if cost is not None:
                    best.add(instance.name, cost)
            print(
                f"{instance.name:24} {side:8} {costs} best {best.costs[instance.name]}", flush=True
            )


def _measure(
    instances: list[Instance],
    sides: list[str],
    budgets: list[float],
    seeds: list[int],
    best: Best,
) -> Iterator[dict[str, Any]]:
    for instance in instances:
        for seconds in budgets:
            for seed in seeds:
                for side in sides:
                    row = _run(instance, side, seconds, seed)
                    if row["cost"] is not None:
                        best.add(instance.name, row["cost"])
                    yield row
        print(f"{instance.name:24} done", flush=True)


def _run(instance: Instance, side: str, seconds: float, seed: int) -> dict[str, Any]:
    """One run; the cost is added up here, and None where the routes do not serve every stop."""
    found = route_peers.SIDES[side](instance, seconds, seed)
    routes = tuple(tuple(stops) for stops in found.routes if stops)
    cost = sum(
        int(instance.distance[(0, *stops), (*stops, 0)].sum(dtype=np.int64)) for stops in routes
    )
    answer = Routes(instance.problem, routes, (0,) * len(routes), cost)
    faults = check_routes(instance.problem, answer)
    return {
        "instance": instance.name,
        "stops": instance.stops,
        "side": side,
        "budget": seconds,
        "seed": seed,
        "cost": None if faults else cost,
        "seconds": round(found.seconds, 3),
        "routes": len(routes),
    }


def _table(
    rows: list[dict[str, Any]], best: Best, sides: list[str], budgets: list[float]
) -> Iterator[str]:
    """Gaps in per cent: median and range over the instances, and the way to each peer."""
    yield "| budget | side | gap: mean | median | range | run: mean, longest | none | ours less |"
    yield "|---|---|---|---|---|---|---|---|"
    for seconds in budgets:
        gaps = {side: _gaps(rows, best, side, seconds) for side in sides}
        for side in sides:
            mine = [row for row in rows if (row["side"], row["budget"]) == (side, seconds)]
            known = [gap for gap in gaps[side].values() if gap is not None]
            runs = [row["seconds"] for row in mine]
            took = f"{mean(runs):.2f}, {max(runs):.2f} s"
            unsolved = sum(row["cost"] is None for row in mine)
            figures = "none | none | none"
            if known:
                figures = (
                    f"{mean(known):.2f} % | {median(known):.2f} % |"
                    f" {min(known):.2f} to {max(known):.2f} %"
                )
            line = f"| {seconds:g} s | {side} | {figures} | {took} | {unsolved} |"
            if side != "ours" and "ours" in gaps:
                line += f" {_versus(gaps['ours'], gaps[side])}"
            yield line + " |"


def _gaps(
    rows: list[dict[str, Any]], best: Best, side: str, seconds: float
) -> dict[str, float | None]:
    """Per instance the mean gap of its seeds, None where a run found nothing."""
    found: dict[str, list[int | None]] = {}
    for row in rows:
        if (row["side"], row["budget"]) == (side, seconds):
            found.setdefault(row["instance"], []).append(row["cost"])
    return {
        name: None
        if None in costs
        else 100 * mean(cost / best.costs[name] - 1 for cost in costs if cost is not None)
        for name, costs in found.items()
    }


def _versus(ours: dict[str, float | None], theirs: dict[str, float | None]) -> str:
    """Mean of our gap less theirs with the interval of 95 % by resampling the instances."""
    pairs = [
        mine - other
        for name, mine in ours.items()
        if mine is not None and (other := theirs.get(name)) is not None
    ]
    if not pairs:
        return "nothing to compare"
    draw = np.random.default_rng(0)
    picks = draw.integers(0, len(pairs), (RESAMPLES, len(pairs)))
    low, high = np.percentile(np.array(pairs)[picks].mean(axis=1), [2.5, 97.5])
    return f"{mean(pairs):+.2f} ({low:+.2f} to {high:+.2f})"


if __name__ == "__main__":
    main()
