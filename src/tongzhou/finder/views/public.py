"""Where to go now, for everybody: by place, by position, and one facility with its reports.

A position is rounded to a hundredth of a degree on the telephone, comes in the body of a POST, is
used for the one answer, and is written nowhere: neither in an address, nor in a log, nor in a row.
The page of a place is the same for everybody for a minute, so that a front may keep it.
"""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from tongzhou.kit import clock
from tongzhou.kit.access import public
from tongzhou.kit.limits import home_of
from tongzhou.kit.rules import Actor
from tongzhou.kit.stored_pages import DATABASE_AWAY
from tongzhou.people.queries import actor
from tongzhou.places.models import Division
from tongzhou.places.queries import ancestors, children, division_by_code

from .. import actions, queries
from ..forms import PositionForm, ReportForm
from ..models import Facility, Fact
from ..queries import Found, store
from ..queries.red_flags import for_everybody
from ..queries.store import clinic_pages
from ..rules import rounded
from ..rules.fields import FIELDS

# The filters of the page: its word in the address, the column, what it says.
FILTERS = {"fever": "sees_fever", "child": "sees_children", "day": "all_day"}
CHILDREN_SHOWN = 300
# A county or larger is too large to be "here": its places are offered to choose from.
LARGEST_HERE = Division.Level.COUNTY
FRAME = "public.html"
# What is open changes by the minute; without us an old page is better than none.
KEPT = "public, max-age=60, stale-while-revalidate=120, stale-if-error=3600"


# The POST changes nothing; a token would make the page another for each visitor.
@csrf_exempt
@public
@require_http_methods(["GET", "HEAD", "POST"])
def clinics(request: HttpRequest, code: str) -> HttpResponse:
    """Where to go from a place, or, by POST, from a position. Unknown places are 404.

    When the database is away the kept page is served with a sentence that says so; without one, the
    danger signs alone.
    """
    asked = [word for word in FILTERS if word in request.GET or word in request.POST]
    try:
        return _clinics(request, code, asked)
    except DATABASE_AWAY:
        kept = clinic_pages().stale(_name(code, asked), render_to_string("finder/stale.html"))
        return _alone(kept)


def _clinics(request: HttpRequest, code: str, asked: list[str]) -> HttpResponse:
    division = division_by_code(code)
    if division is None:
        raise Http404(_("There is no such place."))
    if request.method == "POST":
        response = HttpResponse(_rendered(division, asked, PositionForm(request.POST)))
        response["Cache-Control"] = "no-store"
        return response
    if division.code != code:
        return redirect("clinics", code=division.code)
    page = clinic_pages().served(
        _name(code, asked), lambda: _rendered(division, asked), seconds=store.FRESH_SECONDS
    )
    response = HttpResponse(page)
    response["Cache-Control"] = KEPT
    return response


def _name(code: str, asked: list[str]) -> str:
    return f"{get_language()}/{code}/{','.join(asked)}"


def _alone(kept: bytes | None = None) -> HttpResponse:
    """What is left without a database: whoever is in danger gets an answer."""
    page = kept or render_to_string("finder/alone.html", {"frame": FRAME, **for_everybody()})
    response = HttpResponse(page)
    response["Cache-Control"] = "no-store"
    return response


def _rendered(division: Division, asked: list[str], position: PositionForm | None = None) -> str:
    """The page in the active language; it may be kept, so no request takes part in it."""
    services = [FILTERS[word] for word in asked]
    by_position = position is not None and position.is_valid()
    if position is not None and by_position:
        lat, lon = (rounded(position.cleaned_data[name]) for name in ("lat", "lon"))
        found: Found | None = queries.around(lat, lon, services)
    else:
        found = _from(division, services)
    context = {
        **for_everybody(),
        "division": division,
        "found": found,
        "asked": asked,
        "kept": "&".join(f"{word}=on" for word in asked),
        "by_position": by_position,
        "children": children(division)[:CHILDREN_SHOWN] if division.level <= LARGEST_HERE else (),
        "crumbs": [
            (one.name, reverse("clinics", args=[one.code]))
            for one in [*ancestors(division), division]
        ],
        "as_of": clock.now(),
    }
    return render_to_string("finder/clinics.html", context)


def _from(division: Division, services: list[str]) -> Found | None:
    """From the middle of a town or village whose point is real; else what its county has. None for
    what is too large to walk out of."""
    if division.level < LARGEST_HERE:
        return None
    if division.lat is None or division.lon is None or division.placed:
        return queries.inside(division, services)
    return queries.around(division.lat, division.lon, services)


@public
@require_http_methods(["GET", "HEAD", "POST"])
def facility(request: HttpRequest, code: str) -> HttpResponse:
    """One facility, what is known of it and from whom, and a form for what one saw."""
    try:
        return _facility(request, code)
    except DATABASE_AWAY:
        return _alone()


def _facility(request: HttpRequest, code: str) -> HttpResponse:
    found = queries.facility_by_code(code)
    if found is None:
        raise Http404(_("There is no such facility."))
    if found.code != code:
        return redirect("facility", code=found.code)
    form = ReportForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.report_visit(found, witness_of(request), **form.cleaned_data, by=_who(request))
            return redirect(reverse("facility", args=[found.code]) + "?thanks=1")
        except actions.FacilityRefused as refused:
            form.add_error(None, str(refused))
    context = {
        **for_everybody(),
        "facility": found,
        "choice": queries.here(found),
        "facts": _facts(found),
        "exceptions": found.exceptions.filter(last__gte=clock.today()).order_by("first")[:20],
        "form": form,
        "thanks": "thanks" in request.GET,
        "as_of": clock.now(),
    }
    response = render(request, "finder/facility.html", context, status=422 if form.errors else 200)
    response["Cache-Control"] = "no-store"
    return response


def _facts(found: Facility) -> list[tuple[str, Fact]]:
    """What is current of each field, in the order of the fields."""
    current = {fact.field: fact for fact in found.facts.filter(current=True)}
    return [(str(word), current[field]) for field, word in FIELDS.items() if field in current]


def _who(request: HttpRequest) -> Actor:
    """The account, or a visitor without a name."""
    return actor(request) if request.user.is_authenticated else Actor("visitor", "anonymous")


def witness_of(request: HttpRequest) -> str:
    """A keyed digest of the account, or of the address on this day: two reports of one person are
    one witness, and nobody can be found by it. Of an IPv6 address a home counts as one."""
    if request.user.is_authenticated:
        who = str(actor(request))
    else:
        who = f"{clock.today()} {home_of(request)}"
    return salted_hmac("tongzhou.finder.witness", who, algorithm="sha256").hexdigest()[:32]
