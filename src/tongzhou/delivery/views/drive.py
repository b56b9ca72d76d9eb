"""The stop list on a phone: a driver's round or a whole county, entered with a witness, offline."""

import gzip
import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET

from tongzhou.kit import clock
from tongzhou.kit.access import requires
from tongzhou.people.queries import scope

from ..forms import ARRIVED
from ..models import Shipment
from ..queries import desk
from ..queries.slices import stops_of_county, stops_of_shipment
from .pages import account_of
from .receive import POLICY, sentences
from .words import PARCEL


@requires("parcels.enter_receipt")
@gzip_page
@require_GET
def round_of(request: HttpRequest, public_id: str) -> HttpResponse:
    """The stops of one last-mile shipment."""
    rows = desk.shipments_in(account_of(request), "parcels.enter_receipt")
    shipment = rows.filter(public_id=public_id, leg=Shipment.Leg.LAST_MILE).first()
    if shipment is None:
        raise Http404
    return _page(request, shipment.public_id, stops_of_shipment(shipment))


@requires("parcels.enter_receipt")
@gzip_page
@require_GET
def round_of_county(request: HttpRequest, code: str) -> HttpResponse:
    """Every parcel of a county that has not arrived."""
    depot = desk.depot_by_county(scope(account_of(request), "parcels.enter_receipt"), code)
    if depot is None:
        raise Http404
    return _page(request, depot.division.name, stops_of_county(depot))


@requires("parcels.enter_receipt")
@require_GET
def slice_of_county(request: HttpRequest, code: str) -> HttpResponse:
    """The same as data, packed: at most 100 KB for a county."""
    depot = desk.depot_by_county(scope(account_of(request), "parcels.enter_receipt"), code)
    if depot is None:
        raise Http404
    county = {"code": depot.division.code, "name": depot.division.name}
    data = {"county": county, "as_of": clock.now().isoformat(), **stops_of_county(depot)}
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    response = HttpResponse(content_type="application/json")
    response["Cache-Control"] = "private, no-cache"
    response["Vary"] = "Accept-Encoding"
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        response["Content-Encoding"] = "gzip"
        text = gzip.compress(text, 6)
    response.content = text
    return response


def _page(request: HttpRequest, title: str, stops: dict[str, Any]) -> HttpResponse:
    words = {name: str(word) for name, (_shape, word) in PARCEL.items()}
    rows = [_row(parcel, stops, words) for parcel in stops["parcels"]]
    texts = {**sentences(), "witness": _("Name the person at the clinic who saw it arrive.")}
    texts["again"] = _("Send again")
    page = {"items": stops["items"], "parcels": stops["parcels"], "texts": texts}
    context = {
        "title": title,
        "rows": rows,
        "left": sum(not row["received"] for row in rows),
        "arrived": ARRIVED,
        "page": page,
        "as_of": clock.now(),
    }
    response = render(request, "delivery/drive.html", context)
    response["Cache-Control"] = "private, no-cache"
    response["Content-Security-Policy"] = POLICY
    return response


def _row(parcel: list[Any], stops: dict[str, Any], words: dict[str, str]) -> dict[str, Any]:
    public_id, number, place, town, state, contents = parcel
    items = stops["items"]
    return {
        "public_id": public_id,
        "number": number,
        "place": place,
        "town": stops["towns"][town] if town >= 0 else "",
        "contents": ", ".join(f"{items[n][1]} {units} {items[n][2]}" for n, units in contents),
        "state": words[state],
        "received": state == "received",
    }
