"""What programs read: in scope, by cursor, without a name; and carriers' reports."""

import json
from typing import Any

import pytest
from django.test import Client

from tongzhou.delivery.actions.handed import Handed, receive_parcel
from tongzhou.delivery.models import Shipment, StatusReport
from tongzhou.people.models import Organisation

from .world import DOCTOR, World

pytestmark = pytest.mark.urls("tongzhou.delivery.tests.urls")


def signed_in(account: Any) -> Client:
    client = Client()
    client.force_login(account, backend="tongzhou.people.backends.RoleBackend")
    return client


@pytest.fixture
def officer(world: World, hold: Any) -> Client:
    world.on_the_way()
    return signed_in(hold("county_officer", world.counties[0]))


def get(client: Client, path: str, status: int = 200) -> Any:
    response = client.get(f"/api/v1{path}")
    assert response.status_code == status, response.content
    return response.json()


def test_shipments_are_read_in_scope_page_by_page(world: World, officer: Client) -> None:
    first = get(officer, "/shipments?limit=1")
    assert [row["leg"] for row in first["items"]] == ["hub_depot"]
    assert first["items"][0]["units"] == 6
    second = get(officer, f"/shipments?limit=1&after={first['next']}")
    assert [row["leg"] for row in second["items"]] == ["last_mile"]
    assert second["next"] == ""
    other = Shipment.objects.get(to_place=world.depots[1]).public_id
    get(officer, f"/shipments/{other}", 404)


def test_shipments_are_filtered(officer: Client) -> None:
    rows = get(officer, "/shipments?leg=last_mile&state=dispatched")["items"]
    assert [row["leg"] for row in rows] == ["last_mile"]


def test_parcels_carry_their_lines(world: World, officer: Client) -> None:
    receive_parcel(world.parcel(), Handed("c-1", "slip", signed_by="王医生"), by=DOCTOR)
    rows = get(officer, "/parcels?county=620102")["items"]
    assert len(rows) == 3
    received = get(officer, "/parcels?state=received")["items"][0]
    assert received["lines"] == [{"item": "oximeter", "units": 2, "received_units": 2}]
    assert get(officer, f"/parcels/{received['id']}")["place"] == "620102001001-1"
    assert get(officer, "/parcels?county=620103")["items"] == []


def test_receipts_name_nobody(world: World, officer: Client) -> None:
    handed = Handed("c-1", "slip", signed_by="王医生", witness="李四")
    receive_parcel(world.parcel(), handed, by=DOCTOR)
    text = json.dumps(get(officer, "/receipts"), ensure_ascii=False)
    assert '"good": 2' in text
    assert "王医生" not in text
    assert "李四" not in text


def test_a_carrier_reads_its_own_and_reports(world: World, hold: Any) -> None:
    own = Organisation.objects.create(code="a", name="快运", kind="carrier")
    world.on_the_way()
    mine = world.shipment("dock_hub")
    Shipment.objects.filter(pk=mine.pk).update(carrier=own)
    client = signed_in(hold("carrier", world.nation, own))
    assert [row["id"] for row in get(client, "/shipments")["items"]] == [mine.public_id]
    word = {"shipment": mine.public_id, "event": "arriving", "at": "2023-01-09 01:00"}

    def send(*words: dict[str, str]) -> Any:
        body = json.dumps({"events": words})
        return client.post("/api/v1/tracking", body, content_type="application/json")

    assert send(word).json() == {"new": 1}
    assert send(word).json() == {"new": 0}
    refused = send({**word, "event": "departing"}, {**word, "event": "flying"})
    assert refused.status_code == 422
    assert StatusReport.objects.count() == 1


def test_events_have_the_form_of_epcis(world: World, officer: Client) -> None:
    shipment = Shipment.objects.get(to_place=world.depots[0])
    document = get(officer, f"/shipments/{shipment.public_id}/epcis")
    steps = [event["bizStep"] for event in document["epcisBody"]["eventList"]]
    assert steps == ["shipping", "receiving"]


@pytest.mark.parametrize("path", ["/shipments", "/parcels", "/receipts"])
def test_nobody_reads_without_a_right(world: World, hold: Any, path: str) -> None:
    assert Client().get(f"/api/v1{path}").status_code == 401
    doctor = signed_in(hold("clinic_doctor", world.counties[0]))
    assert doctor.get(f"/api/v1{path}").status_code == 403


def test_a_cursor_of_another_list_is_refused(officer: Client) -> None:
    get(officer, "/shipments?after=nonsense", 400)
