"""Fair allocation in waves: arrays in, arrays out, integers in base units, same seed same plan.

A pure library (numpy only). `solve` ranks drops and cuts the list wave by wave; `check` audits a
plan without sharing code with it; `apportion` is the divisor method on its own.
"""

from .apportionment import apportion
from .checking import check
from .plan import Allocations, Plan
from .problem import Inbound, Item, Kit, Lane, Problem, ProblemError, Supply, Wave
from .solver import solve

__all__ = [
    "Allocations",
    "Inbound",
    "Item",
    "Kit",
    "Lane",
    "Plan",
    "Problem",
    "ProblemError",
    "Supply",
    "Wave",
    "apportion",
    "check",
    "solve",
]
