"""Fetch one pinned npm package and read its files, without unpacking it on disk.

The version and the sha512 of every package that ends up in the product stand in PINNED; a
package whose bytes differ is refused, so a rebuild gives the same files or says why not.
"""

from __future__ import annotations

import base64
import hashlib
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

CACHE = Path(__file__).resolve().parent.parent / ".cache" / "packages"
MEMBER_LIMIT_BYTES = 120_000_000


@dataclass(frozen=True)
class Pin:
    """One npm package: its name, version and the sha512 of its tarball (base64, as npm prints)."""

    name: str
    version: str
    sha512: str

    @property
    def tarball(self) -> str:
        """File name that `npm pack` gives: the scope's @ is dropped and / becomes -."""
        return f"{self.name.lstrip('@').replace('/', '-')}-{self.version}.tgz"


def fetch(pin: Pin, *, cache: Path = CACHE) -> Path:
    """Path of the verified tarball, fetched with `npm pack` when the cache has none.

    Raises SystemExit when npm fails or when the bytes are not the pinned ones.
    """
    cache.mkdir(parents=True, exist_ok=True)
    path = cache / pin.tarball
    if not path.exists():
        command = ["npm", "pack", "--silent", f"{pin.name}@{pin.version}"]
        subprocess.run(command, cwd=cache, check=True, timeout=600)
    return verified(path, pin)


def verified(path: Path, pin: Pin) -> Path:
    """The same path, once its sha512 equals the pinned one; SystemExit otherwise."""
    digest = base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()
    if digest != pin.sha512:
        raise SystemExit(
            f"{path.name}: sha512 is {digest}, pinned is {pin.sha512}. "
            f"Delete the file and fetch it again, or pin the new bytes after reading them."
        )
    return path


def read(tarball: Path, members: list[str]) -> dict[str, bytes]:
    """Bytes of the named files of a package (paths below `package/`).

    Raises SystemExit for a file that is missing or larger than MEMBER_LIMIT_BYTES.
    """
    wanted = {f"package/{name}": name for name in members}
    found: dict[str, bytes] = {}
    with tarfile.open(tarball, "r:gz") as archive:
        for entry in archive:
            if entry.name in wanted and entry.isfile():
                found[wanted[entry.name]] = _bytes(archive, entry)
    if missing := sorted(set(members) - set(found)):
        raise SystemExit(f"{tarball.name} has no {', '.join(missing)}")
    return found


def _bytes(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> bytes:
    handle = archive.extractfile(entry)
    if handle is None or entry.size > MEMBER_LIMIT_BYTES:
        raise SystemExit(f"{entry.name}: not a file of at most {MEMBER_LIMIT_BYTES} bytes")
    return handle.read()
