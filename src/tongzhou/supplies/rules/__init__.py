"""What the app decides: postings, money of funds, states of orders."""

from .ledger import Command, Leg, ManyLegs, Result, Status

__all__ = ["Command", "Leg", "ManyLegs", "Result", "Status"]
