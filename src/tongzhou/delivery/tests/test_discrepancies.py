"""A difference is explained, settled by the move that puts the ledger right, or written off."""

import pytest

from tongzhou.delivery.actions.arrivals import Arrival, receive_shipment
from tongzhou.delivery.actions.discrepancies import explain, resolve, write_off
from tongzhou.delivery.actions.handed import Handed, receive_parcel
from tongzhou.delivery.actions.planned import plan_shipments
from tongzhou.delivery.models import Discrepancy, Shipment
from tongzhou.delivery.rules import Count, Refused
from tongzhou.kit.models import Event
from tongzhou.kit.rules import Actor
from tongzhou.supplies.models import Bucket

from .world import DOCTOR, OFFICER, World

SECOND = Actor("account", "8")


def at_hub(world: World, good: int, damaged: int = 0) -> Shipment:
    plan_shipments(world.run, by=OFFICER)
    shipment = world.shipment("dock_hub")
    world.send(shipment)
    count = Count(world.item.pk, good, damaged)
    receive_shipment(Arrival(shipment.pk, "r-1", (count,)), by=OFFICER)
    return shipment


def at_clinic(world: World, *counts: tuple[int, int, int]) -> list[Discrepancy]:
    """Receive a parcel of county 0 for each (good, damaged, wrong); returns what was found."""
    if not Shipment.objects.exists():
        world.on_the_way()
    for index, count in enumerate(counts):
        handed = Handed(f"c-{index}", "slip", (Count(world.item.pk, *count),), signed_by="王")
        receive_parcel(world.parcel(0, index), handed, by=DOCTOR)
    return list(Discrepancy.objects.order_by("pk"))


def test_an_explanation_leaves_it_open(world: World) -> None:
    (found,) = at_clinic(world, (1, 0, 0))
    assert explain(found, "One fell out of the bag.", by=OFFICER).state == "explained"
    assert world.balance(found.place, Bucket.LOST) == 1


def test_units_that_came_after_all_are_on_hand(world: World) -> None:
    (found,) = at_clinic(world, (1, 0, 0))
    resolve(found, "arrived", "It was in the lid.", command_id="s-1", by=OFFICER)
    assert world.balance(found.place, Bucket.ON_HAND) == 2
    assert world.balance(found.place, Bucket.LOST) == 0
    assert world.parcel().lines.get().received_units == 2
    assert Event.objects.filter(verb="discrepancy.resolved").count() == 1


def test_units_that_never_left_are_free_stock_of_the_sender(world: World) -> None:
    (found,) = at_clinic(world, (1, 0, 0))
    resolve(found, "with_sender", "Left on the table.", command_id="s-1", by=OFFICER)
    assert world.balance(world.depots[0], Bucket.ON_HAND) == 1


def test_damaged_units_that_work_are_usable(world: World) -> None:
    (found,) = at_clinic(world, (1, 1, 0))
    resolve(found, "usable", "Only the box was wet.", command_id="s-1", by=OFFICER)
    assert world.balance(found.place, Bucket.QUARANTINE) == 0
    assert world.balance(found.place, Bucket.ON_HAND) == 2


def test_what_is_over_here_is_what_is_short_there(world: World) -> None:
    short, over = at_clinic(world, (1, 0, 0), (3, 0, 0))
    assert (short.kind, over.kind) == ("short", "over")
    resolve(over, "from_other", "Packed wrongly.", command_id="s-1", by=OFFICER, other=short)
    assert world.balance(short.place, Bucket.LOST) == 0
    assert world.balance(over.place, Bucket.ON_HAND) == 3
    assert set(Discrepancy.objects.values_list("state", flat=True)) == {"resolved"}


def test_what_is_over_here_cannot_explain_another_number(world: World) -> None:
    short, over = at_clinic(world, (0, 0, 0), (3, 0, 0))
    with pytest.raises(Refused) as refused:
        resolve(over, "from_other", "?", command_id="s-1", by=OFFICER, other=short)
    assert refused.value.code == "other.units"


def test_an_outcome_has_to_fit_the_kind(world: World) -> None:
    (found,) = at_clinic(world, (1, 0, 0))
    with pytest.raises(Refused):
        resolve(found, "usable", "?", command_id="s-1", by=OFFICER)


def test_it_is_settled_once(world: World) -> None:
    (found,) = at_clinic(world, (1, 0, 0))
    resolve(found, "arrived", "Found.", command_id="s-1", by=OFFICER)
    with pytest.raises(Refused):
        write_off(found, "Gone.", command_id="s-2", by=OFFICER)


def test_nothing_is_settled_without_a_word(world: World) -> None:
    (found,) = at_clinic(world, (1, 0, 0))
    with pytest.raises(Refused):
        resolve(found, "arrived", "  ", command_id="s-1", by=OFFICER)


def test_who_counted_cannot_write_off(world: World) -> None:
    at_hub(world, good=6)
    found = Discrepancy.objects.get()
    with pytest.raises(Refused) as refused:
        write_off(found, "Gone.", command_id="w-1", by=OFFICER)
    assert refused.value.code == "second_person"
    assert write_off(found, "Gone.", command_id="w-1", by=SECOND).state == "written_off"


def test_damaged_units_written_off_leave_quarantine(world: World) -> None:
    at_hub(world, good=6, damaged=2)
    write_off(Discrepancy.objects.get(), "Broken.", command_id="w-1", by=SECOND)
    assert world.balance(world.hub, Bucket.QUARANTINE) == 0
    assert world.balance(world.hub, Bucket.LOST) == 2


def test_the_last_shortage_closes_the_shipment(world: World) -> None:
    shipment = at_hub(world, good=6)
    resolve(Discrepancy.objects.get(), "arrived", "Later.", command_id="s-1", by=OFFICER)
    shipment.refresh_from_db()
    assert shipment.state == "closed"
    assert world.balance(world.hub, Bucket.RESERVED) == 8


def test_late_units_at_a_hub_travel_on_as_the_next_part(world: World) -> None:
    at_hub(world, good=6)
    onward = world.shipment("hub_depot")
    world.send(onward)
    resolve(Discrepancy.objects.get(), "arrived", "Later.", command_id="s-1", by=OFFICER)
    follow = Shipment.objects.get(to_place=world.depots[0], part=2)
    assert [line.units for line in follow.lines.all()] == [2]
    world.send(follow)
    assert world.balance(world.depots[0], Bucket.IN_TRANSIT) == 6
