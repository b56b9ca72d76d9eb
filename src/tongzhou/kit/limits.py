"""How often somebody may ask: counted for a while in the cache, and kept nowhere else."""

import hashlib
import ipaddress
import secrets

from django.core.cache import cache
from django.http import HttpRequest

from . import clock

# Of one process and its life: the digests of one say nothing to another, nor after a restart.
SALT = secrets.token_bytes(32)
# The part of an IPv6 address that a provider gives to one household.
IPV6_HOME_BITS = 64


def allowed(kind: str, who: str, *, most: int, seconds: int) -> bool:
    """Count one more of `kind` by `who`; False once there are over `most` within the window.

    Windows begin at whole multiples of `seconds`. Each process counts for itself, so that a server
    of n workers lets n times as many through. `who` is kept as a salted digest only.
    """
    window = int(clock.now().timestamp()) // seconds
    digest = hashlib.blake2b(f"{window} {who}".encode(), key=SALT, digest_size=16).hexdigest()
    key = f"limit:{kind}:{digest}"
    if cache.add(key, 1, timeout=seconds):
        return most >= 1
    try:
        return cache.incr(key) <= most
    except ValueError:  # It ended, or made room for others, between the two.
        return bool(cache.add(key, 1, timeout=seconds)) or most > 1


def home_of(request: HttpRequest) -> str:
    """Where a request comes from, as `allowed` takes it: of an IPv6 address a household is one."""
    address = request.META.get("REMOTE_ADDR", "")
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return str(address)
    if found.version == 6:
        return str(ipaddress.ip_network(f"{found}/{IPV6_HOME_BITS}", strict=False))
    return str(found)
