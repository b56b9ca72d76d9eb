"""Route sheets of a county, for its drivers."""

from datetime import timedelta
from importlib.metadata import version

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tongzhou.kit import clock
from tongzhou.kit.access import requires
from tongzhou.planning.sheets import Imprint, Round, TooManySheets, pdf
from tongzhou.plans.forms import FirstDayForm
from tongzhou.plans.models import CountyRoutes
from tongzhou.plans.queries.rounds import rounds_in, token_of

from .route_files import done_or_404, named


@requires("plans.view")
def county_sheets(request: HttpRequest, pk: int, number: int, code: str) -> HttpResponse:
    """One sheet for each driver and day; `first` is the date of day 1, else tomorrow."""
    row = done_or_404(request, pk, number, code)
    form = FirstDayForm(request.GET)
    first = form.cleaned_data["first"] if form.is_valid() else None
    first = first or clock.today() + timedelta(days=1)
    base: str = settings.BASE_URL or f"{request.scheme}://{request.get_host()}"

    def link(round_: Round) -> str:
        return base + reverse("round", args=[token_of(row, round_, first)])

    imprint = Imprint(
        as_of=f"{timezone.localtime(clock.now()):%Y-%m-%d %H:%M}",
        version=f"tongzhou {version('tongzhou')} · {_name(row)}",
        phone=settings.HOTLINE,
        first=first,
        demonstration=row.route_run.run.campaign.made_up,
    )
    try:
        made = pdf(rounds_in(row), imprint, language=get_language() or "en", link=link)
    except TooManySheets:
        messages.error(request, _("The county has too many stops for one document."))
        return redirect("county-routes", pk=pk, number=number, code=code)
    headers = {**named(row, "pdf"), "Cache-Control": "private, no-store"}
    return HttpResponse(made, content_type="application/pdf", headers=headers)


def _name(row: CountyRoutes) -> str:
    return f"{row.route_run.run.number}.{row.route_run.number}"
