"""What the sign-in pages and letters need to know."""

from typing import cast

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from ..models import Account
from .roles import SECOND_FACTORS


def second_factors_of(account_id: int) -> "QuerySet[Authenticator]":
    """The authenticator app and security keys an account has set up."""
    rows = Authenticator.objects.filter(user=account_id, type__in=SECOND_FACTORS)
    return cast("QuerySet[Authenticator]", rows)


def password_link(account: Account) -> str:
    """The address at which the account sets its password: once, for three days."""
    key = default_token_generator.make_token(account)
    path = reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": user_pk_to_url_str(account), "key": key},
    )
    return settings.BASE_URL.rstrip("/") + path


def mail_leaves() -> bool:
    """Whether letters go out through a mail server; where none is set they only reach the log."""
    return settings.EMAIL_BACKEND.endswith("smtp.EmailBackend")
