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
from .recipients import Candidate, hubs_for, provinces_to_add
from .steps import OpenStep, counts_open_steps, is_planned, knows_of_plans, open_steps

__all__ = [
    "Candidate",
    "Demand",
    "OpenStep",
    "campaigns_seen",
    "counts_open_steps",
    "demand_in",
    "export_needs",
    "gap_of",
    "hubs_for",
    "is_planned",
    "knows_of_plans",
    "needs_seen",
    "open_steps",
    "promised_units",
    "provinces_to_add",
    "recipient_of",
    "recipients_of",
]
