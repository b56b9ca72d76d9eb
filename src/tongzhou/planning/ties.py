"""The published order of equals: SHA-256(seed, node id), so that no code comes first by habit."""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Seed = int | str


def tie_ranks(seed: Seed, ids: Sequence[str]) -> NDArray[np.int64]:
    """int64[n]: place of each id when ordered by SHA-256("<seed>:<id>"), smallest digest first.

    The seed is published before the supply is known; the integer 7 and the text "7" are one seed.
    """
    digest = hashlib.sha256
    prefix = f"{seed}:".encode()
    encoded = "\n".join(ids).encode().split(b"\n") if ids else []
    raw = b"".join([digest(prefix + name).digest() for name in encoded])
    words = np.frombuffer(raw, dtype=">u8").reshape(-1, 4)
    head = words[:, 0].astype(np.uint64)
    order = np.argsort(head)
    if (head[order][1:] == head[order][:-1]).any():
        order = np.lexsort((words[:, 3], words[:, 2], words[:, 1], words[:, 0]))
    ranks = np.empty(len(ids), dtype=np.int64)
    ranks[order] = np.arange(len(ids))
    return ranks
