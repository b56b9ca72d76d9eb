"""What the portal keeps: how each division's staff set its channel page, version by version."""

from django.db import models
from django.db.models import Q

from tongzhou.places.models import Division


class ChannelVersion(models.Model):
    """One decision on a division's channel page; the newest of a division is in force.

    `content` has a key for every part that is decided here (see `portal.rules`); what it leaves out
    comes from the division above. A version is never changed: going back is a new version.
    """

    personal_fields = ()

    division = models.ForeignKey(Division, on_delete=models.PROTECT, related_name="channel")
    number = models.PositiveIntegerField()
    content = models.JSONField(default=dict)
    note = models.CharField(max_length=200, blank=True)
    in_force = models.BooleanField(default=True)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["division", "number"], name="channel_version_once"),
            models.UniqueConstraint(
                fields=["division"], condition=Q(in_force=True), name="channel_one_in_force"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.division_id} version {self.number}"
