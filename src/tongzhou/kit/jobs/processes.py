"""Who a worker is, and whether another worker of this machine is still running."""

import os
import socket
from functools import cache
from pathlib import Path

PROC = Path("/proc")
UNKNOWN = "-"


@cache
def machine() -> str:
    """This machine and, in containers that share a host name, this container."""
    try:
        space = (PROC / "self/ns/pid").readlink().name.strip("pid:[]")
    except OSError:
        space = UNKNOWN
    return f"{socket.gethostname()[:30]}/{space}"


def worker_name() -> str:
    """This process, by machine, process id and start, so that a later one is not taken for it."""
    return f"{machine()}/{os.getpid()}/{started(os.getpid())}"


def is_alive(worker: str) -> bool:
    """Is the named worker of this machine running? Where that cannot be seen, it is: then only
    the end of its lease tells."""
    _, pid, start = worker.rsplit("/", 2)
    return start == UNKNOWN or started(int(pid)) in (start, UNKNOWN)


def started(pid: int) -> str:
    """When a process started, in ticks since boot; "" where it is gone, "-" where the system does
    not show the processes of others."""
    try:
        stat = (PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "" if (PROC / "1/stat").exists() else UNKNOWN
    # Behind the last bracket: the name of a program may hold spaces and brackets itself.
    state, *fields = stat.rpartition(")")[2].split()
    # A zombie has ended; only its parent has not asked for it yet.
    return "" if state == "Z" else fields[18]
