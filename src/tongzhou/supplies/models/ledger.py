"""The stock ledger: accounts, moves, entries, balances. Moves and entries never change."""

from django.db import models
from django.db.models import F, Q
from django.db.models.lookups import LessThan

from tongzhou.places.models import Place

from .catalogue import Item, Lot
from .funds import Fund


class Bucket(models.IntegerChoices):
    """The state of units at a place; the first two are outside and may be negative."""

    PRODUCER = 0
    DONOR = 1
    ON_HAND = 2
    RESERVED = 3
    IN_TRANSIT = 4
    QUARANTINE = 5
    HANDED_OVER = 6
    LOST = 7


class Account(models.Model):
    """A bucket at a place, made on first posting. Its id is place id x 8 + bucket, so that
    set-based posting needs no look-up."""

    personal_fields = ()

    id = models.BigIntegerField(primary_key=True)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, db_index=False)
    bucket = models.PositiveSmallIntegerField(choices=Bucket.choices)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(id=F("place") * 8 + F("bucket")), name="account_id_is_place_and_bucket"
            ),
            models.CheckConstraint(condition=Q(bucket__range=(0, 7)), name="account_bucket"),
        ]

    def __str__(self) -> str:
        return f"{self.place_id}/{self.get_bucket_display()}"


class Move(models.Model):
    """One balanced posting. `command_id` has one effect; a correction is a reversing move."""

    personal_fields = ()

    kind = models.CharField(max_length=20)
    command_id = models.CharField(max_length=80, unique=True)
    body_hash = models.CharField(max_length=64)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    by = models.CharField(max_length=80)
    reverses = models.OneToOneField("self", null=True, on_delete=models.PROTECT)
    sealed = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.kind} {self.command_id}"


class Entry(models.Model):
    """Signed units of one item, lot and fund on one account, within one move."""

    personal_fields = ()

    move = models.ForeignKey(Move, on_delete=models.PROTECT, related_name="entries")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="entries")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, db_index=False)
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, db_index=False)
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, db_index=False)
    units = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(units=0), name="entry_not_zero")]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.units:+d}"


class Balance(models.Model):
    """What an account holds of an item, lot and fund: always the sum of its entries."""

    personal_fields = ()

    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="balances", db_index=False
    )
    item = models.ForeignKey(Item, on_delete=models.PROTECT, db_index=False)
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, db_index=False)
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, db_index=False)
    units = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "item", "lot", "fund"], name="balance_once"),
            models.CheckConstraint(
                condition=Q(units__gte=0) | Q(LessThan(F("account") % 8, 2)),
                name="balance_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.units}"
