"""What travels: shipments of cartons between hops, and one parcel for each clinic and drop."""

from django.db import models
from django.db.models import Q

from tongzhou.campaigns.models import Campaign
from tongzhou.people.models import Organisation
from tongzhou.places.models import Division, Place
from tongzhou.plans.models import Run
from tongzhou.supplies.models import Fund, Item, Lot


class Shipment(models.Model):
    """Goods on one leg: dock to hub, hub to depot, or depot to clinics (it carries parcels)."""

    personal_fields = ("driver", "driver_phone")

    class Leg(models.TextChoices):
        DOCK_HUB = "dock_hub"
        HUB_DEPOT = "hub_depot"
        LAST_MILE = "last_mile"

    class State(models.TextChoices):
        PLANNED = "planned"
        PACKED = "packed"
        DISPATCHED = "dispatched"
        PART_RECEIVED = "part_received"
        CLOSED = "closed"
        CANCELLED = "cancelled"
        LOST = "lost"

    public_id = models.CharField(max_length=20, unique=True)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="shipments")
    run = models.ForeignKey(Run, null=True, on_delete=models.PROTECT, related_name="shipments")
    leg = models.CharField(max_length=9, choices=Leg.choices)
    from_place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="shipments_out")
    to_place = models.ForeignKey(
        Place, null=True, on_delete=models.PROTECT, related_name="shipments_in"
    )
    carrier = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT)
    tracking_number = models.CharField(max_length=60, blank=True)
    driver = models.CharField(max_length=60, blank=True)
    driver_phone = models.CharField(max_length=30, blank=True)
    state = models.CharField(max_length=13, choices=State.choices, default=State.PLANNED)
    # What arrives after a leg has left goes as its next part.
    part = models.PositiveSmallIntegerField(default=1)
    planned_on = models.DateField()
    due_on = models.DateField()
    dispatched_at = models.DateTimeField(null=True)
    dispatch_command = models.CharField(max_length=80, blank=True)
    received_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["dispatch_command"],
                condition=~Q(dispatch_command=""),
                name="one_dispatch_per_command",
            ),
            models.UniqueConstraint(
                fields=["run", "from_place", "to_place", "part"],
                condition=Q(to_place__isnull=False, run__isnull=False),
                name="one_shipment_per_run_leg_and_part",
            ),
        ]
        indexes = [models.Index(fields=["state", "due_on"], name="shipment_due")]

    def __str__(self) -> str:
        return self.public_id


class ShipmentLine(models.Model):
    """Units of one item, lot and fund in a shipment, for the clinics of one county."""

    personal_fields = ()

    shipment = models.ForeignKey(Shipment, on_delete=models.CASCADE, related_name="lines")
    county = models.ForeignKey(Division, on_delete=models.PROTECT)
    item = models.ForeignKey(Item, on_delete=models.PROTECT, db_index=False)
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, db_index=False)
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, db_index=False)
    units = models.BigIntegerField()
    received_units = models.BigIntegerField(default=0)
    damaged_units = models.BigIntegerField(default=0)
    short_units = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["shipment", "county", "item", "lot", "fund"], name="shipment_line_once"
            ),
            models.CheckConstraint(
                condition=Q(units__gte=1, received_units__gte=0, damaged_units__gte=0)
                & Q(short_units__gte=0),
                name="shipment_line_amounts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shipment_id}: {self.units}"


class Carton(models.Model):
    """A closed box with a code on it; broken at the county into parcels."""

    personal_fields = ()

    class State(models.TextChoices):
        CLOSED = "closed"
        BROKEN = "broken"
        LOST = "lost"

    public_id = models.CharField(max_length=20, unique=True)
    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="cartons")
    item = models.ForeignKey(Item, on_delete=models.PROTECT)
    units = models.PositiveIntegerField()
    state = models.CharField(max_length=6, choices=State.choices, default=State.CLOSED)

    def __str__(self) -> str:
        return self.public_id


class Parcel(models.Model):
    """What one clinic gets in one drop. The outer label shows `public_id`; the slip inside has the
    receive token, of which only the hash is kept: it is made again from the server's key, the
    public id and `token_version`, so that a slip can be printed twice."""

    personal_fields = ()

    class State(models.TextChoices):
        PACKED = "packed"
        DISPATCHED = "dispatched"
        CLAIMED = "claimed"
        RECEIVED = "received"
        LOST = "lost"

    public_id = models.CharField(max_length=20, unique=True)
    token_hash = models.BinaryField(max_length=32, unique=True)
    token_version = models.PositiveSmallIntegerField(default=1)
    campaign = models.ForeignKey(
        Campaign, on_delete=models.PROTECT, related_name="parcels", db_index=False
    )
    run = models.ForeignKey(Run, on_delete=models.PROTECT, db_index=False)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="parcels")
    depot = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", db_index=False)
    shipment = models.ForeignKey(
        Shipment, null=True, on_delete=models.PROTECT, related_name="parcels"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.PACKED)
    sequence = models.PositiveIntegerField(default=0)
    packed_at = models.DateTimeField()
    dispatched_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "place"], name="one_parcel_per_place_and_run")
        ]
        indexes = [models.Index(fields=["depot", "run", "sequence"], name="parcel_of_depot")]

    def __str__(self) -> str:
        return self.public_id


class ParcelLine(models.Model):
    """Units of one item, lot and fund in a parcel, and how many of them arrived in good order."""

    personal_fields = ()

    parcel = models.ForeignKey(Parcel, on_delete=models.CASCADE, related_name="lines")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, db_index=False)
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, db_index=False)
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, db_index=False)
    units = models.PositiveIntegerField()
    received_units = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.parcel_id}: {self.units}"


class StatusReport(models.Model):
    """A carrier's word on where a shipment is; never a posting."""

    personal_fields = ()

    shipment = models.ForeignKey(Shipment, on_delete=models.CASCADE, related_name="reports")
    event = models.CharField(max_length=30)
    at = models.DateTimeField()
    where = models.CharField(max_length=120, blank=True)
    row_key = models.CharField(max_length=120, unique=True)
    by = models.CharField(max_length=80)

    def __str__(self) -> str:
        return f"{self.shipment_id} {self.event}"
