"""The accounts, grants and organisations that lie in a scope."""

from django.db.models import Prefetch, Q, QuerySet

from tongzhou.places.models import Division
from tongzhou.places.rules import Scope

from ..models import Account, Organisation, RoleGrant


def grants_in(scope: Scope) -> QuerySet[RoleGrant]:
    """The roles held, now or once, at divisions of the scope."""
    return RoleGrant.objects.filter(scope.q("division")).select_related("division", "organisation")


def accounts_in(scope: Scope) -> QuerySet[Account]:
    """Accounts with a role, now or once, in the scope, or with an organisation there.

    `roles_here` are their present roles in the scope and no others. An account that belongs to no
    division at all is seen by whoever's scope holds the whole tree.
    """
    here = grants_in(scope)
    seen = Q(pk__in=here.values("account")) | scope.q("organisation__division")
    if _holds_a_root(scope):
        seen |= Q(pk__isnull=False)
    present = Prefetch(
        "grants", here.filter(ended_at=None).order_by("division__first"), to_attr="roles_here"
    )
    return Account.objects.filter(seen).select_related("organisation").prefetch_related(present)


def organisations_in(scope: Scope) -> QuerySet[Organisation]:
    """Organisations of the scope, and the public ones that belong to no single division."""
    anywhere = Q(division=None) if _holds_a_root(scope) else Q(division=None, public=True)
    seen = scope.q("division") | anywhere if scope.intervals else Q(pk__in=[])
    return Organisation.objects.filter(seen).select_related("division", "dock")


def _holds_a_root(scope: Scope) -> bool:
    return any(scope.contains(root) for root in Division.objects.filter(parent=None))
