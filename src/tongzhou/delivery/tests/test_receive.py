"""The receive page as a plain form: no script, no account, one receipt."""

import io
import re
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from tongzhou.delivery.actions.claims import lose_parcel
from tongzhou.delivery.models import Discrepancy, Parcel, Photo, Receipt
from tongzhou.delivery.rules import receive_token

from .world import OFFICER, World

pytestmark = pytest.mark.urls("tongzhou.delivery.tests.urls")


@pytest.fixture
def parcel(world: World) -> Parcel:
    return world.on_the_way().parcel()


def address(parcel: Parcel) -> str:
    return f"/c/{receive_token(settings.SECRET_KEY, parcel.public_id, parcel.token_version)}/"


def fields(parcel: Parcel) -> dict[str, Any]:
    """The hidden fields of a fresh page."""
    page = Client().get(address(parcel)).content.decode()
    found = re.search(r'name="command" value="([^"]+)"', page)
    assert found
    return {"command": found[1]}


def handed() -> Receipt:
    return Receipt.objects.get(parcel__isnull=False)


def test_the_page_shows_the_clinic_what_was_sent_and_by_whom(parcel: Parcel) -> None:
    page = Client(headers={"accept-language": "zh-hans"}).get(address(parcel)).content.decode()
    assert "甲11村卫生室" in page
    assert "血氧仪" in page
    assert "2 台" in page
    assert "甲县收货点" in page


def test_the_page_is_for_this_phone_alone(parcel: Parcel) -> None:
    response = Client().get(address(parcel))
    assert response["Cache-Control"] == "private, no-cache"
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Robots-Tag"] == "noindex"
    assert "default-src 'none'" in response["Content-Security-Policy"]


def test_a_plain_form_receives(parcel: Parcel) -> None:
    data = {**fields(parcel), "arrived": "all", "signed_by": "王医生"}
    response = Client(enforce_csrf_checks=True).post(address(parcel), data)
    assert response.status_code == 303
    assert handed().counts == [{"item": "oximeter", "good": 2, "damaged": 0, "wrong": 0}]
    after = Client(headers={"accept-language": "en"}).get(address(parcel)).content.decode()
    assert "Received 8 January 2023, 14:00" in after
    assert "<form" not in after.split("<main")[1]


def test_pressing_twice_has_one_effect(parcel: Parcel) -> None:
    data = {**fields(parcel), "arrived": "all", "signed_by": "王医生"}
    assert Client().post(address(parcel), data).status_code == 303
    assert Client().post(address(parcel), data).status_code == 303
    assert handed().confirmed


def test_a_second_page_sees_the_first_receipt(parcel: Parcel) -> None:
    first, second = fields(parcel), fields(parcel)
    Client().post(address(parcel), {**first, "arrived": "all", "signed_by": "王医生"})
    numbers = {"arrived": "fewer", "good_0": "1", "signed_by": "李医生"}
    Client().post(address(parcel), {**second, **numbers})
    assert handed().signed_by == "王医生"
    assert not Discrepancy.objects.exists()


def test_fewer_is_counted_item_by_item(parcel: Parcel) -> None:
    numbers = {"arrived": "fewer", "good_0": "1", "signed_by": "王"}
    Client().post(address(parcel), {**fields(parcel), **numbers})
    assert list(Discrepancy.objects.values_list("kind", "units")) == [("short", 1)]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"signed_by": "王"}, "Choose what arrived."),
        ({"arrived": "all"}, "Write your name"),
        ({"arrived": "fewer", "signed_by": "王"}, "Enter how many pieces"),
        ({"arrived": "fewer", "good_0": "2", "signed_by": "王"}, "do not fit"),
        ({"arrived": "fewer", "good_0": "-1", "signed_by": "王"}, "greater than or equal to 0"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(
    parcel: Parcel, data: dict[str, str], sentence: str
) -> None:
    client = Client(headers={"accept-language": "en"})
    response = client.post(address(parcel), {**fields(parcel), **data})
    page = response.content.decode()
    assert response.status_code == 422
    assert sentence in page
    assert "<title>Error:" in page
    assert f'value="{data.get("signed_by", "")}"' in page
    assert not Receipt.objects.filter(parcel__isnull=False).exists()


def picture(size: tuple[int, int], **saved: Any) -> SimpleUploadedFile:
    data = io.BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(data, "JPEG", **saved)
    return SimpleUploadedFile("a.jpg", data.getvalue(), "image/jpeg")


def test_a_photograph_is_shrunk_and_loses_its_metadata(parcel: Parcel) -> None:
    exif = Image.Exif()
    exif[0x010F] = "SECRET-CAMERA"
    photo = picture((2400, 1800), exif=exif, comment=b"SECRET-COMMENT")
    data = {**fields(parcel), "arrived": "all", "photo": photo}
    assert Client().post(address(parcel), data).status_code == 303
    stored = bytes(Photo.objects.get().data)
    assert len(stored) <= 200 * 1024
    assert b"SECRET" not in stored
    assert Image.open(io.BytesIO(stored)).size == (1280, 960)


def test_a_file_that_is_no_picture_is_refused(parcel: Parcel) -> None:
    client = Client(headers={"accept-language": "en"})
    photo = SimpleUploadedFile("a.jpg", b"GIF89a<script>", "image/jpeg")
    data = {**fields(parcel), "arrived": "all", "photo": photo}
    response = client.post(address(parcel), data)
    assert response.status_code == 422
    assert "could not be read" in response.content.decode()


def test_a_picture_of_a_billion_pixels_is_refused(parcel: Parcel) -> None:
    bomb = (
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x90\x00\x00\x00\x90\x00\x08\x02\x00\x00\x00"
    )
    photo = SimpleUploadedFile("a.png", bomb + b"\x00" * 20, "image/png")
    data = {**fields(parcel), "arrived": "all", "photo": photo}
    assert Client().post(address(parcel), data).status_code == 422


@pytest.mark.parametrize("token", ["A" * 26, "short", "P-7K3M9-QX24T-K", "%01"])
def test_an_unknown_slip_says_what_to_do(db: None, token: str) -> None:
    response = Client(headers={"accept-language": "en"}).get(f"/c/{token}/")
    assert response.status_code == 404
    assert "No parcel has this slip" in response.content.decode()


def test_a_parcel_written_off_waits_for_the_office(parcel: Parcel) -> None:
    lose_parcel(parcel, "Washed away.", command_id="l-1", by=OFFICER)
    Discrepancy.objects.update(state="written_off")
    data = {**fields(parcel), "arrived": "all", "signed_by": "王"}
    Client().post(address(parcel), data)
    page = Client(headers={"accept-language": "en"}).get(address(parcel)).content.decode()
    assert "Your office has to decide" in page


def test_the_outer_label_only_claims(parcel: Parcel) -> None:
    claim = f"/trace/parcels/{parcel.public_id}/claim/"
    client = Client(headers={"accept-language": "en"})
    page = client.get(claim).content.decode()
    found = re.search(r'name="command" value="([^"]+)"', page)
    assert found
    data = {"command": found[1], "signed_by": "路人"}
    assert "claimed" in client.post(claim, data).content.decode()
    parcel.refresh_from_db()
    assert parcel.state == "claimed"
    assert not handed().confirmed


def test_an_unknown_label_is_not_found(db: None) -> None:
    assert Client().get("/trace/parcels/P-00000-00000-0/claim/").status_code == 404


@pytest.mark.parametrize("name", ["receive", "outbox", "proof", "shown", "sw"])
def test_scripts_come_packed(client: Client, name: str) -> None:
    response = client.get(f"/c/{name}.js", headers={"accept-encoding": "gzip"})
    assert response["Content-Encoding"] == "gzip"
    assert response["Content-Type"] == "text/javascript"


def test_no_other_file_is_a_script(client: Client, db: None) -> None:
    assert client.get("/c/settings.js").status_code == 404


def test_the_first_opening_stays_below_30_kb(parcel: Parcel) -> None:
    client = Client(headers={"accept-encoding": "gzip", "accept-language": "zh-hans"})
    paths = [
        address(parcel),
        *(f"/c/{name}.js" for name in ("receive", "outbox", "proof", "shown", "sw")),
    ]
    sizes = [len(client.get(path).content) for path in paths]
    assert sum(sizes) <= 30 * 1024, sizes
