"""Way-bills, labels and slips: what stands on them, in the shipped font, on how many pages."""

import json
import time
from typing import Any

import pytest
from django.conf import settings
from django.utils import translation

from tongzhou.delivery import documents
from tongzhou.delivery.models import Parcel, Shipment
from tongzhou.delivery.queries.papers import parcels_to_print
from tongzhou.delivery.rules import receive_token
from tongzhou.kit import papers

from .world import World

ADDRESS = "https://relief.example.org"


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Every document set: its data, and its pages as SVG."""
    made: list[dict[str, Any]] = []
    compile_ = papers.typst.compile

    def compile_and_keep(path: str, **options: Any) -> bytes:
        drawn = {**options, "format": "svg"}
        drawn.pop("pdf_tags")
        pages = compile_(path, **drawn)
        pages = pages if isinstance(pages, list) else [pages]
        data = json.loads(options["sys_inputs"]["data"])
        made.append({"data": data, "pages": pages})
        result: bytes = compile_(path, **options)
        return result

    monkeypatch.setattr(papers.typst, "compile", compile_and_keep)
    return made


def test_only_the_shipped_font_is_known() -> None:
    assert papers._fonts().families() == ["Noto Sans SC"]


def test_labels_stand_in_division_code_order(world: World, printed: list[dict[str, Any]]) -> None:
    world.packed()
    with translation.override("en"):
        documents.labels(parcels_to_print(world.depots[0].pk), ADDRESS)
    rows = printed[0]["data"]["rows"]
    assert [row["number"] for row in rows] == [1, 2, 3]
    assert [row["code"] for row in rows] == sorted(row["code"] for row in rows)
    assert rows[0]["contents"] == "oximeter 2 台"
    assert rows[0]["town"] == "甲1镇"


def test_an_outer_label_never_carries_the_slip(world: World, printed: list[dict[str, Any]]) -> None:
    parcel = world.packed().parcel()
    documents.labels([parcel], ADDRESS)
    token = receive_token(settings.SECRET_KEY, parcel.public_id, 1)
    text = json.dumps(printed[0]["data"])
    assert token not in text
    assert token[:5] not in text


def test_a_slip_has_its_address_as_code_and_in_words(
    world: World, printed: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    addresses: list[str] = []
    draw = papers.qr
    monkeypatch.setattr(papers, "qr", lambda at: addresses.append(at) or draw(at))
    parcel = world.packed().parcel()
    documents.slips([parcel], ADDRESS)
    token = receive_token(settings.SECRET_KEY, parcel.public_id, 1)
    row = printed[0]["data"]["rows"][0]
    assert addresses == [f"{ADDRESS}/c/{token}/"]
    assert row["token"].replace("-", "") == token
    assert set(row) == {"number", "place", "contents", "public_id", "token", "qr"}


def test_papers_speak_the_readers_language(world: World, printed: list[dict[str, Any]]) -> None:
    shipment = Shipment.objects.filter(leg="dock_hub").first() or world.to_hub().shipment(
        "dock_hub"
    )
    for language, word in (("en", "Way-bill"), ("zh-hans", "运单")):
        with translation.override(language):
            documents.waybill(shipment, ADDRESS)
        assert printed[-1]["data"]["texts"]["waybill"] == word


def test_a_waybill_names_counties_and_cartons(world: World, printed: list[dict[str, Any]]) -> None:
    world.to_hub()
    documents.waybill(world.shipment("dock_hub"), ADDRESS)
    documents.waybill(world.shipment("hub_depot"), ADDRESS)
    trunk, onward = printed[0]["data"], printed[1]["data"]
    assert trunk["counties"] == [["甲县", "6"], ["乙县", "2"]]
    assert trunk["rows"][0]["units"] == "8"
    assert [units for _code, units in onward["cartons"]] == ["4", "2"]


def test_a_waybill_of_the_last_mile_counts_parcels(
    world: World, printed: list[dict[str, Any]]
) -> None:
    world.on_the_way()
    documents.waybill(world.shipment("last_mile"), ADDRESS)
    assert printed[0]["data"]["rows"][0]["cartons"] == "3"


def test_a_county_of_211_parcels_is_labelled_in_nine_sheets_and_five_seconds(
    world: World, printed: list[dict[str, Any]]
) -> None:
    parcel = world.packed().parcel()
    many = [
        Parcel(
            pk=parcel.pk,
            public_id=parcel.public_id,
            place=parcel.place,
            depot=parcel.depot,
            sequence=number,
        )
        for number in range(1, 212)
    ]
    started = time.process_time()
    documents.labels(many, ADDRESS)
    assert time.process_time() - started < 5
    assert len(printed[0]["pages"]) == 9
    documents.slips(many, ADDRESS)
    assert len(printed[1]["pages"]) == 22
