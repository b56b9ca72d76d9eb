"""How long a search goes on: by steps, the same for a seed, or by the clock."""

import itertools
import time
from typing import NamedTuple

from .annealing import Search
from .problem import RouteProblem

ROUNDS = 100  # pieces of the cooling; after each the clock is asked
PIECES = 20  # pieces of a short one
BIRTH = 2  # steps a stop that a birth counts as: about what it takes
PROBE = 500  # steps that measure the speed of the machine


class Share(NamedTuple):
    """What of a search is the first annealing: all of it below `few` steps a stop; then `first` per
    cent, but no more than `many` steps a stop."""

    few: int
    first: int
    many: int


class Steps:
    """A search of so many steps; a birth counts as two steps a stop."""

    def __init__(self, iterations: int) -> None:
        self.left = iterations
        self.steps = iterations

    def anneal(self, search: Search, share: Share) -> None:
        stops = search.problem.stops
        most = self.left
        if most >= share.few * stops:
            most = min(most * share.first // 100, share.many * stops)
        for steps, begin, end in _pieces(most, ROUNDS):
            search.cool(steps, begin, end)
        self.left -= most

    def cool(self, search: Search, steps: int) -> bool:
        """Anneal for so many steps; False where fewer are left, and nothing is done."""
        if self.left < steps:
            return False
        for some, begin, end in _pieces(steps, PIECES):
            search.cool(some, begin, end)
        self.left -= steps
        return True

    def births(self, problem: RouteProblem) -> int:
        return self.left // (BIRTH * problem.stops)

    def birth(self, problem: RouteProblem) -> bool:
        """Whether one more is within the steps; it is counted."""
        if self.left < BIRTH * problem.stops:
            return False
        self.left -= BIRTH * problem.stops
        return True


class Clock:
    """A search of so many seconds; how long a step takes is measured as it goes."""

    def __init__(self, begun: float, seconds: float) -> None:
        self.end = begun + seconds
        self.steps = 0
        self.step_s = 0.0

    def anneal(self, search: Search, share: Share) -> None:
        """Pieces that each cool as far as the clock will have gone."""
        begun = now = time.perf_counter()
        done = search.steps
        steps = PROBE
        whole = self.end - begun
        while now < begun + whole:
            fraction = (now - begun) / whole
            search.cool(steps, fraction, min(1.0, fraction + 1.0 / ROUNDS))
            spent = time.perf_counter() - now
            now += spent
            self.step_s = (now - begun) / (search.steps - done)
            whole = self._whole(search.problem.stops, self.end - begun, share)
            piece = min(whole / ROUNDS, begun + whole - now)
            steps = max(1, int(steps * piece / max(spent, 1e-9)))
        self.steps += search.steps - done

    def _whole(self, stops: int, seconds: float, share: Share) -> float:
        if seconds < share.few * stops * self.step_s:
            return seconds
        return min(seconds * share.first / 100, share.many * stops * self.step_s)

    def cool(self, search: Search, steps: int) -> bool:
        """Anneal for so many steps, as far as there is time; False where there was none."""
        if time.perf_counter() >= self.end:
            return False
        for some, begin, end in _pieces(steps, PIECES):
            search.cool(some, begin, end)
            self.steps += some
            if time.perf_counter() >= self.end:
                break
        return True

    def births(self, problem: RouteProblem) -> int:
        left = self.end - time.perf_counter()
        return max(0, int(left / (BIRTH * problem.stops * self.step_s)))

    def birth(self, problem: RouteProblem) -> bool:
        """Whether there is time for one more."""
        self.steps += BIRTH * problem.stops
        return time.perf_counter() < self.end


def _pieces(steps: int, count: int) -> list[tuple[int, float, float]]:
    """(steps, share of the way before, after) of at most `count` pieces."""
    count = min(count, steps)
    ends = [steps * n // count for n in range(count + 1)]
    return [(end - begin, begin / steps, end / steps) for begin, end in itertools.pairwise(ends)]
