"""Who is this, what do they hold and where: looked up once an account object, so once a request."""

import hashlib
from collections.abc import Sequence

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from tongzhou.kit.rules import Actor
from tongzhou.places.models import Division
from tongzhou.places.queries import current
from tongzhou.places.rules import Interval, Scope

from ..models import Account, Organisation, RoleGrant
from ..rules import (
    HELD_BY_ROOT,
    ROLES,
    Clinician,
    Held,
    Reach,
    may_manage,
    permissions_of,
    reach_of,
)

Whoever = Account | AnonymousUser

# Recovery codes stand in for one of these; alone they are none.
SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)

_HELD = "_held_roles"


def held(account: Whoever) -> tuple[Held, ...]:
    """The roles an active account holds now. What has ended never counts again, whatever the clock.

    Where a second factor is required, roles give nothing until one is set up, so that every way
    in is closed, not just the pages that redirect.
    """
    if not isinstance(account, Account) or not account.is_active:
        return ()
    if not hasattr(account, _HELD):
        setattr(account, _HELD, _look_up(account))
    found: tuple[Held, ...] = getattr(account, _HELD)
    return found


def forget(account: Account) -> None:
    """Drop what `held` remembers on this object, after its grants changed."""
    account.__dict__.pop(_HELD, None)


def permissions(account: Whoever) -> frozenset[str]:
    """Every permission the account holds at some division."""
    return frozenset().union(*(permissions_of(one.role) for one in held(account)))


def reach(account: Whoever, permission: str) -> Reach:
    """Where the account holds the permission: everywhere in a scope, and for its own organisation's
    rows in another. Use it, not `scope`, for rows that a carrier or a partner may read."""
    return reach_of(held(account), permission)


def scope(account: Whoever, permission: str) -> Scope:
    """The part of the tree where the account holds the permission for all rows. Roles narrowed to
    an organisation are left out: a page that asks only for a scope shows a carrier nothing."""
    return reach(account, permission).scope


def actor(who: HttpRequest | Account) -> Actor:
    """The account as the `by=` of an action. The device is a digest of the session, so that the log
    tells two browsers apart without holding what would let one in."""
    if isinstance(who, Account):
        return Actor("account", str(who.pk))
    key = who.session.session_key or "" if hasattr(who, "session") else ""
    device = hashlib.sha256(key.encode()).hexdigest()[:16] if key else ""
    return Actor("account", str(who.user.pk), device)


def owner_for(division: Division, role: str) -> Account | None:
    """Who answers for a division in a role: the nearest holder at or above it, of several the one
    who has held it longest; None when nobody holds it."""
    above = Q(division__first__lte=division.first, division__last__gte=division.first)
    merged_into = Q(
        division__successor__first__lte=division.first,
        division__successor__last__gte=division.first,
    )
    grant = (
        RoleGrant.objects.filter(role=role, ended_at=None, account__is_active=True)
        .filter(above | merged_into)
        .select_related("account")
        .order_by("-division__level", "granted_at", "pk")
        .first()
    )
    return grant.account if grant else None


def named_by(account_pk: str, giver: str) -> bool:
    """Does the account hold a role that `giver`, as events name an actor, gave it?"""
    return RoleGrant.objects.filter(
        account_id=account_pk, granted_by=giver, ended_at__isnull=True
    ).exists()


def organisations_of(account: Whoever) -> QuerySet[Organisation]:
    """The account's own organisation and those it holds a role for."""
    if not isinstance(account, Account):
        return Organisation.objects.none()
    return Organisation.objects.filter(
        Q(pk=account.organisation_id) | Q(rolegrant__account=account, rolegrant__ended_at=None)
    ).distinct()


def needs_second_factor(account: Whoever) -> bool:
    """True while the account's roles ask for a second factor that it has not set up."""
    if not isinstance(account, Account):
        return False
    return asks_for_second_factor(account) and not _has_factor(account)


def asks_for_second_factor(account: Account) -> bool:
    """Whether being a superuser, or a role of the account, takes a second factor in this mode."""
    if not settings.SECOND_FACTOR_REQUIRED:
        return False
    asking = [name for name, role in ROLES.items() if role.second_factor]
    return (
        account.is_superuser
        or account.is_staff
        or account.grants.filter(role__in=asking, ended_at=None).exists()
    )


def roles_kept(account: Account) -> tuple[Held, ...]:
    """The roles an account would hold if it were active and had its second factor: what somebody
    must be able to hand on before they may change the account."""
    if account.is_superuser:
        return (HELD_BY_ROOT,)
    grants = RoleGrant.objects.filter(account=account, ended_at=None)
    return tuple(_held(grant) for grant in grants.select_related("division__successor"))


def may_change(sender: tuple[Held, ...], account: Account) -> bool:
    """Whether somebody with these roles may change, close or erase the account: whoever could hand
    on every role it holds. One without roles belongs to its organisation's division, or the top."""
    theirs = roles_kept(account)
    home = account.organisation.division if account.organisation else None
    where = theirs or ([home] if home else _roots())
    manages = reach_of(sender, "people.manage").scope
    return may_manage(sender, theirs) and _manages(manages, where)


def manages_division(account: Account, division: Division | None) -> bool:
    """Whether the account manages people at the division; None means at the top of the tree."""
    return _manages(scope(account, "people.manage"), [division] if division else _roots())


def holds_whole(account: Whoever, permission: str) -> bool:
    """Whether the account holds the permission at the root of the tree, so for every division."""
    return _manages(scope(account, permission), _roots())


def is_clinician(account: Whoever) -> bool:
    """Whether the account holds the role itself at the root: having every permission is not it."""
    mine = tuple(one for one in held(account) if one.role == Clinician.name)
    return _manages(reach_of(mine, "reviews.sign").scope, _roots())


def _manages(manages: Scope, spans: Sequence[Interval]) -> bool:
    return bool(manages.intervals) and all(manages.contains(span) for span in spans)


def _roots() -> list[Division]:
    return list(Division.objects.filter(parent=None))


def _held(grant: RoleGrant) -> Held:
    """A role at a division that was merged is held at its successor."""
    at = current(grant.division)
    return Held(grant.role, at.first, at.last, grant.organisation_id)


def _look_up(account: Account) -> tuple[Held, ...]:
    if needs_second_factor(account):
        return ()
    return roles_kept(account)


def _has_factor(account: Account) -> bool:
    return bool(Authenticator.objects.filter(user=account, type__in=SECOND_FACTORS).exists())
