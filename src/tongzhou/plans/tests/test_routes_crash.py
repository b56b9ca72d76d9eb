"""Workers and whole jobs are killed with -9 in the middle: nothing is lost, nothing done twice."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tongzhou.planning.fanout import Outcome, Pool, Task, spread
from tongzhou.planning.routing import Vehicle
from tongzhou.planning.routing.county import (
    CountyResult,
    CountyTask,
    county_routes,
    seed_of,
    warm_up,
)
from tongzhou.planning.routing.instance import Stop
from tongzhou.planning.routing.settings import RouteSettings
from tongzhou.plans.actions import PlanRefused
from tongzhou.plans.actions.cluster import Cluster

from .route_work import BAD, routes_or_die, routes_or_sleep

COUNTIES = 40
JOB = "tongzhou.plans.tests.route_job"
pytestmark = pytest.mark.slow


def county_tasks(count: int = COUNTIES) -> list[Task]:
    """Counties of twenty clinics each, made up on a grid."""
    settings = RouteSettings((Vehicle("van", 12),), iterations=2_000)
    tasks = []
    for n in range(count):
        code = f"62{n:04}"
        depot = Stop(f"{code}-depot", lon=103.0 + n, lat=36.0)
        stops = [
            Stop(f"{code}-{k}", 2, lon=103.0 + n + k % 5 / 20, lat=36.0 + k // 5 / 20)
            for k in range(20)
        ]
        instance = settings.instance(code, depot, stops)
        tasks.append(Task(code, CountyTask(instance, seed_of("s", code), settings.iterations)))
    return tasks


def documents(
    work: Callable[[Any], Any],
    tasks: list[Task],
    executor: Any,
    after: Callable[[dict[str, Outcome]], None] = lambda found: None,
) -> tuple[dict[str, bytes], dict[str, Outcome]]:
    """The document of each county that is done, and all outcomes; `after` is called with each."""
    found: dict[str, Outcome] = {}

    def keep(outcome: Outcome) -> None:
        assert outcome.name not in found, "a county comes once"
        found[outcome.name] = outcome
        after(found)

    spread(work, tasks, done=keep, executor=executor)
    kept = {n: o.value.document for n, o in found.items() if isinstance(o.value, CountyResult)}
    return kept, found


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, bytes]:
    kept, _ = documents(county_routes, county_tasks(), Pool(2, prepare=warm_up))
    assert len(kept) == COUNTIES
    return kept


def children(of: int) -> list[int]:
    """Processes that a process has started, as the system knows them."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == of:
            found.append(int(stat.parent.name))
    return found


def workers_of(pid: int) -> list[int]:
    """Those of its children that serve a pool."""
    lines = {p: Path(f"/proc/{p}/cmdline").read_bytes() for p in children(pid)}
    return [p for p, line in lines.items() if b"spawn_main" in line]


def test_a_killed_worker_of_the_pool_loses_nothing(undisturbed: dict[str, bytes]) -> None:
    killed: list[int] = []

    def kill(found: dict[str, Outcome]) -> None:
        if len(found) in (8, 16, 24):
            victim = workers_of(os.getpid())[len(killed) % 2]
            os.kill(victim, signal.SIGKILL)
            killed.append(victim)

    kept, _ = documents(county_routes, county_tasks(), Pool(2, prepare=warm_up), kill)
    assert len(killed) == 3
    assert kept == undisturbed


def test_a_poison_county_of_the_pool_is_named_while_the_others_finish(
    undisturbed: dict[str, bytes],
) -> None:
    kept, found = documents(routes_or_die, county_tasks(), Pool(2, prepare=warm_up))
    assert found[BAD].state == "poison"
    assert "3 times" in found[BAD].reason
    assert kept == {code: data for code, data in undisturbed.items() if code != BAD}


@pytest.fixture
def cluster() -> Iterator[Any]:
    """Two worker processes; a task is suspected after it has seen two of them dying."""
    import dask
    from distributed import LocalCluster

    options = {"processes": True, "dashboard_address": None, "silence_logs": 50}
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 1}),
        LocalCluster(n_workers=2, threads_per_worker=1, **options) as running,
    ):
        yield running


def test_a_killed_worker_of_a_dask_cluster_loses_nothing(
    undisturbed: dict[str, bytes], cluster: Any
) -> None:
    killed: list[int] = []

    def kill(found: dict[str, Outcome]) -> None:
        if len(found) == 10:
            # The process that computes is the child of its nanny.
            victim = next(iter(cluster.workers.values())).pid
            os.kill(victim, signal.SIGKILL)
            killed.append(victim)

    executor = Cluster(cluster.scheduler_address)
    kept, _ = documents(county_routes, county_tasks(), executor, kill)
    assert killed
    assert kept == undisturbed


def test_a_poison_county_of_a_dask_cluster_is_named_while_the_others_finish(
    undisturbed: dict[str, bytes], cluster: Any
) -> None:
    kept, found = documents(routes_or_die, county_tasks(), Cluster(cluster.scheduler_address))
    assert [code for code, o in found.items() if o.state != "done"] == [BAD]
    assert found[BAD].state == "poison"
    assert kept == {code: data for code, data in undisturbed.items() if code != BAD}


def test_a_late_county_of_a_dask_cluster_is_named(cluster: Any) -> None:
    executor = Cluster(cluster.scheduler_address, limit_s=8.0)
    _, found = documents(routes_or_sleep, county_tasks(10), executor)
    assert found[BAD].state == "late"
    assert [o.state for o in found.values()].count("done") == 9


def test_a_scheduler_that_is_away_is_said_with_its_address() -> None:
    with pytest.raises(PlanRefused, match=r"tcp://127\.0\.0\.1:1 does not answer"):
        list(Cluster("tcp://127.0.0.1:1", wait_s=1.0).run(county_routes, county_tasks(1)))


@pytest.fixture
def house(tmp_path: Path) -> dict[str, str]:
    """An environment with an empty, migrated database of its own."""
    env = dict(os.environ) | {
        "DJANGO_SETTINGS_MODULE": "tongzhou.web.settings",
        "TONGZHOU_MODE": "test",
        "TONGZHOU_DATA_DIR": str(tmp_path / "data"),
        "TONGZHOU_ROUTE_WORKERS": "2",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'house.sqlite3'}",
    }
    subprocess.run([sys.executable, "-m", "django", "migrate", "-v0"], env=env, check=True)
    return env


def told_by(house: dict[str, str], what: str) -> dict[str, Any]:
    command = [sys.executable, "-m", JOB, what]
    done = subprocess.run(command, env=house, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end, "it never came to it"
        time.sleep(0.05)


def counties_done(house: dict[str, str]) -> int:
    path = house["DATABASE_URL"].removeprefix("sqlite:///")
    with closing(sqlite3.connect(path)) as database:
        rows = database.execute("SELECT count(*) FROM plans_countyroutes WHERE state = 'done'")
        return int(rows.fetchone()[0])


def test_a_job_killed_with_9_goes_on_with_the_counties_that_are_left(
    house: dict[str, str],
) -> None:
    """The job's own process is killed twice, after 5 and after 15 counties; the third finishes."""
    assert told_by(house, "start")["waiting"] == COUNTIES
    before: dict[str, str] = {}
    for enough in (5, 15):
        with subprocess.Popen([sys.executable, "-m", JOB, "work"], env=house) as worker:
            until(partial(_has, house, enough))
            serving = workers_of(worker.pid)
            worker.kill()
        assert serving
        # Nobody is left to work for, so they end by themselves.
        until(partial(_gone, serving))
        now = told_by(house, "look")
        assert enough <= now["done"] < COUNTIES
        assert before.items() <= now["computed"].items()
        before = now["computed"]
    last = told_by(house, "work")
    assert (last["done"], last["waiting"], last["ends"]) == (COUNTIES, 0, 1)
    assert before.items() <= last["computed"].items()


def _has(house: dict[str, str], count: int) -> bool:
    return counties_done(house) >= count


def _gone(pids: list[int]) -> bool:
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)
