"""Serve: the web in this process (or several), the job worker in one of its own."""

import os
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

from . import env

RESTART_SECONDS = 2.0
STOP_SECONDS = 10.0
# A phone on a bad network sends slowly, but not for ever.
KEEP_ALIVE_SECONDS = 15


class NotSafe(Exception):
    """It would not be safe to serve like this; the text says why and what to change."""


@dataclass(frozen=True, slots=True)
class Listen:
    """Where to serve: an address, how many processes, and the certificate if there is one."""

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    certificate: Path | None = None
    key: Path | None = None

    @property
    def url(self) -> str:
        scheme = "https" if self.certificate else "http"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}:{self.port}/"


def refusals(listen: Listen) -> list[str]:
    """Why serving like this is refused, in sentences that say what to do; [] when it is safe."""
    from .doctor import durability
    from .health import unapplied

    found = list(durability.faults())
    if left := unapplied():
        found.append(f"The database lacks {len(left)} migrations. Run `tongzhou init` first.")
    if bool(listen.certificate) != bool(listen.key):
        found.append("Give both --tls-cert and --tls-key, or neither.")
    for path in (listen.certificate, listen.key):
        if path and not path.is_file():
            found.append(f"{path} is not there. Name the certificate and its key as PEM files.")
    if listen.certificate and listen.key and not found:
        found += _misfits(listen.certificate, listen.key)
    if env.mode() == "production" and not _is_sealed(listen):
        found.append(
            f"{listen.host} is reached from other machines, without https. Give --tls-cert and"
            " --tls-key, or serve on 127.0.0.1 behind a proxy that has a certificate."
        )
    return found


def _misfits(certificate: Path, key: Path) -> list[str]:
    """What keeps a certificate and a key from sealing a connection together."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")
    except (ssl.SSLError, ValueError) as error:
        reason = getattr(error, "reason", "") or str(error)
        return [
            f"{certificate} and {key} do not work together ({reason}). Give the certificate in PEM"
            " and the key that belongs to it, without a password."
        ]
    except OSError as error:
        return [
            f"{error.filename or key} cannot be read ({error.strerror}). Let this account read the"
            " certificate and the key that belongs to it."
        ]
    return []


def _is_sealed(listen: Listen) -> bool:
    """Nothing goes over a network in the clear: our own https, this machine only, or a proxy's."""
    behind_proxy = env.text("TONGZHOU_BASE_URL").startswith("https://")
    return bool(listen.certificate) or env.is_local(listen.host) or behind_proxy


def serve(listen: Listen, *, with_worker: bool = True) -> None:
    """Serve until Ctrl-C or SIGTERM; whatever was started is stopped again.

    Raises NotSafe when the database or the way of serving is not safe.
    """
    import uvicorn

    if found := refusals(listen):
        raise NotSafe("\n".join(found))
    with tempfile.TemporaryDirectory(prefix="tongzhou-metrics-") as folder:
        if listen.workers > 1:
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        with _stoppable(), _worker() if with_worker else nullcontext():
            uvicorn.run(
                "tongzhou.web.asgi:application",
                host=listen.host,
                port=listen.port,
                workers=listen.workers,
                ssl_certfile=listen.certificate,
                ssl_keyfile=listen.key,
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=int(STOP_SECONDS),
                forwarded_allow_ips=env.text("TONGZHOU_PROXIES"),
            )


@contextmanager
def _worker() -> Iterator[None]:
    """A job worker beside the web, started again whenever it ends by itself."""
    stop = threading.Event()
    keeper = threading.Thread(target=_keep_working, args=(stop,), daemon=True)
    keeper.start()
    try:
        yield
    finally:
        stop.set()
        keeper.join(STOP_SECONDS + 1)


def _keep_working(stop: threading.Event) -> None:
    while not stop.is_set():
        process = subprocess.Popen([sys.executable, "-m", "tongzhou.web.worker"])
        while process.poll() is None and not stop.wait(0.2):
            pass
        if process.poll() is None:
            _end(process)
        else:
            stop.wait(RESTART_SECONDS)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def _stoppable() -> Iterator[None]:
    """SIGTERM and Ctrl-C end the server like a return, so that what it started is stopped too."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with suppress(KeyboardInterrupt):
        yield
