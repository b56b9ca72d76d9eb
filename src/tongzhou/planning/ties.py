"""The published order of equals: SHA-256(seed, node id), so that no code comes first by habit."""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Seed = int | str

WORTH_COMPILED = 500  # digests from which on the compiled way is the faster one


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
        self._head[fresh] = self._heads(fresh)
        self._known[fresh] = True
        head = self._head[nodes]
        order = np.argsort(head)
        if (head[order][1:] == head[order][:-1]).any():
            # Two of 2**64 prefixes met; the whole digests decide.
            whole = [self._digest(name) for name in self._names(nodes)]
            order = np.array(sorted(range(len(nodes)), key=whole.__getitem__), dtype=np.int64)
        places = np.empty(len(nodes), dtype=np.int64)
        places[order] = np.arange(len(nodes))
        return places

    def _heads(self, nodes: Ints) -> NDArray[np.uint64]:
        """The first eight bytes of each digest, as one big-endian number."""
        if len(nodes) < WORTH_COMPILED:
            raw = b"".join([self._digest(name)[:8] for name in self._names(nodes)])
            return np.frombuffer(raw, dtype=">u8").astype(np.uint64)
        from .digests import heads_of

        return heads_of(self._prefix, self._names(nodes))

    def _names(self, nodes: Ints) -> list[str]:
        ids = self._ids
        return [ids[node] for node in nodes.tolist()]

    def _digest(self, name: str) -> bytes:
        return hashlib.sha256(self._prefix + name.encode()).digest()
