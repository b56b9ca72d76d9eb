"""The desk's pages: each role sees its own, and every button does what it says."""

import gzip
import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tongzhou.delivery.actions.arrivals import Arrival, receive_shipment
from tongzhou.delivery.actions.claims import claim_parcel
from tongzhou.delivery.actions.handed import Handed, receive_parcel
from tongzhou.delivery.actions.planned import plan_shipments
from tongzhou.delivery.actions.tasks import watch
from tongzhou.delivery.models import (
    Discrepancy,
    Parcel,
    Receipt,
    Shipment,
    StatusReport,
    Task,
)
from tongzhou.delivery.queries.board import board_of
from tongzhou.delivery.rules import Count
from tongzhou.kit import clock
from tongzhou.kit.rules import SYSTEM
from tongzhou.people.models import Organisation
from tongzhou.supplies.models import Bucket

from .world import DOCTOR, NOW, OFFICER, World

pytestmark = pytest.mark.urls("tongzhou.delivery.tests.urls")


def signed_in(account: Any) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(account, backend="tongzhou.people.backends.RoleBackend")
    return client


@pytest.fixture
def officer(world: World, hold: Any) -> Client:
    return signed_in(hold("county_officer", world.counties[0]))


@pytest.fixture
def coordinator(world: World, hold: Any) -> Client:
    return signed_in(hold("coordinator", world.nation))


def text(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, (path, response.status_code)
    return response.content.decode()


def command(page: str) -> str:
    found = re.search(r'name="command" value="([^"]+)"', page)
    assert found
    return found[1]


def post(client: Client, path: str, data: dict[str, Any], status: int = 302) -> Any:
    """Fill in the form of a page: its hidden command id and the given fields."""
    response = client.post(path, {"command": command(text(client, path)), **data})
    assert response.status_code == status, response.content.decode()
    return response


# Shipments


def test_a_county_sees_its_own_shipments(world: World, officer: Client) -> None:
    plan_shipments(world.run, by=OFFICER)
    own, other = world.shipment("hub_depot"), world.shipment("hub_depot", 1)
    page = text(officer, "/desk/shipments/")
    assert own.public_id in page
    assert other.public_id not in page
    text(officer, f"/desk/shipments/{own.public_id}/")
    text(officer, f"/desk/shipments/{other.public_id}/", 404)


def test_a_carrier_sees_only_what_its_organisation_carries(world: World, hold: Any) -> None:
    own = Organisation.objects.create(code="a", name="快运", kind="carrier")
    other = Organisation.objects.create(code="b", name="慢运", kind="carrier")
    client = signed_in(hold("carrier", world.nation, own))
    plan_shipments(world.run, by=OFFICER)
    mine, theirs = world.shipment("dock_hub"), world.shipment("dock_hub", 1)
    Shipment.objects.filter(pk=mine.pk).update(carrier=own)
    Shipment.objects.filter(pk=theirs.pk).update(carrier=other)
    page = text(client, "/desk/shipments/")
    assert mine.public_id in page
    assert theirs.public_id not in page
    text(client, f"/desk/shipments/{theirs.public_id}/", 404)
    assert client.get(f"/desk/shipments/{mine.public_id}/leave/").status_code == 403


def test_filters_stand_in_the_address(world: World, coordinator: Client) -> None:
    plan_shipments(world.run, by=OFFICER)
    world.send(world.shipment("dock_hub"))
    page = text(coordinator, "/desk/shipments/?state=dispatched&leg=dock_hub")
    assert world.shipment("dock_hub").public_id in page
    assert world.shipment("dock_hub", 1).public_id not in page
    assert "1 shipment, as of" in page
    assert "fits these filters" in text(coordinator, "/desk/shipments/?q=S-NONE")
    assert "fits these filters" in text(coordinator, "/desk/shipments/?overdue=1")
    with clock.fixed_at(NOW + timedelta(days=9)):
        coordinator = signed_in(coordinator.get("/desk/shipments/").wsgi_request.user)
        assert "4 shipments" in text(coordinator, "/desk/shipments/?overdue=1")


def test_a_bad_cursor_is_not_found(world: World, coordinator: Client) -> None:
    text(coordinator, "/desk/shipments/?after=nonsense", 404)


def test_a_shipment_is_given_to_a_carrier_of_ones_own_area_only(world: World, hold: Any) -> None:
    plan_shipments(world.run, by=OFFICER)
    shipment = world.shipment("hub_depot")
    Organisation.objects.create(code="a", name="快运", kind="carrier")
    hidden = Organisation.objects.create(code="b", name="私运", kind="carrier", public=False)
    officer = signed_in(hold("county_officer", shipment.from_place.division))
    path = f"/desk/shipments/{shipment.public_id}/leave/"
    page = text(officer, path)
    assert "快运" in page
    assert "私运" not in page
    refused = officer.post(path, {"command": "c" * 12, "carrier": hidden.pk})
    assert refused.status_code == 422
    shipment.refresh_from_db()
    assert (shipment.state, shipment.carrier) == ("planned", None)


def test_a_shipment_leaves_by_its_form(world: World, coordinator: Client) -> None:
    carrier = Organisation.objects.create(code="a", name="快运", kind="carrier")
    plan_shipments(world.run, by=OFFICER)
    shipment = world.shipment("dock_hub")
    path = f"/desk/shipments/{shipment.public_id}/leave/"
    post(coordinator, path, {"carrier": carrier.pk, "tracking_number": "SF1"})
    shipment.refresh_from_db()
    assert (shipment.state, shipment.carrier, shipment.tracking_number) == (
        "dispatched",
        carrier,
        "SF1",
    )
    page = text(coordinator, f"/desk/shipments/{shipment.public_id}/")
    assert "快运 · SF1" in page


def test_what_cannot_leave_is_said_on_the_form(world: World, coordinator: Client) -> None:
    plan_shipments(world.run, by=OFFICER)
    path = f"/desk/shipments/{world.shipment('hub_depot').public_id}/leave/"
    assert "has arrived here yet" in post(coordinator, path, {}, 422).content.decode()


def test_chosen_shipments_leave_together(world: World, coordinator: Client) -> None:
    plan_shipments(world.run, by=OFFICER)
    ids = [one.public_id for one in Shipment.objects.filter(leg="dock_hub")]
    data = {"command": "abcdefgh", "shipment": ids}
    assert coordinator.post("/desk/shipments/leave/", data).status_code == 302
    assert set(Shipment.objects.filter(leg="dock_hub").values_list("state", flat=True)) == {
        "dispatched"
    }


def test_a_county_does_not_send_for_the_hub(world: World, officer: Client) -> None:
    world.to_hub()
    path = f"/desk/shipments/{world.shipment('hub_depot').public_id}/leave/"
    text(officer, path, 404)


def test_a_depot_receives_by_its_form(world: World, officer: Client) -> None:
    world.to_hub()
    shipment = world.shipment("hub_depot")
    world.send(shipment)
    path = f"/desk/shipments/{shipment.public_id}/receive/"
    post(officer, path, {"arrived": "fewer", "good_0": 5, "signed_by": "王"})
    assert world.balance(world.depots[0], Bucket.RESERVED) == 5
    assert Discrepancy.objects.get().units == 1


def test_a_count_that_does_not_fit_is_said(world: World, officer: Client) -> None:
    world.to_hub()
    shipment = world.shipment("hub_depot")
    world.send(shipment)
    path = f"/desk/shipments/{shipment.public_id}/receive/"
    page = post(officer, path, {"arrived": "fewer", "good_0": 6, "signed_by": "王"}, 422)
    assert "do not fit" in page.content.decode()


def test_a_shipment_is_declared_lost_with_a_reason(world: World, officer: Client) -> None:
    world.to_hub()
    shipment = world.shipment("hub_depot")
    world.send(shipment)
    path = f"/desk/shipments/{shipment.public_id}/lost/"
    assert "What will happen" in text(officer, path)
    post(officer, path, {"note": "The bridge is gone."})
    shipment.refresh_from_db()
    assert shipment.state == "lost"


def test_the_cartons_stand_ready(world: World, coordinator: Client) -> None:
    plan_shipments(world.run, by=OFFICER)
    shipment = world.shipment("dock_hub")
    path = f"/desk/shipments/{shipment.public_id}/packed/"
    assert coordinator.post(path).status_code == 302
    shipment.refresh_from_db()
    assert shipment.state == "packed"


def test_a_waybill_is_a_pdf_in_the_readers_language(world: World, coordinator: Client) -> None:
    plan_shipments(world.run, by=OFFICER)
    path = f"/desk/shipments/{world.shipment('dock_hub').public_id}/waybill.pdf"
    response = coordinator.get(path)
    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF")


# Carriers' reports


@pytest.fixture
def carried(world: World, hold: Any) -> tuple[Client, Shipment]:
    own = Organisation.objects.create(code="a", name="快运", kind="carrier")
    plan_shipments(world.run, by=OFFICER)
    shipment = world.shipment("dock_hub")
    Shipment.objects.filter(pk=shipment.pk).update(carrier=own, tracking_number="SF1")
    world.send(world.shipment("dock_hub"))
    return signed_in(hold("carrier", world.nation, own)), shipment


def table(*rows: str) -> SimpleUploadedFile:
    lines = ["shipment,event,at,where", *rows]
    return SimpleUploadedFile("t.csv", "\n".join(lines).encode(), "text/csv")


def test_a_table_of_reports_is_taken_in_once(carried: tuple[Client, Shipment]) -> None:
    client, shipment = carried
    rows = (
        "SF1,departing,2023-01-08 09:00,西安",
        f"{shipment.public_id},arriving,2023-01-09 01:00,兰州",
    )
    for _ in range(2):
        response = client.post("/desk/shipments/reports/", {"file": table(*rows)})
        assert response.status_code == 302
    assert StatusReport.objects.count() == 2
    page = text(client, f"/desk/shipments/{shipment.public_id}/")
    assert "reported by the carrier" in page
    shipment.refresh_from_db()
    assert shipment.state == "dispatched"


def test_one_wrong_row_and_nothing_is_taken_in(
    world: World, carried: tuple[Client, Shipment]
) -> None:
    client, _shipment = carried
    other = world.shipment("dock_hub", 1).public_id
    rows = ("SF1,departing,2023-01-08 09:00,", f"{other},flying,yesterday,")
    response = client.post("/desk/shipments/reports/", {"file": table(*rows)})
    page = response.content.decode()
    assert response.status_code == 422
    assert page.count("Row 3") == 3
    assert not StatusReport.objects.exists()


def test_a_report_is_entered_by_hand(carried: tuple[Client, Shipment]) -> None:
    client, shipment = carried
    path = f"/desk/shipments/{shipment.public_id}/report/"
    data = {"event": "holding", "at": "2023-01-08T10:00", "where": "秦岭"}
    assert client.post(path, data).status_code == 302
    assert StatusReport.objects.get().event == "holding"


# Parcels


def test_an_account_of_one_county_goes_straight_to_its_parcels(
    world: World, officer: Client
) -> None:
    assert officer.get("/desk/parcels/")["Location"] == "/desk/parcels/620102/"


def test_a_coordinator_sees_the_depots(world: World, coordinator: Client) -> None:
    world.packed()
    page = text(coordinator, "/desk/parcels/")
    assert "甲县" in page
    assert "乙县" in page


def test_a_county_packs_prints_and_sends(world: World, officer: Client) -> None:
    world.to_depots()
    page = text(officer, "/desk/parcels/620102/")
    assert "6 units of plan 1 lie here unpacked; 3 places wait" in page
    path = f"/desk/parcels/620102/pack/{world.run.pk}/"
    assert officer.post(path, {"command": command(page)}).status_code == 302
    assert Parcel.objects.count() == 3
    for name in ("labels", "slips"):
        data = officer.get(f"/desk/parcels/620102/{name}.pdf").content
        assert data.startswith(b"%PDF")
    page = text(officer, "/desk/parcels/620102/")
    chosen = {"command": command(page), "parcel": [world.parcel().public_id], "driver": "李"}
    assert officer.post("/desk/parcels/620102/leave/", chosen).status_code == 302
    rest = {"command": "restofthem", "all": "1"}
    assert officer.post("/desk/parcels/620102/leave/", rest).status_code == 302
    states = Parcel.objects.values_list("state", flat=True)
    assert list(states) == ["dispatched"] * 3
    assert Shipment.objects.filter(leg="last_mile").count() == 2


def test_nothing_chosen_leaves_nothing(world: World, officer: Client) -> None:
    world.packed()
    officer.post("/desk/parcels/620102/leave/", {"command": "abcdefgh"})
    assert not Shipment.objects.filter(leg="last_mile").exists()


def test_another_county_is_not_there(world: World, officer: Client) -> None:
    world.packed()
    other = world.parcel(1)
    for path in (
        "/desk/parcels/620103/",
        "/desk/parcels/620103/slips.pdf",
        f"/desk/parcel/{other.public_id}/",
        f"/desk/parcel/{other.public_id}/receipt/",
        f"/desk/parcel/{other.public_id}/slip.pdf",
        "/desk/slice/620103.json",
        "/desk/drive/county/620103/",
        "/desk/board/620103/",
    ):
        text(officer, path, 404)


def test_a_receipt_is_entered_with_a_witness(world: World, officer: Client) -> None:
    parcel = world.on_the_way().parcel()
    path = f"/desk/parcel/{parcel.public_id}/receipt/"
    assert "This field is required" in post(officer, path, {"arrived": "all"}, 422).content.decode()
    post(officer, path, {"arrived": "all", "witness": "李四"})
    receipt = Receipt.objects.get(parcel=parcel)
    assert (receipt.method, receipt.witness) == ("office", "李四")
    assert "witness: 李四" in text(officer, f"/desk/parcel/{parcel.public_id}/")


def test_an_auditor_reads_a_parcel_but_no_name(world: World, hold: Any) -> None:
    parcel = world.on_the_way().parcel()
    receive_parcel(parcel, Handed("c-1", "slip", signed_by="王医生"), by=DOCTOR)
    page = text(signed_in(hold("auditor", world.nation)), f"/desk/parcel/{parcel.public_id}/")
    assert "王医生" not in page
    assert "signed" in page


def test_a_claim_needs_the_officer_first(world: World, officer: Client) -> None:
    parcel = world.on_the_way().parcel()
    claim_parcel(parcel, Handed("k-1", "label", signed_by="?"), by=DOCTOR)
    page = text(officer, "/desk/parcels/620102/")
    assert "Somebody says it arrived" in page


def test_a_parcel_is_lost_or_gets_a_new_slip(world: World, officer: Client) -> None:
    parcel = world.on_the_way().parcel()
    assert officer.post(f"/desk/parcel/{parcel.public_id}/new-slip/").status_code == 302
    parcel.refresh_from_db()
    assert parcel.token_version == 2
    post(officer, f"/desk/parcel/{parcel.public_id}/lost/", {"note": "Not found."})
    parcel.refresh_from_db()
    assert parcel.state == "lost"


# Discrepancies


@pytest.fixture
def short(world: World) -> Discrepancy:
    world.to_hub()
    shipment = world.shipment("hub_depot")
    world.send(shipment)
    count = (Count(world.item.pk, good=5),)
    receive_shipment(Arrival(shipment.pk, "r-9", count), by=SYSTEM)
    return Discrepancy.objects.get()


def test_a_discrepancy_is_settled_by_what_turned_out(
    world: World, short: Discrepancy, officer: Client
) -> None:
    assert "Missing" in text(officer, "/desk/discrepancies/")
    path = f"/desk/discrepancies/{short.pk}/"
    post(officer, path, {"outcome": "explained", "note": "Asked the hub."})
    post(officer, path, {"outcome": "arrived", "note": "It was in the cab."})
    assert world.balance(world.depots[0], Bucket.RESERVED) == 6
    assert "Nothing is short" in text(officer, "/desk/discrepancies/")
    assert "Resolved" in text(officer, "/desk/discrepancies/?all=1")
    assert officer.post(path, {"outcome": "arrived", "note": "x"}).status_code == 404


def test_a_discrepancy_is_written_off(world: World, short: Discrepancy, officer: Client) -> None:
    path = f"/desk/discrepancies/{short.pk}/"
    post(officer, path, {"outcome": "written_off", "note": "Gone."})
    short.refresh_from_db()
    assert short.state == "written_off"


def test_a_discrepancy_of_another_county_is_not_there(
    world: World, short: Discrepancy, hold: Any
) -> None:
    client = signed_in(hold("county_officer", world.counties[1]))
    text(client, f"/desk/discrepancies/{short.pk}/", 404)
    assert "Nothing is short" in text(client, "/desk/discrepancies/")


def test_an_auditor_reads_but_settles_nothing(world: World, short: Discrepancy, hold: Any) -> None:
    client = signed_in(hold("auditor", world.nation))
    path = f"/desk/discrepancies/{short.pk}/"
    assert "Settle it" not in text(client, path)
    assert client.post(path, {"outcome": "arrived", "note": "x"}).status_code == 404


# Deadline


def test_the_board_names_who_will_be_late(world: World, coordinator: Client) -> None:
    plan_shipments(world.run, by=OFFICER)
    assert "All counties are on course" in text(coordinator, "/desk/board/")
    account = coordinator.get("/desk/board/").wsgi_request.user
    with clock.fixed_at(NOW + timedelta(days=4)):
        page = text(signed_in(account), "/desk/board/")
    assert "2 counties will miss the deadline of 16 January 2023" in page
    assert "1 day late" in page
    assert "waits at the producer" in page


def test_the_board_of_a_nation_has_a_mark_at_the_thousands(
    world: World, coordinator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan_shipments(world.run, by=OFFICER)
    many = {"late": 2789, "overdue": 0, "going": 0}

    def of_a_nation(*args: Any, **wishes: Any) -> Any:
        return replace(board_of(*args, **wishes), counts=many)

    monkeypatch.setattr("tongzhou.delivery.queries.board.board_of", of_a_nation)
    page = text(coordinator, "/desk/board/")
    assert "2,789 counties will miss the deadline" in page
    assert "2,789 counties whose clinics still wait" in page
    assert "2789" not in page.replace("from=", "")


def test_filters_of_the_board_are_words_that_can_be_taken_off(
    world: World, coordinator: Client
) -> None:
    plan_shipments(world.run, by=OFFICER)
    one, other = world.counties
    page = text(coordinator, f"/desk/board/?q={one.code}&state=going")
    assert f"/desk/board/{one.code}/" in page
    assert f"/desk/board/{other.code}/" not in page
    assert "All counties are on course" not in page
    assert page.count("Remove this filter:") == 2
    page = text(coordinator, "/desk/board/?state=late")
    assert "No county matches these filters" in page
    for nonsense in ("?state=burnt", "?owner=x", "?in=99", "?start=-1"):
        assert f"/desk/board/{other.code}/" in text(coordinator, f"/desk/board/{nonsense}")


def test_the_board_of_a_county_lists_its_clinics(world: World, officer: Client) -> None:
    world.packed()
    page = text(officer, "/desk/board/620102/")
    assert "3 parcels that have not arrived" in page
    assert "甲11村卫生室" in page


def test_a_board_without_a_campaign_says_so(db: None, world: World, coordinator: Client) -> None:
    plan_shipments(world.run, by=OFFICER)
    world.campaign.state = "draft"
    world.campaign.save()
    assert "There is no campaign yet" in text(coordinator, "/desk/board/")


def test_a_task_is_listed_and_done(world: World, officer: Client) -> None:
    world.to_hub()
    world.send(world.shipment("hub_depot"))
    account = officer.get("/desk/tasks/").wsgi_request.user
    with clock.fixed_at(NOW + timedelta(days=2)):
        watch(world.campaign, by=SYSTEM)
        client = signed_in(account)
        assert "Should have arrived" in text(client, "/desk/tasks/")
        task = Task.objects.get()
        assert client.post(f"/desk/tasks/{task.pk}/done/").status_code == 302
        assert "No step is overdue" in text(client, "/desk/tasks/")


# On the phone


def test_a_slice_of_a_county_is_small_and_complete(world: World, officer: Client) -> None:
    world.packed()
    response = officer.get("/desk/slice/620102.json", headers={"accept-encoding": "gzip"})
    data = json.loads(gzip.decompress(response.content))
    assert data["county"] == {"code": "620102", "name": "甲县"}
    assert data["items"] == [["oximeter", "oximeter", "台"]]
    assert data["towns"] == ["甲1镇", "甲2镇"]
    assert data["parcels"][0][1:] == [
        1,
        "甲11村卫生室",
        0,
        "packed",
        [[0, 2]],
    ]


def test_a_driver_has_the_stops_of_the_round(world: World, hold: Any) -> None:
    own = Organisation.objects.create(code="a", name="快运", kind="carrier")
    world.on_the_way()
    shipment = Shipment.objects.filter(leg="last_mile").order_by("pk")[0]
    client = signed_in(hold("carrier", world.nation, own))
    path = f"/desk/drive/{shipment.public_id}/"
    text(client, path, 404)
    Shipment.objects.filter(pk=shipment.pk).update(carrier=own)
    page = text(client, path)
    places = [page.index(name) for name in ("甲11村", "甲12村", "甲21村")]
    assert places == sorted(places)
    assert "3 stops left" in page


def test_an_officer_takes_the_whole_county_along(world: World, officer: Client) -> None:
    world.packed()
    assert "3 stops left" in text(officer, "/desk/drive/county/620102/")


def test_whoever_is_not_signed_in_is_asked_to(world: World) -> None:
    for path in ("/desk/shipments/", "/desk/parcels/", "/desk/board/", "/desk/tasks/"):
        response = Client().get(path)
        assert response.status_code == 302
        assert response["Location"].startswith("/accounts/login/")


def test_a_long_list_goes_on_behind_its_cursor(
    world: World, coordinator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.packed()
    monkeypatch.setattr("tongzhou.delivery.views.pages.listed.__kwdefaults__", {"size": 1})
    for path in ("/desk/shipments/", "/desk/parcels/"):
        page = text(coordinator, path)
        found = re.search(r'href="(\?after=[^"]+)" rel="next"', page)
        assert found
        assert text(coordinator, path + found[1]) != page
