"""Head files: what the log was on one day, small enough to publish, enough to find any forgery."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from . import clock
from .queries import chain_heads
from .rules import ChainHead, digest_of_heads

FORMAT = "tongzhou-head-1"
LARGEST_BYTES = 64 * 2**20


class HeadError(ValueError):
    """A file that is not a head, or was changed; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Head:
    """The heads of all chains at one moment; `sha256` over them is the figure to publish."""

    at: datetime
    sha256: str
    chains: tuple[ChainHead, ...]


def head_now() -> Head:
    chains = chain_heads()
    return Head(clock.now(), digest_of_heads(chains), tuple(chains))


def write_head(head: Head, path: Path) -> None:
    """Write a head file whole or not at all."""
    rows = [[chain.chain, chain.length, chain.digest] for chain in head.chains]
    content = {"format": FORMAT, "at": head.at.isoformat(), "sha256": head.sha256, "chains": rows}
    draft = path.with_name(f".{path.name}.draft")
    with draft.open("w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, indent=0)
        file.flush()
        # On the disk before it takes its name: half a head would look like a forgery.
        os.fsync(file.fileno())
    draft.replace(path)


def read_head(path: Path) -> Head:
    """Read a head file and check it against its own figure. Raises HeadError."""
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise HeadError(f"{path} is larger than any head file. Name the right file.")
        content = json.loads(path.read_text(encoding="utf-8"))
        head = _head(content)
    except OSError as error:
        raise HeadError(f"{path} cannot be read ({error.strerror}). Name another file.") from error
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(error, HeadError):
            raise
        raise HeadError(
            f"{path} is not a head file. Write one with verify --write-head."
        ) from error
    if digest_of_heads(head.chains) != head.sha256:
        raise HeadError(f"{path} was changed: its chains do not give the figure it names.")
    return head


def _head(content: dict[str, object]) -> Head:
    if content["format"] != FORMAT:
        raise ValueError("format")
    rows = content["chains"]
    if not isinstance(rows, Sequence):
        raise TypeError("chains")
    chains = tuple(ChainHead(str(name), int(length), str(digest)) for name, length, digest in rows)
    return Head(datetime.fromisoformat(str(content["at"])), str(content["sha256"]), chains)
