"""Receipts, what was wrong with them, photographs, and the offline commands that brought them."""

from django.db import models
from django.db.models import Q

from tongzhou.people.models import Account
from tongzhou.places.models import Place
from tongzhou.supplies.models import Item

from .shipments import Parcel, Shipment


class Photo(models.Model):
    """A receipt photograph, shrunk and without its metadata, kept by its SHA-256."""

    personal_fields = ("data",)

    sha256 = models.CharField(max_length=64, primary_key=True)
    data = models.BinaryField()
    stored_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.sha256[:12]


class Receipt(models.Model):
    """Somebody counted what arrived. Append-only; one confirmed receipt for each parcel."""

    personal_fields = ("signed_by", "signature", "witness")

    class Method(models.TextChoices):
        SLIP = "slip"
        LABEL = "label"
        DRIVER = "driver"
        OFFICE = "office"

    command_id = models.CharField(max_length=80, unique=True)
    shipment = models.ForeignKey(
        Shipment, null=True, on_delete=models.PROTECT, related_name="receipts"
    )
    parcel = models.ForeignKey(Parcel, null=True, on_delete=models.PROTECT, related_name="receipts")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, db_index=False)
    method = models.CharField(max_length=6, choices=Method.choices)
    confirmed = models.BooleanField(default=True)
    counts = models.JSONField(default=list)
    signed_by = models.CharField(max_length=60, blank=True)
    signature = models.TextField(blank=True)
    witness = models.CharField(max_length=60, blank=True)
    photo = models.ForeignKey(Photo, null=True, on_delete=models.SET_NULL)
    device = models.CharField(max_length=80, blank=True)
    by = models.CharField(max_length=80)
    at_device = models.DateTimeField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["parcel"],
                condition=Q(confirmed=True, parcel__isnull=False),
                name="one_confirmed_receipt_per_parcel",
            ),
            models.CheckConstraint(
                condition=Q(parcel__isnull=True, shipment__isnull=False)
                | Q(parcel__isnull=False, shipment__isnull=True),
                name="receipt_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return self.command_id


class Discrepancy(models.Model):
    """Short, over, damaged or wrong goods, with an owner and a day by which it is explained."""

    personal_fields = ()

    class Kind(models.TextChoices):
        SHORT = "short"
        OVER = "over"
        DAMAGED = "damaged"
        WRONG = "wrong"

    class State(models.TextChoices):
        OPEN = "open"
        EXPLAINED = "explained"
        RESOLVED = "resolved"
        WRITTEN_OFF = "written_off"

    receipt = models.ForeignKey(Receipt, on_delete=models.PROTECT, related_name="discrepancies")
    place = models.ForeignKey(Place, on_delete=models.PROTECT)
    item = models.ForeignKey(Item, on_delete=models.PROTECT)
    kind = models.CharField(max_length=7, choices=Kind.choices)
    units = models.PositiveIntegerField()
    state = models.CharField(max_length=11, choices=State.choices, default=State.OPEN)
    owner = models.ForeignKey(Account, null=True, on_delete=models.SET_NULL)
    due_on = models.DateField()
    # The units in the ledger that it is about: [{"line", "lot", "fund", "units"}], none for "over".
    parts = models.JSONField(default=list)
    note = models.CharField(max_length=500, blank=True)
    explanation = models.CharField(max_length=500, blank=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(units__gte=1), name="discrepancy_units")]
        indexes = [models.Index(fields=["state", "due_on"], name="discrepancy_due")]

    def __str__(self) -> str:
        return f"{self.kind} {self.units}"


class Command(models.Model):
    """An offline command by its client-made id, with the answer that every replay gets again."""

    personal_fields = ()

    id = models.CharField(max_length=80, primary_key=True)
    kind = models.CharField(max_length=40)
    body_sha256 = models.CharField(max_length=64)
    device = models.CharField(max_length=80)
    status = models.CharField(max_length=14)
    answer = models.TextField()
    at_device = models.DateTimeField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["status", "at"], name="command_by_status")]

    def __str__(self) -> str:
        return self.id
