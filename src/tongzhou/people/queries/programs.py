"""Who reads by program: `api.read` is asked on top of the permission of what is read."""

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.errors import HttpError

from ..models import Account


def reader(request: HttpRequest, permission: str) -> Account:
    """The account, if it may read this by program; else 403."""
    account = request.user
    assert isinstance(account, Account)
    if not (account.has_perm("api.read") and account.has_perm(permission)):
        raise HttpError(403, _("Your role does not allow this."))
    return account
