"""Parquet: typed columns as text again, decoded where a hostile file can do no harm."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import suppress
from threading import Timer
from typing import IO

import polars as pl

from tongzhou.interchange.refusals import TableRefused
from tongzhou.interchange.tables import parquet_child
from tongzhou.interchange.tables.columns import Limits
from tongzhou.interchange.tables.parquet_child import END, HELD, LENGTH_BYTES, REFUSAL
from tongzhou.interchange.tables.sources import Chunk, Source
from tongzhou.interchange.tables.table import ROW


def open_parquet(data: bytes, limits: Limits) -> Source:
    return Source(format="parquet", chunks=_chunks(data, limits))


def _chunks(data: bytes, limits: Limits) -> Generator[Chunk, None, None]:
    for frame in _frames(data, limits):
        yield _chunk(frame)


def _chunk(frame: pl.DataFrame) -> Chunk:
    cells = [frame[name] for name in frame.columns if name.isdigit()]
    held = {
        int(name.removeprefix(HELD)): frame[name] for name in frame.columns if name.startswith(HELD)
    }
    return Chunk(frame[ROW], cells, held)


def _frames(data: bytes, limits: Limits) -> Iterator[pl.DataFrame]:
    """What the child decodes; raises TableRefused when it refuses or does not come to an end."""
    most = (limits.rows, limits.columns, limits.unpacked_bytes)
    command = [sys.executable, "-m", parquet_child.__name__, *map(str, most)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL) as child:
        # A reader that hangs costs no processor time, which the child limits by itself.
        deadline = Timer(parquet_child.SECONDS, child.kill)
        deadline.start()
        try:
            yield from _received(child, data)
        finally:
            deadline.cancel()
            child.kill()


def _received(child: subprocess.Popen[bytes], data: bytes) -> Iterator[pl.DataFrame]:
    assert child.stdin
    assert child.stdout
    with suppress(BrokenPipeError), child.stdin:
        child.stdin.write(data)
    while (message := _message(child.stdout)) and message[0] != END:
        letter, content = message
        if letter == REFUSAL:
            code, params = json.loads(content)
            raise TableRefused(code, **params)
        yield pl.read_ipc_stream(io.BytesIO(content))
    if not message:
        raise TableRefused("file.broken", detail="Parquet")


def _message(pipe: IO[bytes]) -> tuple[bytes, bytes] | None:
    """The next letter and content, None where the child ended in the middle."""
    head = pipe.read(1 + LENGTH_BYTES)
    size = int.from_bytes(head[1:], "big")
    content = pipe.read(size) if len(head) == 1 + LENGTH_BYTES else b""
    return (head[:1], content) if len(head) > LENGTH_BYTES and len(content) == size else None
