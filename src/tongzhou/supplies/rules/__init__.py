"""What the app decides: postings, money of funds, states of orders."""

from .ledger import Command, Leg, ManyLegs, Result, Status
from .money import FundMoney, SupplyRefused, yuan

__all__ = ["Command", "FundMoney", "Leg", "ManyLegs", "Result", "Status", "SupplyRefused", "yuan"]
