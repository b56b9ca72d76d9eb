"""What changes funds, orders and stock; each is one transaction and one event."""

from ..rules.ledger import Command, Leg, ManyLegs, Result, Status
from .ledger import post, reverse

__all__ = ["Command", "Leg", "ManyLegs", "Result", "Status", "post", "reverse"]
