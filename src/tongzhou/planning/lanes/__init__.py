"""Lanes: producers to hubs, with lead days, daily capacity and cost, as a linear programme."""

from .binding import binds
from .curves import Grouped
from .planner import Keep, Outcome, carry, most_unit_days, plan_lanes, undeliverable

__all__ = [
    "Grouped",
    "Keep",
    "Outcome",
    "binds",
    "carry",
    "most_unit_days",
    "plan_lanes",
    "undeliverable",
]
