"""Lanes: the ways goods may take from a dock to a recipient, and what a run was given of them."""

from django.db import models
from django.db.models import F, Q

from tongzhou.campaigns.models import Campaign, Recipient
from tongzhou.places.models import Place

from .runs import Run


class CampaignLane(models.Model):
    """A way from a producer's dock to a recipient. `units_a_day` null: as much as there is;
    `cost_fen`: for each unit; the dates, both included, are those on which it leaves the dock."""

    personal_fields = ()

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="lanes")
    dock = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    recipient = models.ForeignKey(Recipient, on_delete=models.CASCADE, related_name="lanes")
    lead_days = models.PositiveSmallIntegerField()
    units_a_day = models.PositiveBigIntegerField(null=True)
    cost_fen = models.PositiveIntegerField(default=0)
    from_date = models.DateField(null=True)
    until_date = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "dock", "recipient", "from_date"], name="lane_once"
            ),
            # Two rows without a first day count as different to the one above.
            models.UniqueConstraint(
                fields=["campaign", "dock", "recipient"],
                condition=Q(from_date__isnull=True),
                name="lane_once_from_the_start",
            ),
            models.CheckConstraint(
                condition=Q(until_date__isnull=True)
                | Q(from_date__isnull=True)
                | Q(until_date__gte=F("from_date")),
                name="lane_dates_in_order",
            ),
            models.CheckConstraint(condition=Q(lead_days__lte=90), name="lane_lead_days"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.dock_id} to {self.recipient_id}"


class InboundLimit(models.Model):
    """What a recipient's hub can take in on one day, from all docks together."""

    personal_fields = ()

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="inbound")
    recipient = models.OneToOneField(Recipient, on_delete=models.CASCADE, related_name="inbound")
    units_a_day = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(units_a_day__gte=1), name="inbound_takes_something")
        ]

    def __str__(self) -> str:
        return f"{self.recipient_id}: {self.units_a_day} a day"


class RunWays(models.Model):
    """The lanes a run plans with, as they were when it was opened; there is none where the campaign
    names no lane. `given` is what went in (queries/ways.py), `data` what came out, compressed."""

    personal_fields = ()

    run = models.OneToOneField(Run, on_delete=models.CASCADE, related_name="ways")
    opened_on = models.DateField()
    given = models.JSONField()
    data = models.BinaryField(default=b"")

    def __str__(self) -> str:
        return f"ways of {self.run_id}"
