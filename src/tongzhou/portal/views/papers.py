"""A place's poster for the gate, and the picture that a chat shows for a link to its page."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tongzhou.kit.access import public
from tongzhou.kit.addresses import base_url
from tongzhou.places.models import Division
from tongzhou.places.queries import division_by_code
from tongzhou.portal import documents
from tongzhou.portal.queries.store import channel_pages, name_of

# Names and danger signs change seldom; a sheet that is set again each time would cost a CPU.
KEPT_SECONDS = 86_400.0


@public
@require_safe
def poster(request: HttpRequest, code: str) -> HttpResponse:
    """A4 as PDF, to be printed and hung up."""
    division = _division(code)
    response = _kept(request, "poster", division, "application/pdf")
    response["Content-Disposition"] = f'inline; filename="poster-{division.code}.pdf"'
    return response


@public
@require_safe
def card(request: HttpRequest, code: str) -> HttpResponse:
    """1200 x 630 as PNG."""
    return _kept(request, "card", _division(code), "image/png")


def _kept(request: HttpRequest, kind: str, division: Division, content_type: str) -> HttpResponse:
    outside = base_url(request)
    name = name_of(kind, division.code, f"{get_language()}:{outside}")
    stored = channel_pages().read(name)
    if stored is None or stored.age > KEPT_SECONDS:
        make = documents.poster if kind == "poster" else documents.share_card
        made = make(division, outside)
        channel_pages().write(name, made)
    else:
        made = stored.content
    response = HttpResponse(made, content_type=content_type)
    response["Cache-Control"] = "public, max-age=86400"
    return response


def _division(code: str) -> Division:
    division = division_by_code(code)
    if division is None:
        raise Http404(_("There is no such place."))
    return division
