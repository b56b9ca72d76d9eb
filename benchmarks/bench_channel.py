"""Channel pages: bytes, time on a slow telephone, pages a second rendered and from files.

    python benchmarks/bench_channel.py [FOLDER] [--seconds 10] [--only bytes dynamic ...]

FOLDER holds the database of `make demo` (default ./.demo); it is copied, not changed. `dynamic` and
`phone` start `tongzhou serve` on it; `front` starts nginx with the configuration of docs/front.md
and asks with wrk, where both are installed. The phone is Chromium behind 400 kbit/s with 400 ms
there and back, its processor slowed down four times.
"""

from __future__ import annotations

import argparse
import gzip
import os
import platform
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]
COUNTIES = ["620102", "620121", "621202", "110101", "310101", "440106", "530102", "650102"]
PARTS = ["bytes", "write", "dynamic", "front", "phone"]
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
SLOWED = 4
VISITS = 5


def main() -> int:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("folder", nargs="?", default=".demo")
    options.add_argument("--seconds", type=float, default=10.0)
    options.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    asked = options.parse_args()
    found = Path(asked.folder).resolve() / "demo.sqlite3"
    if not found.is_file():
        print(f"There is no {found}. Run `make demo` first, or name its folder.")
        return 1
    print(f"machine {platform.processor() or platform.machine()}, load {os.getloadavg()}")
    with tempfile.TemporaryDirectory(prefix="tongzhou-channel-") as temporary:
        folder = Path(temporary)
        shutil.copy(found, folder / "demo.sqlite3")
        _environment(folder)
        _ready()
        if {"bytes", "write"} & set(asked.only):
            _bytes()
        if {"write", "front"} & set(asked.only):
            _write()
        if {"dynamic", "front", "phone"} & set(asked.only):
            with _served(folder) as port:
                if "dynamic" in asked.only:
                    _dynamic(port, asked.seconds)
                if "phone" in asked.only:
                    _phone(port)
                if "front" in asked.only:
                    _front(folder, port, asked.seconds)
    return 0


def _environment(folder: Path) -> None:
    os.environ.update(
        {
            "DJANGO_SETTINGS_MODULE": "tongzhou.web.settings",
            "TONGZHOU_MODE": "demo",
            "DATABASE_URL": f"sqlite:///{folder / 'demo.sqlite3'}",
            "TONGZHOU_DATA_DIR": str(folder / "data"),
            "TONGZHOU_HOSTS": "localhost,127.0.0.1,testserver",
        }
    )


def _ready() -> None:
    import logging

    import django
    import structlog
    from django.core.management import call_command

    logging.disable(logging.INFO)
    django.setup()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    call_command("migrate", interactive=False, verbosity=0)


def _bytes() -> None:
    from django.test import Client

    client = Client(headers={"accept-language": "zh-hans"})
    for path in ("/", "/p/62/", "/p/620102/", "/p/620102/clinics/"):
        answer = client.get(path)
        pressed = len(gzip.compress(answer.content, 6))
        print(f"bytes    {path:24} {len(answer.content):7,} raw {pressed:7,} gzipped")


def _write() -> None:
    """The job alone; a second time nothing has changed."""
    from types import SimpleNamespace

    from django.conf import settings

    from tongzhou.portal.jobs import write_pages

    running: Any = SimpleNamespace(report=lambda *_: None)
    for _ in range(2):
        started, cpu = time.perf_counter(), time.process_time()
        told = write_pages(running)
        wall, used = time.perf_counter() - started, time.process_time() - cpu
        files = sum(1 for _ in (Path(settings.DATA_DIR) / "public").rglob("index.html"))
        print(
            f"write    {told['written']:,} of {told['pages']:,} pages in {wall:.1f} s"
            f" ({used:.1f} s of CPU), {files:,} files in two languages"
        )


@contextmanager
def _served(folder: Path) -> Iterator[int]:
    """The server with a worker for each core, on a free port."""
    port = _free_port()
    serve = [sys.executable, "-m", "tongzhou.web.cli", "serve", "--port", str(port)]
    command = [*serve, "--workers", str(os.cpu_count() or 1)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(15)
        process.kill()


def _wait_for(port: int) -> None:
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("The server did not start.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _dynamic(port: int, seconds: float) -> None:
    """Pages a second that a county's readers get, and the CPU of all server processes for one."""
    urls = [f"http://127.0.0.1:{port}/p/{code}/" for code in COUNTIES]
    _asked(urls, 2.0)
    before = _cpu_of_children()
    rate, pages = _asked(urls, seconds)
    used = _cpu_of_children() - before
    print(
        f"dynamic  {rate:,.0f} pages/s beside their readers;"
        f" {used / pages * 1000:.2f} ms of CPU a page, {pages / used * (os.cpu_count() or 1):,.0f}"
        f" pages/s on {os.cpu_count()} cores of its own"
    )


def _asked(urls: list[str], seconds: float) -> tuple[float, int]:
    """Ask with wrk for all addresses in turn; how many pages a second, and how many."""
    if not shutil.which("wrk"):
        raise SystemExit("wrk is not installed: apt-get install wrk, or leave this part out.")
    paths = ",".join(f"'{re.sub(r'^https?://[^/]*', '', url)}'" for url in urls)
    script = (
        f"local paths, at = {{{paths}}}, 0\n"
        "request = function() at = at % #paths + 1\n"
        "return wrk.format('GET', paths[at], {['Accept-Encoding']='gzip'}) end\n"
        "done = function(summary) local e = summary.errors\n"
        "io.write('bad ', e.connect + e.read + e.write + e.status + e.timeout, '\\n') end\n"
    )
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        base = re.match(r"^https?://[^/]*", urls[0])
        command = [
            "wrk",
            "-t1",
            "-c16",
            f"-d{seconds:.0f}s",
            "-s",
            file.name,
            str(base and base[0]),
        ]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "bad 0" not in said:
        raise SystemExit(f"Some answers were no pages:\n{said}")
    rate = float(re.search(r"Requests/sec:\s+([0-9.]+)", said)[1])  # type: ignore[index]
    pages = int(re.search(r"([0-9]+) requests in", said)[1])  # type: ignore[index]
    return rate, pages


def _cpu_of_children() -> float:
    """Seconds of CPU that the processes below this one have used so far (Linux)."""
    ticks, parents = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text().rsplit(")", 1)[1].split()
            number = int(stat.parent.name)
            parents[number], ticks[number] = int(fields[1]), int(fields[11]) + int(fields[12])
    below = {os.getpid()}
    while more := {one for one, parent in parents.items() if parent in below} - below:
        below |= more
    below.discard(os.getpid())
    return sum(ticks[one] for one in below) / os.sysconf("SC_CLK_TCK")


def _front(folder: Path, port: int, seconds: float) -> None:
    if not shutil.which("nginx"):
        print("front    nginx is not installed")
        return
    outer = _free_port()
    text = re.search(r"```nginx\n(.*?)```", (ROOT / "docs/front.md").read_text("utf-8"), re.DOTALL)
    site = (text[1] if text else "").replace("listen 8080;", f"listen {outer};")
    site = site.replace("127.0.0.1:8000", f"127.0.0.1:{port}")
    site = site.replace("/var/lib/tongzhou/public", str(folder / "data" / "public"))
    site = site.replace("/var/cache/nginx/tongzhou", str(folder / "cache"))
    whole = (
        f"worker_processes 2; user root; pid {folder}/nginx.pid; error_log {folder}/nginx.log;\n"
        f"events {{ worker_connections 512; }}\nhttp {{ access_log off;\n"
        f"include /etc/nginx/mime.types;\n{site}\n}}\n"
    )
    (folder / "nginx.conf").write_text(whole, encoding="utf-8")
    process = subprocess.Popen(["nginx", "-g", "daemon off;", "-c", str(folder / "nginx.conf")])
    try:
        _wait_for(outer)
        rate, _pages = _asked([f"http://127.0.0.1:{outer}/p/{code}/" for code in COUNTIES], seconds)
        print(f"front    {rate:,.0f} pages/s from files, nginx and its reader on the same cores")
    finally:
        process.terminate()
        process.wait(10)


def _phone(port: int) -> None:
    """First contentful paint of a first and of a second visit, in the median of five telephones."""
    from playwright.sync_api import sync_playwright

    from conftest import find_chromium

    paints: dict[str, list[float]] = {"first": [], "second": []}
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        for _ in range(VISITS):
            context = browser.new_context(viewport={"width": 360, "height": 640})
            for visit in paints:
                page = context.new_page()
                slow = context.new_cdp_session(page)
                slow.send("Network.enable")
                slow.send("Network.emulateNetworkConditions", SLOW)
                slow.send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
                page.goto(f"http://127.0.0.1:{port}/p/620102/")
                paints[visit].append(_painted(page))
                page.close()
            context.close()
        browser.close()
    for visit, times in paints.items():
        print(
            f"phone    {visit} visit painted after {median(times):.0f} ms ({min(times):.0f} to"
            f" {max(times):.0f})"
        )


def _painted(page: Any) -> float:
    return float(
        page.evaluate(
            "() => new Promise(done => new PerformanceObserver(list => {"
            " const paint = list.getEntriesByName('first-contentful-paint')[0];"
            " if (paint) done(paint.startTime); }).observe({type: 'paint', buffered: true}))"
        )
    )


if __name__ == "__main__":
    sys.exit(main())
