"""The answer of the planning engine, and what can be asked of it."""

from .model import Allocations, Plan

__all__ = ["Allocations", "Plan"]
