"""Run the checks of `make test` one after the other and say at the end which of them failed.

Every part runs even when an earlier one failed, so that one run shows all there is to mend.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
PATHS = ["src", "tests", "journeys", "benchmarks", "scripts", "conftest.py"]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
NO_BROWSER = (
    "No browser was found, so the browser tests did not run: this run does not count."
    " Install Chromium (apt-get install chromium), or name one in TONGZHOU_CHROMIUM."
)


@dataclass(frozen=True)
class Check:
    """One part: a name, a command, and what it needs in the environment."""

    name: str
    command: list[str]
    env: dict[str, str] = field(default_factory=dict)


def lint() -> list[Check]:
    paths = [path for path in PATHS if (ROOT / path).exists()]
    return [
        Check("ruff check", [tool("ruff"), "check", "--quiet", *paths]),
        Check("ruff format", [tool("ruff"), "format", "--check", "--quiet", *paths]),
        Check(
            "import contracts", [tool("lint-imports"), "--no-logo", "--cache-dir", ".cache/imports"]
        ),
        Check("mypy", [tool("mypy"), "--no-error-summary"]),
    ]


def tests(database: str, marks: str, workers: int) -> Check:
    command = [tool("pytest"), "-q", "-n", str(workers), "--dist", "worksteal", "-m", marks]
    return Check(f"tests on {database}", command, {"TONGZHOU_TEST_DATABASE": database})


def checks(what: str, workers: int, browser: bool) -> list[Check]:
    sqlite = tests("sqlite", "not slow" if browser else "not slow and not browser", workers)
    # A page looks the same on either database, and the tidy tests read files: once is enough.
    postgres = tests("postgres", "not slow and not browser and not tidy", workers)
    slow = [
        tests("sqlite", "slow or examples", workers),
        tests("postgres", "(slow or examples) and not browser", workers),
    ]
    for check in slow:
        check.env["TONGZHOU_THOROUGH"] = "1"
    return {
        "all": [*lint(), sqlite, postgres],
        "lint": lint(),
        "sqlite": [sqlite],
        "postgres": [postgres],
        "slow": slow,
    }[what]


def tool(name: str) -> str:
    return str(BIN / name)


def find_browser() -> bool:
    """Is there a Chromium for the tests? Tries the setting, the PATH, Playwright's and Debian's."""
    on_path = next(filter(None, map(shutil.which, BROWSERS)), "")
    if named := os.environ.get("TONGZHOU_CHROMIUM") or on_path:
        return Path(named).exists()
    if quietly(tool("playwright"), "install", "chromium"):
        return True
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    quietly("apt-get", "update", "-q")
    return quietly("apt-get", "install", "-qy", "chromium")


def quietly(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def environment() -> dict[str, str]:
    """Compiled modules are kept, beside the source rather than in it: without them each of the
    forty processes that the tests start spends a second on compiling."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return env | {"PYTHONPYCACHEPREFIX": str(ROOT / ".cache" / "pycache")}


def run(check: Check) -> bool:
    print(f"== {check.name}", flush=True)
    started = time.monotonic()
    done = subprocess.run(check.command, cwd=ROOT, env=environment() | check.env, check=False)
    print(f"== {check.name}: {time.monotonic() - started:.0f} s", flush=True)
    return done.returncode == 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="?", default="all")
    parser.add_argument("--workers", type=int, default=2)
    wanted = parser.parse_args()
    browser = wanted.what in ("lint", "postgres") or find_browser()
    failed = [c.name for c in checks(wanted.what, wanted.workers, browser) if not run(c)]
    if failed:
        print("Failed: " + ", ".join(failed))
    if not browser:
        print(NO_BROWSER)
    return 1 if failed or not browser else 0


if __name__ == "__main__":
    sys.exit(main())
