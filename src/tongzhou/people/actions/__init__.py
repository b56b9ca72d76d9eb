"""Changes of accounts, roles and organisations: each one transaction and one event."""

from .accounts import (
    close_account,
    create_account,
    end_sessions,
    erase_account,
    invite,
    note_sign_in_change,
    reopen_account,
    reset_second_factor,
    set_password,
    update_account,
)
from .organisations import create_organisation, update_organisation
from .reviews import sign_review
from .roles import end_role, grant_role

__all__ = [
    "close_account",
    "create_account",
    "create_organisation",
    "end_role",
    "end_sessions",
    "erase_account",
    "grant_role",
    "invite",
    "note_sign_in_change",
    "reopen_account",
    "reset_second_factor",
    "set_password",
    "sign_review",
    "update_account",
    "update_organisation",
]
