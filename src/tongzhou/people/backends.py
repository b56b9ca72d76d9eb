"""Django's way to ask what an account may do, answered by the roles it holds."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.models import AnonymousUser

from tongzhou.kit.access import WHOLE

from . import queries
from .models import Account


class RoleBackend(AuthenticationBackend):  # type: ignore[misc]
    """Signs in by e-mail (allauth) and answers `has_perm` from roles instead of permission tables.

    `has_perm("plans.run")`: held somewhere. `has_perm("plans.run", division)`: held at or above it,
    for all rows; roles narrowed to an organisation answer through `queries.reach`.
    `has_perm("audit.view", kit.access.WHOLE)`: held at the root of the tree.
    """

    def has_perm(self, user_obj: Account | AnonymousUser, perm: str, obj: Any = None) -> bool:
        if obj is None:
            return perm in queries.permissions(user_obj)
        if obj is WHOLE:
            return queries.holds_whole(user_obj, perm)
        if not hasattr(obj, "first"):
            raise TypeError(f"A permission is held at a division, not at a {type(obj).__name__}.")
        return queries.scope(user_obj, perm).contains(obj)

    def get_all_permissions(self, user_obj: Account | AnonymousUser, obj: Any = None) -> set[str]:
        return set(queries.permissions(user_obj)) if obj is None else set()
