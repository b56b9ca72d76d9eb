"""POST /api/v1/commands: every command once, every status, the same bytes for every replay."""

import base64
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db.models import QuerySet
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st
from PIL import Image

from conftest import examples
from tongzhou.delivery.actions import commands
from tongzhou.delivery.actions.claims import lose_parcel
from tongzhou.delivery.models import Command, Discrepancy, Parcel, Receipt
from tongzhou.delivery.rules import receive_token
from tongzhou.kit.models import Event
from tongzhou.people.models import Organisation
from tongzhou.supplies.models import Bucket, Move

from .world import NOW, OFFICER, World

pytestmark = pytest.mark.urls("tongzhou.delivery.tests.urls")

URL = "/api/v1/commands"
ALL = {"arrived": "all", "signed_by": "王医生"}


def token_of(parcel: Parcel) -> str:
    return receive_token(settings.SECRET_KEY, parcel.public_id, parcel.token_version)


def receipt(parcel: Parcel, command_id: str = "device-1", **body: object) -> dict[str, object]:
    return {
        "id": command_id,
        "kind": "receipt.parcel",
        "at": "2023-01-08T14:05:00+08:00",
        "token": token_of(parcel),
        "body": body or ALL,
    }


def send(*sent: object, client: Client | None = None, device: str = "phone-1") -> Any:
    return (client or Client()).post(
        URL,
        json.dumps({"device": device, "commands": sent}),
        content_type="application/json",
    )


def handed() -> QuerySet[Receipt]:
    """Receipts of parcels; those of the hops before are not the matter here."""
    return Receipt.objects.filter(parcel__isnull=False)


def result(*sent: object, client: Client | None = None) -> dict[str, Any]:
    response = send(*sent, client=client)
    assert response.status_code == 200, response.content
    first: dict[str, Any] = response.json()["results"][0]
    return first


def test_a_slip_receives_its_parcel(world: World) -> None:
    parcel = world.on_the_way().parcel()
    answer = result(receipt(parcel))
    assert (answer["id"], answer["status"]) == ("device-1", "done")
    assert answer["answer"]["parcel"] == parcel.public_id
    assert answer["answer"]["counts"] == [{"item": "oximeter", "good": 2, "damaged": 0, "wrong": 0}]
    stored = handed().get()
    assert (stored.method, stored.signed_by, stored.device) == ("slip", "王医生", "phone-1")


def test_the_device_time_is_kept_and_decides_nothing(world: World) -> None:
    parcel = world.on_the_way().parcel()
    result({**receipt(parcel), "at": "2031-01-01T00:00:00+00:00"})
    stored = handed().get()
    assert stored.at == NOW
    assert stored.at_device is not None
    assert stored.at_device.year == 2031


def test_a_replay_gives_the_first_result_byte_for_byte(world: World) -> None:
    parcel = world.on_the_way().parcel()
    first = send(receipt(parcel)).content
    Discrepancy.objects.all().delete()
    assert send(receipt(parcel), device="other").content == first
    assert Move.objects.filter(kind="receipt", command_id="c:device-1").count() == 1
    assert Event.objects.filter(verb="parcel.received").count() == 1


def test_a_refusal_is_replayed_as_well(world: World) -> None:
    parcel = world.on_the_way().parcel()
    wrong = receipt(parcel, arrived="all")
    first = send(wrong).content
    assert b'"status":"refused"' in first
    assert send(wrong).content == first


def test_the_same_id_with_another_body_is_a_conflict(world: World) -> None:
    parcel = world.on_the_way().parcel()
    result(receipt(parcel))
    other = receipt(parcel, arrived="all", signed_by="李医生")
    assert result(other)["status"] == "conflict"
    assert handed().count() == 1


def test_the_same_id_twice_in_one_call_has_one_effect(world: World) -> None:
    parcel = world.on_the_way().parcel()
    rows = send(receipt(parcel), receipt(parcel)).json()["results"]
    assert rows[0] == rows[1]
    assert rows[0]["status"] == "done"


def test_a_second_device_is_told_what_happened(world: World) -> None:
    parcel = world.on_the_way().parcel()
    first = result(receipt(parcel))
    counts = [{"item": "oximeter", "good": 1}]
    second = result(receipt(parcel, "device-2", arrived="fewer", counts=counts, signed_by="李医生"))
    assert second["status"] == "duplicate"
    assert second["answer"]["receipt"] == first["answer"]["receipt"]
    assert second["answer"]["counts"] == first["answer"]["counts"]
    assert world.balance(parcel.place, Bucket.ON_HAND) == 2


def test_no_person_is_named_in_an_answer(world: World) -> None:
    parcel = world.on_the_way().parcel()
    assert "王医生" not in send(receipt(parcel)).content.decode()


@pytest.mark.parametrize("token", ["", "A" * 26, "nonsense", "🀄"])
def test_without_a_slip_or_a_session_it_is_refused(world: World, token: str) -> None:
    parcel = world.on_the_way().parcel()
    answer = result({**receipt(parcel), "token": token})
    assert (answer["status"], answer["answer"]["reason"]) == ("refused", "token.unknown")
    assert not handed().exists()


def test_a_slip_opens_only_its_own_parcel(world: World) -> None:
    mine = world.on_the_way().parcel(0, 0)
    other = world.parcel(0, 1)
    result({**receipt(mine), "body": {**ALL, "parcel": other.public_id}})
    other.refresh_from_db()
    assert other.state == "dispatched"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"signed_by": "王"}, "arrived.missing"),
        ({"arrived": "all"}, "signature.missing"),
        ({"arrived": "fewer", "signed_by": "王"}, "count.missing"),
        ({"arrived": "fewer", "counts": [], "signed_by": "王"}, "count.missing"),
        ({"arrived": "fewer", "counts": [{"item": "x", "good": 1}]}, "count.missing"),
        ({"arrived": "fewer", "counts": [{"item": "oximeter", "good": -1}]}, "count.range"),
        ({"arrived": "fewer", "counts": [{"item": "oximeter", "good": 1.5}]}, "count.range"),
        ({"arrived": "fewer", "counts": [{"item": "oximeter", "good": 10**12}]}, "count.range"),
        ({"arrived": "fewer", "counts": [{"item": "oximeter", "good": "1"}]}, "count.range"),
        ({"arrived": "fewer", "counts": [{"item": "oximeter", "good": True}]}, "count.range"),
        ({"arrived": "fewer", "counts": [{"item": "oximeter", "good": 2}]}, "count.unlike"),
        ({"arrived": "more", "counts": [{"item": "oximeter", "good": 2}]}, "count.unlike"),
        ({"arrived": "damaged", "counts": [{"item": "oximeter", "good": 1}]}, "count.unlike"),
        ({"arrived": "wrong", "counts": [{"item": "oximeter", "good": 1}]}, "count.unlike"),
        ({"arrived": "all", "signed_by": "王" * 61}, "text.long"),
        ({"arrived": "all", "signature": "<svg onload=x>"}, "signature.form"),
        ({"arrived": "all", "signature": "M0 0L" + "9 9L" * 3000}, "signature.form"),
    ],
)
def test_a_report_that_does_not_hold_is_refused(
    world: World, body: dict[str, object], reason: str
) -> None:
    parcel = world.on_the_way().parcel()
    answer = result(receipt(parcel, **body))
    assert (answer["status"], answer["answer"]["reason"]) == ("refused", reason)
    parcel.refresh_from_db()
    assert parcel.state == "dispatched"


@pytest.mark.parametrize(
    ("counts", "found"),
    [
        ({"good": 1}, [("short", 1)]),
        ({"good": 0, "damaged": 2}, [("damaged", 2)]),
        ({"good": 5}, [("over", 3)]),
        ({"good": 1, "wrong": 1}, [("wrong", 1)]),
    ],
)
def test_each_difference_is_kept(
    world: World, counts: dict[str, int], found: list[tuple[str, int]]
) -> None:
    parcel = world.on_the_way().parcel()
    kind = {"short": "fewer", "over": "more"}.get(found[0][0], found[0][0])
    rows = [{"item": "oximeter", **counts}]
    assert result(receipt(parcel, arrived=kind, counts=rows, signed_by="王"))["status"] == "done"
    assert list(Discrepancy.objects.values_list("kind", "units")) == found


def test_a_drawn_signature_is_enough(world: World) -> None:
    parcel = world.on_the_way().parcel()
    path = "M10 20L30 40L-3 7"
    assert result(receipt(parcel, arrived="all", signature=path))["status"] == "done"
    assert handed().get().signature == path


def jpeg(size: tuple[int, int] = (40, 30)) -> str:
    data = io.BytesIO()
    Image.new("RGB", size, "red").save(data, "JPEG")
    return base64.b64encode(data.getvalue()).decode()


def photo(parcel: Parcel, of: str = "device-1", command_id: str = "photo-1") -> dict[str, object]:
    body = {"receipt": of, "jpeg": jpeg()}
    return {"id": command_id, "kind": "receipt.photo", "token": token_of(parcel), "body": body}


def test_a_photograph_follows_its_receipt(world: World) -> None:
    parcel = world.on_the_way().parcel()
    first = receipt(parcel, arrived="all", photo_follows=True)
    statuses = [row["status"] for row in send(first, photo(parcel)).json()["results"]]
    assert statuses == ["done", "done"]
    assert handed().get().photo is not None
    assert Event.objects.filter(verb="receipt.photographed").count() == 1


def test_a_photograph_comes_once_and_after_its_receipt(world: World) -> None:
    parcel = world.on_the_way().parcel()
    assert result(photo(parcel))["answer"]["reason"] == "photo.receipt"
    send(receipt(parcel), photo(parcel, command_id="photo-2"))
    assert result(photo(parcel, command_id="photo-3"))["status"] == "duplicate"


def test_a_parcel_written_off_needs_a_decision(world: World) -> None:
    parcel = world.on_the_way().parcel()
    lose_parcel(parcel, "Washed away.", command_id="l-1", by=OFFICER)
    Discrepancy.objects.update(state="written_off")
    assert result(receipt(parcel))["status"] == "needs_decision"
    assert world.balance(parcel.place, Bucket.ON_HAND) == 0


def witnessed(parcel: Parcel, **body: object) -> dict[str, object]:
    given = {"parcel": parcel.public_id, "arrived": "all", "witness": "李四", **body}
    return {"id": "office-1", "kind": "receipt.witnessed", "body": given}


def signed_in(account: Any) -> Client:
    client = Client()
    client.force_login(account, backend="tongzhou.people.backends.RoleBackend")
    return client


def test_the_county_enters_a_receipt_with_a_witness(world: World, hold: Any) -> None:
    parcel = world.on_the_way().parcel()
    client = signed_in(hold("county_officer", world.counties[0]))
    assert result(witnessed(parcel), client=client)["status"] == "done"
    stored = handed().get()
    assert (stored.method, stored.witness) == ("office", "李四")


def test_a_witness_has_a_name(world: World, hold: Any) -> None:
    parcel = world.on_the_way().parcel()
    client = signed_in(hold("county_officer", world.counties[0]))
    answer = result(witnessed(parcel, witness="", signed_by="x"), client=client)
    assert answer["answer"]["reason"] == "witness.missing"


def test_another_county_does_not_enter_it(world: World, hold: Any) -> None:
    parcel = world.on_the_way().parcel()
    client = signed_in(hold("county_officer", world.counties[1]))
    assert result(witnessed(parcel), client=client)["answer"]["reason"] == "parcel.unknown"


def test_a_driver_enters_what_their_own_organisation_carries(world: World, hold: Any) -> None:
    carrier = Organisation.objects.create(code="sf", name="快运", kind="carrier")
    parcel = world.on_the_way().parcel()
    client = signed_in(hold("carrier", world.nation, carrier))
    assert result(witnessed(parcel), client=client)["answer"]["reason"] == "parcel.unknown"
    assert parcel.shipment is not None
    parcel.shipment.carrier = carrier
    parcel.shipment.save()
    answer = result({**witnessed(parcel), "id": "driver-2"}, client=client)
    assert answer["status"] == "done"
    assert handed().get().method == "driver"


def test_a_session_brought_along_by_another_site_does_not_count(world: World, hold: Any) -> None:
    parcel = world.on_the_way().parcel()
    client = signed_in(hold("county_officer", world.counties[0]))
    client.defaults["HTTP_SEC_FETCH_SITE"] = "cross-site"
    assert result(witnessed(parcel), client=client)["answer"]["reason"] == "sign_in"


def test_one_fault_refuses_one_command(world: World) -> None:
    parcel = world.on_the_way().parcel()
    bad = {"id": "x-1", "kind": "receipt.parcel", "at": "yesterday", "body": {}}
    unknown = {"id": "x-2", "kind": "receipt.teapot", "body": {}}
    rows = send(bad, unknown, receipt(parcel)).json()["results"]
    assert [row["status"] for row in rows] == ["refused", "refused", "done"]
    assert rows[0]["answer"]["reason"] == "command.form"
    assert rows[1]["answer"]["reason"] == "command.kind"


def test_a_device_cannot_take_the_id_of_an_office(world: World) -> None:
    parcel = world.on_the_way().parcel()
    result(receipt(parcel, "publish:1:1"))
    assert not Move.objects.filter(command_id="publish:1:1").exists()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b" ", 400),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b'{"device":"d","commands":NaN}', 400),
        (b"[" * 100_000, 400),
        (b"[]", 422),
        (b'{"device":"","commands":[]}', 422),
        (b'{"device":"d"}', 422),
        (b'{"device":"d","commands":[1]}', 422),
        (b'{"device":"d","commands":[{"id":"a b"}]}', 422),
        (b'{"device":"d\\u0000","commands":[]}', 422),
        (json.dumps({"device": "d", "commands": [{"id": "a"}] * 501}).encode(), 413),
    ],
)
def test_a_call_that_cannot_be_read_is_answered_as_a_problem(
    db: None, body: bytes, status: int
) -> None:
    response = Client().post(URL, body, content_type="application/json")
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["status"] == status


def test_only_json_is_read(db: None) -> None:
    response = Client().post(URL, b"{}", content_type="text/plain")
    assert response.status_code == 415


def test_strangers_are_not_kept_without_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "STRANGERS_AN_HOUR", 3)
    parcel = world.on_the_way().parcel()
    lines = [{**receipt(parcel, f"s-{n}"), "token": ""} for n in range(5)]
    statuses = [send(line).status_code for line in lines]
    assert statuses == [200, 200, 200, 429, 429]
    assert Command.objects.count() == 3
    assert result(receipt(parcel))["status"] == "done"


def test_an_old_hour_does_not_count(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "STRANGERS_AN_HOUR", 1)
    parcel = world.on_the_way().parcel()
    send({**receipt(parcel, "s-1"), "token": ""})
    Command.objects.update(at=NOW - timedelta(hours=2))
    assert send({**receipt(parcel, "s-2"), "token": ""}).status_code == 200


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
BODY = st.fixed_dictionaries(
    {},
    optional={
        "arrived": st.sampled_from(["all", "fewer", "more", "damaged", "wrong"]) | JSON,
        "counts": st.lists(
            st.fixed_dictionaries(
                {"item": st.just("oximeter") | JSON, "good": st.integers() | JSON},
                optional={"damaged": st.integers() | JSON, "wrong": st.integers() | JSON},
            )
            | JSON,
            max_size=3,
        )
        | JSON,
        "signed_by": st.text() | JSON,
        "signature": st.text() | JSON,
        "receipt": st.text() | JSON,
        "jpeg": st.text() | JSON,
        "parcel": st.text() | JSON,
        "photo_follows": JSON,
    },
)
STATUSES = {"done", "duplicate", "conflict", "refused", "needs_decision"}


@pytest.fixture
def open_token(world: World) -> str:
    return token_of(world.on_the_way().parcel())


@limits(
    max_examples=examples(60),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_whatever_a_device_sends_has_an_answer_and_at_most_one_effect(
    open_token: str, data: st.DataObject
) -> None:
    one = st.fixed_dictionaries(
        {"id": st.sampled_from(["a", "b", "c"]) | st.text(max_size=5), "body": BODY | JSON},
        optional={
            "kind": st.sampled_from([*commands.KINDS]) | JSON,
            "token": st.just(open_token) | JSON,
            "at": st.just("2023-01-08T14:05:00+08:00") | JSON,
        },
    )
    call = {"device": "fuzz", "commands": data.draw(st.lists(one, max_size=4))}
    response = Client().post(URL, json.dumps(call), content_type="application/json")
    assert response.status_code in (200, 400, 413, 422)
    if response.status_code == 200:
        rows = response.json()["results"]
        assert [row["id"] for row in rows] == [one["id"] for one in call["commands"]]
        assert {row["status"] for row in rows} <= STATUSES
    assert handed().filter(confirmed=True).count() <= 1
    assert Move.objects.filter(kind="receipt", command_id__startswith="c:").count() <= 1
