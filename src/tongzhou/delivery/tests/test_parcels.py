"""Cartons become parcels, parcels go out, and each is received once."""

import hashlib

import pytest
from django.conf import settings

from tongzhou.delivery.actions import ledger, progress
from tongzhou.delivery.actions.arrivals import Arrival, receive_shipments
from tongzhou.delivery.actions.claims import claim_parcel, lose_parcel
from tongzhou.delivery.actions.handed import Handed, receive_parcel, receive_parcels
from tongzhou.delivery.actions.hops import Dispatch
from tongzhou.delivery.actions.parcels import dispatch_parcels, pack_county, renew_slip
from tongzhou.delivery.models import Carton, Discrepancy, Parcel, Receipt, Shipment
from tongzhou.delivery.queries.parcels import parcel_by_public_id, parcel_by_token
from tongzhou.delivery.queries.progress import faults
from tongzhou.delivery.rules import Count, Refused, receive_token
from tongzhou.kit.models import Event
from tongzhou.supplies.models import Bucket

from .world import DOCTOR, OFFICER, World


def by_slip(command_id: str, *counts: Count) -> Handed:
    return Handed(command_id, Receipt.Method.SLIP, counts or None, signed_by="王医生")


def test_a_county_is_packed_in_the_order_of_division_codes(world: World) -> None:
    world.to_depots()
    packing = pack_county(world.run, world.depots[0], command_id="p-1", by=OFFICER)
    assert (packing.parcels, packing.units, packing.waiting) == (3, 6, 0)
    parcels = Parcel.objects.order_by("sequence").select_related("place")
    assert [p.place.code for p in parcels] == [
        "620102001001-1",
        "620102001002-1",
        "620102002001-1",
    ]
    assert world.balance(world.depots[0], Bucket.RESERVED) == 0
    assert world.balance(world.clinics[0][0], Bucket.RESERVED) == 2
    assert set(
        Carton.objects.filter(shipment__to_place=world.depots[0]).values_list("state", flat=True)
    ) == {"broken"}


def test_packing_twice_with_one_command_packs_once(world: World) -> None:
    world.to_depots()
    pack_county(world.run, world.depots[0], command_id="p-1", by=OFFICER)
    again = pack_county(world.run, world.depots[0], command_id="p-1", by=OFFICER)
    assert again.parcels == 0
    assert Parcel.objects.count() == 3


def test_every_step_of_a_county_takes_the_ledger_before_the_sums(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two that took them the other way round would wait for each other on PostgreSQL."""
    world.to_depots()
    depot = world.depots[0]
    taken: list[str] = []
    post, write = ledger.post, progress._write
    monkeypatch.setattr(ledger, "post", lambda c: taken.append("ledger") or post(c))
    monkeypatch.setattr(progress, "_write", lambda *a: taken.append("sums") or write(*a))
    pack_county(world.run, depot, command_id="p-1", by=OFFICER)
    dispatch_parcels(depot, [world.parcel().pk], Dispatch(0, "d-1"), by=OFFICER)
    receive_parcel(world.parcel(), Handed("r-1", Receipt.Method.SLIP), by=DOCTOR)
    lose_parcel(world.parcel(index=1), "washed away", command_id="l-1", by=OFFICER)
    assert taken == ["ledger", "sums"] * 4


def test_nothing_to_pack_is_refused(world: World) -> None:
    world.packed()
    with pytest.raises(Refused) as refused:
        pack_county(world.run, world.depots[0], command_id="p-9", by=OFFICER)
    assert refused.value.code == "pack.nothing"


def test_too_little_serves_whole_drops_and_the_rest_waits(world: World) -> None:
    world.to_hub()
    onward = world.shipment("hub_depot")
    world.send(onward)
    arrival = Arrival(onward.pk, "r-9", (Count(world.item.pk, good=5),))
    receive_shipments([arrival], by=OFFICER)
    packing = pack_county(world.run, world.depots[0], command_id="p-1", by=OFFICER)
    assert (packing.parcels, packing.units, packing.waiting) == (2, 4, 1)
    assert world.balance(world.depots[0], Bucket.RESERVED) == 1


def test_the_slip_opens_its_parcel_and_only_its_hash_is_kept(world: World) -> None:
    parcel = world.packed().parcel()
    token = receive_token(settings.SECRET_KEY, parcel.public_id, 1)
    assert parcel_by_token(token) == parcel
    assert parcel_by_token(token.lower()) == parcel
    assert bytes(parcel.token_hash) == hashlib.sha256(token.encode()).digest()


def test_a_new_slip_makes_the_old_one_worthless(world: World) -> None:
    parcel = world.packed().parcel()
    renew_slip(parcel, by=OFFICER)
    assert parcel_by_token(receive_token(settings.SECRET_KEY, parcel.public_id, 1)) is None
    assert parcel_by_token(receive_token(settings.SECRET_KEY, parcel.public_id, 2)) == parcel


def test_the_outer_label_names_the_parcel_but_is_no_token(world: World) -> None:
    parcel = world.packed().parcel()
    assert parcel_by_public_id(parcel.public_id.lower().replace("-", "")) == parcel
    assert parcel_by_token(parcel.public_id) is None


def test_parcels_leave_with_a_driver(world: World) -> None:
    parcel = world.on_the_way().parcel()
    assert parcel.state == "dispatched"
    assert world.balance(parcel.place, Bucket.IN_TRANSIT) == 2
    assert parcel.shipment is not None
    assert (parcel.shipment.leg, parcel.shipment.state) == ("last_mile", "dispatched")


def test_the_same_dispatch_twice_is_one_shipment(world: World) -> None:
    world.packed()
    ids = [world.parcel().pk]
    order = Dispatch(0, "d-1", driver="D")
    first = dispatch_parcels(world.depots[0], ids, order, by=OFFICER)
    assert dispatch_parcels(world.depots[0], ids, order, by=OFFICER) == first


def test_a_parcel_of_another_depot_does_not_leave(world: World) -> None:
    world.packed()
    with pytest.raises(Refused):
        dispatch_parcels(world.depots[1], [world.parcel().pk], Dispatch(0, "d-1"), by=OFFICER)


def test_receiving_puts_the_units_on_hand_at_the_clinic(world: World) -> None:
    parcel = world.on_the_way().parcel()
    outcome = receive_parcel(parcel, by_slip("c-1"), by=DOCTOR)
    assert outcome.status == "done"
    parcel.refresh_from_db()
    assert parcel.state == "received"
    assert world.balance(parcel.place, Bucket.ON_HAND) == 2
    assert [line.received_units for line in parcel.lines.all()] == [2]


def test_the_same_command_is_answered_the_same(world: World) -> None:
    parcel = world.on_the_way().parcel()
    first = receive_parcel(parcel, by_slip("c-1"), by=DOCTOR)
    again = receive_parcel(parcel, by_slip("c-1"), by=DOCTOR)
    assert (again.status, again.receipt) == ("done", first.receipt)
    assert Event.objects.filter(verb="parcel.received").count() == 1


def test_a_second_device_sees_the_first_receipt(world: World) -> None:
    parcel = world.on_the_way().parcel()
    first = receive_parcel(parcel, by_slip("c-1"), by=DOCTOR)
    second = receive_parcel(parcel, by_slip("c-2", Count(world.item.pk, 1)), by=DOCTOR)
    assert (second.status, second.receipt) == ("duplicate", first.receipt)
    assert world.balance(parcel.place, Bucket.ON_HAND) == 2


def test_a_parcel_is_received_before_the_office_has_sent_it(world: World) -> None:
    parcel = world.packed().parcel()
    receive_parcel(parcel, by_slip("c-1"), by=DOCTOR)
    assert world.balance(parcel.place, Bucket.RESERVED) == 0
    assert world.balance(parcel.place, Bucket.ON_HAND) == 2


def test_fewer_damaged_and_wrong_pieces_each_have_a_place(world: World) -> None:
    parcel = world.on_the_way().parcel()
    count = Count(world.item.pk, good=0, damaged=1, wrong=1)
    outcome = receive_parcel(parcel, by_slip("c-1", count), by=DOCTOR)
    assert sorted(outcome.differences) == ["damaged 1", "wrong 1"]
    assert world.balance(parcel.place, Bucket.QUARANTINE) == 1
    assert world.balance(parcel.place, Bucket.LOST) == 1
    assert set(Discrepancy.objects.values_list("kind", "units")) == {("damaged", 1), ("wrong", 1)}


def test_a_claim_moves_nothing_until_the_slip_confirms_it(world: World) -> None:
    parcel = world.on_the_way().parcel()
    claim = claim_parcel(parcel, Handed("k-1", "label", signed_by="?"), by=DOCTOR)
    parcel.refresh_from_db()
    assert (claim.status, parcel.state) == ("done", "claimed")
    assert world.balance(parcel.place, Bucket.ON_HAND) == 0
    assert receive_parcel(parcel, by_slip("c-1"), by=DOCTOR).status == "done"
    assert world.balance(parcel.place, Bucket.ON_HAND) == 2


def test_a_second_claim_and_a_claim_after_receipt_are_duplicates(world: World) -> None:
    parcel = world.on_the_way().parcel()
    claim_parcel(parcel, Handed("k-1", "label"), by=DOCTOR)
    assert claim_parcel(parcel, Handed("k-2", "label"), by=DOCTOR).status == "duplicate"
    receive_parcel(parcel, by_slip("c-1"), by=DOCTOR)
    late = claim_parcel(parcel, Handed("k-3", "label"), by=DOCTOR)
    assert (late.status, late.receipt.command_id) == ("duplicate", "c-1")


def test_a_lost_parcel_that_turns_up_closes_its_shortage(world: World) -> None:
    parcel = world.on_the_way().parcel()
    lose_parcel(parcel, "The driver cannot find it.", command_id="l-1", by=OFFICER)
    assert world.balance(parcel.place, Bucket.LOST) == 2
    assert receive_parcel(parcel, by_slip("c-1"), by=DOCTOR).status == "done"
    assert world.balance(parcel.place, Bucket.ON_HAND) == 2
    assert Discrepancy.objects.get().state == "resolved"


def test_a_parcel_written_off_that_turns_up_needs_a_decision(world: World) -> None:
    parcel = world.on_the_way().parcel()
    lose_parcel(parcel, "Washed away.", command_id="l-1", by=OFFICER)
    Discrepancy.objects.update(state="written_off")
    outcome = receive_parcel(parcel, by_slip("c-1"), by=DOCTOR)
    assert outcome.status == "needs_decision"
    assert world.balance(parcel.place, Bucket.ON_HAND) == 0
    assert not outcome.receipt.confirmed


def test_a_received_parcel_is_not_lost(world: World) -> None:
    parcel = world.on_the_way().parcel()
    receive_parcel(parcel, by_slip("c-1"), by=DOCTOR)
    with pytest.raises(Refused):
        lose_parcel(parcel, "Gone.", command_id="l-1", by=OFFICER)


def test_the_round_is_closed_with_its_last_parcel(world: World) -> None:
    world.on_the_way()
    states = []
    for index in range(3):
        receive_parcel(world.parcel(0, index), by_slip(f"c-{index}"), by=DOCTOR)
        states.append(Shipment.objects.get(leg="last_mile", from_place=world.depots[0]).state)
    assert states == ["part_received", "part_received", "closed"]


def test_a_receipt_counts_every_item_once(world: World) -> None:
    parcel = world.on_the_way().parcel()
    twice = (Count(world.item.pk, 1), Count(world.item.pk, 1))
    with pytest.raises(Refused):
        receive_parcel(parcel, by_slip("c-1", *twice), by=DOCTOR)


def test_many_parcels_are_received_together(world: World) -> None:
    world.on_the_way()
    given = [(world.parcel(0, n), by_slip(f"c-{n}")) for n in range(3)]
    short = by_slip("c-9", Count(world.item.pk, 1))
    outcomes = receive_parcels([*given, (world.parcel(1), short)], by=DOCTOR)
    assert [one.status for one in outcomes] == ["done"] * 4
    assert [one.differences for one in outcomes] == [[], [], [], ["short 1"]]
    again = receive_parcels(given, by=DOCTOR)
    assert [one.receipt for one in again] == [one.receipt for one in outcomes[:3]]
    assert Event.objects.filter(verb="parcel.received").count() == 4
    assert faults(world.campaign) == []


def test_one_parcel_twice_in_a_call_is_refused(world: World) -> None:
    parcel = world.on_the_way().parcel()
    with pytest.raises(Refused) as refused:
        receive_parcels([(parcel, by_slip("c-1")), (parcel, by_slip("c-2"))], by=DOCTOR)
    assert refused.value.code == "parcel.many"
    assert world.balance(parcel.place, Bucket.ON_HAND) == 0
