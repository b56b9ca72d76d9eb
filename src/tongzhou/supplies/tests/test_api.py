"""Donations and orders for programs."""

from typing import Any

import pytest
from ninja.testing import TestClient

from tongzhou.kit.rules import SYSTEM
from tongzhou.supplies import actions
from tongzhou.supplies.actions import ReadyLine
from tongzhou.supplies.api import router

from .stock import World, make_account, make_fund


@pytest.fixture(scope="module")
def api() -> TestClient:
    return TestClient(router)


def test_donations_tell_money_units_and_restrictions(world: World, api: TestClient) -> None:
    order = world.placed(units=100, price=50_00)
    ready = [ReadyLine(order.lines.get(), 60, "A1")]
    actions.receive_batch(order, ready, command_id="b1", by=SYSTEM)
    actions.restrict_fund(world.fund, [world.gansu], by=SYSTEM)
    reader = make_account("auditor", world.nation)
    (row,) = api.get("/donations", user=reader).json()["items"]
    assert row["id"] == "F-1"
    assert (row["received_fen"], row["committed_fen"]) == (5_000_00, 5_000_00)
    assert (row["spent_fen"], row["unspent_fen"]) == (3_000_00, 2_000_00)
    assert row["units"] == {"producer": -60, "on_hand": 60}
    assert row["restricted_to"] == ["62"]
    assert "contact" not in row
    assert api.get("/donations/F-1", user=reader).json() == row


def test_orders_tell_their_lines(world: World, api: TestClient) -> None:
    order = world.placed(units=100, price=50_00)
    reader = make_account("auditor", world.nation)
    (row,) = api.get("/orders", user=reader).json()["items"]
    assert row["number"] == order.number
    assert row["producer"] == "maker"
    assert row["lines"] == [
        {
            "donation": "F-1",
            "item": "oximeter",
            "units": 100,
            "delivered_units": 0,
            "unit_price_fen": 50_00,
            "promised_on": "2023-01-07",
        }
    ]
    assert api.get(f"/orders/{order.number}", user=reader).json() == row


def test_pages_follow_each_other_by_cursor(world: World, api: TestClient) -> None:
    for number in range(2, 6):
        make_fund(f"F-{number}")
    reader = make_account("auditor", world.nation)
    seen: list[str] = []
    after = ""
    while True:
        page: Any = api.get(f"/donations?limit=2&after={after}", user=reader).json()
        seen += [row["id"] for row in page["items"]]
        after = page["next"]
        if not after:
            break
    assert seen == ["F-1", "F-2", "F-3", "F-4", "F-5"]
    assert api.get("/donations?after=nonsense", user=reader).status_code == 400


def test_what_is_out_of_scope_is_not_there(world: World, api: TestClient) -> None:
    order = world.placed()
    reader = make_account("auditor", world.county)
    assert api.get("/donations", user=reader).json()["items"] == []
    assert api.get("/orders", user=reader).json()["items"] == []
    assert api.get("/donations/F-1", user=reader).status_code == 404
    assert api.get(f"/orders/{order.number}", user=reader).status_code == 404


def test_a_role_without_the_permission_is_refused(world: World, api: TestClient) -> None:
    officer = make_account("county_officer", world.nation)
    assert api.get("/donations", user=officer).status_code == 403
    assert api.get("/orders/PO1", user=officer).status_code == 403
    assert api.get("/donations").status_code == 401
