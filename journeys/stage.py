"""What every journey stands on: a server in a process of its own that is stopped and started,
people who sign in with browsers of their own, and telephones."""

import os
import re
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

from conftest import find_chromium

from . import PASSWORD

PATIENCE_S = 60
AXE = Path(__file__).resolve().parents[1] / "tests" / "vendor" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ARGS = ["--no-sandbox", "--disable-dev-shm-usage"]


@dataclass
class House:
    """`tongzhou serve` on one SQLite file: stop it, and start it again on the same data."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tongzhou.web.settings",
            "DATABASE_URL": f"sqlite:///{self.folder / 'journey.sqlite3'}",
            "TONGZHOU_MODE": "demo",
            "TONGZHOU_DATA_DIR": str(self.folder / "data"),
            "TONGZHOU_DEMO_NOW": self.now,
        }

    now: str = "2023-01-08T09:00:00+08:00"

    def start(self) -> None:
        command = [sys.executable, "-m", "tongzhou.web.cli", "serve", "--port", str(self.port)]
        with (self.folder / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(
                command, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)
        raise TimeoutError((self.folder / "serve.log").read_text()[-2_000:])

    def stop(self) -> None:
        """The whole group at once, as when the machine loses its power."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.folder / "journey.sqlite3") as rows:
            return list(rows.execute(sql))

    def wait_until(self, sql: str) -> None:
        """Wait for the worker: until the question has an answer that is not zero."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            if self.ask(sql)[0][0]:
                return
            time.sleep(0.2)
        raise TimeoutError(sql)

    @classmethod
    def prepared(cls, folder: Path, module: str) -> "House":
        """A house with the data that a module makes, not started yet."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        made = cls(folder, port)
        subprocess.run([sys.executable, "-m", module], env=made.environment, check=True)
        return made


class People:
    """Everybody of the story, each signed in with a browser of their own."""

    def __init__(self, browser: Any, house: House) -> None:
        self.browser, self.house = browser, house
        self.pages: dict[str, Any] = {}

    def page(self, name: str) -> Any:
        if name not in self.pages:
            context = self.browser.new_context(
                locale="en-GB", viewport={"width": 1280, "height": 900}
            )
            context.set_default_timeout(20_000)
            page = context.new_page()
            page.goto(f"{self.house.url}/accounts/login/")
            page.fill("input[name=login]", f"{name}@journey.example")
            page.fill("input[name=password]", PASSWORD)
            page.click("main button[type=submit]")
            page.wait_for_url(re.compile(r"/desk/"))
            self.pages[name] = page
        return self.pages[name]

    def open(self, name: str, path: str) -> Any:
        page = self.page(name)
        answer = page.goto(self.house.url + path)
        assert answer.status == 200, (path, answer.status)
        return page

    def close(self) -> None:
        for page in self.pages.values():
            page.context.close()


class Phone:
    """The village doctor's telephone: one profile on disk, closed and opened again."""

    def __init__(self, browser: Any, profile: Path) -> None:
        self.chromium, self.profile = browser.browser_type, profile

    @contextmanager
    def opened(self) -> Iterator[Any]:
        context = self.chromium.launch_persistent_context(
            str(self.profile),
            executable_path=find_chromium(),
            args=ARGS,
            viewport={"width": 360, "height": 740},
            locale="en-GB",
        )
        context.set_default_timeout(20_000)
        try:
            yield context.pages[0] if context.pages else context.new_page()
        finally:
            context.close()

    def throw_away(self) -> None:
        shutil.rmtree(self.profile, ignore_errors=True)


def faults_of(page: Any) -> list[str]:
    """What axe finds on a page whose window brought it along, and whether it is too wide."""
    found: list[str] = page.evaluate(
        "(tags) => axe.run(document, {runOnly: tags}).then((found) =>"
        " found.violations.map((one) => `${one.id}: ${one.nodes[0].html}`))",
        RULES,
    )
    width = page.evaluate("document.documentElement.scrollWidth")
    return found + ([f"{width} px wide"] if width > page.viewport_size["width"] else [])
