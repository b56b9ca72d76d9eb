"""Workers and writers as real processes: killed in the middle, started together."""

import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from uuid import uuid4

import pytest

pytestmark = pytest.mark.slow

STEPS = 40
ROUNDS, WRITERS = 4, 3
START = "import django; django.setup()\n"
# Each step is a row of its own, and is not done again: what every runner has to do.
RUNNER = (
    START
    + f"""
import time
from django.db import transaction
from tongzhou.kit.jobs import runner, work
from tongzhou.kit.models import PersonKey

@runner("count")
def run(job):
    for step in range({STEPS}):
        with transaction.atomic():
            PersonKey.objects.get_or_create(subject=f"{{job.key}}:{{step}}")
        job.report(step + 1, {STEPS}, "counting")
        print(step, flush=True)
        time.sleep(0.02)
    return {{"steps": {STEPS}}}
"""
)
WORK_ONCE = RUNNER + "work()"
WORK_ON = (
    RUNNER
    + """
from tongzhou.kit.models import Job
while Job.objects.filter(kind="count", state__in=["waiting", "running"]).exists():
    work()
    time.sleep(0.1)
"""
)
ASK = (
    START
    + """
from tongzhou.kit.jobs import enqueue
from tongzhou.kit.rules import SYSTEM
for number in range({jobs}):
    enqueue("count", f"job-{{number}}", {{}}, by=SYSTEM)
"""
)
LOOK = (
    START
    + """
from tongzhou.kit.models import Job, PersonKey
rows = Job.objects.filter(kind="count").order_by("pk")
jobs = list(rows.values_list("state", "attempt", "done"))
print(jobs, PersonKey.objects.count())
"""
)
APPEND = (
    START
    + """
import sys
from django.db import transaction
from tongzhou.kit.actions import record
from tongzhou.kit.models import Job
from tongzhou.kit.rules import SYSTEM
for number in range({events}):
    with transaction.atomic():
        chain = f"county:{{number % 3}}"
        record("x.done", Job(pk=number), by=SYSTEM, chain=chain, after={{"n": number}})
    print(number, flush=True)
"""
)
VERIFY = (
    START
    + """
from tongzhou.kit.queries import chain_heads, verify_chains
print(verify_chains(), sum(head.length for head in chain_heads()))
"""
)


@pytest.fixture
def house(tmp_path):
    """An environment with an empty, migrated database of its own."""
    env = dict(os.environ) | {"DJANGO_SETTINGS_MODULE": "tongzhou.web.settings"}
    env |= {"TONGZHOU_MODE": "test", "TONGZHOU_DATA_DIR": str(tmp_path / "data")}
    if os.environ.get("TONGZHOU_TEST_DATABASE") == "postgres":
        env["DATABASE_URL"] = new_postgres()
    else:
        env["DATABASE_URL"] = f"sqlite:///{tmp_path / 'house.sqlite3'}"
    subprocess.run([sys.executable, "-m", "django", "migrate", "-v0"], env=env, check=True)
    return env


def new_postgres():
    """A fresh database in the cluster of this run."""
    import psycopg

    name = f"crash_{uuid4().hex[:12]}"
    address = os.environ["DATABASE_URL"]
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return address.replace("/postgres?", f"/{name}?")


def run(house, script):
    done = subprocess.run(
        [sys.executable, "-c", script], env=house, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def start(house):
    """Start scripts as processes of their own; none of them outlives the test."""
    with ExitStack() as started:

        def start(script):
            process = subprocess.Popen(
                [sys.executable, "-c", script],
                env=house,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            started.enter_context(process)
            started.callback(process.kill)
            return process

        yield start


def wait_for_step(worker, step):
    """Read what the worker says until it has done the step."""
    for line in worker.stdout:
        if int(line) == step:
            return
    raise AssertionError(f"the worker ended before step {step}")


def test_a_killed_worker_leaves_a_job_that_the_next_one_finishes(house, start):
    run(house, ASK.format(jobs=1))
    first = start(WORK_ONCE)
    wait_for_step(first, 5)
    first.send_signal(signal.SIGKILL)
    first.wait()
    run(house, WORK_ONCE)
    assert run(house, LOOK) == f"[('done', 2, {STEPS})] {STEPS}"


def test_a_worker_that_is_asked_to_stop_puts_its_job_back(house, start):
    run(house, ASK.format(jobs=1))
    stops = "import signal, sys\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit())\nwork()"
    first = start(RUNNER + stops)
    wait_for_step(first, 5)
    first.terminate()
    first.wait()
    assert "('waiting', 0" in run(house, LOOK)
    run(house, WORK_ONCE)
    assert run(house, LOOK) == f"[('done', 1, {STEPS})] {STEPS}"


def test_four_workers_share_the_jobs_and_none_is_done_twice(house, start):
    run(house, ASK.format(jobs=6))
    workers = [start(WORK_ON) for _ in range(4)]
    for worker in workers:
        assert worker.wait(timeout=120) == 0
    run(house, WORK_ONCE)
    each = f"('done', 1, {STEPS})"
    assert run(house, LOOK) == f"[{', '.join([each] * 6)}] {6 * STEPS}"


def test_a_stalled_worker_loses_its_job_to_another_and_is_told(house, start):
    """The first one stands still until a line comes; the second's clock is two minutes ahead."""
    run(house, ASK.format(jobs=1))
    stalls = RUNNER.replace("time.sleep(0.02)", "step == 2 and input()")
    first = start(stalls + "work()")
    wait_for_step(first, 2)
    later = RUNNER + (
        "from datetime import timedelta\nfrom tongzhou.kit import clock\n"
        "clock.run_from(clock.now() + timedelta(seconds=130))\nwork()"
    )
    run(house, later)
    first.stdin.write("go on\n")
    first.stdin.flush()
    assert first.wait() == 0
    assert run(house, LOOK) == f"[('done', 2, {STEPS})] {STEPS}"


def test_writers_that_are_killed_lose_no_event_they_acknowledged(house, start):
    acknowledged = 0
    for _ in range(ROUNDS):
        writers = [start(APPEND.format(events=100_000)) for _ in range(WRITERS)]
        for writer in writers:
            acknowledged += len([writer.stdout.readline() for _ in range(25)])
        for writer in writers:
            writer.send_signal(signal.SIGKILL)
            acknowledged += len(writer.stdout.read().splitlines())
    faults, length = run(house, VERIFY).rsplit(" ", 1)
    assert faults == "[]"
    # A writer may have died between its commit and the word of it.
    assert acknowledged <= int(length) <= acknowledged + ROUNDS * WRITERS
    assert acknowledged >= ROUNDS * WRITERS * 25
