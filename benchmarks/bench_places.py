"""The tree and the clinics of a nation: load, import, search, and what they take on disk.

    python benchmarks/bench_places.py [--repeat 3] [--postgres]

Every repetition runs in fresh databases, its parts in processes of their own, whose CPU seconds
and peak memory are shown. The clinics that are imported are the made-up ones, written to a CSV
file first. Searches are drawn by a seed from the names themselves: two and three neighbouring
characters, whole names, the beginnings of pinyin, initials and codes, over the whole tree and
within Gansu.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SEARCHES = 300
SEED = 2023


def django_ready(url: str) -> None:
    os.environ |= {
        "DATABASE_URL": url,
        "TONGZHOU_MODE": "test",
        "DJANGO_SETTINGS_MODULE": "tongzhou.web.settings",
    }
    import django

    django.setup()


def timed(work) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def load() -> dict:
    from django.core.management import call_command

    from tongzhou.places.actions import load_divisions

    call_command("migrate", verbosity=0)
    return {"load 665,277 divisions, s": timed(load_divisions)}


def make_up() -> dict:
    from tongzhou.places.actions import make_demo_clinics

    return {"make up the clinics, s": timed(lambda: make_demo_clinics(SEED))}


def export(path: str) -> dict:
    """Write the made-up clinics to a file; not measured."""
    import polars as pl

    from tongzhou.places.models import Place

    columns = ("code", "division__code", "name", "lat", "lon", "people65", "risk_share")
    rows = Place.objects.filter(kind="clinic").values_list(*columns).iterator(50_000)
    names = [name.replace("division__code", "division") for name in columns]
    pl.DataFrame(list(rows), schema=names, orient="row", infer_schema_length=None).write_csv(path)
    return {}


def take_in(path: str) -> dict:
    from tongzhou.kit.rules import SYSTEM
    from tongzhou.places.actions import import_places, read_places

    found = {}
    for word in ("import 600,000 clinics, s", "import them again, s"):
        report = None

        def work() -> None:
            nonlocal report
            report = import_places(read_places(path), by=SYSTEM)

        found[word] = timed(work)
        if not report.sound:
            raise SystemExit("The made-up clinics should have no faults.")
    return found


def search() -> dict:
    from tongzhou.places import queries
    from tongzhou.places.models import Division
    from tongzhou.places.rules import Scope

    gansu = Scope.of(Division.objects.get(code="62"))
    found = {}
    for where, within in (("nation", None), ("Gansu", gansu)):
        spent = []
        for text in typed():
            start = time.perf_counter()
            queries.search(text, within=within)
            spent.append(1000 * (time.perf_counter() - start))
        spent.sort()
        found[f"search {where} p50, ms"] = spent[len(spent) // 2]
        found[f"search {where} p95, ms"] = spent[int(len(spent) * 0.95)]
        found[f"search {where} longest, ms"] = spent[-1]
    return found


def typed() -> list[str]:
    """What people might type, from divisions drawn by seed."""
    from tongzhou.places.models import Division

    draw = random.Random(SEED)
    low, high = 1, Division.objects.latest("pk").pk
    drawn = Division.objects.in_bulk([draw.randint(low, high) for _ in range(SEARCHES)])
    texts = []
    for one in drawn.values():
        at = draw.randint(0, max(0, len(one.name) - 2))
        texts += [one.name[at : at + 2], one.name[:3], one.name]
        texts += [
            one.pinyin[: draw.randint(2, 8)],
            one.initials[:3],
            one.code[: draw.randint(2, 12)],
        ]
    return [text for text in texts if text]


def size() -> dict:
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
        else:
            cursor.execute("SELECT pg_database_size(current_database())")
        return {"on disk, MB": cursor.fetchone()[0] / 1e6}


STEPS = {f.__name__: f for f in (load, make_up, export, take_in, search, size)}


def child(url: str, steps: list[str], path: str) -> None:
    django_ready(url)
    found = {}
    for step in steps:
        found |= STEPS[step](path) if step in ("export", "take_in") else STEPS[step]()
    found["CPU, s"] = time.process_time()
    found["peak memory, MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(found))


def run(url: str, steps: str, path: Path) -> dict:
    command = [sys.executable, __file__, "--child", url, "--steps", steps, "--file", str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def databases(postgres: bool, folder: Path):
    """A maker of fresh databases for each kind that is measured."""
    yield "SQLite", lambda name: f"sqlite:///{folder / name}.sqlite3"
    if postgres:
        import psycopg

        from tongzhou.web.tests.cluster import start_cluster

        address = start_cluster()

        def fresh(name: str) -> str:
            with psycopg.connect(address, autocommit=True) as connection:
                connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
                connection.execute(f"CREATE DATABASE {name}")
            return address.replace("@/postgres", f"@/{name}")

        yield "PostgreSQL", fresh


def measure(repeat: int, postgres: bool) -> None:
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores,", end=" ")
    print(f"load {os.getloadavg()[0]:.1f}, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for kind, fresh in databases(postgres, folder):
            results: dict[str, list[float]] = {}
            for number in range(repeat):
                one = fresh(f"made_up_{number}")
                parts = {"divisions": run(one, "load,search,size", folder / "c.csv")}
                parts["made up"] = run(one, "make_up,size", folder / "c.csv")
                run(one, "export", folder / "c.csv")
                other = fresh(f"imported_{number}")
                run(other, "load", folder / "c.csv")
                parts["imported"] = run(other, "take_in,size", folder / "c.csv")
                for part, found in parts.items():
                    for word, value in found.items():
                        results.setdefault(f"{part}: {word}", []).append(value)
            show(kind, results)


def show(kind: str, results: dict[str, list[float]]) -> None:
    print(f"\n{kind:48} {'median':>10} {'least':>10} {'most':>10}")
    for word, values in results.items():
        middle, least, most = statistics.median(values), min(values), max(values)
        print(f"{word:48} {middle:10,.1f} {least:10,.1f} {most:10,.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--postgres", action="store_true", help="measure PostgreSQL too")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--steps", help=argparse.SUPPRESS)
    parser.add_argument("--file", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        child(given.child, given.steps.split(","), given.file)
    else:
        measure(given.repeat, given.postgres)


if __name__ == "__main__":
    main()
