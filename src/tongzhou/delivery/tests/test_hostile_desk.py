"""What a stranger does with an outer label, and an account with the forms of the desk."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tongzhou.delivery.actions.claims import claim_parcel, lose_parcel
from tongzhou.delivery.actions.discrepancies import resolve
from tongzhou.delivery.actions.handed import Handed, receive_parcel
from tongzhou.delivery.actions.hops import Dispatch
from tongzhou.delivery.actions.parcels import dispatch_parcels
from tongzhou.delivery.actions.tracking import TrackingRefused, Word, import_tracking
from tongzhou.delivery.models import Discrepancy, Parcel, ParcelLine, Receipt, Shipment, Task
from tongzhou.people.models import Account
from tongzhou.supplies.actions import Command, Leg, post
from tongzhou.supplies.models import Bucket, Item, Lot

from .world import DOCTOR, NOW, OFFICER, World

pytestmark = pytest.mark.urls("tongzhou.delivery.tests.urls")


@pytest.fixture
def officer(hold: Callable[..., Account], world: World) -> Client:
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(
        hold("county_officer", world.counties[0]), backend="tongzhou.people.backends.RoleBackend"
    )
    return client


@pytest.fixture
def coordinator(hold: Callable[..., Account], world: World) -> Client:
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(
        hold("coordinator", world.nation), backend="tongzhou.people.backends.RoleBackend"
    )
    return client


def say_it_came(parcel: Parcel, command: str = "stranger-1") -> Any:
    address = f"/trace/parcels/{parcel.public_id}/claim/"
    return Client().post(address, {"command": command, "signed_by": "?"})


def test_a_claim_does_not_keep_a_parcel_in_the_depot(world: World, officer: Client) -> None:
    """The number of every label is public, and whoever claimed it had stopped its way."""
    parcel = world.packed().parcel()
    assert say_it_came(parcel).status_code == 200
    parcel.refresh_from_db()
    assert parcel.state == "packed"
    code = world.counties[0].code
    officer.post(f"/desk/parcels/{code}/leave/", {"command": "leave-00001", "all": "1"})
    parcel.refresh_from_db()
    assert parcel.state == "dispatched"


def test_a_claim_from_before_does_not_stand_for_one_on_the_way(world: World) -> None:
    parcel = world.packed().parcel()
    early = claim_parcel(parcel, Handed("k-1", "label"), by=DOCTOR)
    assert early.status == "done"
    assert claim_parcel(parcel, Handed("k-2", "label"), by=DOCTOR).status == "duplicate"
    Receipt.objects.filter(pk=early.receipt.pk).update(at=NOW.replace(hour=1))
    order = Dispatch(0, world.command(), driver="D")
    dispatch_parcels(world.depots[0], [parcel.pk], order, by=OFFICER)
    assert claim_parcel(parcel, Handed("k-3", "label"), by=DOCTOR).status == "done"
    parcel.refresh_from_db()
    assert parcel.state == "claimed"


def test_one_made_up_id_for_two_labels_is_two_claims(world: World) -> None:
    world.on_the_way()
    first, second = world.parcel(0, 0), world.parcel(0, 1)
    assert say_it_came(first).status_code == 200
    assert say_it_came(second).status_code == 200
    assert Receipt.objects.filter(method="label").count() == 2
    assert say_it_came(first).status_code == 200
    assert Receipt.objects.filter(method="label").count() == 2


def test_a_form_with_a_nul_does_nothing_and_is_no_error(
    world: World, officer: Client, coordinator: Client
) -> None:
    world.packed()
    code = world.counties[0].code
    tries = [
        (officer, f"/desk/parcels/{code}/pack/{world.run.pk}/", {"command": "a\x00"}),
        (officer, f"/desk/parcels/{code}/leave/", {"command": "abcdefgh", "parcel": ["P\x00"]}),
        (coordinator, "/desk/shipments/leave/", {"command": "\x00", "shipment": ["\x00"]}),
    ]
    for client, address, data in tries:
        assert client.post(address, data).status_code == 302
    assert not Parcel.objects.exclude(state="packed").exists()


def test_a_button_without_an_id_packs_and_is_not_taken_for_done(
    world: World, officer: Client
) -> None:
    """Two packings without an id had shared the empty one: the second said yes and did nothing."""
    world.to_depots()
    Parcel.objects.all().delete()
    address = f"/desk/parcels/{world.counties[0].code}/pack/{world.run.pk}/"
    for _ in range(2):
        answer = officer.post(address, {"command": ""}, follow=True)
    assert Parcel.objects.count() == 3
    assert "Nothing that can be packed" in answer.content.decode()


def test_a_number_of_five_thousand_digits_is_no_page_of_the_board(
    world: World, coordinator: Client
) -> None:
    assert coordinator.get("/desk/board/", {"start": "9" * 5000}).status_code == 200


def test_a_note_with_a_nul_closes_its_task_without_it(world: World, coordinator: Client) -> None:
    task = Task.objects.create(
        campaign=world.campaign,
        division=world.counties[0],
        step="last_mile",
        due_on=NOW.date(),
        opened_at=NOW,
    )
    address = f"/desk/tasks/{task.pk}/done/"
    assert coordinator.post(address, {"note": "by\x00 phone"}).status_code == 302


def two_items(world: World) -> Parcel:
    """A parcel on its way with a second item in it."""
    parcel = world.on_the_way().parcel()
    mask = Item.objects.create(code="mask", name="口罩", name_en="mask", base_unit="只")
    key = (mask.pk, Lot.objects.create(item=mask, number="M").pk, world.funds[0].pk)
    ParcelLine.objects.create(
        parcel=parcel, item_id=key[0], lot_id=key[1], fund_id=key[2], units=10
    )
    legs = [
        Leg(world.docks[0].pk, Bucket.PRODUCER, *key, -10),
        Leg(parcel.place_id, Bucket.IN_TRANSIT, *key, 10),
    ]
    post([Command(world.command(), "dispatch", NOW, OFFICER, legs)])
    return parcel


def test_a_lost_parcel_that_was_settled_in_part_waits_for_the_office(world: World) -> None:
    """Receiving it whole would take the settled units from the lost ones a second time, and from
    another loss of the same clinic if there is one."""
    parcel = two_items(world)
    lose_parcel(parcel, "The car burnt.", command_id="l-1", by=OFFICER)
    masks = Discrepancy.objects.get(receipt__parcel=parcel, item__code="mask")
    resolve(masks, "arrived", "A box was found.", command_id="r-1", by=OFFICER)
    outcome = receive_parcel(parcel, Handed("h-1", "slip", signed_by="王"), by=DOCTOR)
    assert outcome.status == "needs_decision"
    assert world.balance(parcel.place, Bucket.ON_HAND) == 10
    assert world.balance(parcel.place, Bucket.LOST) == 2


def test_a_lost_parcel_that_nobody_settled_is_received_whole(world: World) -> None:
    parcel = two_items(world)
    lose_parcel(parcel, "The car burnt.", command_id="l-1", by=OFFICER)
    outcome = receive_parcel(parcel, Handed("h-1", "slip", signed_by="王"), by=DOCTOR)
    assert outcome.status == "done"
    assert world.balance(parcel.place, Bucket.ON_HAND) == 12
    assert world.balance(parcel.place, Bucket.LOST) == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("shipment", "S\x00"),
        ("where", "a\x00"),
        ("where", "x" * 121),
        ("at", "9999-12-31T23:59:59-23:59"),
        ("at", "0001-01-01 00:00"),
        ("event", "arriving\x00"),
    ],
)
def test_what_a_carrier_cannot_mean_is_a_fault_of_its_row(
    world: World, name: str, value: str
) -> None:
    world.on_the_way()
    given = {"shipment": world.shipment("dock_hub").public_id, "event": "arriving"}
    row = {**given, "at": "2023-01-08T08:00:00Z", "where": "", name: value}
    with pytest.raises(TrackingRefused) as refused:
        import_tracking([Word(1, **row)], Shipment.objects.all(), by=OFFICER)
    assert [fault.column for fault in refused.value.faults] == [name]
