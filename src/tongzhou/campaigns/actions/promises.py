"""What producers promise, by day."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from tongzhou.campaigns.models import Campaign, Promise
from tongzhou.kit.actions import record
from tongzhou.kit.rules import Actor
from tongzhou.people.models import Organisation
from tongzhou.places.queries import chain_of
from tongzhou.supplies.models import Item

from .campaigns import still_open


@dataclass(frozen=True, slots=True)
class NewPromise:
    """Units of an item by a producer for a day and batch; the row key makes a repeat harmless."""

    producer: Organisation
    item: Item
    batch: int
    day: date
    units: int
    status: str
    row_key: str = ""

    @property
    def key(self) -> str:
        return self.row_key or f"{self.producer.code}:{self.item.code}:{self.batch}"


@transaction.atomic
def record_promise(campaign: Campaign, new: NewPromise, *, by: Actor) -> Promise:
    """Write a promise, or change the one with the same row key; the event keeps what it was."""
    campaign = still_open(campaign.pk)
    old = Promise.objects.filter(campaign=campaign, row_key=new.key).first()
    before = {"units": old.units, "day": old.day.isoformat(), "status": old.status} if old else None
    row, _ = Promise.objects.update_or_create(
        campaign=campaign,
        row_key=new.key,
        defaults={
            "producer": new.producer,
            "item": new.item,
            "batch": new.batch,
            "day": new.day,
            "units": new.units,
            "status": new.status,
        },
    )
    record(
        "promise.recorded",
        row,
        by=by,
        chain=chain_of(campaign.division),
        before=before,
        after={"units": new.units, "day": new.day.isoformat(), "status": new.status},
    )
    return row
