"""Examine the machine and the installation: what is wrong, and what to do about it."""

from . import database, machine, service
from .findings import Finding, State

__all__ = ["Finding", "State", "examine"]


def examine() -> list[Finding]:
    """Every finding, in the order in which they should be mended."""
    return [*machine.findings(), *database.findings(), *service.findings()]
