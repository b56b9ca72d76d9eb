"""Where units are: by place, by division, by fund and day; a clinic's trail in a moment."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tongzhou.kit.rules import SYSTEM
from tongzhou.places.rules import Scope
from tongzhou.supplies import queries
from tongzhou.supplies.actions import post, reverse
from tongzhou.supplies.models import Bucket, Move
from tongzhou.supplies.queries import Step

from .stock import World, make_fund, make_place


@pytest.fixture
def spread(world: World) -> World:
    """20 units at the dock, of which 4 are reserved for the hub and 2 for each of two clinics."""
    world.ready(20)
    post([world.move(4, (world.dock, Bucket.ON_HAND), (world.hub, Bucket.RESERVED))])
    for clinic in world.clinics[:2]:
        post([world.move(2, (world.dock, Bucket.ON_HAND), (clinic, Bucket.RESERVED))])
    return world


def test_on_hand_counts_one_bucket_of_one_item_at_one_place(spread: World) -> None:
    assert queries.on_hand(place=spread.dock, item=spread.item) == 12
    assert queries.on_hand(place=spread.hub, item=spread.item) == 0


def test_balances_of_a_place_leave_out_what_stands_outside(spread: World) -> None:
    rows = queries.balances(spread.dock)
    assert [(row.account_id % 8, row.units) for row in rows] == [(Bucket.ON_HAND, 12)]


def test_free_units_by_dock_item_and_fund(spread: World) -> None:
    other = make_fund("F-2")
    ends = (spread.dock, Bucket.PRODUCER, -5), (spread.dock, Bucket.ON_HAND, 5)
    post([spread.command(*(spread.leg(*end, fund_id=other.pk) for end in ends))])
    both = queries.on_hand_by_dock([spread.fund, other.pk])
    assert [(row.place, row.fund.public_id, row.units) for row in both] == [
        (spread.dock, "F-1", 12),
        (spread.dock, "F-2", 5),
    ]
    assert [row.units for row in queries.on_hand_by_dock([other])] == [5]


def test_stock_is_listed_in_the_order_of_the_places(spread: World) -> None:
    rows = queries.stock_of([spread.clinics[0], spread.dock, spread.clinics[2]])
    assert [(row.place.code, row.units, row.total) for row in rows] == [
        ("clinic-0", {Bucket.RESERVED: 2}, 2),
        ("dock", {Bucket.ON_HAND: 12}, 12),
    ]


def test_clinics_are_listed_within_a_county_and_stores_above(spread: World) -> None:
    everything = Scope.of(spread.nation)
    above = queries.places_with_stock(everything)
    assert {place.code for place in above} == {"dock", "hub"}
    within = queries.places_with_stock(everything, spread.county)
    assert {place.code for place in within} == {"clinic-0", "clinic-1", "clinic-2"}
    own = queries.places_with_stock(Scope.of(spread.county))
    assert {place.code for place in own} == {"clinic-0", "clinic-1", "clinic-2"}


def test_stock_of_a_division_is_that_of_its_places(spread: World) -> None:
    assert queries.stock_by_division(spread.county) == {Bucket.RESERVED: 4}
    assert queries.stock_by_division(spread.gansu) == {Bucket.RESERVED: 8}
    assert queries.stock_by_division(spread.nation, spread.item) == {
        Bucket.ON_HAND: 12,
        Bucket.RESERVED: 8,
    }


def test_a_funds_units_by_bucket_sum_to_nothing(spread: World) -> None:
    held = queries.fund_units(spread.fund)
    assert held == {Bucket.PRODUCER: -20, Bucket.ON_HAND: 12, Bucket.RESERVED: 8}
    assert queries.fund_units(make_fund("F-2")) == {}


def test_a_funds_trail_shows_a_correction_as_a_step_of_its_own(spread: World) -> None:
    move = post([spread.move(3, (spread.hub, Bucket.RESERVED), (spread.hub, Bucket.LOST))])[0]
    reverse(Move.objects.get(pk=move.move_id), by=SYSTEM, command_id="u")
    trail = queries.fund_trail(spread.fund)
    assert trail[:2] == [
        Step(date(2023, 1, 7), "batch", Bucket.PRODUCER, -20),
        Step(date(2023, 1, 7), "batch", Bucket.ON_HAND, 20),
    ]
    assert [(s.bucket, s.units) for s in trail if s.kind == "reversal"] == [
        (Bucket.RESERVED, 3),
        (Bucket.LOST, -3),
    ]


def test_a_clinics_trail_is_one_question_on_an_index(spread: World) -> None:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        trail = queries.place_trail(spread.clinics[0])
    assert [(entry.account_id % 8, entry.units) for entry in trail] == [(Bucket.RESERVED, 2)]
    assert len(asked) == 1


def test_the_entries_of_a_move_are_read_by_their_key(spread: World) -> None:
    move = Move.objects.filter(kind="batch").get()
    rows = queries.entries_of(move)
    assert [row.units for row in rows] == [-20, 20]
    plan = rows.explain()
    assert "SCAN supplies_entry" not in plan


def test_lines_still_to_come_are_listed_soonest_first(world: World) -> None:
    order = world.placed()
    assert [line.order for line in queries.open_lines()] == [order]
    assert not queries.open_lines(promised_on__lt=date(2023, 1, 7)).exists()


def test_what_nobody_named_has_its_home_at_the_top(world: World) -> None:
    assert queries.home_of(world.fund) == world.nation
    world.fund.division = world.county
    assert queries.chain_for(world.fund) == "county:620102"


def test_a_place_without_stock_is_no_row(world: World) -> None:
    assert queries.stock_of([make_place("empty", world.county)]) == []


def test_totals_of_an_order_sum_its_lines(world: World) -> None:
    world.placed(units=100, price=50_00)
    from tongzhou.supplies.models import ProcurementOrder

    row: Any = queries.with_totals(ProcurementOrder.objects.all()).get()
    assert (row.ordered_units, row.arrived_units, row.fen) == (100, 0, 5_000_00)
