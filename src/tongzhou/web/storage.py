"""Copies of an SQLite database: written while it is served, checked before they replace it."""

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from django.db import connection
from django.db.migrations.loader import MigrationLoader

PAGES_A_STEP = 2000
PAUSE_SECONDS = 0.01
WAIT_SECONDS = 30.0
POSTGRES = (
    "This installation uses PostgreSQL. Use its own tools: pg_dump --format=custom to back up,"
    " pg_restore to restore, then `tongzhou verify`."
)


class StorageError(Exception):
    """The copy could not be made or used; the text says why and what to do."""


class NotSound(StorageError):
    """The backup was read and found faulty; nothing was replaced."""


def back_up(target: Path) -> int:
    """Copy the database as it is at one moment; returns the size in bytes.

    Others go on writing. The copy appears under its name only when it is whole and on disk.
    """
    source = _database()
    if target.exists():
        raise StorageError(f"{target} exists. Choose another name, or move it away first.")
    if not target.resolve().parent.is_dir():
        raise StorageError(f"The folder of {target} is not there. Create it first.")
    draft = target.with_name(f".{target.name}.draft")
    draft.unlink(missing_ok=True)
    try:
        with closing(_open(source)) as live, closing(sqlite3.connect(draft)) as copy:
            live.backup(copy, pages=PAGES_A_STEP, sleep=PAUSE_SECONDS)
            # One file, without a journal beside it, is what a backup should be.
            copy.execute("PRAGMA journal_mode=DELETE")
        _sync(draft)
        draft.replace(target)
    except (sqlite3.Error, OSError) as error:
        draft.unlink(missing_ok=True)
        raise StorageError(
            f"The backup was not written: {error}. Free space, or try again."
        ) from error
    return target.stat().st_size


def restore(backup: Path) -> Path | None:
    """Verify a copy of the backup, then let it take the place of the database.

    Returns where the old database was kept, None where there was none. Raises NotSound, or
    StorageError when the database is in use or the file is no backup; then nothing has changed.
    """
    database = _database(must_exist=False)
    if not backup.is_file():
        raise StorageError(f"{backup} is not there. Name a file that `backup` wrote.")
    draft = database.with_name(f".{database.name}.restoring")
    _remove(draft)
    shutil.copyfile(backup, draft)
    try:
        _check_is_backup(draft)
        _verify(draft)
        connection.close()
        _check_unused(database)
        return _replace(draft, database)
    finally:
        _remove(draft)


def _database(*, must_exist: bool = True) -> Path:
    if connection.vendor != "sqlite":
        raise StorageError(POSTGRES)
    path = Path(str(connection.settings_dict["NAME"])).resolve()
    if must_exist and not path.is_file():
        raise StorageError(f"There is no database at {path}. Check DATABASE_URL.")
    return path


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{path}?mode=rw", uri=True, timeout=WAIT_SECONDS)


def _check_is_backup(path: Path) -> None:
    try:
        with closing(_open(path)) as copy:
            faults = [row[0] for row in copy.execute("PRAGMA integrity_check(3)")]
            applied = set(copy.execute("SELECT app, name FROM django_migrations"))
    except sqlite3.DatabaseError as error:
        raise NotSound(f"This is not a backup of Tongzhou: {error}.") from error
    if faults != ["ok"]:
        raise NotSound(f"The backup is damaged: {faults[0]}. Use an older one.")
    known = set(MigrationLoader(None).disk_migrations)
    if newer := sorted(applied - known):
        raise NotSound(
            f"The backup is of a newer version (it has {newer[0][0]}.{newer[0][1]}). Install that"
            " version, then restore."
        )


def _verify(path: Path) -> None:
    """Bring the copy to this version and check it, in a process of its own."""
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{path}",
        "DJANGO_SETTINGS_MODULE": "tongzhou.web.settings",
    }
    for command in (["django", "migrate", "--noinput", "-v0"], ["tongzhou.web.cli", "verify"]):
        done = subprocess.run(
            [sys.executable, "-m", *command],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            told = (done.stderr.strip() or done.stdout.strip()).splitlines()
            raise NotSound(f"The backup is not sound: {told[-1] if told else 'no reason given'}")


def _check_unused(database: Path) -> None:
    """Nobody may have it open: a server would go on writing into the file that was moved away."""
    if not database.exists():
        return
    try:
        with closing(sqlite3.connect(database, timeout=0)) as alone:
            alone.execute("PRAGMA locking_mode=EXCLUSIVE")
            alone.execute("BEGIN EXCLUSIVE")
            alone.rollback()
    except sqlite3.OperationalError as error:
        raise StorageError(
            f"The database is in use ({error}). Stop `tongzhou serve`, then restore."
        ) from error


def _replace(draft: Path, database: Path) -> Path | None:
    with closing(_open(draft)) as copy:
        copy.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    _sync(draft)
    kept = None
    if database.exists():
        kept = database.with_name(f"{database.name}.before-restore")
        _remove(kept)
        database.replace(kept)
        for ending in ("-wal", "-shm"):
            Path(f"{database}{ending}").unlink(missing_ok=True)
    draft.replace(database)
    return kept


def _remove(path: Path) -> None:
    for ending in ("", "-wal", "-shm", "-journal"):
        Path(f"{path}{ending}").unlink(missing_ok=True)


def _sync(path: Path) -> None:
    """The bytes, then the folder that names them."""
    for part in (path, path.resolve().parent):
        number = os.open(part, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
