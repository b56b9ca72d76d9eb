"""How people look in lists: masked, with their roles and the state of the account in words."""

from django import template
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from tongzhou.kit.masks import mask_email, mask_name
from tongzhou.kit.templatetags.look import state

from ..models import Account
from ..queries import is_erased
from ..rules import ROLES

register = template.Library()
register.filter("masked_name", mask_name)


@register.filter
def masked_email(email: str) -> str:
    return mask_email(email)


@register.filter
def role_title(role: str) -> str | Promise:
    """A role's name for people; one that is no longer defined keeps its code name."""
    return ROLES[role].title if role in ROLES else role


@register.simple_tag
def account_state(account: Account) -> SafeString:
    """Open, invited, closed or erased, in a word with its shape."""
    if is_erased(account):
        return state("unknown", _("Erased"))
    if not account.is_active:
        return state("unknown", _("Account closed"))
    if account.last_login is None and not account.has_usable_password():
        return state("warn", _("Invited, not signed in yet"))
    return state("done", _("In use"))
