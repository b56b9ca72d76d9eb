"""The published order of equals: SHA-256(seed, node id), so that no code comes first by habit."""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Seed = int | str


class Ties:
    """Order of nodes with equal claims: by SHA-256 of "<seed>:<node id>", smallest digest first.

    The seed is published before the supply is known; the integer 7 and the text "7" are one seed.
    Digests are made when a tie first needs them, once for each node.
    """

    def __init__(self, seed: Seed, ids: Sequence[str]) -> None:
        self._prefix = f"{seed}:".encode()
        self._ids = ids
        self._head = np.zeros(len(ids), dtype=np.uint64)
        self._known = np.zeros(len(ids), dtype=bool)

    def places(self, nodes: Ints) -> Ints:
        """int64, by position in `nodes` (unique indices): place of each in the order among them."""
        fresh = nodes[~self._known[nodes]]
        self._head[fresh] = self._digests(fresh)[:, 0]
        self._known[fresh] = True
        head = self._head[nodes]
        order = np.argsort(head)
        if (head[order][1:] == head[order][:-1]).any():
            # Two of 2**64 prefixes met; the whole digests decide.
            words = self._digests(nodes)
            order = np.lexsort((words[:, 3], words[:, 2], words[:, 1], words[:, 0]))
        places = np.empty(len(nodes), dtype=np.int64)
        places[order] = np.arange(len(nodes))
        return places

    def _digests(self, nodes: Ints) -> NDArray[np.uint64]:
        """uint64[n, 4]: the digests as four big-endian words each."""
        digest, prefix, ids = hashlib.sha256, self._prefix, self._ids
        names = [ids[node] for node in nodes.tolist()]
        encoded = "\n".join(names).encode().split(b"\n") if names else []
        raw = b"".join([digest(prefix + name).digest() for name in encoded])
        return np.frombuffer(raw, dtype=">u8").astype(np.uint64).reshape(-1, 4)
