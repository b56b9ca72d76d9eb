"""Posting over connections that are not Django's, two at once, and through a kill."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.db import connection, connections, transaction

from tongzhou.supplies.actions import Status, post
from tongzhou.supplies.models import Bucket, Move
from tongzhou.supplies.models.dialect import Sqlite, speak
from tongzhou.supplies.queries import verify_ledger

from .stock import World, make_world

KILLS = int(os.environ.get("TONGZHOU_KILLS", "12"))


def raw() -> Any:
    connection.ensure_connection()
    return connection.connection


def test_a_raw_connection_inside_an_open_transaction_joins_it(world: World) -> None:
    ends = (world.dock, Bucket.PRODUCER), (world.dock, Bucket.ON_HAND)
    with transaction.atomic():
        result = post([world.move(5, *ends)], connection=raw())[0]
        assert result.status == Status.DONE
        transaction.set_rollback(True)
    assert not Move.objects.exists()
    assert world.held(world.dock) == 0


def test_a_refused_command_on_a_raw_connection_harms_no_other(world: World) -> None:
    ends = (world.dock, Bucket.PRODUCER), (world.dock, Bucket.ON_HAND)
    commands = [world.move(5, *ends), world.move(6, *reversed(ends)), world.move(1, *ends)]
    results = post(commands, connection=raw())
    assert [result.status for result in results] == ["done", "refused", "done"]
    assert world.held(world.dock) == 6


def test_what_the_database_refuses_fails_alone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were our own checks wrong, the constraints refuse, and the command at fault fails alone."""
    monkeypatch.setattr("tongzhou.supplies.rules.ledger.shortfall", lambda lines, held: None)
    world.ready(5)
    out = (world.dock, Bucket.ON_HAND), (world.hub, Bucket.IN_TRANSIT)
    results = post([world.move(2, *out), world.move(4, *out), world.move(3, *out)])
    assert [result.status for result in results] == ["done", "refused", "done"]
    assert "The database refused the move" in results[1].reason
    assert "balance_not_negative" in results[1].reason
    assert world.held(world.hub, Bucket.IN_TRANSIT) == 5
    assert {fault.name for fault in verify_ledger()} <= {"bought_differs"}


def test_a_command_id_taken_by_another_connection_meanwhile_is_a_duplicate(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The id is free when looked up and taken when written: the second look finds it."""
    from tongzhou.supplies.actions import ledger

    first = world.ready(5, id="c1")
    looks: list[int] = []
    recall = ledger._Sitting._recall

    def blind_at_first(self: Any, command_ids: Any) -> None:
        looks.append(1)
        if len(looks) > 1:
            recall(self, command_ids)

    monkeypatch.setattr(ledger._Sitting, "_recall", blind_at_first)
    again = world.ready(5, id="c1")
    assert (again.status, again.move_id, len(looks)) == (Status.DUPLICATE, first.move_id, 2)
    assert world.held(world.dock) == 5


def test_the_errors_of_another_sqlite_driver_are_known_by_its_own_name() -> None:
    """apsw calls a refused constraint ConstraintError."""
    driver = ModuleType("otherdriver")
    driver.ConstraintError = type("ConstraintError", (Exception,), {})  # type: ignore[attr-defined]
    sys.modules["otherdriver"] = driver
    try:
        made = type("Connection", (), {"__module__": "otherdriver"})()
        assert Sqlite(made, lambda: transaction.atomic()).refusal is driver.ConstraintError
    finally:
        del sys.modules["otherdriver"]
    assert speak(sqlite3.connect(":memory:")).refusal is sqlite3.IntegrityError


@pytest.fixture
def sqlite_file(tmp_path: Path) -> Path:
    """A database file of its own with one world in it, made by a process of its own."""
    path = tmp_path / "ledger.sqlite3"
    _run(path, "make")
    return path


def _run(path: Path, *arguments: str) -> str:
    return subprocess.run(
        [sys.executable, "-m", "tongzhou.supplies.tests.writer", *arguments],
        env=_environment(path),
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def _environment(path: Path) -> dict[str, str]:
    return os.environ | {
        "DATABASE_URL": f"sqlite:///{path}",
        "TONGZHOU_MODE": "test",
        "DJANGO_SETTINGS_MODULE": "tongzhou.web.settings",
    }


@pytest.mark.slow
def test_a_plain_sqlite3_connection_makes_its_own_transaction(sqlite_file: Path) -> None:
    assert _run(sqlite_file, "plain").strip() == "done duplicate refused in_transaction=False"


@pytest.mark.slow
def test_kill_in_the_middle_of_posting_leaves_whole_moves_only(sqlite_file: Path) -> None:
    """A writer posts moves of 200 legs and says each one it has been answered; it is killed at any
    moment. Every answered move is there, no other is half there, and the next writer goes on."""
    for kill in range(KILLS):
        with subprocess.Popen(
            [sys.executable, "-m", "tongzhou.supplies.tests.writer", "write", str(kill)],
            env=_environment(sqlite_file),
            stdout=subprocess.PIPE,
            text=True,
        ) as writer:
            assert writer.stdout
            answered = [next(writer.stdout).strip() for _ in range(1 + kill * 3)]
            os.kill(writer.pid, signal.SIGKILL)
            answered += [line.strip() for line in writer.stdout]
        told = _run(sqlite_file, "audit").split()
        assert told[0] == "faults=0"
        assert set(answered) <= set(told[1:])


@pytest.mark.django_db(transaction=True)
def test_writers_at_the_same_time_neither_wait_in_a_ring_nor_take_the_same_unit() -> None:
    """Four writers send from one dock to the same clinics, each in its own order."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    world = make_world(clinics=8)
    world.ready(100)
    results: list[str] = []
    errors: list[BaseException] = []

    def write(number: int) -> None:
        order = list(world.clinics)
        random.Random(number).shuffle(order)
        try:
            for turn in range(10):
                legs = [world.leg(place, Bucket.RESERVED, 1) for place in order[:4]]
                take = world.leg(world.dock, Bucket.ON_HAND, -4)
                command = world.command(take, *legs, id=f"w{number}-{turn}")
                results.append(post([command])[0].status)
        except BaseException as error:
            errors.append(error)
        finally:
            connections.close_all()

    writers = [threading.Thread(target=write, args=[number]) for number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert errors == []
    assert sorted(results) == ["done"] * 25 + ["refused"] * 15
    assert world.held(world.dock) == 0
    assert {fault.name for fault in verify_ledger()} == {"bought_differs"}


@pytest.mark.django_db(transaction=True)
def test_the_same_command_from_two_writers_at_once_has_one_effect() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    world = make_world(clinics=1)
    start = threading.Barrier(4)
    results: list[tuple[str, int | None]] = []

    def write() -> None:
        try:
            for turn in range(10):
                start.wait(30)
                result = world.ready(5, id=f"same-{turn}")
                results.append((result.status, result.move_id))
        finally:
            connections.close_all()

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    statuses = [status for status, _ in results]
    assert (statuses.count("done"), statuses.count("duplicate")) == (10, 30)
    assert len({move for _, move in results}) == 10
    assert world.held(world.dock) == 50
