"""The way of a shipment or parcel as steps, the open one with its age; no person is named."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from tongzhou.kit import clock

from ..forms import EVENT_WORDS
from ..models import Parcel, Receipt, Shipment
from . import words


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `shape`: done, going, late or todo; `since` is when an open step began."""

    shape: str
    word: str | Promise
    place: str
    at: datetime | None = None
    due: date | None = None
    since: datetime | date | None = None
    note: str | Promise = ""


def of_shipment(shipment: Shipment) -> list[Step]:
    """Planned, left, what the carrier reported, arrived; then the leg's other parts."""
    return [*_leaving(shipment), *_reports(shipment), *_arriving(shipment)]


def of_parcel(parcel: Parcel) -> list[Step]:
    """Packed, sent out, claimed, received."""
    depot, place = parcel.depot.name, parcel.place.name
    steps = [Step("done", _("Packed"), depot, parcel.packed_at)]
    if parcel.dispatched_at:
        steps.append(Step("done", _("Left"), depot, parcel.dispatched_at))
    steps += [_said(receipt, place) for receipt in parcel.receipts.order_by("at")]
    if parcel.state == Parcel.State.PACKED:
        steps.append(Step("going", _("Waits to be sent out"), depot, since=parcel.packed_at))
    elif parcel.state in (Parcel.State.DISPATCHED, Parcel.State.CLAIMED):
        due = parcel.shipment.due_on if parcel.shipment else None
        shape = "late" if due and due < clock.today() else "going"
        left = parcel.dispatched_at
        steps.append(Step(shape, _("Waits for its receipt"), place, due=due, since=left))
    return steps


def _leaving(shipment: Shipment) -> list[Step]:
    place, due = shipment.from_place.name, shipment.planned_on
    if shipment.dispatched_at is None:
        shape = "late" if due < clock.today() else "going"
        return [Step(shape, _("Waits to leave"), place, due=due, since=due)]
    parts = (shipment.carrier.name if shipment.carrier else "", shipment.tracking_number)
    note = " · ".join(part for part in parts if part)
    return [Step("done", _("Left"), place, shipment.dispatched_at, note=note)]


def _reports(shipment: Shipment) -> Iterable[Step]:
    for report in shipment.reports.order_by("at"):
        word = EVENT_WORDS.get(report.event, report.event)
        yield Step("done", word, report.where, report.at, note=_("reported by the carrier"))


def _arriving(shipment: Shipment) -> list[Step]:
    place = shipment.to_place.name if shipment.to_place else _("Clinics of the county")
    if shipment.received_at is not None:
        shape, word = words.SHIPMENT[shipment.state]
        return [Step(shape if shape in ("done", "late") else "going", word, place,
                     shipment.received_at)]  # fmt: skip
    if shipment.dispatched_at is None:
        return [Step("todo", _("Due"), place, due=shipment.due_on)]
    shape = "late" if shipment.due_on < clock.today() else "going"
    return [
        Step(shape, _("Waits for its receipt"), place, due=shipment.due_on,
             since=shipment.dispatched_at)
    ]  # fmt: skip


def _said(receipt: Receipt, place: str) -> Step:
    method = words.METHODS[receipt.method]
    if receipt.confirmed:
        return Step("done", _("Received"), place, receipt.at, note=method)
    if receipt.method == Receipt.Method.OFFICE:
        return Step("late", _("Declared lost"), place, receipt.at)
    return Step("going", _("Said to have arrived"), place, receipt.at, note=method)
