"""What other apps ask the people app: who holds what where, who answers, what waits on the desk."""

from ..rules import Reach
from . import cards as cards
from .desk import Card, desk_cards, on_desk
from .lists import (
    PeopleFilter,
    accounts_in,
    carriers_for,
    grants_in,
    invitations_unused,
    is_erased,
    organisations_in,
    people_page,
)
from .programs import reader
from .roles import (
    SECOND_FACTORS,
    actor,
    asks_for_second_factor,
    forget,
    held,
    holds_whole,
    manages_division,
    may_change,
    named_by,
    needs_second_factor,
    organisations_of,
    owner_for,
    permissions,
    reach,
    roles_kept,
    scope,
)
from .sign_in import mail_leaves, password_link, second_factors_of

__all__ = [
    "SECOND_FACTORS",
    "Card",
    "PeopleFilter",
    "Reach",
    "accounts_in",
    "actor",
    "asks_for_second_factor",
    "carriers_for",
    "desk_cards",
    "forget",
    "grants_in",
    "held",
    "holds_whole",
    "invitations_unused",
    "is_erased",
    "mail_leaves",
    "manages_division",
    "may_change",
    "named_by",
    "needs_second_factor",
    "on_desk",
    "organisations_in",
    "organisations_of",
    "owner_for",
    "password_link",
    "people_page",
    "permissions",
    "reach",
    "reader",
    "roles_kept",
    "scope",
    "second_factors_of",
]
