"""Compiled SHA-256 of many short texts: sixteen side by side, each in a lane of its own.

One text after the other, hashlib spends more time on the call than on the digest, and a nation of
equal weights has 600,000 of them to make. FIPS 180-4 gives the function; the constants are, as it
says there, the first bits of the fractions of the roots of the first primes.
"""

import hashlib
from collections.abc import Sequence
from math import isqrt
from typing import Any

import numpy as np
from numba import njit, types
from numpy.typing import NDArray

from .compiling import compiled

Cells = NDArray[Any]  # the signatures below say which

LANES = 16
LONGEST = 55  # bytes that fit into one block with their length

PRIMES = [n for n in range(2, 312) if all(n % d for d in range(2, isqrt(n) + 1))]


def _cube_root(n: int) -> int:
    """The whole part of the cube root, exact whatever the size of `n`."""
    root = 1 << -(-n.bit_length() // 3)
    while root * root * root > n:
        root = (2 * root + n // (root * root)) // 3
    return root


START = np.array([isqrt(p << 64) & 0xFFFFFFFF for p in PRIMES[:8]], dtype=np.uint32)
ROUND = np.array([_cube_root(p << 96) & 0xFFFFFFFF for p in PRIMES], dtype=np.uint32)

BYTES = types.Array(types.uint8, 1, "C", readonly=True)


def heads_of(prefix: bytes, names: Sequence[str]) -> NDArray[np.uint64]:
    """uint64[n]: first eight bytes of the SHA-256 of `prefix` and a name, which has no line end."""
    text = np.frombuffer("\n".join(names).encode(), dtype=np.uint8)
    ends = np.append(np.flatnonzero(text == ord("\n")), len(text))
    starts = np.append(0, ends[:-1] + 1)
    found = np.zeros(len(names), dtype=np.uint64)
    fits = ends - starts <= LONGEST - len(prefix)
    if fits.all():
        heads(np.frombuffer(prefix, dtype=np.uint8), text, starts, ends, found)
        return found
    for i in np.flatnonzero(~fits).tolist():
        whole = hashlib.sha256(prefix + names[i].encode()).digest()
        found[i] = int.from_bytes(whole[:8], "big")
    if fits.any():
        short = np.flatnonzero(fits)
        found[short] = heads_of(prefix, [names[i] for i in short.tolist()])
    return found


@njit(inline="always")
def turned(x: Any, by: int) -> Any:
    return np.uint32((x >> np.uint32(by)) | (x << np.uint32(32 - by)))


@compiled(types.void(BYTES, BYTES, types.int64[::1], types.int64[::1], types.uint64[::1]))
def heads(prefix: Cells, text: Cells, starts: Cells, ends: Cells, found: Cells) -> None:
    """The first eight bytes, as one number, of the digest of `prefix` and each piece of `text`.

    A piece and the prefix have at most LONGEST bytes together.
    """
    words = np.zeros((64, LANES), dtype=np.uint32)
    state = np.zeros((8, LANES), dtype=np.uint32)
    for first in range(0, len(starts), LANES):
        lanes = min(LANES, len(starts) - first)
        words[:16] = 0
        for lane in range(lanes):
            at = 0
            for byte in prefix:
                words[at >> 2, lane] |= np.uint32(byte) << np.uint32(24 - 8 * (at & 3))
                at += 1
            for i in range(starts[first + lane], ends[first + lane]):
                words[at >> 2, lane] |= np.uint32(text[i]) << np.uint32(24 - 8 * (at & 3))
                at += 1
            words[at >> 2, lane] |= np.uint32(0x80) << np.uint32(24 - 8 * (at & 3))
            words[15, lane] = np.uint32(8 * at)
        for t in range(16, 64):
            for lane in range(LANES):
                a, b = words[t - 15, lane], words[t - 2, lane]
                low = turned(a, 7) ^ turned(a, 18) ^ (a >> np.uint32(3))
                high = turned(b, 17) ^ turned(b, 19) ^ (b >> np.uint32(10))
                words[t, lane] = words[t - 16, lane] + low + words[t - 7, lane] + high
        for i in range(8):
            state[i] = START[i]
        for t in range(64):
            # The eight letters of the standard move one place a round; here their places do.
            a, b, c, d = -t & 7, (1 - t) & 7, (2 - t) & 7, (3 - t) & 7
            e, f, g, h = (4 - t) & 7, (5 - t) & 7, (6 - t) & 7, (7 - t) & 7
            for lane in range(LANES):
                x, y = state[e, lane], state[a, lane]
                choice = (x & state[f, lane]) ^ (~x & state[g, lane])
                more = turned(x, 6) ^ turned(x, 11) ^ turned(x, 25)
                one = state[h, lane] + more + choice + ROUND[t] + words[t, lane]
                most = (
                    (y & state[b, lane]) ^ (y & state[c, lane]) ^ (state[b, lane] & state[c, lane])
                )
                two = (turned(y, 2) ^ turned(y, 13) ^ turned(y, 22)) + most
                state[d, lane] += one
                state[h, lane] = one + two
        for lane in range(lanes):
            high = np.uint64(np.uint32(state[0, lane] + START[0]))
            low = np.uint64(np.uint32(state[1, lane] + START[1]))
            found[first + lane] = (high << np.uint64(32)) | low
