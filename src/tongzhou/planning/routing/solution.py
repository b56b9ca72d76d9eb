"""Routes: who is visited by whom in which order, what it costs, and when each stop is reached."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from .fleet import Trip, pack
from .problem import RouteProblem
from .vrplib import solution_lines


@dataclass(frozen=True)
class Routes:
    """The answer of `route`. `routes` holds positions in `problem.ids`, without the depot.

    `kinds` is the kind of vehicle of each route, `cost` what the problem adds up, `iterations` and
    `seconds` what the search used, compiling not included.
    """

    problem: RouteProblem
    routes: tuple[tuple[int, ...], ...]
    kinds: tuple[int, ...]
    cost: int
    seed: int = 0
    iterations: int = 0
    seconds: float = 0.0

    @cached_property
    def trips(self) -> list[Trip]:
        """The routes by day, vehicle and hour."""
        return pack(self.problem, self.routes, self.kinds)

    @property
    def days_needed(self) -> int:
        return max((trip.day for trip in self.trips), default=0)

    def arrivals(self, trip: Trip) -> Iterator[tuple[int, int]]:
        """(stop, second at which service begins) of a trip; nothing where time does not matter."""
        problem = self.problem
        if problem.travel_s is None or problem.ready_s is None or problem.service_s is None:
            return
        now, at = trip.start_s, 0
        for stop in self.routes[trip.route]:
            now = max(int(problem.ready_s[stop]), now + int(problem.travel_s[at, stop]))
            yield stop, now
            now += int(problem.service_s[stop])
            at = stop

    def to_vrplib(self) -> str:
        """The solution as a VRPLIB file."""
        return "\n".join(solution_lines(self.routes, self.cost)) + "\n"

    def write(self, path: str | Path) -> None:
        Path(path).write_text(self.to_vrplib(), encoding="utf-8")
