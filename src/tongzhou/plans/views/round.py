"""A driver's round on a phone: opened by the code on the sheet, without an account."""

import gzip
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from tongzhou.kit import clock
from tongzhou.kit.access import by_token, public
from tongzhou.planning.sheets import Round
from tongzhou.planning.sheets.rounds import Call, clock_text, kilometres, point_of
from tongzhou.plans.queries.rounds import opened_by

SCRIPTS = ("round", "sw")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src 'self' data:;"
    " connect-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)


@by_token
@gzip_page
@require_safe
def round_page(request: HttpRequest, token: str) -> HttpResponse:
    """The stops of a round in their order; ticks stay on the phone."""
    opened = opened_by(token, clock.today())
    if opened is None:
        return _guarded(render(request, "plans/no_round.html", status=404))
    if opened.round is None:
        return _guarded(render(request, "plans/no_round.html", {"over": opened.until}, status=410))
    round_ = opened.round
    context = {
        "round": round_,
        "row": opened.row,
        "on": opened.on,
        "until": opened.until,
        "depot": round_.depot.name or round_.depot.id,
        "km": kilometres(round_.distance_m),
        "trips": [_trip(round_, number) for number in range(1, len(round_.trips) + 1)],
        "made_up": opened.row.route_run.run.campaign.made_up,
        "as_of": opened.row.computed_at,
        "page": {
            "key": token.rsplit(".", 1)[0],
            "texts": {
                "kept": _("This page now opens without a network."),
                "open": _("Without a network, leave this page open."),
                "left": _("Stops left: {n}"),
                "none": _("All stops are done."),
            },
        },
    }
    return _guarded(render(request, "plans/round.html", context))


@public
@require_safe
def round_script(request: HttpRequest, name: str) -> HttpResponse:
    """A script of the page; beside it, so that its worker may answer for the page."""
    if name not in SCRIPTS:
        raise Http404
    plain, packed = _script(name)
    zipped = "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(packed if zipped else plain, content_type="text/javascript")
    response["Cache-Control"] = "no-cache"
    response["Vary"] = "Accept-Encoding"
    if zipped:
        response["Content-Encoding"] = "gzip"
    return response


@cache
def _script(name: str) -> tuple[bytes, bytes]:
    plain = files("tongzhou.plans").joinpath(f"static/plans/{name}.js").read_bytes()
    return plain, gzip.compress(plain, 9, mtime=0)


def _trip(round_: Round, number: int) -> dict[str, Any]:
    trip = round_.trips[number - 1]
    return {
        "number": number,
        "leaves": clock_text(trip.start_s),
        "back": clock_text(trip.finish_s),
        "units": trip.units,
        "load": round_.load(trip),
        "stops": [_stop(round_, call) for call in round_.calls() if call.trip == number],
    }


def _stop(round_: Round, call: Call) -> dict[str, Any]:
    stop, point = call.visit.stop, point_of(call.visit.stop)
    items = round_.items_of(stop)
    return {
        "order": call.order,
        "name": stop.name or stop.id,
        "code": stop.id,
        "arrival": clock_text(call.visit.arrive_s),
        "units": call.visit.units,
        "items": items if len(items) > 1 else {},
        "km": kilometres(call.visit.leg_m),
        "estimated": stop.estimated,
        "geo": _geo(point, stop.name or stop.id) if point else "",
    }


def _geo(point: tuple[float, float], name: str) -> str:
    """A point as any map program of the phone opens it (RFC 5870, WGS-84, latitude first)."""
    lon, lat = point
    return f"geo:{lat:.6f},{lon:.6f}?q={lat:.6f},{lon:.6f}({quote(name)})"


def _guarded(response: HttpResponse) -> HttpResponse:
    """Kept by the phone it was opened on and by nobody else; the secret leaves in no header."""
    response["Cache-Control"] = "private, no-cache"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    response["Content-Security-Policy"] = POLICY
    return response
