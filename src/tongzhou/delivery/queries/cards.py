"""What delivery puts on the desk: goods that wait to leave or arrive, differences, late steps."""

from collections.abc import Iterator

from django.db.models import Count, Min, Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tongzhou.kit import clock
from tongzhou.people.models import Account
from tongzhou.people.queries import Card, on_desk, scope

from ..models import Discrepancy, Shipment
from . import board, desk

Title = str | Promise


@on_desk("delivery.shipments")
def shipments_to_move(account: Account) -> Iterator[Card]:
    """Shipments that are to leave places of the area, and those on their way to them."""
    state = Shipment.State
    leaving = _at(account, "shipments.dispatch", "from_place", state.PLANNED, state.PACKED)
    yield _of_shipments(_("Shipments that wait to leave"), leaving, "planned_on", "planned")
    coming = _at(account, "shipments.receive", "to_place", state.DISPATCHED)
    yield _of_shipments(_("Shipments on their way to you"), coming, "due_on", "dispatched")


@on_desk("delivery.discrepancies")
def open_differences(account: Account) -> Iterator[Card]:
    """Differences that somebody of the area has to settle."""
    mine = desk.discrepancies_in(scope(account, "discrepancies.resolve"))
    waiting = mine.filter(state__in=(Discrepancy.State.OPEN, Discrepancy.State.EXPLAINED))
    found = waiting.aggregate(n=Count("pk"), oldest=Min("opened_at"), due=Min("due_on"))
    late = found["due"] is not None and found["due"] < clock.today()
    url = reverse("discrepancies")
    yield Card(_("Discrepancies to settle"), found["n"], url, oldest=found["oldest"], late=late)


@on_desk("delivery.tasks")
def overdue_steps(account: Account) -> Iterator[Card]:
    """Steps that have a task: they are overdue, or will be before the deadline."""
    found = board.open_tasks(scope(account, "tasks.edit")).aggregate(
        n=Count("pk"), oldest=Min("due_on")
    )
    late = found["oldest"] is not None and found["oldest"] < clock.today()
    title = _("Steps to hurry along")
    yield Card(title, found["n"], reverse("tasks"), oldest=found["oldest"], late=late)


def _at(account: Account, permission: str, end: str, *states: str) -> QuerySet[Shipment]:
    within: Q = scope(account, permission).q(f"{end}__division")
    return Shipment.objects.filter(within, state__in=states)


def _of_shipments(title: Title, rows: QuerySet[Shipment], day: str, state: str) -> Card:
    found = rows.aggregate(n=Count("pk"), oldest=Min(day))
    late = found["oldest"] is not None and found["oldest"] < clock.today()
    url = f"{reverse('shipments')}?state={state}"
    return Card(title, found["n"], url, oldest=found["oldest"], late=late)
