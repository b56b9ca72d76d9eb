"""Days that are due begin at midnight of the office: at 22:00 UTC it is tomorrow there."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from tongzhou.delivery.actions.arrivals import Arrival, receive_shipment
from tongzhou.delivery.actions.planned import plan_shipments
from tongzhou.delivery.models import Discrepancy, Shipment
from tongzhou.delivery.queries.board import lead_days
from tongzhou.delivery.rules import Count, dates
from tongzhou.kit import clock

from .world import OFFICER, World

MORNING = date(2023, 1, 9)


@pytest.fixture(autouse=True)
def night(noon: object) -> Iterator[None]:
    """22:00 UTC on 8 January, which is six in the morning of the 9th in the office."""
    with clock.fixed_at(datetime(2023, 1, 8, 22, tzinfo=UTC)):
        yield


def test_a_shipment_that_leaves_is_due_from_the_offices_day(world: World) -> None:
    plan_shipments(world.run, by=OFFICER)
    world.send(world.shipment("dock_hub"))
    lead = lead_days(world.campaign.pk)
    left = world.shipment("dock_hub")
    assert left.due_on == dates.arrival("dock_hub", MORNING, lead)
    assert left.due_on != dates.arrival("dock_hub", date(2023, 1, 8), lead)


def test_a_round_to_the_clinics_is_planned_for_the_offices_day(world: World) -> None:
    world.on_the_way()
    lead = lead_days(world.campaign.pk)
    for row in Shipment.objects.filter(leg="last_mile"):
        assert row.planned_on == MORNING
        assert row.due_on == dates.arrival("last_mile", MORNING, lead)


def test_a_difference_is_to_be_explained_three_of_the_offices_days_later(world: World) -> None:
    plan_shipments(world.run, by=OFFICER)
    shipment = world.shipment("dock_hub")
    world.send(shipment)
    counts = (Count(world.item.pk, 7, 0),)
    receive_shipment(Arrival(shipment.pk, "c-1", counts), by=OFFICER)
    assert {row.due_on for row in Discrepancy.objects.all()} == {date(2023, 1, 12)}
