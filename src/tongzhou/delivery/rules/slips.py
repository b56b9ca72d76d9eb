"""The receive token of a slip, made from the server's key so that a sheet can be printed twice.

Storing tokens would let a stolen copy of the database receive every parcel; storing only hashes of
random ones would make a jammed printer the end of a county's slips.
"""

import base64
import hashlib
import hmac

from tongzhou.interchange import receive_tokens


def receive_token(key: str, public_id: str, version: int) -> str:
    """26 characters (128 bits) for one parcel; a new `version` makes the old slip worthless."""
    secret = hashlib.sha256(b"tongzhou.delivery.slip:" + key.encode()).digest()
    digest = hmac.new(secret, f"{public_id}:{version}".encode(), hashlib.sha256).digest()
    cut = digest[: receive_tokens.TOKEN_BYTES]
    return base64.b32encode(cut).decode().rstrip("=")


def slip_hash(key: str, public_id: str, version: int) -> bytes:
    """The 32 bytes under which the parcel is found again."""
    return receive_tokens.token_hash(receive_token(key, public_id, version))
