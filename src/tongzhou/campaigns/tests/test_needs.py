"""What places ask for: versions, the check by another office, and the question back."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from tongzhou.campaigns.actions import CampaignRefused, query_need, state_need, verify_need
from tongzhou.campaigns.actions.needs import NewNeed
from tongzhou.campaigns.models import NeedStatement
from tongzhou.campaigns.queries import demand_in, export_needs, needs_seen
from tongzhou.kit.models import Event
from tongzhou.kit.rules import Actor
from tongzhou.places.rules import Scope

from .conftest import World

DAY = date(2023, 1, 8)
COUNTY, PROVINCE = Actor("account", "7"), Actor("account", "8")


def stated(world: World, code: str, units: int, source: str = "request") -> NeedStatement:
    new = NewNeed(world.places[code], world.item, units, DAY, stock_units=1, source=source)
    return state_need(world.campaign, new, by=COUNTY)


def test_a_need_waits_for_a_check_and_its_event_is_in_the_countys_chain(world: World) -> None:
    row = stated(world, "6201-1", 2)
    assert (row.state, row.version, row.row_key) == ("submitted", 1, "6201-1:oximeter:request")
    event = Event.objects.latest("pk")
    assert (event.verb, event.chain) == ("need.stated", "county:6201")


def test_a_newer_version_replaces_the_older_of_the_same_kind_only(world: World) -> None:
    first, count = stated(world, "6201-1", 2), stated(world, "6201-1", 0, "count")
    second = stated(world, "6201-1", 4)
    states = dict(NeedStatement.objects.values_list("pk", "state"))
    assert states == {first.pk: "superseded", count.pk: "submitted", second.pk: "submitted"}
    assert (count.version, second.version) == (2, 3)


def test_another_office_verifies_and_the_writer_cannot(world: World) -> None:
    row = stated(world, "6201-1", 2)
    with pytest.raises(CampaignRefused, match="another office"):
        verify_need(row, by=COUNTY)
    assert verify_need(row, by=PROVINCE).state == "verified"
    event = Event.objects.latest("pk")
    assert (event.verb, event.before, event.actor) == (
        "need.verified",
        {"state": "submitted"},
        "account:8",
    )


def test_a_question_goes_back_with_its_words(world: World) -> None:
    row = query_need(stated(world, "6201-1", 200), " 为何这么多？ ", by=PROVINCE)
    assert (row.state, row.query_note) == ("queried", "为何这么多？")
    with pytest.raises(CampaignRefused, match="Say what is asked"):
        query_need(row, "  ", by=PROVINCE)
    assert verify_need(row, by=PROVINCE).state == "verified"


def test_what_was_decided_or_replaced_cannot_be_judged_again(world: World) -> None:
    row = stated(world, "6201-1", 2)
    stated(world, "6201-1", 4)
    with pytest.raises(CampaignRefused, match="newer one"):
        verify_need(row, by=PROVINCE)
    other = verify_need(stated(world, "6201-2", 2), by=PROVINCE)
    with pytest.raises(CampaignRefused, match="already decided"):
        query_need(other, "为何？", by=PROVINCE)


@pytest.mark.parametrize("field", ["units_asked", "stock_units"])
def test_negative_units_are_refused_by_the_database(world: World, field: str) -> None:
    row = stated(world, "6201-1", 2)
    with pytest.raises(IntegrityError), transaction.atomic():
        NeedStatement.objects.filter(pk=row.pk).update(**{field: -1})


def test_demand_sums_requests_and_estimates_and_leaves_counts_out(world: World) -> None:
    stated(world, "6201-1", 2)
    verify_need(stated(world, "6201-2", 4, "estimate"), by=PROVINCE)
    stated(world, "6201-2", 0, "count")
    query_need(stated(world, "62010-1", 8), "为何？", by=PROVINCE)
    (nation,) = demand_in(world.campaign, world.divisions["cn"])
    assert (nation.statements, nation.asked_units) == (3, 14)
    assert (nation.verified, nation.queried) == (1, 1)
    (county,) = demand_in(world.campaign, world.divisions["6201"])
    assert (county.statements, county.asked_units, county.queried) == (2, 6, 0)


def test_those_that_wait_for_a_check_are_listed_first(world: World) -> None:
    verify_need(stated(world, "6201-1", 2), by=PROVINCE)
    query_need(stated(world, "6201-2", 2), "为何？", by=PROVINCE)
    stated(world, "62010-1", 2)
    everywhere = needs_seen(world.campaign, Scope.of(world.divisions["cn"]))
    assert [row.place.code for row in everywhere] == ["62010-1", "6201-2", "6201-1"]
    own = needs_seen(world.campaign, Scope.of(world.divisions["6201"]))
    assert {row.place.code for row in own} == {"6201-1", "6201-2"}


def test_needs_leave_as_a_table_that_can_come_back(world: World) -> None:
    stated(world, "6201-1", 2)
    stated(world, "6201-1", 4)
    stated(world, "62010-1", 2)
    text = b"".join(export_needs(division=world.divisions["6201"])).decode()
    head, row = text.splitlines()
    assert head.startswith("Place code,Item code,Units asked for")
    assert row.startswith("6201-1,oximeter,4,1,request,")
    assert row.endswith(f",2023-01-08,{world.campaign.public_id}")
    assert len(b"".join(export_needs()).splitlines()) == 3
    with pytest.raises(ValueError, match="docx"):
        export_needs(format="docx")
