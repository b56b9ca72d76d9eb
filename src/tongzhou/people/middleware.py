"""Staff set up their second factor before they see the desk."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from . import queries

DESK = "/desk/"


class SecondFactorMiddleware:
    """Sends an account that needs a second factor to set one up. Its roles give nothing until then
    (queries.held), so this only spares it a page of refusals."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(DESK) and queries.needs_second_factor(request.user):
            messages.warning(
                request, _("Set up a second factor first: your role asks for one at every sign-in.")
            )
            return HttpResponseRedirect(reverse("mfa_index"))
        return self.get_response(request)
