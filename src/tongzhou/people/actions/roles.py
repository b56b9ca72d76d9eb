"""Giving and ending roles."""

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from tongzhou.kit import clock
from tongzhou.kit.actions import record, values_of
from tongzhou.kit.rules import Actor
from tongzhou.places.models import Division
from tongzhou.places.queries import chain_of

from .. import queries
from ..models import Account, Organisation, RoleGrant
from ..rules import ROLES, NotPossibleError
from .giver import check_hands_on, check_organisation

TOLD = ("account_id", "role", "division_id", "organisation_id")


def grant_role(
    account: Account,
    role: str,
    division: Division,
    *,
    by: Actor,
    organisation: Organisation | None = None,
) -> RoleGrant:
    """Give an account a role at a division. Raises NotAllowedError where the sender may not, and
    NotPossibleError where it is held already, the account is closed or the organisation missing."""
    with transaction.atomic():
        grant = granted(account, role, division, by=by, organisation=organisation)
        record(
            "role.granted", grant, by=by, chain=chain_of(division), after=values_of(grant, *TOLD)
        )
    return grant


def end_role(grant: RoleGrant, *, by: Actor, note: str = "") -> RoleGrant:
    """End a role and every session of its holder: open pages may show what they may no longer see.
    Raises NotAllowedError where the sender could not have given it."""
    with transaction.atomic():
        grant = RoleGrant.objects.select_for_update().get(pk=grant.pk)
        check_hands_on(by, grant.role, grant.division)
        if grant.ended_at:
            raise NotPossibleError(_("This role has ended already. Nothing was changed."))
        grant.ended_at = max(clock.now(), grant.granted_at)
        grant.save(update_fields=["ended_at"])
        Account.objects.filter(pk=grant.account_id).update(session_epoch=F("session_epoch") + 1)
        after = values_of(grant, *TOLD) | {"note": note}
        record("role.ended", grant, by=by, chain=chain_of(grant.division), after=after)
    queries.forget(grant.account)
    return grant


def granted(
    account: Account,
    role: str,
    division: Division,
    *,
    by: Actor,
    organisation: Organisation | None,
) -> RoleGrant:
    """The checked row of a grant, inside an action's transaction; the action writes the event."""
    check_hands_on(by, role, division)
    check_organisation(by, organisation)
    if not account.is_active:
        raise NotPossibleError(_("This account is closed. Reopen it first, then give the role."))
    if ROLES[role].own_organisation_only and organisation is None:
        raise NotPossibleError(
            _("This role is held for an organisation. Choose the organisation it is for.")
        )
    queries.forget(account)
    try:
        with transaction.atomic():
            return RoleGrant.objects.create(
                account=account,
                role=role,
                division=division,
                organisation=organisation,
                granted_by=str(by),
                granted_at=clock.now(),
            )
    except IntegrityError as held_already:
        raise NotPossibleError(
            _("The account holds this role at this division already. Nothing was changed.")
        ) from held_already
