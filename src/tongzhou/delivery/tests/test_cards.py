"""What delivery puts on the desk of whoever has to see to it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tongzhou.delivery.actions.planned import plan_shipments
from tongzhou.delivery.models import Discrepancy, Receipt, Shipment, Task
from tongzhou.delivery.queries import cards
from tongzhou.people.models import Account

from .world import NOW, OFFICER, TODAY, World

Hold = Callable[..., Account]


def counts(source: Callable[[Account], Any], account: Account) -> list[tuple[int, bool]]:
    return [(card.count, card.late) for card in source(account)]


def test_the_sender_sees_what_waits_to_leave_and_the_receiver_what_comes(
    world: World, hold: Hold
) -> None:
    plan_shipments(world.run, by=OFFICER)
    hub = hold("coordinator", world.province)
    assert counts(cards.shipments_to_move, hub) == [(2, False), (0, False)]
    world.send(*Shipment.objects.filter(leg="dock_hub"))
    assert counts(cards.shipments_to_move, hub) == [(2, False), (2, False)]


def test_a_shipment_past_its_day_is_late(world: World, hold: Hold) -> None:
    plan_shipments(world.run, by=OFFICER)
    Shipment.objects.filter(leg="hub_depot").update(planned_on=TODAY - timedelta(days=1))
    leaving, _coming = cards.shipments_to_move(hold("coordinator", world.province))
    assert leaving.late
    assert leaving.oldest == TODAY - timedelta(days=1)
    assert leaving.url == "/desk/shipments/?state=planned"


def test_who_may_only_look_is_not_asked_to_act(world: World, hold: Hold) -> None:
    plan_shipments(world.run, by=OFFICER)
    auditor = hold("auditor", world.nation)
    for source in (cards.shipments_to_move, cards.open_differences, cards.overdue_steps):
        assert {count for count, _late in counts(source, auditor)} == {0}


def test_open_differences_count_where_they_lie(world: World, hold: Hold) -> None:
    parcel = world.on_the_way().parcel()
    told = Receipt.objects.create(
        command_id="t-1", parcel=parcel, place=parcel.place, method="office", by="x", at=NOW
    )
    made = Discrepancy.objects.create(
        receipt=told,
        place=parcel.place,
        item=world.item,
        kind="short",
        units=1,
        due_on=TODAY - timedelta(days=1),
        opened_at=NOW,
    )
    mine, other = (hold("county_officer", county) for county in world.counties)
    assert counts(cards.open_differences, mine) == [(1, True)]
    assert counts(cards.open_differences, other) == [(0, False)]
    Discrepancy.objects.filter(pk=made.pk).update(state="resolved")
    assert counts(cards.open_differences, mine) == [(0, False)]


def test_a_task_counts_until_it_is_done(world: World, hold: Hold) -> None:
    task = Task.objects.create(
        campaign=world.campaign,
        division=world.counties[0],
        step="arrive",
        due_on=TODAY - timedelta(days=3),
        opened_at=NOW,
    )
    officer = hold("county_officer", world.counties[0])
    assert counts(cards.overdue_steps, officer) == [(1, True)]
    Task.objects.filter(pk=task.pk).update(due_on=TODAY + timedelta(days=1))
    assert counts(cards.overdue_steps, officer) == [(1, False)]
    Task.objects.filter(pk=task.pk).update(state="done")
    assert counts(cards.overdue_steps, officer) == [(0, False)]
