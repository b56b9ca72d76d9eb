"""What other apps ask the people app: who holds what where, who answers, what waits on the desk."""

from .desk import Card, desk_cards, on_desk
from .lists import accounts_in, grants_in, organisations_in
from .roles import (
    actor,
    forget,
    held,
    needs_second_factor,
    organisations_of,
    owner_for,
    permissions,
    reach,
    roles_kept,
    scope,
)

__all__ = [
    "Card",
    "accounts_in",
    "actor",
    "desk_cards",
    "forget",
    "grants_in",
    "held",
    "needs_second_factor",
    "on_desk",
    "organisations_in",
    "organisations_of",
    "owner_for",
    "permissions",
    "reach",
    "roles_kept",
    "scope",
]
