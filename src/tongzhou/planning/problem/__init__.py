"""The input of the planning engine: nodes, needs, supply by day, and waves."""

from .faults import ProblemError
from .model import Inbound, Item, Kit, Lane, Needs, Problem, Supply, Wave

__all__ = [
    "Inbound",
    "Item",
    "Kit",
    "Lane",
    "Needs",
    "Problem",
    "ProblemError",
    "Supply",
    "Wave",
]
