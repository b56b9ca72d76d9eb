"""Which files the rules of the house are about."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "tongzhou"
# Written by others (with their licence beside them) or by a program.
NOT_OURS = ("/vendor/", "/migrations/", "/locale/", "/data/", "/fonts/")


@cache
def tracked() -> list[Path]:
    """Every file that git knows or would add, so that a new file counts before it is committed."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return [
        ROOT / name for name in sorted(set(names.split("\0"))) if name and (ROOT / name).is_file()
    ]


def ours(*endings: str) -> list[Path]:
    """Our own files with one of these endings."""
    found = [path for path in tracked() if path.suffix in endings]
    return [path for path in found if not any(part in f"/{name(path)}" for part in NOT_OURS)]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def app_of(path: Path) -> str:
    """`places` for a file of src/tongzhou/places."""
    return path.relative_to(SOURCE).parts[0]
