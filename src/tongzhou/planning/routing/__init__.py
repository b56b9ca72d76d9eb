"""Last-mile routes: from a depot to every stop, by slack induction by string removals."""

from .checking import check_routes
from .fleet import Trip
from .problem import RouteProblem, Vehicle
from .search import route
from .solution import Routes

__all__ = ["RouteProblem", "Routes", "Trip", "Vehicle", "check_routes", "route"]
