"""The donation of the story, the orders it pays, and batches that become ready at the docks."""

from tongzhou.campaigns.actions import record_promise
from tongzhou.campaigns.actions.promises import NewPromise
from tongzhou.campaigns.models import Campaign, Promise
from tongzhou.kit.rules import SYSTEM
from tongzhou.people.models import Organisation
from tongzhou.supplies.actions import (
    LineDraft,
    ReadyLine,
    confirm_fund,
    confirm_order,
    create_fund,
    create_order,
    place_order,
    receive_batch,
    receive_money,
)
from tongzhou.supplies.models import Fund, Item, OrderLine, ProcurementOrder
from tongzhou.web.demo import story


def donation() -> Fund:
    """RMB 125 million: pledged, confirmed and received on the first day."""
    fund = create_fund(
        name="1.25 亿元血氧仪专项捐赠",
        kind=Fund.Kind.CASH,
        donor=Organisation.objects.get(code="donor-1"),
        pledged_fen=story.DONATION_FEN,
        given_on=story.OPENED,
        made_up=True,
        by=SYSTEM,
    )
    confirm_fund(fund, by=SYSTEM)
    receive_money(
        fund, story.DONATION_FEN, received_on=story.OPENED, command_id="demo:money", by=SYSTEM
    )
    return fund


def order_all(campaign: Campaign) -> None:
    """One order a producer with a line a batch, and the promises that plans may count on."""
    fund = campaign.funds.get().fund
    item = Item.objects.get(code="oximeter")
    for producer in story.PRODUCERS:
        body = Organisation.objects.get(code=producer.code)
        lines = [
            LineDraft(
                fund,
                item,
                story.units_of(batch)[producer.code],
                producer.price_fen,
                batch.ready.date(),
            )
            for batch in story.BATCHES
        ]
        order = create_order(producer=body, lines=lines, number=f"2023-{producer.code}", by=SYSTEM)
        place_order(order, by=SYSTEM)
        confirm_order(order, by=SYSTEM)
        for batch, line in zip(story.BATCHES, lines, strict=True):
            promise = NewPromise(
                body, item, batch.number, line.promised_on, line.units, Promise.Status.FIRM
            )
            record_promise(campaign, promise, by=SYSTEM)


def deliver(batch: story.Batch) -> None:
    """Every producer has its part of a batch ready at its dock."""
    for producer in story.PRODUCERS:
        order = ProcurementOrder.objects.get(number=f"2023-{producer.code}")
        line = OrderLine.objects.get(order=order, promised_on=batch.ready.date())
        receive_batch(
            order,
            [ReadyLine(line, line.units, f"{producer.code}-{batch.number}")],
            command_id=f"demo:deliver:{line.pk}",
            ready_on=batch.ready.date(),
            by=SYSTEM,
        )
