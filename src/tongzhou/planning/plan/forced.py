"""What each change of a problem forced in the plan."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Published units that a node does not get after all, because the goods do not exist."""

    node: str
    item: str
    wave: int
    units: int


@dataclass(frozen=True, slots=True)
class Forced:
    """One change and what the plan after it has different from the plan before it.

    lines: (node, item) pairs with other units in any wave; gained, lost: of these, with more and
    with fewer units in all, the rest only wait shorter or longer; units_more, units_fewer: by how
    much; withdrawn: what was published and cannot be given.
    """

    change: dict[str, Any] = field(hash=False)
    lines: int
    gained: int
    lost: int
    units_more: int
    units_fewer: int
    withdrawn: tuple[Withdrawn, ...] = ()
