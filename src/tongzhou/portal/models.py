"""What the portal keeps: how each division's staff set its channel page, version by version, and
what is known of codes on medicine boxes."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact

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


class MedicineCode(models.Model):
    """A product by the code on its boxes: the first 7 digits of a Chinese trace code, or a GTIN as
    14 digits. `catalogue_id`: the product of `clinical` that it is, empty where none is."""

    personal_fields = ()

    code = models.CharField(max_length=14, unique=True)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120, blank=True)
    maker = models.CharField(max_length=120, blank=True)
    strength = models.CharField(max_length=60, blank=True)
    catalogue_id = models.CharField(max_length=80, blank=True)
    source = models.CharField(max_length=120)
    as_of = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(Exact(Length("code"), 7)) | Q(Exact(Length("code"), 14)),
                name="medicine_code_length",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class CodeSeen(models.Model):
    """How often the code of one box was checked here. The code itself is not kept: `digest` is its
    HMAC under the installation's key, and says nothing without it."""

    personal_fields = ()

    digest = models.CharField(max_length=64, unique=True)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField(db_index=True)
    times = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(times__gte=1), name="code_seen_counts"),
        ]

    def __str__(self) -> str:
        return f"{self.times} times since {self.first_at:%Y-%m-%d}"
