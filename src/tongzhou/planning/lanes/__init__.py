"""Lanes: producers to hubs, with lead days, daily capacity and cost, as a linear programme."""

from .binding import binds
from .planner import Outcome, carry, plan_lanes

__all__ = ["Outcome", "binds", "carry", "plan_lanes"]
