"""A live server that can be stopped and started, and a browser with a profile that survives it."""

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from conftest import find_chromium

SERVE = [sys.executable, "-m", "tongzhou.delivery.tests.browser.serve"]
PATIENCE_S = 30
Made = tuple[Path, dict[str, Any]]


@dataclass
class Server:
    """One server process on a SQLite file; `stop` leaves the file, `start` goes on with it."""

    database: Path
    port: int
    parcels: list[dict[str, Any]]
    session: str
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def page(self, index: int = 0) -> str:
        return f"{self.url}/c/{self.parcels[index]['token']}/"

    def start(self) -> None:
        self.process = subprocess.Popen(
            [*SERVE, "run", str(self.port)], env=_environment(self.database)
        )
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise TimeoutError("The server did not start.")

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    @property
    def cookie(self) -> dict[str, str]:
        """What makes a browser the county officer's."""
        return {"name": "sessionid", "value": self.session, "url": self.url}

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.database) as rows:
            return list(rows.execute(sql))

    def receipts(self, index: int = 0) -> list[tuple[Any, ...]]:
        parcel = self.parcels[index]["pk"]
        return self.ask(
            "SELECT command_id, signed_by, confirmed, photo_id FROM delivery_receipt"
            f" WHERE parcel_id = {parcel}"
        )


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A database with parcels on their way, made once."""
    folder = tmp_path_factory.mktemp("delivery")
    database, file = folder / "made.sqlite3", folder / "parcels.json"
    subprocess.run([*SERVE, "make", str(file)], env=_environment(database), check=True)
    return database, json.loads(file.read_text())


@pytest.fixture
def server(made: Made, tmp_path: Path) -> Iterator[Server]:
    """A server for a test that stops it."""
    yield from _running(made, tmp_path / "live.sqlite3")


@pytest.fixture(scope="session")
def steady(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that stays up, for tests that each take another parcel."""
    yield from _running(made, tmp_path_factory.mktemp("steady") / "live.sqlite3")


def _running(made: Made, database: Path) -> Iterator[Server]:
    shutil.copy(made[0], database)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Server(database, port, made[1]["parcels"], made[1]["session"])
    server.start()
    yield server
    server.stop()


class Phone:
    """A browser with one profile on disk, as a phone has."""

    def __init__(self, browser: Any, profile: Path) -> None:
        self.chromium = browser.browser_type
        self.profile = profile

    @contextmanager
    def opened(self, **options: Any) -> Iterator[Any]:
        context = self.chromium.launch_persistent_context(
            str(self.profile),
            executable_path=find_chromium(),
            args=["--no-sandbox", "--disable-dev-shm-usage"],
            viewport={"width": 360, "height": 740},
            locale="en-GB",
            **options,
        )
        context.set_default_timeout(15_000)
        try:
            yield context.pages[0] if context.pages else context.new_page()
        finally:
            context.close()


@pytest.fixture
def phone(browser: Any, tmp_path: Path) -> Phone:
    return Phone(browser, tmp_path / "phone")


@pytest.fixture
def other_phone(browser: Any, tmp_path: Path) -> Phone:
    return Phone(browser, tmp_path / "other")


@pytest.fixture
def tab(browser: Any) -> Iterator[Any]:
    """A page in English on a phone that is thrown away afterwards."""
    yield from _tab(browser)


@pytest.fixture
def plain_tab(browser: Any) -> Iterator[Any]:
    """The same without scripts."""
    yield from _tab(browser, java_script_enabled=False)


def _tab(browser: Any, **options: Any) -> Iterator[Any]:
    size = {"width": 360, "height": 740}
    context = browser.new_context(viewport=size, locale="en-GB", **options)
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


def _environment(database: Path) -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{database}",
        "PYTHONPATH": "src",
        "TONGZHOU_MODE": "test",
    }
