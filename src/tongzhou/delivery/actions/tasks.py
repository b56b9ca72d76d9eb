"""Open a task for each overdue step and each county that will be late; close those mended."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from django.db import transaction

from tongzhou.campaigns.models import Campaign
from tongzhou.kit import clock
from tongzhou.kit.actions import record
from tongzhou.kit.rules import Actor
from tongzhou.people.models import Account
from tongzhou.people.queries import owner_for
from tongzhou.places.models import Division
from tongzhou.places.queries import chain_of

from ..models import Shipment, Task
from ..queries.board import counties_due, overdue_shipments

DAYS_TO_MEND = 1
# Tasks a transaction: nobody waits for a nation's worth of them.
TOGETHER = 100

Key = tuple[int, int | None, str]  # division, shipment, step


@dataclass(frozen=True, slots=True)
class Wanted:
    """A task that should be open now."""

    division: Division
    shipment: Shipment | None
    step: str
    note: str

    @property
    def key(self) -> Key:
        return self.division.pk, self.shipment.pk if self.shipment else None, self.step


@dataclass(frozen=True, slots=True)
class Watched:
    """What one look at a campaign changed."""

    opened: int
    closed: int


def watch(campaign: Campaign, *, by: Actor) -> Watched:
    """Look at every shipment and county of a campaign once; a second look changes nothing.

    Steps: leave (should have left), arrive (should have arrived), late (a county whose last clinic
    will have its parcel after the deadline: seen while there is still time).
    """
    wanted = {one.key: one for one in [*_overdue(campaign), *_late(campaign)]}
    known = {
        (task.division_id, task.shipment_id, task.step): task
        for task in Task.objects.filter(campaign=campaign, state=Task.State.OPEN).select_related(
            "division"
        )
    }
    fresh = [one for key, one in wanted.items() if key not in known]
    mended = [task for key, task in known.items() if key not in wanted]
    owner_of = cache(_owner)
    for start in range(0, len(fresh), TOGETHER):
        with transaction.atomic():
            for one in fresh[start : start + TOGETHER]:
                _open(campaign, one, owner_of(one.division), by)
    for start in range(0, len(mended), TOGETHER):
        with transaction.atomic():
            for task in mended[start : start + TOGETHER]:
                close_task(task, "", by=by)
    return Watched(len(fresh), len(mended))


@transaction.atomic
def close_task(task: Task, note: str, *, by: Actor) -> Task:
    """Say that a task is done; one that is closed already stays as it was."""
    row = Task.objects.select_for_update(of=("self",)).select_related("division").get(pk=task.pk)
    if row.state == Task.State.DONE:
        return row
    row.state = Task.State.DONE
    row.closed_at = clock.now()
    row.note = (note or row.note)[:300]
    row.save(update_fields=["state", "closed_at", "note"])
    record(
        "task.closed",
        row,
        by=by,
        chain=chain_of(row.division),
        before={"state": "open"},
        after={"state": "done", "note": row.note},
    )
    return row


def _overdue(campaign: Campaign) -> Iterable[Wanted]:
    for shipment in overdue_shipments(campaign):
        waits = shipment.state in (Shipment.State.PLANNED, Shipment.State.PACKED)
        answers = shipment.from_place if waits else shipment.to_place or shipment.from_place
        due = shipment.planned_on if waits else shipment.due_on
        yield Wanted(answers.division, shipment, "leave" if waits else "arrive", due.isoformat())


def _late(campaign: Campaign) -> Iterable[Wanted]:
    for row in counties_due(campaign):
        if row.late:
            yield Wanted(row.county, None, "late", row.projected_on.isoformat())


def _owner(division: Division) -> Account | None:
    role = "county_officer" if division.level >= Division.Level.COUNTY else "coordinator"
    return owner_for(division, role) or owner_for(division, "coordinator")


def _open(campaign: Campaign, wanted: Wanted, owner: Account | None, by: Actor) -> None:
    task = Task(
        campaign=campaign,
        division=wanted.division,
        shipment=wanted.shipment,
        step=wanted.step,
        owner=owner,
        due_on=clock.today() + timedelta(days=DAYS_TO_MEND),
        opened_at=clock.now(),
        note=wanted.note,
    )
    task.save(force_insert=True)
    record(
        "task.opened",
        task,
        by=by,
        chain=chain_of(wanted.division),
        after={
            "step": wanted.step,
            "shipment": wanted.shipment.public_id if wanted.shipment else None,
            "owner": owner.pk if owner else None,
            "due_on": task.due_on.isoformat(),
        },
    )
