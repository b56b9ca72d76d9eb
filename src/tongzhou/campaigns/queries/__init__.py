"""Campaigns in somebody's scope, demand against supply, and what waits on the desk."""

from . import cards as cards
from .campaigns import (
    Demand,
    campaigns_seen,
    demand_in,
    gap_of,
    needs_seen,
    promised_units,
    recipient_of,
    recipients_of,
)
from .exports import export_needs

__all__ = [
    "Demand",
    "campaigns_seen",
    "demand_in",
    "export_needs",
    "gap_of",
    "needs_seen",
    "promised_units",
    "recipient_of",
    "recipients_of",
]
