"""Python, disk, how fast it keeps its word, the clock, the fonts."""

import ctypes
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from django.conf import settings
from django.db import connection

from .findings import Finding, fault, good, run, warning

OLDEST_PYTHON = (3, 11)
LEAST_FREE_BYTES = 2**30
# Below this an office of 30 people waits for the disk; above the other no disk answers honestly.
SLOWEST_SYNCS_S = 30.0
FASTEST_SYNCS_S = 60_000.0
SYNCS = 40
NOT_SYNCHRONISED = 5


def findings() -> list[Finding]:
    return [
        run("python", python),
        run("disk", disk),
        run("fsync", fsync),
        run("clock", clock),
        run("fonts", fonts),
    ]


def python() -> Finding:
    seen = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        return fault("python", seen, "Install Python 3.11 or newer.")
    return good("python", seen)


def disk() -> Finding:
    """Room for the database, its journal, and a backup beside it."""
    folder = data_folder()
    free = shutil.disk_usage(folder).free
    wanted = max(LEAST_FREE_BYTES, 2 * database_bytes())
    seen = f"{free / 2**30:.1f} GiB free in {folder}"
    if free < wanted:
        return fault("disk", seen, f"Free {wanted / 2**30:.1f} GiB: twice the database's size.")
    return good("disk", seen)


def fsync() -> Finding:
    """How many times a second the disk of the database says that something is written."""
    rate = syncs_per_second(data_folder())
    seen = f"{rate:,.0f} synced writes a second"
    if rate < SLOWEST_SYNCS_S:
        return fault("fsync", seen, "Put the database on an SSD: each change waits for one.")
    if rate > FASTEST_SYNCS_S:
        cure = "No disk is that fast: this folder is in memory, or its disk does not really write."
        return warning("fsync", seen, cure)
    return good("fsync", seen)


def syncs_per_second(folder: Path) -> float:
    """The median over 40 small writes, each followed by fdatasync."""
    times = []
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        for _ in range(SYNCS):
            started = time.perf_counter()
            file.write(b"x" * 4096)
            file.flush()
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - started)
    return 1 / max(statistics.median(times), 1e-9)


def clock() -> Finding:
    """Whether the kernel says that its clock is kept right (adjtimex)."""
    seen = f"{time.strftime('%Y-%m-%d %H:%M:%S %z')}"
    libc = ctypes.CDLL(None, use_errno=True)
    state = libc.adjtimex(ctypes.create_string_buffer(256)) if hasattr(libc, "adjtimex") else -1
    if state == NOT_SYNCHRONISED:
        cure = "Turn on time synchronisation (chrony, systemd-timesyncd, or the host's)."
        return warning("clock", f"{seen}, not synchronised", cure)
    return good("clock", seen)


def fonts() -> Finding:
    """Way-bills and slips need the Chinese font that ships with the product."""
    found = sorted(Path(__file__).parents[2].glob("*/**/*NotoSansSC*.[ot]tf"))
    if not found:
        cure = "Install the package again: the font for printed papers is missing from it."
        return fault("fonts", "no Noto Sans SC in the package", cure)
    return good("fonts", ", ".join(path.name for path in found))


def data_folder() -> Path:
    """The folder that takes the writes: that of the SQLite file, or the data folder."""
    path = database_file()
    folder = path.resolve().parent if path else settings.DATA_DIR
    return folder if folder.is_dir() else Path.cwd()


def database_bytes() -> int:
    path = database_file()
    return path.stat().st_size if path else 0


def database_file() -> Path | None:
    """The SQLite file in use; None in memory and on PostgreSQL."""
    path = Path(str(connection.settings_dict["NAME"]))
    return path if connection.vendor == "sqlite" and path.is_file() else None
