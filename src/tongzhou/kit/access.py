"""Every view says who may open it: everyone, the holder of a token, or a named permission.

A test walks all addresses and fails on a view that says nothing.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

View = Callable[..., HttpResponseBase]

PUBLIC = "public"
TOKEN = "token"  # noqa: S105 - the name of an access kind, not a secret
SIGNED_IN = "signed-in"


class Whole:
    """The whole installation, as the thing a permission is asked for (`has_perm(name, WHOLE)`):
    for rows that lie in no division, such as jobs and letters."""


WHOLE = Whole()


def public(view: View) -> View:
    """Anyone may open it; it must show no personal data."""
    return _marked(view, PUBLIC)


def by_token(view: View) -> View:
    """Whoever holds the secret in the address may open it."""
    return _marked(view, TOKEN)


def signed_in(view: View) -> View:
    """Any account may open it, whatever its roles."""
    return _marked(_guarded(view, None), SIGNED_IN)


def requires(permission: str, *, whole: bool = False) -> Callable[[View], View]:
    """Only an account that holds the permission somewhere may open it; with `whole` only one that
    holds it for the whole installation.

    What it then sees is decided by scoped queries; what is outside its scope is 404, so that "not
    yours" looks like "not there"."""
    return lambda view: _marked(_guarded(view, permission, whole=whole), permission)


def access_of(view: View) -> str | None:
    return cast("str | None", getattr(view, "access", None))


def _guarded(view: View, permission: str | None, *, whole: bool = False) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if permission and not request.user.has_perm(permission, WHOLE if whole else None):
            raise PermissionDenied(permission)
        return view(request, *args, **kwargs)

    return guarded


def _marked(view: View, access: str) -> View:
    @wraps(view)
    def marked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, *args, **kwargs)

    marked.access = access  # type: ignore[attr-defined]
    return marked
