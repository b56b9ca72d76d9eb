"""Which function runs which kind of job, and which kinds come round by the clock."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from tongzhou.kit.rules import Json

from .running import Running

Run = Callable[[Running], Json | None]


@dataclass(frozen=True, slots=True)
class Runner:
    """How one kind of job is run; `every` starts one by itself once in each such span of time."""

    kind: str
    run: Run
    every: timedelta | None = None


_runners: dict[str, Runner] = {}


def runner(kind: str, *, every: timedelta | None = None) -> Callable[[Run], Run]:
    """Register the function that runs jobs of a kind.

    It may be started again from the beginning after a crash, so each of its steps has to be
    idempotent; what it returns becomes the job's result. Import the module from AppConfig.ready().
    """

    def register(run: Run) -> Run:
        _runners[kind] = Runner(kind, run, every)
        return run

    return register


def runners() -> list[Runner]:
    return list(_runners.values())


def runner_of(kind: str) -> Runner:
    """Raises KeyError for a kind that no app of this installation runs."""
    return _runners[kind]
