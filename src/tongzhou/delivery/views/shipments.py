"""Shipments on the desk: the list, one shipment with its way, leaving, arriving, loss, way-bill."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from tongzhou.interchange.tables import TableRefused, read
from tongzhou.kit import clock
from tongzhou.kit.access import requires
from tongzhou.kit.addresses import base_url
from tongzhou.people.queries import actor

from .. import documents
from ..actions.arrivals import Arrival, lose_shipment, receive_shipment
from ..actions.handed import handed_from
from ..actions.hops import (
    MOST_AT_ONCE,
    Dispatch,
    dispatch_shipment,
    dispatch_shipments,
    pack_shipment,
    postpone_shipment,
)
from ..actions.tracking import COLUMNS, TrackingRefused, Word, import_tracking, words_of
from ..forms import FORM_ID, DispatchForm, HopForm, PostponeForm, ReportForm, TrackingFileForm
from ..models import Shipment
from ..queries import desk
from ..rules import Refused
from . import trail
from .pages import (
    Crumbs,
    Text,
    account_of,
    command_of,
    done,
    listed,
    new_command,
    pdf,
    question,
    step,
    ticked,
    with_query,
)
from .words import LEGS, SHIPMENT

LIST = (gettext_lazy("Shipments"), "/desk/shipments/")


@requires("shipments.view")
@require_GET
def shipments(request: HttpRequest) -> HttpResponse:
    """Shipments of the area (a carrier's own), newest first, filtered by what stands in the
    address."""
    chosen = desk.ShipmentFilter.of(request.GET)
    rows = chosen.of_rows(desk.shipments_in(account_of(request)))
    found, pager = listed(request, rows, "-pk")
    units = desk.units_of(found.rows)
    context = {
        "rows": [(row, units.get(row.pk, 0)) for row in found.rows],
        "count": rows.count(),
        "as_of": clock.now(),
        "today": clock.today(),
        "chosen": chosen,
        "states": [(name, word) for name, (_shape, word) in SHIPMENT.items()],
        "legs": LEGS.items(),
        "pager": pager,
        "may_report": request.user.has_perm("shipments.report"),
        "may_dispatch": request.user.has_perm("shipments.dispatch"),
        "removals": _removals(request, chosen),
        "command": new_command()["command"],
    }
    return render(request, "delivery/shipments.html", context)


@requires("shipments.view")
@require_GET
def shipment(request: HttpRequest, public_id: str) -> HttpResponse:
    """One shipment: what is on board, its way so far, and what this account may do next."""
    row = _or_404(request, public_id)
    context = {
        "shipment": row,
        "contents": desk.shipment_contents(row),
        "trail": trail.of_shipment(row),
        "counties": row.lines.values("county").distinct().count(),
        "cartons": row.cartons.count(),
        "parcels": row.parcels.count(),
        "may": _may(request, row),
        "leg": LEGS[row.leg],
        "command": new_command()["command"],
        "crumbs": [LIST, (row.public_id, "")],
    }
    return render(request, "delivery/shipment.html", context)


@requires("shipments.dispatch")
def leave(request: HttpRequest, public_id: str) -> HttpResponse:
    """Let a shipment leave, with its carrier and tracking number."""
    row = _or_404(request, public_id)
    _demand(request, "shipments.dispatch", row.from_place)
    known = desk.carriers(account_of(request), "shipments.dispatch", row.from_place, row.carrier_id)
    initial = {**new_command(), "carrier": row.carrier}
    form = DispatchForm(known, request.POST or None, initial=initial)
    if request.method == "POST" and done(
        form, lambda _given: dispatch_shipment(form.order(row.pk), by=actor(request))
    ):
        messages.success(request, _("The shipment has left."))
        return redirect("shipment", row.public_id)
    return _form_page(request, row, form, _("Let it leave"), _("It has left"))


@requires("shipments.dispatch")
def postpone(request: HttpRequest, public_id: str) -> HttpResponse:
    """Say that a shipment leaves on another day, and why."""
    row = _or_404(request, public_id)
    _demand(request, "shipments.dispatch", row.from_place)
    form = PostponeForm(request.POST or None, initial={"leaves_on": row.planned_on})
    if request.method == "POST" and done(
        form,
        lambda given: postpone_shipment(row, given["leaves_on"], given["note"], by=actor(request)),
    ):
        messages.success(request, _("The day is changed."))
        return redirect("shipment", row.public_id)
    return _form_page(request, row, form, _("Leave on another day"), _("Change the day"))


@requires("shipments.dispatch")
@require_POST
def leave_many(request: HttpRequest) -> HttpResponse:
    """Let the chosen shipments leave together, each with what it has."""
    rows = desk.shipments_in(account_of(request)).filter(
        public_id__in=ticked(request, "shipment", MOST_AT_ONCE)
    )
    chosen = list(rows)
    for row in chosen:
        _demand(request, "shipments.dispatch", row.from_place)
    command = command_of(request)
    orders = [Dispatch(row.pk, f"{command}:{row.pk}", row.carrier) for row in chosen]
    words = _("%(n)d shipments have left.") % {"n": len(orders)}
    change = lambda: dispatch_shipments(orders, by=actor(request))  # noqa: E731
    return step(request, change, words, reverse("shipments"))


@requires("shipments.dispatch")
@require_POST
def packed(request: HttpRequest, public_id: str) -> HttpResponse:
    """The cartons stand ready."""
    row = _or_404(request, public_id)
    _demand(request, "shipments.dispatch", row.from_place)
    return step(
        request,
        lambda: pack_shipment(row, by=actor(request)),
        _("The shipment is packed."),
        reverse("shipment", args=[row.public_id]),
    )


@requires("shipments.receive")
def arrive(request: HttpRequest, public_id: str) -> HttpResponse:
    """Count what arrived at a hub or depot."""
    row = _or_404(request, public_id)
    if row.to_place is None:
        raise Http404
    _demand(request, "shipments.receive", row.to_place)
    contents = desk.shipment_contents(row)
    initial = {**new_command(), "signed_by": account_of(request).name}
    form = HopForm(contents, request.POST or None, initial=initial)
    if request.method == "POST" and done(form, lambda given: _take_in(request, row, form, given)):
        messages.success(request, _("The receipt is recorded."))
        return redirect("shipment", row.public_id)
    rows = [(content, *form.row(n)) for n, content in enumerate(contents)]
    words = (_("Receive"), _("Record the receipt"))
    return _form_page(request, row, form, *words, rows=rows, template="delivery/count_form.html")


@requires("shipments.receive")
def lost(request: HttpRequest, public_id: str) -> HttpResponse:
    """Say that a shipment on its way will not arrive."""
    row = _or_404(request, public_id)
    if row.to_place is None:
        raise Http404
    _demand(request, "shipments.receive", row.to_place)
    words = {
        "title": _("Declare shipment %(id)s lost") % {"id": row.public_id},
        "effects": [
            _("All its units count as missing, and somebody has to explain them."),
            _("If it turns up, the shortage is settled by what turned out."),
        ],
        "button": _("Declare it lost"),
        "success": _("The shipment is declared lost."),
        "crumbs": _crumbs(row, _("Lost")),
    }
    return question(
        request,
        lambda command, note: lose_shipment(row, note, command_id=command, by=actor(request)),
        reverse("shipment", args=[row.public_id]),
        words,
    )


@requires("shipments.view")
@require_GET
def waybill(request: HttpRequest, public_id: str) -> HttpResponse:
    """The way-bill as PDF, in the language of the page."""
    row = _or_404(request, public_id)
    return pdf(documents.waybill(row, base_url(request)), row.public_id)


@requires("shipments.report")
def report(request: HttpRequest, public_id: str) -> HttpResponse:
    """A carrier says where a shipment is."""
    row = _or_404(request, public_id)
    among = desk.shipments_in(account_of(request), "shipments.report")
    form = ReportForm(request.POST or None)

    def tell(given: dict[str, Any]) -> None:
        word = Word(1, row.public_id, given["event"], given["at"].isoformat(), given["where"])
        import_tracking([word], among, by=actor(request))

    if request.method == "POST" and done(form, tell):
        messages.success(request, _("The report is kept."))
        return redirect("shipment", row.public_id)
    return _form_page(request, row, form, _("Report where it is"), _("Report"))


@requires("shipments.report")
def tracking(request: HttpRequest) -> HttpResponse:
    """Take in a carrier's table of words on its shipments: all of it or nothing."""
    form = TrackingFileForm(request.POST or None, request.FILES or None)
    faults: tuple[Any, ...] = ()
    if request.method == "POST" and form.is_valid():
        among = desk.shipments_in(account_of(request), "shipments.report")
        try:
            table = read(form.cleaned_data["file"].read(), list(COLUMNS))
            count = import_tracking(words_of(table), among, by=actor(request))
        except TrackingRefused as refused:
            faults = refused.faults[:100]
        except (TableRefused, Refused) as refused:
            form.add_error("file", str(refused))
        else:
            messages.success(request, _("%(n)d new reports are kept.") % {"n": count})
            return redirect("shipments")
    context = {"form": form, "faults": faults, "crumbs": [LIST, (_("Carriers' reports"), "")]}
    status = 422 if form.errors or faults else 200
    return render(request, "delivery/tracking.html", context, status=status)


def _take_in(request: HttpRequest, row: Shipment, form: HopForm, given: dict[str, Any]) -> None:
    assert form.report is not None  # a valid form has read its report
    command_id = FORM_ID + given["command"]
    counts = handed_from(form.report, command_id, "office").counts
    arrival = Arrival(row.pk, command_id, counts, given["signed_by"], given["note"])
    receive_shipment(arrival, by=actor(request))


def _or_404(request: HttpRequest, public_id: str) -> Shipment:
    row = desk.shipment_in(account_of(request), public_id)
    if row is None:
        raise Http404
    return row


def _demand(request: HttpRequest, permission: str, place: Any) -> None:
    """Not yours to change looks like not there."""
    if not desk.may(account_of(request), permission, place):
        raise Http404


def _may(request: HttpRequest, row: Shipment) -> dict[str, bool]:
    account, state = account_of(request), Shipment.State
    stands = row.state in (state.PLANNED, state.PACKED)
    to_place = row.to_place
    sender = desk.may(account, "shipments.dispatch", row.from_place)
    receiver = to_place is not None and desk.may(account, "shipments.receive", to_place)
    reporter = desk.may(account, "shipments.report", row.from_place, row.carrier_id)
    return {
        "pack": sender and row.state == state.PLANNED,
        "leave": sender and stands,
        "arrive": receiver and row.state == state.DISPATCHED,
        "report": reporter and not stands,
        "drive": row.leg == Shipment.Leg.LAST_MILE and bool(row.dispatched_at),
    }


def _form_page(
    request: HttpRequest,
    row: Shipment,
    form: Any,
    title: str,
    button: str,
    *,
    template: str = "form_page.html",
    **more: Any,
) -> HttpResponse:
    context = {
        "form": form,
        "title": f"{title} · {row.public_id}",
        "button": button,
        "crumbs": _crumbs(row, title),
        "cancel": reverse("shipment", args=[row.public_id]),
        **more,
    }
    status = 422 if form.errors else 200
    return render(request, template, context, status=status)


def _crumbs(row: Shipment, title: str) -> Crumbs:
    return [LIST, (row.public_id, reverse("shipment", args=[row.public_id])), (title, "")]


def _removals(request: HttpRequest, chosen: desk.ShipmentFilter) -> list[tuple[Text, str]]:
    """The chosen filters as words that can be taken away."""
    words: list[tuple[str, Text]] = [
        ("state", SHIPMENT[chosen.state][1] if chosen.state else ""),
        ("leg", LEGS.get(chosen.leg, "")),
        ("q", chosen.text),
        ("overdue", _("Overdue") if chosen.overdue else ""),
    ]
    return [(word, with_query(request, **{name: "", "after": ""})) for name, word in words if word]
