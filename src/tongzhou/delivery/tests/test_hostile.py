"""What somebody sends who wants to do harm: refused by itself, and nobody else pays for it."""

import base64
import io
import json
import random
import threading
from contextlib import suppress
from typing import Any

import pytest
from PIL import Image

from tongzhou.delivery.actions import commands, photos
from tongzhou.delivery.models import Command, Parcel
from tongzhou.delivery.rules import Refused
from tongzhou.delivery.rules.commands import read_call
from tongzhou.delivery.rules.moments import moment_in

from .test_commands import ALL, receipt, send
from .world import World

pytestmark = pytest.mark.urls("tongzhou.delivery.tests.urls")

STRANGER = {"kind": "receipt.parcel", "token": "A" * 26, "body": ALL}
BEYOND = [
    "9999-12-31T23:59:59-23:59",
    "0001-01-01T00:00:00+14:00",
    "0001-01-01T00:00:00Z",
    "2201-01-01T00:00:00Z",
]


def statuses(response: Any) -> list[str]:
    return [row["status"] for row in response.json()["results"]]


@pytest.mark.parametrize("at", BEYOND)
def test_a_time_that_no_database_can_keep_refuses_that_command_alone(world: World, at: str) -> None:
    world.on_the_way()
    first, second = world.parcel(0, 0), world.parcel(0, 1)
    response = send({**receipt(first, "far"), "at": at}, receipt(second, "near"))
    assert statuses(response) == ["refused", "done"]


def test_a_zone_that_postgresql_does_not_know_is_only_another_way_to_write_the_time(
    world: World,
) -> None:
    response = send({**receipt(world.on_the_way().parcel()), "at": "2023-01-08T00:00:00+23:59"})
    assert statuses(response) == ["done"]
    assert Command.objects.get().at_device == moment_in("2023-01-07T00:01:00Z")


@pytest.mark.parametrize("text", ["", "soon", "2023-13-01T00:00:00Z", "2023-01-08T25:00", *BEYOND])
def test_what_is_no_time_is_none(text: str) -> None:
    assert moment_in(text) is None


def test_a_device_has_to_say_its_zone() -> None:
    assert moment_in("2023-01-08T14:05:00", with_zone=True) is None
    assert moment_in("2023-01-08", with_zone=True) is None
    assert moment_in("2023-01-08T14:05:00+08:00", with_zone=True) == moment_in("2023-01-08T06:05Z")


def test_strangers_do_not_keep_a_slip_from_being_used(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A phone with one worthless slip in its outbox still gets rid of the good ones."""
    monkeypatch.setattr(commands, "STRANGERS_AN_HOUR", 2)
    parcel = world.on_the_way().parcel()
    assert statuses(send(*({**STRANGER, "id": f"s-{n}"} for n in range(4)))) == ["refused"] * 2
    response = send({**STRANGER, "id": "old"}, receipt(parcel, "good"))
    assert [row["id"] for row in response.json()["results"]] == ["good"]
    parcel.refresh_from_db()
    assert parcel.state == Parcel.State.RECEIVED
    assert not Command.objects.filter(pk="old").exists()


def test_what_strangers_make_up_does_not_fill_the_database(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "STRANGERS_AN_HOUR", 3)
    junk = [{"id": f"j-{n}", "kind": "junk", "body": {}} for n in range(20)]
    shapeless = [{"id": f"k-{n}", "kind": None} for n in range(20)]
    assert send(*junk, *shapeless).status_code == 200
    assert send(*shapeless).status_code == 429
    assert Command.objects.count() == 3


def test_a_refusal_of_a_right_slip_is_kept_though_strangers_fill_the_hour(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "STRANGERS_AN_HOUR", 0)
    wrong = {**receipt(world.on_the_way().parcel(), "wrong"), "body": {"arrived": "nonsense"}}
    first, again = send(wrong), send(wrong)
    assert statuses(first) == ["refused"]
    assert again.content == first.content


def test_photographs_wait_for_nobody_and_nobody_for_them() -> None:
    kinds = ["a", "a", "receipt.photo", "receipt.photo", "a", *["b"] * 30]
    call = json.dumps(
        {"device": "d", "commands": [{"id": str(n), "kind": k} for n, k in enumerate(kinds)]}
    )
    chunks = commands._chunks(read_call(call.encode()).commands)
    assert [len(chunk) for chunk in chunks] == [2, 1, 1, 25, 6]
    assert [sent.id for chunk in chunks for sent in chunk] == [str(n) for n in range(len(kinds))]


def test_one_call_may_end_while_another_waits(world: World) -> None:
    """The lock of the pictures is given back after a refusal too."""
    for _ in range(2):
        with pytest.raises(Refused):
            photos.keep_photo(b"no picture")
    done = threading.Event()
    threading.Thread(target=lambda: photos._ONE_AT_A_TIME.acquire() and done.set()).start()
    assert done.wait(2)
    photos._ONE_AT_A_TIME.release()


def picture(kind: str, size: tuple[int, int] = (48, 32), **more: Any) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, "gray").save(written, kind, **more)
    return written.getvalue()


def described() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "maker"
    return exif


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_broken_pictures_are_refused_and_never_an_error(kind: str) -> None:
    chance = random.Random(7)
    whole = picture(kind, exif=described())
    for _ in range(60):
        broken = bytearray(whole)
        for _ in range(chance.randint(1, 5)):
            at = chance.randrange(min(len(broken), 200))
            broken[at : at + chance.randint(0, 2)] = chance.randbytes(chance.randint(0, 3))
        with suppress(Refused):
            photos._shrunk(bytes(broken))


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_small_file_of_many_pixels_is_refused_before_it_is_opened(
    monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Whole in memory, 50 million pixels of them had taken 900 MB."""
    assert photos.MOST_PIXELS[kind] <= 16_000_000
    monkeypatch.setitem(photos.MOST_PIXELS, kind, 100 * 100)
    assert photos._shrunk(picture(kind, (100, 100)))
    with pytest.raises(Refused):
        photos._shrunk(picture(kind, (101, 100)))


def test_a_picture_from_a_telephone_stands_upright(world: World) -> None:
    kept = photos.keep_photo(picture("JPEG", (1600, 1200), exif=described()))
    with Image.open(io.BytesIO(bytes(kept.data))) as stored:
        assert stored.size == (960, 1280)
        assert not stored.getexif()


def test_a_broken_photograph_refuses_its_command_alone(world: World) -> None:
    parcel = world.on_the_way().parcel()
    text = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\x00" * 50).decode()
    photo = {**receipt(parcel, "p"), "kind": "receipt.photo"}
    photo["body"] = {"receipt": "r", "jpeg": text}
    assert statuses(send(receipt(parcel, "r"), photo)) == ["done", "refused"]


def test_the_call_itself_can_be_read_from_the_description_alone() -> None:
    from tongzhou.delivery.api.commands import router

    found = [one for path in router.path_operations.values() for one in path.operations]
    text = json.dumps(found[0].openapi_extra)
    assert '"$ref"' not in text
    assert '"token"' in text
