"""Which function runs which kind of job, and which kinds come round by the clock."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.utils.functional import Promise

from tongzhou.kit.rules import Json

from .running import Running

Run = Callable[[Running], Json | None]


@dataclass(frozen=True, slots=True)
class Runner:
    """How one kind of job is run; `every` starts one by itself once in each such span of time;
    `title` names the work to people."""

    kind: str
    run: Run
    every: timedelta | None = None
    title: str | Promise = ""


_runners: dict[str, Runner] = {}


def runner(
    kind: str, *, title: str | Promise = "", every: timedelta | None = None
) -> Callable[[Run], Run]:
    """Register the function that runs jobs of a kind.

    It may be started again from the beginning after a crash, so each of its steps has to be
    idempotent; what it returns becomes the job's result. Import the module from AppConfig.ready().
    """

    def register(run: Run) -> Run:
        _runners[kind] = Runner(kind, run, every, title)
        return run

    return register


def runners() -> list[Runner]:
    return list(_runners.values())


def runner_of(kind: str) -> Runner:
    """Raises KeyError for a kind that no app of this installation runs."""
    return _runners[kind]


def title_of(kind: str) -> str:
    """What a kind of work is called; the kind itself where nobody here knows it."""
    known = _runners.get(kind)
    return str(known.title) if known and known.title else kind
