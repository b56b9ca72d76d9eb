"""Pages kept as files: written whole, read back whatever else is away, never more than so much."""

import hashlib
import os
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from django.db import DatabaseError, InterfaceError

SHARDS = 256
# What a view catches to serve the page that was kept.
DATABASE_AWAY = (DatabaseError, InterfaceError)
# Where a page takes the note that it is old.
STALE_MARK = b"<!--stale-->"


@dataclass(frozen=True, slots=True)
class Stored:
    """A kept page and how many seconds ago it was written."""

    content: bytes
    age: float


class StoredPages:
    """A folder of pages by name, `most_bytes` at most: the oldest of a shard make room.

    Any number of processes may use one folder. A page appears whole or not at all, and a reader
    that comes between a write and its neighbour's clearing out sees one of the two pages.
    """

    def __init__(self, folder: Path, *, most_bytes: int) -> None:
        self.folder = folder
        self.most_bytes_a_shard = most_bytes // SHARDS

    def read(self, name: str) -> Stored | None:
        """The page of this name, None where there is none (any more)."""
        path = self._path(name)
        try:
            with path.open("rb") as file:
                written = os.fstat(file.fileno()).st_mtime
                return Stored(file.read(), max(0.0, time.time() - written))
        except OSError:
            return None

    def write(self, name: str, content: bytes) -> None:
        """Keep a page under a name. A full or read-only disk keeps none, and nobody is stopped."""
        path = self._path(name)
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=".")
            temporary = Path(name)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
                temporary.replace(path)
            except OSError:
                temporary.unlink()
                raise
            self._make_room(path.parent)

    def served(
        self, name: str, render: Callable[[], str], *, seconds: float, mark: bytes = b""
    ) -> bytes:
        """The page of this name if it is at most so old and ends with the mark; else a new one,
        which is kept. The mark says what it was made of: a page of another version does not hold.
        """
        stored = self.read(name)
        if stored is not None and stored.age <= seconds and stored.content.endswith(mark):
            return stored.content
        page = render().encode() + mark
        self.write(name, page)
        return page

    def stale(self, name: str, note: str) -> bytes | None:
        """The page however old, with a note that says so; None where none was kept."""
        stored = self.read(name)
        return stored.content.replace(STALE_MARK, note.encode(), 1) if stored else None

    def _path(self, name: str) -> Path:
        """Names come from addresses, so only their digest becomes a file name."""
        digest = hashlib.sha256(name.encode()).hexdigest()
        return self.folder / digest[:2] / digest[2:34]

    def _make_room(self, shard: Path) -> None:
        files = []
        for entry in os.scandir(shard):
            with suppress(FileNotFoundError):  # another process cleared it
                known = entry.stat()
                files.append((known.st_mtime, known.st_size, entry.path))
        total = sum(size for _written, size, _path in files)
        for _written, size, path in sorted(files):
            if total <= self.most_bytes_a_shard:
                return
            Path(path).unlink(missing_ok=True)
            total -= size
