"""How allauth and axes sign people in here: closed, logged, and with secrets encrypted at rest."""

from base64 import urlsafe_b64encode
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from . import actions, queries
from .models import Account


class SignIn(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody signs up: accounts are made by invitation. Passwords change through an action."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def set_password(self, user: Account, password: str) -> None:
        actions.set_password(user, password, by=queries.actor(user))

    def send_notification_mail(self, template_prefix: str, user: Account, **kwargs: Any) -> None:
        """Called for every change of the way somebody signs in; those of the second factor are
        written to the log here (a password is set through an action, which writes its own)."""
        app, _, what = template_prefix.rpartition("/")
        if app.startswith("mfa/"):
            actions.note_sign_in_change(user, what, by=queries.actor(user))
        super().send_notification_mail(template_prefix, user, **kwargs)

    def post_login(self, request: HttpRequest, user: Account, **kwargs: Any) -> HttpResponse:
        """Sign in in the account's language where this browser has not chosen one."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME, user.language, samesite="Lax", httponly=True
            )
        return response


class SecondFactor(DefaultMFAAdapter):  # type: ignore[misc]
    """Keeps TOTP secrets and recovery seeds encrypted under a key that is not in the database."""

    def encrypt(self, text: str) -> str:
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _box().decrypt(encrypted_text.encode()).decode()

    def get_public_key_credential_user_entity(self, user: Account) -> dict[str, Any]:
        entity: dict[str, Any] = super().get_public_key_credential_user_entity(user)
        return entity | {"display_name": user.name}

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """The last second factor of somebody who needs one stays, or they would lock themselves out
        of every page until they set up another."""
        if authenticator.type == Authenticator.Type.RECOVERY_CODES:
            return True
        others = Authenticator.objects.filter(
            user=authenticator.user, type__in=queries.SECOND_FACTORS
        ).exclude(pk=authenticator.pk)
        return bool(others.exists()) or not queries.asks_for_second_factor(authenticator.user)


def lock_name(request: HttpRequest, credentials: dict[str, str] | None) -> str:
    """The name under which axes counts wrong passwords: a keyed digest, so that no address is
    stored there and nothing is left to erase."""
    typed = (credentials or {}).get("email") or request.POST.get("login", "")
    return salted_hmac(
        "tongzhou.people.lock", typed.strip().lower(), algorithm="sha256"
    ).hexdigest()


def _box() -> MultiFernet:
    """Writes with the present signing key, reads with former ones too."""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet([_key(str(key)) for key in keys])


def _key(secret: str) -> Fernet:
    derived = HKDF(SHA256(), 32, salt=None, info=b"tongzhou.people.second-factor")
    return Fernet(urlsafe_b64encode(derived.derive(secret.encode())))
