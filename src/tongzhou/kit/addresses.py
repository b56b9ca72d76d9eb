"""The address under which this installation is known outside, for papers and links."""

from django.conf import settings
from django.http import HttpRequest


def base_url(request: HttpRequest) -> str:
    """The set address of the site, else the one it was asked under; without a slash at the end."""
    own: str = settings.BASE_URL or f"{request.scheme}://{request.get_host()}"
    return own.rstrip("/")
