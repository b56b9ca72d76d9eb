"""Run the measurements: `python -m benchmarks [--list] [--only NAME ...] [-- arguments]`.

Each is a process of its own, one after the other, so that none loads the machine of another. The
arguments after `--` go to every chosen one: name one with `--only` where they are its own.
"""

import argparse
import ast
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> int:
    own, further = _split(sys.argv[1:])
    found = {path.stem.removeprefix("bench_"): path for path in sorted(HERE.glob("bench_*.py"))}
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--list", action="store_true", help="say what there is, run nothing")
    parser.add_argument("--only", action="append", choices=list(found), metavar="NAME")
    options = parser.parse_args(own)
    chosen = {name: path for name, path in found.items() if name in (options.only or found)}
    if options.list:
        for name, path in chosen.items():
            print(f"{name:12} {_purpose(path)}")
        return 0
    failed = [name for name, path in chosen.items() if not _passes(name, path, further)]
    if failed:
        print(f"Failed: {', '.join(failed)}. Run one alone with --only NAME.")
    return 1 if failed else 0


def _split(arguments: list[str]) -> tuple[list[str], list[str]]:
    """What stands before `--` is for this program, what stands after it for the measurements."""
    at = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:at], arguments[at + 1 :]


def _passes(name: str, path: Path, further: list[str]) -> bool:
    print(f"\n== {name}: {_purpose(path)}", flush=True)
    start = time.perf_counter()
    done = subprocess.run([sys.executable, str(path), *further], cwd=HERE.parent, check=False)
    print(
        f"-- {name}: exit {done.returncode} after {time.perf_counter() - start:.0f} s", flush=True
    )
    return done.returncode == 0


def _purpose(path: Path) -> str:
    """The first line of a program's own description."""
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return text.partition("\n")[0]


if __name__ == "__main__":
    sys.exit(main())
