"""Fair allocation in waves: arrays in, arrays out, integers in base units, same seed same plan.

A pure library. `solve` ranks drops and cuts the list wave by wave; `check` audits a plan without
sharing code with it; `replan` and `whatif` say what a change forces; `apportion` is the divisor
method on its own. `route` finds the last mile's
routes and `check_routes` audits them; both are loaded when they are first named, for the compiler
that they need takes a second to load.
"""

from typing import TYPE_CHECKING, Any

from .apportionment import apportion
from .checking import check
from .plan import Allocations, Plan
from .problem import Inbound, Item, Kit, Lane, Problem, ProblemError, Supply, Wave
from .replanning import replan, whatif
from .solver import solve

if TYPE_CHECKING:
    from .routing import RouteProblem, Routes, Vehicle, check_routes, route

_ROUTING = {"RouteProblem", "Routes", "Vehicle", "check_routes", "route"}

__all__ = [
    "Allocations",
    "Inbound",
    "Item",
    "Kit",
    "Lane",
    "Plan",
    "Problem",
    "ProblemError",
    "RouteProblem",
    "Routes",
    "Supply",
    "Vehicle",
    "Wave",
    "apportion",
    "check",
    "check_routes",
    "replan",
    "route",
    "solve",
    "whatif",
]


def __getattr__(name: str) -> Any:
    if name not in _ROUTING:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import routing

    return getattr(routing, name)
