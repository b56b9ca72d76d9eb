"""Counties are spread over processes; whatever happens to one happens to it alone."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tongzhou.planning.fanout import CannotStart, Here, Outcome, Pool, Task, spread

from . import fanout_work as work


def tasks(*payloads: Any) -> list[Task]:
    return [Task(f"county {n}", payload) for n, payload in enumerate(payloads)]


def run(what: Any, given: Any, executor: Any) -> dict[str, Outcome]:
    found: dict[str, Outcome] = {}
    spread(
        what, given, done=lambda outcome: found.update({outcome.name: outcome}), executor=executor
    )
    return found


def test_each_outcome_is_handed_on_before_the_next_task_is_drawn() -> None:
    order: list[str] = []

    def drawn() -> Iterator[Task]:
        for n in range(3):
            order.append(f"draw {n}")
            yield Task(f"{n}", n)

    counts = spread(
        work.double, drawn(), done=lambda o: order.append(f"{o.name}: {o.value}"), executor=Here()
    )
    assert order == ["draw 0", "0: 0", "draw 1", "1: 2", "draw 2", "2: 4"]
    assert counts == {"done": 3}


def test_a_task_that_raises_fails_alone_with_its_reason() -> None:
    found = run(work.by_word, tasks("raise", "a", "key", "leave"), Here())
    assert [o.state for o in found.values()] == ["failed", "done", "failed", "failed"]
    assert found["county 0"].reason == "No clinic of the county has a point."
    assert found["county 2"].reason == "KeyError: 'c1'"
    assert found["county 3"].reason == "SystemExit: 4"


def test_what_the_receiver_raises_stops_everything() -> None:
    seen: list[str] = []

    def first_only(outcome: Outcome) -> None:
        seen.append(outcome.name)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        spread(work.double, tasks(1, 2, 3), done=first_only, executor=Here())
    assert seen == ["county 0"]


def test_a_pool_has_as_many_workers_as_asked_and_never_none() -> None:
    assert Pool(3).workers == 3
    assert Pool(0).workers == Pool().workers >= 1
    assert Pool(10**6).workers == 256


@pytest.mark.slow
def test_processes_share_the_work_and_are_gone_afterwards() -> None:
    pids: set[int] = set()

    def until_both_have_worked() -> Iterator[Task]:
        for n in range(5_000):
            if len(pids) < 2:
                yield Task(f"{n}", n)

    spread(work.pid, until_both_have_worked(), done=lambda o: pids.add(o.value), executor=Pool(2))
    assert len(pids) == 2
    assert os.getpid() not in pids
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


@pytest.mark.slow
def test_poison_lateness_and_errors_are_named_while_the_others_finish(tmp_path: Path) -> None:
    bad = ["die", "sleep", "raise", ["die once", str(tmp_path / "mark")], "lambda"]
    found = run(work.by_word, tasks(*bad, *range(20)), Pool(2, limit_s=2.0))
    states = [found[f"county {n}"].state for n in range(25)]
    assert states[:5] == ["poison", "late", "failed", "done", "failed"]
    assert states[5:] == ["done"] * 20
    assert found["county 0"].reason == "It ended its worker 3 times (exit code 3)."
    assert found["county 1"].reason == "It took longer than 2 seconds."
    assert "lambda" in found["county 4"].reason


@pytest.mark.slow
def test_a_worker_killed_from_outside_loses_nothing() -> None:
    """Every tenth outcome, the worker that brought it is killed with -9."""
    found: dict[str, Outcome] = {}

    def killing(outcome: Outcome) -> None:
        found[outcome.name] = outcome
        if len(found) % 10 == 0:
            os.kill(outcome.value, signal.SIGKILL)

    counts = spread(work.pid, tasks(*range(60)), done=killing, executor=Pool(2))
    assert counts == {"done": 60}
    assert len(found) == 60
    assert len({o.value for o in found.values()}) >= 6


@pytest.mark.slow
def test_stopping_in_the_middle_ends_the_workers() -> None:
    pids: list[int] = []

    def stop(outcome: Outcome) -> None:
        pids.append(outcome.value)
        raise TimeoutError

    with pytest.raises(TimeoutError):
        spread(work.pid, tasks(*range(100)), done=stop, executor=Pool(2))
    assert not Path(f"/proc/{pids[0]}").exists()


@pytest.mark.slow
def test_workers_that_never_come_up_are_said_to() -> None:
    with pytest.raises(CannotStart, match="ended with 1"):
        run(work.double, tasks(1), Pool(1, prepare=work.refuse_to_start))
