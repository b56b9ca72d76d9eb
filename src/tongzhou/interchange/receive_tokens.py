"""The secret on the slip inside a parcel: whoever has it may receive that parcel, once.

128 random bits in base 32 (RFC 4648, without padding), so that it survives being typed. Only its
SHA-256 is stored: with 128 random bits no slower hash is needed, and a token is looked up by its
hash, so the time of a comparison tells nothing about a stored token.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets

from tongzhou.interchange.codes import narrowed
from tongzhou.interchange.refusals import CodeRefused

TOKEN_BYTES = 16
_WRITTEN = "[A-Z2-7]{25}[AEIMQUY4]"
# Digits that are not in the alphabet can only be a misread letter.
_READ_AS = str.maketrans("018", "OIB")


def new_token() -> str:
    """26 characters, safe in an address."""
    return base64.b32encode(secrets.token_bytes(TOKEN_BYTES)).decode().rstrip("=")


def token(text: str) -> str:
    """The token as it was made, from what was typed or scanned. Raises CodeRefused."""
    # The refusal never repeats the text: a token nearly right is a secret nearly told.
    typed = narrowed(text[:64]).replace("-", "").upper().translate(_READ_AS)
    if not re.fullmatch(_WRITTEN, typed):
        raise CodeRefused("token.form")
    return typed


def token_hash(text: str) -> bytes:
    """SHA-256 (32 bytes) of a token, under which it is stored. Raises CodeRefused."""
    return hashlib.sha256(token(text).encode()).digest()
