"""Each division's sums are kept with every action, and equal what the facts say."""

import pytest

from tongzhou.delivery.actions.arrivals import Arrival, lose_shipment, receive_shipment
from tongzhou.delivery.actions.claims import lose_parcel
from tongzhou.delivery.actions.discrepancies import resolve, write_off
from tongzhou.delivery.actions.handed import Handed, receive_parcel
from tongzhou.delivery.actions.planned import plan_shipments
from tongzhou.delivery.actions.progress import rebuild
from tongzhou.delivery.models import Discrepancy, DivisionProgress
from tongzhou.delivery.queries.progress import faults
from tongzhou.delivery.rules import Count
from tongzhou.kit.rules import Actor
from tongzhou.places.models import Division

from .world import DOCTOR, OFFICER, World

SECOND = Actor("account", "8")


def sums(world: World, division: Division) -> DivisionProgress:
    return DivisionProgress.objects.get(campaign=world.campaign, division=division, item=world.item)


def test_a_plan_sets_needs_and_allocation_up_to_the_nation(world: World) -> None:
    plan_shipments(world.run, by=OFFICER)
    county = sums(world, world.counties[0])
    assert (county.places, county.need_units) == (4, 8)
    assert (county.allocated_units, county.allocated_places) == (6, 3)
    nation = sums(world, world.nation)
    assert (nation.allocated_units, nation.allocated_places, nation.places) == (12, 6, 7)


def test_each_hop_counts_once(world: World) -> None:
    world.on_the_way()
    county = sums(world, world.counties[1])
    passed = (county.sent_units, county.hub_units, county.depot_units, county.last_mile_units)
    assert passed == (6, 6, 6, 6)
    assert (county.received_units, county.received_places) == (0, 0)


def test_towns_begin_with_their_parcels(world: World) -> None:
    world.packed()
    town = sums(world, world.towns[0])
    assert (town.allocated_units, town.allocated_places, town.depot_units) == (4, 2, 4)
    assert not DivisionProgress.objects.filter(division__level=Division.Level.VILLAGE).exists()


def test_a_receipt_counts_units_and_its_clinic_once(world: World) -> None:
    world.on_the_way()
    for index in (0, 0, 1):
        handed = Handed(f"c-{index}", "slip", signed_by="王")
        receive_parcel(world.parcel(0, index), handed, by=DOCTOR)
    for division in (world.towns[0], world.counties[0], world.nation):
        row = sums(world, division)
        assert (row.received_units, row.received_places) == (4, 2)


def test_trouble_goes_with_its_discrepancy(world: World) -> None:
    world.on_the_way()
    handed = Handed("c-1", "slip", (Count(world.item.pk, 1),), signed_by="王")
    receive_parcel(world.parcel(), handed, by=DOCTOR)
    assert sums(world, world.province).trouble_units == 1
    resolve(Discrepancy.objects.get(), "arrived", "Found.", command_id="s-1", by=OFFICER)
    row = sums(world, world.province)
    assert (row.trouble_units, row.received_units) == (0, 2)


def test_the_sums_equal_the_facts_after_everything_that_can_happen(world: World) -> None:
    plan_shipments(world.run, by=OFFICER)
    first, second = world.shipment("dock_hub"), world.shipment("dock_hub", 1)
    world.send(first, second)
    receive_shipment(Arrival(first.pk, "r-1", (Count(world.item.pk, 7, 1),)), by=OFFICER)
    lose_shipment(second, "Stolen.", command_id="l-1", by=OFFICER)
    world.send(world.shipment("hub_depot"))
    world.receive(world.shipment("hub_depot"))
    found = Discrepancy.objects.filter(kind="damaged").get()
    resolve(found, "usable", "Dry.", command_id="s-1", by=OFFICER)
    lost = Discrepancy.objects.filter(kind="short").get()
    write_off(lost, "Gone.", command_id="w-1", by=SECOND)
    assert faults(world.campaign) == []


def test_the_sums_equal_the_facts_on_the_last_mile(world: World) -> None:
    world.on_the_way()
    lose_parcel(world.parcel(0, 0), "Lost.", command_id="l-1", by=OFFICER)
    receive_parcel(world.parcel(0, 0), Handed("c-1", "slip", signed_by="王"), by=DOCTOR)
    handed = Handed("c-2", "slip", (Count(world.item.pk, 0, 1, 2),), signed_by="王")
    receive_parcel(world.parcel(0, 1), handed, by=DOCTOR)
    handed = Handed("c-3", "slip", (Count(world.item.pk, 3),), signed_by="王")
    receive_parcel(world.parcel(1, 0), handed, by=DOCTOR)
    assert faults(world.campaign) == []


@pytest.mark.parametrize("name", ["sent_units", "received_places", "trouble_units"])
def test_a_wrong_sum_is_found_and_rebuilt(world: World, name: str) -> None:
    world.on_the_way()
    DivisionProgress.objects.filter(division=world.province).update(**{name: 5})
    assert f"{name} 5" in faults(world.campaign)[0]
    rebuild(world.campaign, by=OFFICER)
    assert faults(world.campaign) == []
    assert sums(world, world.province).places == 7
