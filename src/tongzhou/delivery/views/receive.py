"""The page behind the slip in a parcel: receive it with any browser, without an account."""

import gzip
import secrets
from functools import cache
from importlib.resources import files

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_safe

from tongzhou.kit.access import by_token, public
from tongzhou.kit.rules import Actor

from ..actions.claims import claim_parcel
from ..actions.handed import Handed, handed_from, receive_parcel
from ..actions.photos import keep_photo
from ..forms import ARRIVED, FORM_ID, ClaimForm, ReceiveForm
from ..models import Parcel, Receipt
from ..queries.answers import Content, contents_of
from ..queries.parcels import parcel_by_public_id, parcel_by_token
from ..rules import Refused

SCRIPTS = ("receive", "outbox", "proof", "shown", "drive", "sw")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src 'self' blob: data:;"
    " connect-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)


# The secret in the address is the right to change, and a page kept for days has no live cookie.
@csrf_exempt
@by_token
@gzip_page
@require_http_methods(["GET", "HEAD", "POST"])
def receive(request: HttpRequest, token: str) -> HttpResponse:
    """Show a parcel to whoever opened it, and take its one receipt."""
    parcel = parcel_by_token(token)
    if parcel is None:
        return _guarded(render(request, "delivery/no_parcel.html", status=404))
    if request.method == "POST":
        return _guarded(_take(request, parcel, token))
    return _guarded(_show(request, parcel, token, None))


@public
@require_safe
def script(request: HttpRequest, name: str) -> HttpResponse:
    """A script of the receive page, packed once: the whole page is to stay below 30 KB."""
    if name not in SCRIPTS:
        raise Http404
    plain, packed, made = _script(name)
    zipped = "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(packed if zipped else plain, content_type="text/javascript")
    response["Cache-Control"] = "no-cache"
    response["Last-Modified"] = http_date(made)
    response["Vary"] = "Accept-Encoding"
    if zipped:
        response["Content-Encoding"] = "gzip"
    return response


@csrf_exempt
@public
@require_http_methods(["GET", "HEAD", "POST"])
def claim(request: HttpRequest, public_id: str) -> HttpResponse:
    """From the outer label anyone may say that a parcel came; it is claimed until confirmed."""
    parcel = parcel_by_public_id(public_id)
    if parcel is None:
        raise Http404
    form = ClaimForm(request.POST or None, initial={"command": secrets.token_urlsafe(12)})
    status = ""
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        # Each parcel has ids of its own, whatever a stranger makes up.
        command = f"{FORM_ID}{parcel.pk}:{data['command']}"
        handed = Handed(command, Receipt.Method.LABEL, signed_by=data["signed_by"])
        status = claim_parcel(parcel, handed, by=Actor("label", parcel.public_id)).status
    context = {"parcel": parcel, "form": form, "status": status, "contents": contents_of(parcel)}
    return _guarded(render(request, "delivery/claim.html", context))


def _take(request: HttpRequest, parcel: Parcel, token: str) -> HttpResponse:
    form = ReceiveForm(contents_of(parcel), request.POST, request.FILES)
    if not form.is_valid() or form.report is None:
        return _show(request, parcel, token, form, status=422)
    try:
        photo = form.cleaned_data["photo"]
        handed = handed_from(
            form.report,
            FORM_ID + form.cleaned_data["command"],
            Receipt.Method.SLIP,
            photo=keep_photo(photo.read()) if photo else None,
        )
        receive_parcel(parcel, handed, by=Actor("slip", parcel.public_id))
    except Refused as refused:
        form.add_error(None, refused.text)
        return _show(request, parcel, token, form, status=422)
    return HttpResponseRedirect(request.path, status=303)


def _show(
    request: HttpRequest, parcel: Parcel, token: str, form: ReceiveForm | None, status: int = 200
) -> HttpResponse:
    contents = contents_of(parcel)
    receipt = parcel.receipts.filter(confirmed=True).first()
    form = form or ReceiveForm(contents, initial={"command": secrets.token_urlsafe(12)})
    context = {
        "parcel": parcel,
        "contents": contents,
        "receipt": receipt,
        "turned_up": parcel.receipts.filter(confirmed=False, method="slip").exists(),
        "counts": _counts(receipt, contents),
        "form": form,
        "arrived": ARRIVED,
        "rows": [(content, *form.row(n)) for n, content in enumerate(contents)],
        "page": _page(parcel, contents, token),
    }
    return render(request, "delivery/receive.html", context, status=status)


def _counts(receipt: Receipt | None, contents: list[Content]) -> list[dict[str, object]]:
    names = {content.item.code: content.name for content in contents}
    rows = receipt.counts if receipt else []
    return [{**row, "name": names.get(row["item"], row["item"])} for row in rows]


def _page(parcel: Parcel, contents: list[Content], token: str) -> dict[str, object]:
    """What the scripts need: the parcel, and every sentence they may show."""
    return {
        "token": token,
        "label": f"{parcel.place.name} · {parcel.public_id}",
        "items": [{"code": c.item.code, "units": c.units} for c in contents],
        "texts": sentences(),
    }


def sentences() -> dict[str, str]:
    """What the outbox and its forms may say, in the reader's language."""
    return {
        "choose": _("Choose what arrived."),
        "count": _("Enter how many pieces of each item arrived."),
        "unlike": _(
            "The numbers do not fit what you chose. Count again, or choose something else."
        ),
        "sign": _("Write your name, sign with your finger or take a photograph of the parcel."),
        "photo": _("The photograph could not be read. Take it again, as JPEG or PNG."),
        "waiting": _("Saved on this phone, not sent"),
        "delivered": _("Delivered {time}"),
        "before": _("Received before, at {time}"),
        "decision": _("Your office has to decide: the parcel had been written off."),
        "refused": _("Not taken. Enter it again."),
        "unsent": _("Not sent yet: {n}"),
        "kept": _("This page now opens without a network."),
        "open": _("Without a network, leave this page open until it says: delivered."),
    }


def _guarded(response: HttpResponse) -> HttpResponse:
    """Kept by the phone it was opened on and by nobody else; the token leaves in no header."""
    response["Cache-Control"] = "private, no-cache"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    response["Content-Security-Policy"] = POLICY
    return response


@cache
def _script(name: str) -> tuple[bytes, bytes, float]:
    path = files("tongzhou.delivery").joinpath(f"static/delivery/{name}.js")
    plain = path.read_bytes()
    return plain, gzip.compress(plain, 9, mtime=0), 0.0
