"""The call-down: how long a site is claimed, and whose calls a second person hears of."""

import hashlib
from collections.abc import Mapping
from datetime import timedelta

CLAIMED_FOR = timedelta(minutes=60)
# Per thousand calls, by how well the caller is known.
REVIEWED: Mapping[str, int] = {"trainee": 1000, "experienced": 150, "other": 20}
# An answer of a call counts for more than a word of a passer-by, less than the authority's list.
CONFIDENCE: Mapping[str, float] = {"A": 0.95, "B": 0.9, "C": 0.8, "D": 0.4}


def is_sampled(call: int, level: str) -> bool:
    """Whether a call is looked at again: by the digest of its number, so that neither the caller
    nor the reviewer chooses, and asking twice gives one answer. An unknown level is a trainee's."""
    digest = hashlib.sha256(f"tongzhou.finder.call:{call}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % 1000 < REVIEWED.get(level, 1000)
