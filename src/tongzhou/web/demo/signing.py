"""The clinics of one province sign for their parcels, one after the other, as a job of the
worker."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from tongzhou.delivery.actions import Count
from tongzhou.delivery.actions.handed import Handed, receive_parcel
from tongzhou.delivery.models import Parcel, Receipt
from tongzhou.kit import clock
from tongzhou.kit.jobs import Running, runner
from tongzhou.kit.rules import Actor, Json
from tongzhou.places.models import Division
from tongzhou.web.demo import story

REPORT_EVERY = 50
# Every so many parcels arrives with one unit broken or one missing, so that differences are seen.
DAMAGED_EVERY, SHORT_EVERY = 397, 523
SIGNED_EVERY_SECONDS = 40


@runner("demo.sign", title=_("The clinics of the demonstration sign"))
def sign(running: Running) -> Json:
    """Receive every parcel of the province that would have come by the evening of the story."""
    turns = _turns(Division.objects.get(code=running.payload["province"]))
    done = 0
    for done, (pk, at) in enumerate(turns, start=1):
        parcel = Parcel.objects.get(pk=pk)
        with clock.fixed_at(at):
            receive_parcel(parcel, _handed(parcel), by=Actor("slip", parcel.public_id))
        if done % REPORT_EVERY == 0:
            running.report(done, len(turns), gettext_noop("The clinics sign"))
    running.report(done, len(turns), gettext_noop("All have signed"))
    return {"signed": done}


def _turns(area: Division) -> list[tuple[int, datetime]]:
    """Each parcel with the moment it is signed: one after the other from when its driver left.

    Read whole before anything is written: an open reading would keep SQLite from writing.
    """
    waiting = Parcel.objects.filter(
        state=Parcel.State.DISPATCHED,
        dispatched_at__isnull=False,
        place__division__first__gte=area.first,
        place__division__first__lte=area.last,
    ).order_by("shipment_id", "sequence", "pk")
    turn: dict[int, int] = {}
    turns: list[tuple[int, datetime]] = []
    for parcel in waiting.only("pk", "shipment_id", "dispatched_at"):
        shipment, left = parcel.shipment_id or 0, parcel.dispatched_at or story.NOW
        turn[shipment] = turn.get(shipment, 0) + 1
        at = left + timedelta(hours=2, seconds=SIGNED_EVERY_SECONDS * turn[shipment])
        if at <= story.NOW:
            turns.append((parcel.pk, at))
    return turns


def _handed(parcel: Parcel) -> Handed:
    counts: tuple[Count, ...] | None = None
    line = parcel.lines.first()
    if line and parcel.pk % DAMAGED_EVERY == 0:
        counts = (Count(line.item_id, good=line.units - 1, damaged=1),)
    elif line and parcel.pk % SHORT_EVERY == 0:
        counts = (Count(line.item_id, good=line.units - 1),)
    return Handed(
        f"demo:sign:{parcel.pk}", Receipt.Method.SLIP, counts=counts, signed_by="演示村医"
    )
