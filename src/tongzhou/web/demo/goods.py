"""The donation of the story, the orders it pays, and batches that become ready at the docks."""

from datetime import timedelta

from tongzhou.campaigns.actions import record_promise
from tongzhou.campaigns.actions.promises import NewPromise
from tongzhou.campaigns.models import Campaign, Promise
from tongzhou.interchange.trace_ids import TraceKind, new_trace_id
from tongzhou.kit import clock
from tongzhou.kit.rules import SYSTEM
from tongzhou.people.models import Organisation
from tongzhou.supplies.actions import Command, Leg, post
from tongzhou.supplies.models import Bucket, Fund, Item, Lot, OrderLine, ProcurementOrder
from tongzhou.web.demo import story


def donation() -> Fund:
    """RMB 125 million, received in full."""
    return Fund.objects.create(
        public_id=new_trace_id(TraceKind.DONATION),
        name="1.25 亿元血氧仪专项捐赠",
        donor=Organisation.objects.get(code="donor-1"),
        kind=Fund.Kind.CASH,
        state=Fund.State.CONFIRMED,
        made_up=True,
        pledged_fen=story.DONATION_FEN,
        received_fen=story.DONATION_FEN,
        given_on=story.OPENED,
    )


def order_all(campaign: Campaign) -> None:
    """One order a producer with a line a batch, and the promises the plans may count on."""
    fund = campaign.funds.get().fund
    item = Item.objects.get(code="oximeter")
    for producer in story.PRODUCERS:
        body = Organisation.objects.get(code=producer.code)
        order = ProcurementOrder.objects.create(
            number=f"2023-{producer.code}",
            producer=body,
            state=ProcurementOrder.State.CONFIRMED,
            ordered_on=story.OPENED,
        )
        for batch in story.BATCHES:
            units = story.units_of(batch)[producer.code]
            OrderLine.objects.create(
                order=order,
                fund=fund,
                item=item,
                units=units,
                unit_price_fen=producer.price_fen,
                promised_on=batch.ready.date(),
            )
            record_promise(
                campaign,
                NewPromise(
                    body, item, batch.number, batch.ready.date(), units, Promise.Status.FIRM
                ),
                by=SYSTEM,
            )


def deliver(batch: story.Batch) -> None:
    """Every producer hands its part of a batch over at its dock."""
    item = Item.objects.get(code="oximeter")
    commands = []
    for producer in story.PRODUCERS:
        body = Organisation.objects.get(code=producer.code)
        line = OrderLine.objects.get(order__producer=body, promised_on=batch.ready.date())
        lot, _ = Lot.objects.get_or_create(item=item, number=f"{producer.code}-{batch.number}")
        known = (item.pk, lot.pk, line.fund_id)
        assert body.dock_id is not None  # every producer of the story has one
        commands.append(
            Command(
                f"demo:deliver:{line.pk}",
                "deliver",
                clock.now() - timedelta(minutes=5),
                SYSTEM,
                [
                    Leg(body.dock_id, Bucket.PRODUCER, *known, -line.units),
                    Leg(body.dock_id, Bucket.ON_HAND, *known, line.units),
                ],
            )
        )
        OrderLine.objects.filter(pk=line.pk).update(delivered_units=line.units)
    for result in post(commands):
        if result.status != "done":
            raise RuntimeError(result.reason)
