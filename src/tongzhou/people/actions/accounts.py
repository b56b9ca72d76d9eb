"""Accounts: made, invited, changed, closed, erased."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from tongzhou.kit import clock
from tongzhou.kit.actions import erase_person, record, values_of
from tongzhou.kit.models import Event
from tongzhou.kit.rules import Actor
from tongzhou.places.models import Division

from .. import queries
from ..models import Account, Organisation
from ..rules import ERASED, NotAllowedError, NotPossibleError
from .giver import check_division, check_manages, check_organisation
from .organisations import chain_for
from .roles import granted

TOLD = ("email", "name", "phone", "language", "organisation_id", "is_active")
OWN = {"name", "phone", "language"}


def create_account(
    *,
    email: str,
    name: str,
    by: Actor,
    phone: str = "",
    language: str = "zh-hans",
    organisation: Organisation | None = None,
    password: str | None = None,
    is_superuser: bool = False,
) -> Account:
    """Make an account without roles. Without a password it is set by an invitation or a reset.

    Raises NotAllowedError unless the sender manages people at the organisation's division (without
    one at the top of the tree), NotPossibleError where the address has an account.
    """
    with transaction.atomic():
        check_division(by, organisation.division if organisation else None)
        if is_superuser and by.kind != "system":
            raise NotAllowedError(_("Only the command line makes a superuser."))
        account = _inserted(
            email=email,
            name=name,
            phone=phone,
            language=language,
            organisation=organisation,
            password=password,
            is_superuser=is_superuser,
            is_staff=is_superuser,
        )
        _tell("account.created", account, by)
    return account


def invite(
    *,
    email: str,
    name: str,
    role: str,
    division: Division,
    by: Actor,
    phone: str = "",
    language: str = "zh-hans",
    organisation: Organisation | None = None,
) -> Account:
    """Give a role to whoever has this address, making the account if there is none; a letter with a
    link to set the password leaves after commit. Raises as `grant_role` does."""
    with transaction.atomic():
        check_organisation(by, organisation)
        account = Account.objects.filter(email__iexact=email).first() or _inserted(
            email=email,
            name=name,
            phone=phone,
            language=language,
            organisation=organisation,
            password=None,
        )
        grant = granted(account, role, division, by=by, organisation=organisation)
        after = values_of(account, *TOLD) | {
            "role": role,
            "division_id": division.pk,
            "grant_id": grant.pk,
        }
        record("account.invited", account, by=by, chain=chain_for(division), after=after)
    return account


def update_account(account: Account, *, by: Actor, **changes: object) -> Account:
    """Change name, phone, language, e-mail or organisation. People change the first three of their
    own; all else takes somebody who could hand on every role of the account."""
    with transaction.atomic():
        row = Account.objects.select_for_update().get(pk=account.pk)
        if not (_is_self(by, row) and set(changes) <= OWN):
            check_manages(by, row)
        before = values_of(row, *TOLD)
        for name, value in changes.items():
            setattr(row, name, value)
        if "organisation" in changes:
            check_organisation(by, row.organisation)
        if "email" in changes:
            EmailAddress.objects.filter(user=row).delete()
        _saved(row, [*changes])
        _tell("account.updated", row, by, before=before)
    return row


def close_account(account: Account, *, by: Actor, note: str) -> Account:
    """Keep somebody out from the next request on; their roles stay written for a reopening."""
    return _switched(account, by, "account.closed", is_active=False, note=note)


def reopen_account(account: Account, *, by: Actor) -> Account:
    """Let a closed account in again, with the roles it held; an erased one stays erased."""
    if queries.is_erased(account):
        raise NotPossibleError(_("This account was erased. Invite the person again."))
    return _switched(account, by, "account.reopened", is_active=True, note="")


def end_sessions(account: Account, *, by: Actor) -> Account:
    """Sign an account out everywhere: a lost telephone, a shared computer."""
    with transaction.atomic():
        if not _is_self(by, account):
            check_manages(by, account)
        _end_sessions(account)
        _tell("account.signed_out", account, by)
    return account


def reset_second_factor(account: Account, *, by: Actor) -> Account:
    """Take away a lost second factor and sign out; a new one is set up at the next sign-in."""
    with transaction.atomic():
        if _is_self(by, account):
            raise NotAllowedError(_("Somebody else has to reset your second factor."))
        check_manages(by, account)
        Authenticator.objects.filter(user=account).delete()
        _end_sessions(account)
        _tell("account.second_factor_reset", account, by)
    return account


def set_password(account: Account, password: str, *, by: Actor) -> Account:
    """Set a password, by its owner or through a reset link; other sessions end with the old one."""
    with transaction.atomic():
        account.set_password(password)
        account.save(update_fields=["password"])
        _tell("account.password_set", account, by)
    return account


def note_sign_in_change(account: Account, what: str, *, by: Actor) -> None:
    """Write that a second factor was added or removed by its owner (`what` names which)."""
    with transaction.atomic():
        chain = _chain(account)
        record("account.second_factor_changed", account, by=by, chain=chain, after={"what": what})


def erase_account(account: Account, *, by: Actor) -> Account:
    """Remove a person: row anonymised, sign-in data deleted, log key destroyed; past events stay
    verifiable. It cannot be undone, so a second person does it: not the one who closed the account.
    """
    with transaction.atomic():
        row = Account.objects.select_for_update().get(pk=account.pk)
        check_manages(by, row)
        _check_second_person(row, by)
        row.grants.filter(ended_at=None).update(ended_at=clock.now())
        EmailAddress.objects.filter(user=row).delete()
        Authenticator.objects.filter(user=row).delete()
        erase_person(row, by=by, chain=_chain(account), keep_row=True)
        row.email, row.name, row.phone = f"erased-{row.pk}{ERASED}", "", ""
        row.organisation, row.last_login, row.is_superuser = None, None, False
        row.set_unusable_password()
        row.save()
        _end_sessions(row)
    queries.forget(account)
    return row


def _check_second_person(account: Account, by: Actor) -> None:
    if by.kind == "system":
        return
    closing = (
        Event.objects.filter(
            verb="account.closed", subject_kind="people.account", subject_id=str(account.pk)
        )
        .order_by("-id")
        .first()
    )
    if account.is_active or closing is None:
        raise NotPossibleError(_("Close the account first; then a second person can erase it."))
    if closing.actor == str(by):
        raise NotAllowedError(
            _("You closed this account. A second person has to look at it and erase it.")
        )


def _switched(account: Account, by: Actor, verb: str, *, is_active: bool, note: str) -> Account:
    with transaction.atomic():
        row = Account.objects.select_for_update().get(pk=account.pk)
        if _is_self(by, row):
            raise NotAllowedError(_("You cannot close your own account. Ask a colleague."))
        check_manages(by, row)
        if row.is_active == is_active:
            raise NotPossibleError(_("The account is in this state already. Nothing was changed."))
        row.is_active = is_active
        row.save(update_fields=["is_active"])
        _end_sessions(row)
        after = {"is_active": is_active, "note": note}
        record(verb, row, by=by, chain=_chain(row), after=after)
    return row


def _inserted(*, email: str, password: str | None, **values: object) -> Account:
    account = Account(email=Account.objects.normalize_email(email.strip()).lower(), **values)
    account.set_password(password)
    return _saved(account, None)


def _saved(account: Account, fields: list[str] | None) -> Account:
    try:
        with transaction.atomic():
            account.save(update_fields=fields)
    except IntegrityError as taken:
        raise NotPossibleError(
            _("This e-mail address is in use by another account. Give another address.")
        ) from taken
    return account


def _tell(verb: str, account: Account, by: Actor, before: dict[str, object] | None = None) -> None:
    after = values_of(account, *TOLD)
    record(verb, account, by=by, chain=_chain(account), before=before, after=after)


def _chain(account: Account) -> str:
    """Where an account's own events go: to its organisation's division, or the people chain."""
    return chain_for(account.organisation.division if account.organisation else None)


def _end_sessions(account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(session_epoch=F("session_epoch") + 1)


def _is_self(by: Actor, account: Account) -> bool:
    return by.kind == "account" and by.ref == str(account.pk)
