"""Sheets of a county, and the round that the code on a sheet opens on a phone."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from tongzhou.kit import clock, jobs
from tongzhou.people.models import Account, RoleGrant
from tongzhou.planning.sheets import paper
from tongzhou.plans.models import CountyRoutes, RouteRun
from tongzhou.plans.queries.rounds import opened_by, rounds_in, token_of
from tongzhou.plans.views import sheets

from .routing import row_of, started
from .world import NOW, World

FIRST = date(2023, 1, 8)
LIGHT_BYTES = 50_000


@pytest.fixture(autouse=True)
def in_this_process(settings):
    settings.ROUTE_WORKERS = 0
    settings.DASK_SCHEDULER = settings.MATRIX_URL = ""
    settings.HOTLINE = "0931-1"


@pytest.fixture(autouse=True)
def in_english(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"


@pytest.fixture
def routed(world: World) -> RouteRun:
    route_run = started(world)
    jobs.drain()
    return route_run


@pytest.fixture
def row(routed: RouteRun) -> CountyRoutes:
    return row_of(routed, "620101")


@pytest.fixture
def officer(client, world: World) -> Account:
    account = Account.objects.create(email="officer@example.org", name="officer")
    RoleGrant.objects.create(
        account=account,
        role="county_officer",
        division=world.counties[0],
        granted_by="system:test",
        granted_at=NOW,
    )
    client.force_login(account)
    return account


@pytest.fixture
def printed(monkeypatch) -> list[dict[str, Any]]:
    """What was given to be set, in place of setting it."""
    made: list[dict[str, Any]] = []
    monkeypatch.setattr(paper, "_set", lambda data, _form: made.append(data) or b"%PDF-")
    return made


def sheet_url(row: CountyRoutes) -> str:
    return reverse("county-routes-sheets", args=[row.route_run.run_id, 1, row.county.code])


def secret(row: CountyRoutes) -> str:
    return token_of(row, rounds_in(row)[0], FIRST)


def opened(client, row: CountyRoutes, **headers: str):
    return client.get(reverse("round", args=[secret(row)]), headers=headers)


def test_every_stop_of_the_county_stands_on_a_sheet(client, officer, row, printed):
    answer = client.get(sheet_url(row), {"first": "2023-01-09"})
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Cache-Control"] == "private, no-store"
    (data,) = printed
    stops = [one["id"] for s in data["sheets"] for t in s["trips"] for one in t["rows"]]
    assert len(stops) == len(set(stops)) == row.stops == 3
    assert data["sheets"][0]["county"] == row.county.name
    assert data["sheets"][0]["trips"][0]["load"].startswith("Load 血氧仪")
    assert (data["phone"], data["sheets"][0]["day"]) == ("0931-1", "Day 1 · 9 January 2023")


def test_the_codes_of_a_sheet_open_its_round(client, officer, row, printed, monkeypatch):
    drawn: list[str] = []
    monkeypatch.setattr(paper, "qr_code", lambda text: drawn.append(text) or "")
    client.get(sheet_url(row), {"first": "2023-01-08"})
    address = f"http://testserver/r/{secret(row)}/"
    assert {address, f"{address}#s1"} <= set(drawn)
    assert client.get(address).status_code == 200


def test_a_day_that_cannot_be_read_is_tomorrow(client, officer, row, printed):
    client.get(sheet_url(row), {"first": "soon"})
    tomorrow = clock.today() + timedelta(days=1)
    assert str(tomorrow.day) in printed[0]["sheets"][0]["day"]


def test_sheets_of_another_county_are_not_there(client, officer, routed):
    assert client.get(sheet_url(row_of(routed, "620102"))).status_code == 404


def test_a_county_too_large_for_one_document_says_so(client, officer, row, monkeypatch):
    monkeypatch.setattr(paper, "MAX_STOPS", 2)
    answer = client.get(sheet_url(row), follow=True)
    assert "too many stops" in answer.content.decode()


def test_the_sheets_are_really_set(client, officer, row):
    assert client.get(sheet_url(row)).content.startswith(b"%PDF-")
    assert sheets.version("tongzhou")


def test_a_round_opens_without_an_account(client, row):
    answer = opened(client, row)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert all(stop.name in text for stop in rounds_in(row)[0].stops)
    assert "geo:36." in text
    assert "This link works until" in text
    assert len(answer.content) < LIGHT_BYTES
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "unsafe" not in answer["Content-Security-Policy"].split("script-src")[1].split(";")[0]


def test_a_round_speaks_chinese(client, row):
    text = opened(client, row, accept_language="zh-hans").content.decode()
    assert "用地图打开" in text
    assert "<h1>1 号车</h1>" in text
    assert "此链接有效至" in text


def test_a_round_is_open_for_three_days_after_its_own(client, row):
    with clock.fixed_at(NOW + timedelta(days=4)):
        assert opened(client, row).status_code == 200
    with clock.fixed_at(NOW + timedelta(days=5)):
        answer = opened(client, row)
    assert answer.status_code == 410
    text = answer.content.decode()
    assert "11 January 2023" in text
    assert not [stop.name for stop in rounds_in(row)[0].stops if stop.name in text]


@pytest.mark.parametrize("wrong", ["x", "1.1.20230108", "9.9.20230108.AAAA", "1.1.1.1.1", "²..."])
def test_what_is_no_secret_opens_nothing(client, row, wrong):
    assert client.get(reverse("round", args=[wrong])).status_code == 404


def test_no_part_of_a_secret_can_be_changed(row):
    good = secret(row)
    assert opened_by(good, FIRST) is not None
    pk, trip, on, signed = good.split(".")
    assert len(signed) == 26
    for bad in (
        f"{pk}.{int(trip) + 1}.{on}.{signed}",
        f"{pk}.{trip}.20230109.{signed}",
        f"{pk}.{trip}.{on}.{signed[:-1]}{'A' if signed[-1] != 'A' else 'E'}",
        f"0{good}",
        good.lower(),
    ):
        assert opened_by(bad, FIRST) is None


def test_routes_computed_again_close_the_old_round(row):
    old = secret(row)
    row.data = bytes(row.data) + b"x"
    row.save()
    assert opened_by(old, FIRST) is None


def test_a_secret_hangs_on_the_key_of_the_server(row, settings):
    old = secret(row)
    settings.SECRET_KEY = "another"
    assert opened_by(old, FIRST) is None


def test_the_scripts_of_a_round_are_its_own(client):
    for name in ("round", "sw"):
        answer = client.get(reverse("round-script", args=[name]), headers={"accept-encoding": "x"})
        assert answer["Content-Type"] == "text/javascript"
        assert b"//" in answer.content
    assert client.get("/r/outbox.js").status_code == 404
