"""The clinics of one province sign for their parcels, one after the other, as a job of the
worker."""

from collections.abc import Iterator
from datetime import datetime, timedelta

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


@runner("demo.sign")
def sign(running: Running) -> Json:
    """Receive every parcel of the province that would have come by the evening of the story."""
    area = Division.objects.get(code=running.payload["province"])
    waiting = Parcel.objects.filter(
        state=Parcel.State.DISPATCHED,
        place__division__first__gte=area.first,
        place__division__first__lte=area.last,
    ).select_related("place")
    total = waiting.count()
    done = 0
    for done, (parcel, at) in enumerate(_in_turn(waiting), start=1):
        with clock.fixed_at(at):
            receive_parcel(parcel, _handed(parcel), by=Actor("slip", parcel.public_id))
        if done % REPORT_EVERY == 0:
            running.report(done, total, "clinics sign")
    running.report(done, total, "all signed")
    return {"signed": done}


def _in_turn(waiting: "object") -> Iterator[tuple[Parcel, datetime]]:
    """Each parcel with the moment it is signed: one after the other from when its driver left."""
    turn: dict[int, int] = {}
    for parcel in waiting.order_by("shipment_id", "sequence", "pk").iterator(1_000):  # type: ignore[attr-defined]
        turn[parcel.shipment_id] = turn.get(parcel.shipment_id, 0) + 1
        if parcel.dispatched_at is None:
            continue
        at = parcel.dispatched_at + timedelta(
            hours=2, seconds=SIGNED_EVERY_SECONDS * turn[parcel.shipment_id]
        )
        if at <= story.NOW:
            yield parcel, at


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
