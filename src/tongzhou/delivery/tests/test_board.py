"""The deadline board: who will be late, seen in time, and a task with an owner for each."""

from datetime import date, timedelta
from typing import Any

import pytest

from tongzhou.delivery.actions.handed import Handed, receive_parcel
from tongzhou.delivery.actions.planned import plan_shipments
from tongzhou.delivery.actions.tasks import close_task, watch
from tongzhou.delivery.models import Shipment, Task
from tongzhou.delivery.queries.board import (
    Wish,
    board_of,
    clinics_due,
    counties_due,
    lead_days,
    steps_open,
)
from tongzhou.kit import clock
from tongzhou.kit.models import Event
from tongzhou.kit.rules import SYSTEM
from tongzhou.places.rules import Scope

from .world import DOCTOR, NOW, OFFICER, TODAY, World


def at(days: int) -> Any:
    return clock.fixed_at(NOW + timedelta(days=days))


def test_a_county_is_due_when_the_rest_of_its_way_is_gone(world: World) -> None:
    plan_shipments(world.run, by=OFFICER)
    rows = counties_due(world.campaign)
    assert [row.county for row in rows] == world.counties
    assert rows[0].projected_on == date(2023, 1, 13)
    assert not rows[0].late


def test_waiting_too_long_makes_a_county_late_before_the_deadline(world: World) -> None:
    plan_shipments(world.run, by=OFFICER)
    with at(4):
        row = counties_due(world.campaign)[0]
        assert clock.today() < world.campaign.deadline
        assert (row.projected_on, row.days_late, row.overdue) == (date(2023, 1, 17), 1, True)


def test_what_arrives_moves_the_date_forward(world: World) -> None:
    world.to_hub()
    assert counties_due(world.campaign)[0].projected_on == date(2023, 1, 13)
    world.send(*Shipment.objects.filter(leg="hub_depot"))
    world.receive(*Shipment.objects.filter(leg="hub_depot"))
    assert counties_due(world.campaign)[0].projected_on == TODAY + timedelta(days=2)


def test_a_county_whose_clinics_have_everything_leaves_the_board(world: World) -> None:
    world.on_the_way()
    for index in range(3):
        handed = Handed(f"c-{index}", "slip", signed_by="王")
        receive_parcel(world.parcel(0, index), handed, by=DOCTOR)
    assert [row.county for row in counties_due(world.campaign)] == [world.counties[1]]


def test_a_scope_sees_only_its_own_counties(world: World) -> None:
    world.packed()
    scope = Scope.of(world.counties[1])
    assert [row.county for row in counties_due(world.campaign, scope)] == [world.counties[1]]
    assert counties_due(world.campaign, Scope(())) == []


def test_clinics_wait_for_their_parcels_the_latest_first(world: World) -> None:
    world.packed()
    rows = clinics_due(world.campaign, world.counties[0])
    assert [row.parcel.sequence for row in rows] == [1, 2, 3]
    assert {row.projected_on for row in rows} == {date(2023, 1, 10)}


def test_closed_legs_teach_the_lead_time(world: World) -> None:
    plan_shipments(world.run, by=OFFICER)
    for shipment in Shipment.objects.filter(leg="dock_hub"):
        world.send(shipment)
    with at(3):
        world.receive(*Shipment.objects.filter(leg="dock_hub"))
    assert lead_days(world.campaign.pk)["dock_hub"] == 2
    Shipment.objects.filter(leg="hub_depot").update(
        leg="dock_hub", dispatched_at=NOW, received_at=NOW + timedelta(days=4)
    )
    first = Shipment.objects.first()
    assert first is not None
    Shipment.objects.create(
        public_id="S-X",
        campaign=world.campaign,
        leg="dock_hub",
        from_place=first.from_place,
        planned_on=TODAY,
        due_on=TODAY,
        dispatched_at=NOW,
        received_at=NOW + timedelta(days=4),
    )
    assert lead_days(world.campaign.pk)["dock_hub"] == 4


def test_the_lead_time_is_learned_from_what_came_last(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tongzhou.delivery.queries.board.LEARN_FROM", 5)
    plan_shipments(world.run, by=OFFICER)
    first = Shipment.objects.filter(leg="dock_hub").first()
    assert first is not None
    for number, days in enumerate([1] * 6 + [3] * 5):
        first.pk, first.public_id, first.part = None, f"S-{number}", 2 + number
        left = NOW + timedelta(days=number)
        first.dispatched_at, first.received_at = left, left + timedelta(days=days)
        first.save(force_insert=True)
    assert lead_days(world.campaign.pk)["dock_hub"] == 3


def test_what_should_have_left_gets_a_task_with_an_owner(world: World, hold: Any) -> None:
    coordinator = hold("coordinator", world.province)
    plan_shipments(world.run, by=OFFICER)
    world.send(world.shipment("dock_hub"), world.shipment("dock_hub", 1))
    world.receive(world.shipment("dock_hub"), world.shipment("dock_hub", 1))
    with at(3):
        watched = watch(world.campaign, by=SYSTEM)
    assert (watched.opened, watched.closed) == (2, 0)
    tasks = Task.objects.order_by("pk")
    assert {(task.step, task.owner, task.division) for task in tasks} == {
        ("leave", coordinator, world.province)
    }
    assert Event.objects.filter(verb="task.opened").count() == 2


def test_what_should_have_arrived_is_a_task_of_the_receiver(world: World, hold: Any) -> None:
    officer = hold("county_officer", world.counties[0])
    world.to_hub()
    world.send(world.shipment("hub_depot"))
    with at(2):
        watch(world.campaign, by=SYSTEM)
    task = Task.objects.get(step="arrive")
    assert (task.owner, task.division, task.due_on) == (
        officer,
        world.counties[0],
        date(2023, 1, 11),
    )


def test_a_county_that_will_be_late_is_seen_in_time(world: World, hold: Any) -> None:
    officer = hold("county_officer", world.counties[1])
    world.to_hub()
    world.send(world.shipment("hub_depot"))
    world.receive(world.shipment("hub_depot"))
    with at(6):
        watch(world.campaign, by=SYSTEM)
    late = Task.objects.get(step="late", division=world.counties[1])
    assert late.owner == officer
    assert late.opened_at.date() < world.campaign.deadline


def test_a_second_look_changes_nothing_and_a_mended_step_closes(world: World) -> None:
    world.to_hub()
    world.send(world.shipment("hub_depot"))
    with at(2):
        assert watch(world.campaign, by=SYSTEM).opened == 1
        again = watch(world.campaign, by=SYSTEM)
        assert (again.opened, again.closed) == (0, 0)
        world.receive(world.shipment("hub_depot"))
        assert watch(world.campaign, by=SYSTEM).closed == 1
    assert Task.objects.get().state == "done"


def test_a_task_is_closed_once(world: World) -> None:
    world.to_hub()
    world.send(world.shipment("hub_depot"))
    with at(2):
        watch(world.campaign, by=SYSTEM)
    task = Task.objects.get()
    close_task(task, "The truck is here.", by=OFFICER)
    close_task(task, "Again.", by=OFFICER)
    task.refresh_from_db()
    assert task.note == "The truck is here."
    assert Event.objects.filter(verb="task.closed").count() == 1


class TestOnePage:
    """The board a page at a time: the same counties as the full list, filtered and counted."""

    def page(self, world: World, wish: Wish | None = None, start: int = 0, size: int = 50) -> Any:
        scope = Scope.of(world.province)
        return board_of(world.campaign, scope, wish or Wish(), start=start, size=size)

    def test_it_says_the_same_as_the_full_list(self, world: World) -> None:
        world.to_hub()
        for days in (0, 3, 6):
            with at(days):
                assert self.page(world).rows == counties_due(world.campaign)

    def test_states_are_counted_and_filter(self, world: World) -> None:
        plan_shipments(world.run, by=OFFICER)
        assert self.page(world).counts == {"late": 0, "overdue": 0, "going": 2}
        with at(2):
            assert self.page(world).counts == {"late": 0, "overdue": 2, "going": 0}
        with at(4):
            found = self.page(world, Wish(state="going"))
            assert (found.rows, found.counts["late"], found.count("late")) == ([], 2, 2)
            assert len(self.page(world, Wish(state="late")).rows) == found.count("") == 2

    def test_who_has_everything_on_the_last_day_is_not_late(self, world: World) -> None:
        plan_shipments(world.run, by=OFFICER)
        world.campaign.deadline = date(2023, 1, 13)
        assert self.page(world).counts == {"late": 0, "overdue": 0, "going": 2}
        world.campaign.deadline = date(2023, 1, 12)
        assert self.page(world).counts == {"late": 2, "overdue": 0, "going": 0}

    def test_pages_follow_each_other(self, world: World) -> None:
        plan_shipments(world.run, by=OFFICER)
        first, second = self.page(world, size=1), self.page(world, start=1, size=1)
        assert [row.county for page in (first, second) for row in page.rows] == world.counties
        assert self.page(world, start=2, size=1).rows == []

    def test_a_county_is_found_by_area_name_and_code(self, world: World) -> None:
        plan_shipments(world.run, by=OFFICER)
        second = world.counties[1]
        for wish in (Wish(inside=second), Wish(text=second.name), Wish(text=second.code)):
            assert [row.county for row in self.page(world, wish).rows] == [second]
        assert self.page(world, Wish(text="火星")).rows == []

    def test_a_late_county_names_its_owner_and_is_found_by_it(
        self, world: World, hold: Any
    ) -> None:
        officer = hold("county_officer", world.counties[1])
        plan_shipments(world.run, by=OFFICER)
        with at(4):
            watch(world.campaign, by=SYSTEM)
            found = self.page(world, Wish(owner=officer.pk))
            assert [row.county for row in found.rows] == [world.counties[1]]
            assert found.owners == {officer.pk: officer}
            assert [row.county for row in self.page(world, Wish(owner=0)).rows] == [
                world.counties[0]
            ]

    def test_what_is_on_its_way_is_open_before_the_campaign_is_closed(self, world: World) -> None:
        plan_shipments(world.run, by=OFFICER)
        on_the_way, tasks = steps_open(world.campaign)
        assert (on_the_way.count, tasks.count) == (Shipment.objects.count(), 0)
        for number, state in enumerate(("closed", "cancelled", "lost"), 1):
            Shipment.objects.filter(pk=Shipment.objects.order_by("pk")[number].pk).update(
                state=state
            )
        assert [step.count for step in steps_open(world.campaign)] == [1, 0]
