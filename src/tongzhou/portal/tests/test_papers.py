"""The poster and the picture of a page: the number, the signs, and the way to the page."""

import json

import pytest
from django.urls import reverse

from tongzhou.kit import papers


@pytest.fixture
def texts(monkeypatch):
    """What was handed to the typesetter."""
    handed = []
    compile_ = papers.typst.compile

    def compiled(path, **options):
        handed.append(json.loads(options["sys_inputs"]["data"]))
        return compile_(path, **options)

    monkeypatch.setattr(papers.typst, "compile", compiled)
    return handed


def test_the_poster_has_signs_number_and_address(client, world, texts):
    county = world.counties[0]
    answer = client.get(reverse("channel-poster", args=[county.code]), HTTP_ACCEPT_LANGUAGE="en")
    assert answer.content[:5] == b"%PDF-"
    assert "120" in texts[0]["texts"]["call"]
    assert "blue lips" in texts[0]["now"][0]["signs"][0]
    assert texts[0]["address"].endswith(f"/p/{county.code}/")


def test_the_picture_is_one(client, world, texts):
    answer = client.get(reverse("channel-card", args=[world.counties[0].code]))
    assert answer.content[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(answer.content[16:20], "big") == 1200


def test_it_is_set_once(client, world, texts):
    url = reverse("channel-card", args=[world.counties[0].code])
    assert client.get(url).content == client.get(url).content
    assert len(texts) == 1


def test_a_code_leads_to_the_host_that_was_asked(client, world, texts, settings):
    settings.ALLOWED_HOSTS, settings.BASE_URL = ["*"], ""
    url = reverse("channel-card", args=[world.counties[0].code])
    for host in ("one.example", "two.example", "one.example"):
        client.get(url, headers={"host": host})
    assert [one["address"].split("/")[2] for one in texts] == ["one.example", "two.example"]


def test_an_unknown_place_has_none(client, world):
    assert client.get("/p/999999/poster.pdf").status_code == 404
