"""Shipments between docks, hubs and depots: what leaves, what arrives, what is missing."""

from datetime import timedelta

import pytest

from tongzhou.delivery.actions.arrivals import Arrival, lose_shipment, receive_shipment
from tongzhou.delivery.actions.hops import (
    Dispatch,
    dispatch_shipment,
    dispatch_shipments,
    pack_shipment,
    postpone_shipment,
)
from tongzhou.delivery.actions.planned import plan_shipments
from tongzhou.delivery.models import Carton, Discrepancy, Shipment, ShipmentLine
from tongzhou.delivery.queries.board import counties_due
from tongzhou.delivery.rules import Count, Refused
from tongzhou.kit import clock
from tongzhou.kit.models import Event
from tongzhou.supplies.models import Bucket

from .world import OFFICER, World


def test_a_published_run_becomes_one_shipment_for_each_dock_and_county(world: World) -> None:
    assert plan_shipments(world.run, by=OFFICER) == 4
    legs = Shipment.objects.order_by("pk").values_list("leg", "from_place", "to_place")
    assert list(legs) == [
        ("dock_hub", world.docks[0].pk, world.hub.pk),
        ("dock_hub", world.docks[1].pk, world.hub.pk),
        ("hub_depot", world.hub.pk, world.depots[0].pk),
        ("hub_depot", world.hub.pk, world.depots[1].pk),
    ]
    lines = ShipmentLine.objects.filter(shipment__to_place=world.depots[1]).order_by("fund")
    assert [(line.fund_id, line.units) for line in lines] == [
        (world.funds[0].pk, 2),
        (world.funds[1].pk, 4),
    ]


def test_planning_again_changes_nothing(world: World) -> None:
    plan_shipments(world.run, by=OFFICER)
    assert plan_shipments(world.run, by=OFFICER) == 0
    assert Shipment.objects.count() == 4
    assert Event.objects.filter(verb="shipments.planned").count() == 1


def test_cartons_are_full_but_for_the_last(world: World) -> None:
    plan_shipments(world.run, by=OFFICER)
    cartons = Carton.objects.filter(shipment__to_place=world.depots[0]).order_by("-units")
    assert [carton.units for carton in cartons] == [4, 2]


def test_a_county_without_a_depot_gets_a_receiving_point(world: World) -> None:
    world.depots[0].delete()
    plan_shipments(world.run, by=OFFICER)
    made = Shipment.objects.get(leg="hub_depot", to_place__division=world.counties[0]).to_place
    assert (made.code, made.kind) == ("620102-depot", "depot")


def test_leaving_a_dock_takes_what_is_reserved_for_the_clinics(world: World) -> None:
    plan_shipments(world.run, by=OFFICER)
    shipment = dispatch_shipment(Dispatch(world.shipment("dock_hub").pk, "c-1"), by=OFFICER)
    assert shipment.state == "dispatched"
    assert world.balance(world.hub, Bucket.IN_TRANSIT) == 8
    assert [world.balance(clinic, Bucket.RESERVED) for clinic in world.clinics[0]] == [0, 0, 0]
    assert world.balance(world.clinics[1][1], Bucket.RESERVED) == 2


def test_the_same_command_leaves_once(world: World) -> None:
    plan_shipments(world.run, by=OFFICER)
    order = Dispatch(world.shipment("dock_hub").pk, "c-1")
    dispatch_shipment(order, by=OFFICER)
    dispatch_shipment(order, by=OFFICER)
    assert world.balance(world.hub, Bucket.IN_TRANSIT) == 8
    assert Event.objects.filter(verb="shipment.dispatched").count() == 1


def test_another_command_cannot_send_it_again(world: World) -> None:
    plan_shipments(world.run, by=OFFICER)
    shipment = world.shipment("dock_hub")
    world.send(shipment)
    with pytest.raises(Refused, match=shipment.public_id):
        dispatch_shipment(Dispatch(shipment.pk, "c-9"), by=OFFICER)


def test_a_hub_cannot_send_on_what_has_not_come(world: World) -> None:
    plan_shipments(world.run, by=OFFICER)
    with pytest.raises(Refused) as refused:
        world.send(world.shipment("hub_depot"))
    assert refused.value.code == "shipment.nothing"


def test_a_whole_receipt_reserves_for_the_next_hop(world: World) -> None:
    world.to_hub()
    assert world.balance(world.hub, Bucket.RESERVED) == 12
    assert world.balance(world.hub, Bucket.IN_TRANSIT) == 0
    assert {s.state for s in Shipment.objects.filter(leg="dock_hub")} == {"closed"}


def test_the_same_receipt_twice_is_one(world: World) -> None:
    plan_shipments(world.run, by=OFFICER)
    shipment = world.shipment("dock_hub")
    world.send(shipment)
    arrival = Arrival(shipment.pk, "r-1")
    first = receive_shipment(arrival, by=OFFICER)
    assert receive_shipment(arrival, by=OFFICER) == first
    assert world.balance(world.hub, Bucket.RESERVED) == 8


def test_missing_and_damaged_units_open_discrepancies(world: World) -> None:
    plan_shipments(world.run, by=OFFICER)
    shipment = world.shipment("dock_hub")
    world.send(shipment)
    count = Count(world.item.pk, good=5, damaged=1)
    receive_shipment(Arrival(shipment.pk, "r-1", (count,)), by=OFFICER)
    assert world.balance(world.hub, Bucket.RESERVED) == 5
    assert world.balance(world.hub, Bucket.QUARANTINE) == 1
    assert world.balance(world.hub, Bucket.LOST) == 2
    found = Discrepancy.objects.order_by("kind").values_list("kind", "units", "state")
    assert list(found) == [("damaged", 1, "open"), ("short", 2, "open")]
    shipment.refresh_from_db()
    assert shipment.state == "part_received"


def test_units_over_stay_outside_the_ledger(world: World) -> None:
    plan_shipments(world.run, by=OFFICER)
    shipment = world.shipment("dock_hub")
    world.send(shipment)
    receive_shipment(Arrival(shipment.pk, "r-1", (Count(world.item.pk, good=11),)), by=OFFICER)
    assert world.balance(world.hub, Bucket.RESERVED) == 8
    over = Discrepancy.objects.get()
    assert (over.kind, over.units, over.parts) == ("over", 3, [])


def test_a_county_gets_what_came_and_the_rest_follows(world: World) -> None:
    plan_shipments(world.run, by=OFFICER)
    first, second = world.shipment("dock_hub"), world.shipment("dock_hub", 1)
    world.send(first, second)
    world.receive(first)
    onward = world.shipment("hub_depot", 1)
    world.send(onward)
    assert [line.units for line in onward.lines.all()] == [2]
    world.receive(second)
    follow = Shipment.objects.get(to_place=world.depots[1], part=2)
    assert [line.units for line in follow.lines.all()] == [4]
    world.send(follow)
    world.receive(onward, follow)
    assert world.balance(world.depots[1], Bucket.RESERVED) == 6


def test_a_county_that_still_waits_gets_no_second_part(world: World) -> None:
    world.to_hub()
    assert not Shipment.objects.filter(part=2).exists()


def test_many_shipments_leave_and_arrive_together_or_not_at_all(world: World) -> None:
    plan_shipments(world.run, by=OFFICER)
    trunk = list(Shipment.objects.filter(leg="dock_hub"))
    onward = world.shipment("hub_depot")
    orders = [Dispatch(one.pk, f"c-{one.pk}") for one in [*trunk, onward]]
    with pytest.raises(Refused):
        dispatch_shipments(orders, by=OFFICER)
    assert world.balance(world.hub, Bucket.IN_TRANSIT) == 0
    assert set(Shipment.objects.values_list("state", flat=True)) == {"planned"}


def test_only_what_is_on_its_way_can_be_received(world: World) -> None:
    plan_shipments(world.run, by=OFFICER)
    with pytest.raises(Refused) as refused:
        world.receive(world.shipment("dock_hub"))
    assert refused.value.code == "shipment.state"


def test_a_lost_shipment_is_a_shortage_of_every_unit(world: World) -> None:
    plan_shipments(world.run, by=OFFICER)
    shipment = world.shipment("dock_hub")
    world.send(shipment)
    lose_shipment(shipment, "The truck burned out.", command_id="l-1", by=OFFICER)
    shipment.refresh_from_db()
    assert shipment.state == "lost"
    assert world.balance(world.hub, Bucket.LOST) == 8
    assert Discrepancy.objects.get().units == 8
    verbs = Event.objects.filter(subject_kind="delivery.shipment").order_by("pk")
    assert [event.verb for event in verbs] == ["shipment.dispatched", "shipment.lost"]


def test_a_loss_needs_a_word_of_what_is_known(world: World) -> None:
    plan_shipments(world.run, by=OFFICER)
    world.send(world.shipment("dock_hub"))
    with pytest.raises(Refused):
        lose_shipment(world.shipment("dock_hub"), " ", command_id="l-1", by=OFFICER)


def test_only_a_planned_shipment_is_packed(world: World) -> None:
    plan_shipments(world.run, by=OFFICER)
    shipment = pack_shipment(world.shipment("dock_hub"), by=OFFICER)
    assert shipment.state == "packed"
    with pytest.raises(Refused):
        pack_shipment(shipment, by=OFFICER)


class TestPostponing:
    """A road is closed: the office says on which day the shipment can leave."""

    @pytest.fixture
    def shipment(self, world):
        plan_shipments(world.run, by=OFFICER)
        return world.shipment("dock_hub")

    def test_the_board_reckons_from_the_new_day(self, world, shipment):
        before = {row.county.code: row.projected_on for row in counties_due(world.campaign)}
        later = shipment.planned_on + timedelta(days=20)
        postpone_shipment(shipment, later, "snow", by=OFFICER)
        after = {row.county.code: row.projected_on for row in counties_due(world.campaign)}
        assert max(after.values()) > max(before.values())
        assert max(after.values()) > later
        event = Event.objects.get(verb="shipment.postponed")
        assert event.after == {"planned_on": later.isoformat(), "note": "snow"}

    def test_the_same_day_again_changes_nothing(self, shipment):
        later = shipment.planned_on + timedelta(days=3)
        for _ in range(2):
            postpone_shipment(shipment, later, "snow", by=OFFICER)
        assert Event.objects.filter(verb="shipment.postponed").count() == 1

    @pytest.mark.parametrize(
        ("days", "note", "reason"),
        [(-1, "snow", "from today"), (61, "snow", "60 days"), (1, "  ", "Say why")],
    )
    def test_a_past_or_far_day_or_no_reason_is_refused(self, shipment, days, note, reason):
        with pytest.raises(Refused, match=reason):
            postpone_shipment(shipment, clock.today() + timedelta(days=days), note, by=OFFICER)
        assert not Event.objects.filter(verb="shipment.postponed").exists()

    def test_what_has_left_leaves_on_no_other_day(self, shipment):
        dispatch_shipment(Dispatch(shipment.pk, "left-already-1"), by=OFFICER)
        with pytest.raises(Refused, match="that waits"):
            postpone_shipment(shipment, clock.today() + timedelta(days=1), "snow", by=OFFICER)
