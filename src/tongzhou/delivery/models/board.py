"""How far a campaign has come by division, and the tasks that an overdue step opens."""

from django.db import models
from django.db.models import Q

from tongzhou.campaigns.models import Campaign
from tongzhou.people.models import Account
from tongzhou.places.models import Division
from tongzhou.supplies.models import Item

from .shipments import Parcel, Shipment


class DivisionProgress(models.Model):
    """Units and clinics of a campaign by state, summed for one division, kept with each action."""

    personal_fields = ()

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, db_index=False)
    division = models.ForeignKey(Division, on_delete=models.PROTECT)
    item = models.ForeignKey(Item, on_delete=models.PROTECT, db_index=False)
    places = models.BigIntegerField(default=0)
    need_units = models.BigIntegerField(default=0)
    allocated_units = models.BigIntegerField(default=0)
    allocated_places = models.BigIntegerField(default=0)
    sent_units = models.BigIntegerField(default=0)
    hub_units = models.BigIntegerField(default=0)
    depot_units = models.BigIntegerField(default=0)
    last_mile_units = models.BigIntegerField(default=0)
    received_units = models.BigIntegerField(default=0)
    received_places = models.BigIntegerField(default=0)
    trouble_units = models.BigIntegerField(default=0)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "division", "item"], name="progress_once")
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.division_id}"


class Task(models.Model):
    """Something overdue that somebody has to mend: opened once for each subject and step."""

    personal_fields = ()

    class State(models.TextChoices):
        OPEN = "open"
        DONE = "done"

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="tasks")
    division = models.ForeignKey(Division, on_delete=models.PROTECT)
    shipment = models.ForeignKey(Shipment, null=True, on_delete=models.CASCADE)
    parcel = models.ForeignKey(Parcel, null=True, on_delete=models.CASCADE)
    step = models.CharField(max_length=30)
    state = models.CharField(max_length=4, choices=State.choices, default=State.OPEN)
    owner = models.ForeignKey(Account, null=True, on_delete=models.SET_NULL)
    due_on = models.DateField()
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "shipment", "step"],
                condition=Q(shipment__isnull=False, state="open"),
                name="one_open_task_per_shipment_step",
            ),
            models.UniqueConstraint(
                fields=["campaign", "division", "step"],
                condition=Q(shipment__isnull=True, parcel__isnull=True, state="open"),
                name="one_open_task_per_division_step",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step} due {self.due_on}"
