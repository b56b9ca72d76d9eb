"""What delivery decides: counts, packing, states, dates and the form of offline commands. Pure."""

from .counting import Count, Found, Held, Settled, Settlement, found_units, settle, shared_out
from .packing import Packed, Planned, pack
from .refusals import Refused
from .slips import receive_token, slip_hash

__all__ = [
    "Count",
    "Found",
    "Held",
    "Packed",
    "Planned",
    "Refused",
    "Settled",
    "Settlement",
    "found_units",
    "pack",
    "receive_token",
    "settle",
    "shared_out",
    "slip_hash",
]
