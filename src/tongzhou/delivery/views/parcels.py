"""Parcels on the desk: packing a county, labels and slips, sending out, receipts with a witness."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from tongzhou.kit import clock
from tongzhou.kit.access import requires
from tongzhou.kit.addresses import base_url
from tongzhou.people.models import Organisation
from tongzhou.people.queries import actor, scope
from tongzhou.places.models import Place
from tongzhou.places.rules import Scope
from tongzhou.plans.models import Run

from .. import documents
from ..actions.claims import lose_parcel
from ..actions.commands import method_of
from ..actions.handed import handed_from, receive_parcel
from ..actions.parcels import dispatch_parcels, pack_county, renew_slip
from ..forms import FORM_ID, DispatchForm, WitnessForm
from ..models import Parcel
from ..queries import desk
from ..queries.papers import contents_by_parcel, parcels_to_print
from ..queries.parcels import to_pack
from . import trail
from .pages import (
    Crumbs,
    account_of,
    command_of,
    done,
    listed,
    new_command,
    pdf,
    question,
    step,
    ticked,
)
from .words import PARCEL

LIST = (gettext_lazy("Parcels"), "/desk/parcels/")
MOST_CHOSEN = 2_000


@requires("parcels.view")
@require_GET
def parcels(request: HttpRequest) -> HttpResponse:
    """The depots of the area with what they hold; an account of one county goes straight there."""
    rows = desk.depots_in(scope(account_of(request), "parcels.view"))
    found, pager = listed(request, rows, "division_id", "pk")
    if len(found.rows) == 1 and not found.next and "after" not in request.GET:
        return redirect("county-parcels", found.rows[0].division.code)
    counts = desk.packed_counts(found.rows)
    sums = desk.progress_of([depot.division for depot in found.rows])
    context = {
        "rows": [(d, sums[d.division_id], counts[d.pk]) for d in found.rows],
        "as_of": clock.now(),
        "pager": pager,
    }
    return render(request, "delivery/depots.html", context)


@requires("parcels.view")
@require_GET
def county(request: HttpRequest, code: str) -> HttpResponse:
    """One county: what can be packed, its parcels, and what to print."""
    depot = _depot_or_404(request, code, "parcels.view")
    state = request.GET.get("state", "")
    rows = Parcel.objects.filter(depot=depot).select_related("place__division")
    if state in Parcel.State:
        rows = rows.filter(state=state)
    found, pager = listed(request, rows, "run_id", "sequence", "pk", size=100)
    contents = contents_by_parcel(found.rows)
    context = {
        "depot": depot,
        "rows": [(row, contents.get(row.pk, ""), PARCEL[row.state]) for row in found.rows],
        "counts": [(n, PARCEL[n][1], c) for n, c in desk.packed_counts([depot])[depot.pk].items()],
        "sums": desk.progress_of([depot.division])[depot.division_id],
        "to_pack": to_pack(depot),
        "state": state if state in Parcel.State else "",
        "decisions": desk.decisions_in(Scope.of(depot.division))[:20],
        "as_of": clock.now(),
        "pager": pager,
        "may_pack": desk.may(account_of(request), "parcels.pack", depot),
        "form": DispatchForm(_carriers(request, depot), initial=new_command()),
        "command": new_command()["command"],
        "crumbs": [LIST, (depot.division.name, "")],
    }
    return render(request, "delivery/county.html", context)


@requires("parcels.pack")
@require_POST
def pack(request: HttpRequest, code: str, run_id: int) -> HttpResponse:
    """Break the cartons of a plan into parcels."""
    depot = _depot_or_404(request, code, "parcels.pack")
    run = Run.objects.filter(pk=run_id).first()
    if run is None:
        raise Http404
    command = command_of(request)

    def change() -> None:
        packing = pack_county(run, depot, command_id=command, by=actor(request))
        if packing.waiting:
            words = _("%(n)d places wait: too little has arrived for them.")
            messages.warning(request, words % {"n": packing.waiting})

    return step(request, change, _("The parcels are packed. Print labels and slips."), _home(depot))


@requires("parcels.pack")
@require_POST
def send_out(request: HttpRequest, code: str) -> HttpResponse:
    """Give the chosen parcels to a driver or carrier."""
    depot = _depot_or_404(request, code, "parcels.pack")
    form = DispatchForm(_carriers(request, depot), request.POST)
    rows = Parcel.objects.filter(depot=depot, state=Parcel.State.PACKED)
    if "all" not in request.POST:
        rows = rows.filter(public_id__in=ticked(request, "parcel", MOST_CHOSEN))
    ids = list(rows.values_list("pk", flat=True)[:MOST_CHOSEN])
    if not form.is_valid() or not ids:
        messages.error(request, _("Choose the parcels that leave, then say who carries them."))
        return redirect(_home(depot))
    return step(
        request,
        lambda: dispatch_parcels(depot, ids, form.order(0), by=actor(request)),
        _("%(n)d parcels have left.") % {"n": len(ids)},
        _home(depot),
    )


@requires("parcels.pack")
@require_GET
def labels(request: HttpRequest, code: str) -> HttpResponse:
    """The label sheet of the county's parcels, in division-code order."""
    depot = _depot_or_404(request, code, "parcels.pack")
    data = documents.labels(parcels_to_print(depot.pk), base_url(request))
    return pdf(data, f"labels-{depot.division.code}")


@requires("parcels.pack")
@require_GET
def slips(request: HttpRequest, code: str) -> HttpResponse:
    """The slips that go inside, in the same order."""
    depot = _depot_or_404(request, code, "parcels.pack")
    data = documents.slips(parcels_to_print(depot.pk), base_url(request))
    return pdf(data, f"slips-{depot.division.code}")


@requires("parcels.view")
@require_GET
def parcel(request: HttpRequest, public_id: str) -> HttpResponse:
    """One parcel: its way, its receipts, and what this account may do."""
    row = _or_404(request, public_id)
    account = account_of(request)
    carrier = row.shipment.carrier_id if row.shipment else None
    waits = row.state not in (Parcel.State.RECEIVED, Parcel.State.LOST)
    context = {
        "parcel": row,
        "state": PARCEL[row.state],
        "contents": desk.parcel_contents(row),
        "trail": trail.of_parcel(row),
        "receipts": row.receipts.order_by("at"),
        "may_enter": row.state != Parcel.State.RECEIVED
        and desk.may(account, "parcels.enter_receipt", row.depot, carrier),
        "may_see_names": desk.may(account, "parcels.enter_receipt", row.depot, carrier),
        "may_pack": waits and desk.may(account, "parcels.pack", row.depot),
        "crumbs": _crumbs(row),
    }
    return render(request, "delivery/parcel.html", context)


@requires("parcels.enter_receipt")
def enter(request: HttpRequest, public_id: str) -> HttpResponse:
    """Enter a receipt for a clinic without a phone, with a witness there."""
    row = _or_404(request, public_id, "parcels.enter_receipt")
    contents = desk.parcel_contents(row)
    form = WitnessForm(contents, request.POST or None, initial=new_command())

    def take(given: dict[str, Any]) -> None:
        assert form.report is not None  # a valid form has read its report
        method = method_of(account_of(request), row)
        handed = handed_from(form.report, FORM_ID + given["command"], method)
        outcome = receive_parcel(row, handed, by=actor(request))
        messages.success(request, ENTERED[outcome.status])

    if request.method == "POST" and done(form, take):
        return redirect("parcel", row.public_id)
    context = {
        "form": form,
        "rows": [(content, *form.row(n)) for n, content in enumerate(contents)],
        "title": _("Enter a receipt for %(name)s") % {"name": row.place.name},
        "button": _("Record the receipt"),
        "crumbs": _crumbs(row, _("Receipt")),
        "cancel": reverse("parcel", args=[row.public_id]),
    }
    status = 422 if form.errors else 200
    return render(request, "delivery/count_form.html", context, status=status)


@requires("parcels.pack")
def lost(request: HttpRequest, public_id: str) -> HttpResponse:
    """Say that a parcel is lost."""
    row = _or_404(request, public_id, "parcels.pack")
    words = {
        "title": _("Declare parcel %(id)s lost") % {"id": row.public_id},
        "effects": [
            _("All its units count as missing, and somebody has to explain them."),
            _("If the clinic receives it after all, the shortage is settled by that."),
        ],
        "button": _("Declare it lost"),
        "success": _("The parcel is declared lost."),
        "crumbs": _crumbs(row, _("Lost")),
    }
    return question(
        request,
        lambda command, note: lose_parcel(row, note, command_id=command, by=actor(request)),
        reverse("parcel", args=[row.public_id]),
        words,
    )


@requires("parcels.pack")
@require_POST
def new_slip(request: HttpRequest, public_id: str) -> HttpResponse:
    """Make the old slip worthless and print a new one."""
    row = _or_404(request, public_id, "parcels.pack")
    back = reverse("parcel", args=[row.public_id])
    words = _("The old slip does not work any more. Print the new one.")
    return step(request, lambda: renew_slip(row, by=actor(request)), words, back)


@requires("parcels.pack")
@require_GET
def slip(request: HttpRequest, public_id: str) -> HttpResponse:
    """One slip, printed again."""
    row = _or_404(request, public_id, "parcels.pack")
    return pdf(documents.slips([row], base_url(request)), f"slip-{row.public_id}")


@requires("parcels.enter_receipt")
@require_GET
def photo(request: HttpRequest, public_id: str, receipt_id: int) -> HttpResponse:
    """The photograph of a receipt, for those who may enter receipts there."""
    row = _or_404(request, public_id, "parcels.enter_receipt")
    receipt = row.receipts.filter(pk=receipt_id, photo__isnull=False).first()
    if receipt is None or receipt.photo is None:
        raise Http404
    response = HttpResponse(bytes(receipt.photo.data), content_type="image/jpeg")
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = "default-src 'none'"
    return response


ENTERED = {
    "done": gettext_lazy("The receipt is recorded."),
    "duplicate": gettext_lazy("It had been received before; the page shows by whom."),
    "needs_decision": gettext_lazy("It had been written off. The receipt waits for a decision."),
}


def _carriers(request: HttpRequest, depot: Place) -> QuerySet[Organisation]:
    return desk.carriers(account_of(request), "parcels.pack", depot)


def _depot_or_404(request: HttpRequest, code: str, permission: str) -> Place:
    depot = desk.depot_by_county(scope(account_of(request), permission), code)
    if depot is None:
        raise Http404
    return depot


def _or_404(request: HttpRequest, public_id: str, permission: str = "parcels.view") -> Parcel:
    row = desk.parcel_in(account_of(request), public_id, permission)
    if row is None:
        raise Http404
    return row


def _home(depot: Place) -> str:
    return reverse("county-parcels", args=[depot.division.code])


def _crumbs(row: Parcel, title: str = "") -> Crumbs:
    home = (row.depot.division.name, _home(row.depot))
    own = (row.public_id, reverse("parcel", args=[row.public_id]))
    return [LIST, home, own, *([(title, "")] if title else [])]
