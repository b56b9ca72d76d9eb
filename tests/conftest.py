"""An installation of its own: a database in a folder, and the program run as its owner runs it."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker


@dataclass(frozen=True)
class Installation:
    """A folder, the settings of an installation in it, and ways to use it."""

    folder: Path
    env: dict[str, str]

    @property
    def database(self) -> Path:
        return self.folder / "house.sqlite3"

    def tongzhou(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.python("-m", "tongzhou.web.cli", *arguments)

    def script(self, text: str) -> subprocess.CompletedProcess[str]:
        """Run a script with Django set up, as a process of its own."""
        return self.python("-c", f"import django; django.setup()\n{text}")

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )


@pytest.fixture(scope="session")
def tables(
    tmp_path_factory: pytest.TempPathFactory,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
) -> Path:
    """An SQLite file with the tables of this version, whatever database the run is on. A run on
    SQLite has them already and making them anew takes seconds; copied before a test opens its
    transaction, which would lock it.
    """
    path = tmp_path_factory.mktemp("tables") / "house.sqlite3"
    if connection.vendor != "sqlite":
        env = os.environ | {"DATABASE_URL": f"sqlite:///{path}", "TONGZHOU_MODE": "test"}
        env["DJANGO_SETTINGS_MODULE"] = "tongzhou.web.settings"
        command = [sys.executable, "-m", "django", "migrate", "--verbosity", "0"]
        subprocess.run(command, env=env, check=True, timeout=120)
        return path
    with django_db_blocker.unblock(), closing(sqlite3.connect(path)) as file:
        connection.ensure_connection()
        connection.connection.backup(file)
        file.execute("PRAGMA journal_mode=WAL")
    return path


@pytest.fixture
def installation(tmp_path: Path, tables: Path, db: None) -> Callable[..., Installation]:
    """Make an installation on SQLite: the tables of this version, and nothing in them. It asks for
    `db`, or a run of these tests alone would set up no database to take the tables from."""

    def make(**settings: str) -> Installation:
        env = {name: value for name, value in os.environ.items() if "TONGZHOU" not in name}
        env |= {
            "DJANGO_SETTINGS_MODULE": "tongzhou.web.settings",
            "DATABASE_URL": f"sqlite:///{tmp_path / 'house.sqlite3'}",
            "TONGZHOU_SECRET_KEY": "k" * 60,
            "TONGZHOU_DATA_DIR": str(tmp_path / "data"),
            "TONGZHOU_ADMIN_EMAIL": "admin@example.org",
            "TONGZHOU_ADMIN_PASSWORD": "correct horse battery",
        }
        made = Installation(tmp_path, env | settings)
        shutil.copyfile(tables, made.database)
        return made

    return make
