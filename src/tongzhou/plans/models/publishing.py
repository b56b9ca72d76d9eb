"""How far the publishing of a run has come, county by county, and the lines it posted."""

from django.db import models
from django.db.models import Q

from tongzhou.campaigns.models import Recipient
from tongzhou.places.models import Division, Place

from .runs import Run, RunSupply


class PublishPart(models.Model):
    """One county (or a numbered part of it) of a publishing run, posted in one transaction."""

    personal_fields = ()

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="parts")
    county = models.ForeignKey(Division, on_delete=models.PROTECT)
    recipient = models.ForeignKey(Recipient, on_delete=models.PROTECT)
    part = models.PositiveSmallIntegerField()
    lines = models.PositiveIntegerField()
    units = models.BigIntegerField()
    data = models.BinaryField()
    posted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "county", "recipient", "part"], name="publish_part_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.county_id}/{self.part}"


class TakenBack(models.Model):
    """What a run that was published in part did not post in one county: nothing was reserved, and
    the next run counts these places as unserved."""

    personal_fields = ()

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="taken_back")
    county = models.ForeignKey(Division, on_delete=models.PROTECT)
    lines = models.PositiveIntegerField()
    units = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "county"], name="taken_back_once"),
            models.CheckConstraint(condition=Q(units__gte=1), name="taken_back_units"),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.county_id}: {self.units} taken back"


class AllocationLine(models.Model):
    """Published units of one source (dock, lot, fund) for one place."""

    personal_fields = ()

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="lines", db_index=False)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, db_index=False)
    supply = models.ForeignKey(RunSupply, on_delete=models.PROTECT, db_index=False)
    part = models.ForeignKey(PublishPart, on_delete=models.PROTECT, related_name="posted_lines")
    units = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["place", "run", "supply"], name="line_once")]

    def __str__(self) -> str:
        return f"{self.place_id}: {self.units}"
