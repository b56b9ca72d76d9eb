"""Last-mile routes: from a depot to every stop, by slack induction by string removals.

`route` is loaded when it is first named: who only reads routes needs no compiler.
"""

from typing import TYPE_CHECKING, Any

from .checking import check_routes
from .fleet import Trip
from .problem import RouteProblem, Vehicle
from .solution import Routes

if TYPE_CHECKING:
    from .search import route

__all__ = ["RouteProblem", "Routes", "Trip", "Vehicle", "check_routes", "route"]


def __getattr__(name: str) -> Any:
    if name != "route":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from .search import route

    return route
