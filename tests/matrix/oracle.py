"""May they? Decided by walking from a division to its parents, never by intervals or codes."""

from collections.abc import Callable
from dataclasses import dataclass

from tongzhou.people.models import Organisation
from tongzhou.people.rules import ROLES
from tongzhou.places.models import Division


@dataclass(frozen=True)
class Holder:
    """Who asks: the holder of a role at a division (for an organisation), a superuser, neither."""

    name: str
    role: str = ""
    division: Division | None = None
    organisation: Organisation | None = None
    superuser: bool = False
    ended: bool = False

    @property
    def narrowed(self) -> bool:
        return bool(self.role) and ROLES[self.role].own_organisation_only

    @property
    def sees_all(self) -> bool:
        return self.superuser or (self.division is not None and self.division.parent is None)

    def holds(self, permission: str) -> bool:
        if self.superuser:
            return True
        return bool(self.role) and not self.ended and permission in ROLES[self.role].permissions


Rule = Callable[[Division | None, Division], bool]


def inside(thing: Division | None, held: Division) -> bool:
    """The thing's division is the held one or lies below it."""
    at = thing
    while at is not None:
        if at.pk == held.pk:
            return True
        at = at.parent
    return False


def touching(thing: Division | None, held: Division) -> bool:
    """The thing lies below the held division or around it."""
    return inside(thing, held) or inside(held, thing) if thing else False


def anywhere(thing: Division | None, held: Division) -> bool:
    return True


def at_the_top(thing: Division | None, held: Division) -> bool:
    return held.parent is None


def may(
    holder: Holder,
    permission: str,
    thing: Division | None,
    *,
    rule: Rule = inside,
    organisation: Organisation | None = None,
) -> bool:
    """The expectation for one holder and one thing; `organisation` is the one the thing is of."""
    if not holder.holds(permission):
        return False
    if holder.superuser:
        return True
    assert holder.division is not None
    if holder.narrowed and (organisation is None or organisation != holder.organisation):
        return False
    return rule(thing, holder.division)
