"""What an examination finds."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """A fault has to be mended before people are served; a warning should be looked at."""

    GOOD = "good"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: its name, how it stands, what was seen, and what to do (empty when good)."""

    name: str
    state: State
    seen: str
    cure: str = ""


def good(name: str, seen: str) -> Finding:
    return Finding(name, State.GOOD, seen)


def warning(name: str, seen: str, cure: str) -> Finding:
    return Finding(name, State.WARNING, seen, cure)


def fault(name: str, seen: str, cure: str) -> Finding:
    return Finding(name, State.FAULT, seen, cure)


def run(name: str, check: Callable[[], Finding]) -> Finding:
    """The check's finding; a check that itself fails is a fault, and the others still run."""
    try:
        return check()
    # A doctor that stops at the first broken thing is of no use; the error is the finding.
    except Exception as error:
        first = str(error).partition("\n")[0]
        return fault(name, f"{type(error).__name__}: {first}", "Mend this, then look again.")
