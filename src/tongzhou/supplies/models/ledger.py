"""The stock ledger: accounts, moves, entries, balances. Moves and entries never change."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Q
from django.db.models.lookups import LessThan

from tongzhou.places.models import Place

from .catalogue import Item, Lot
from .funds import Fund

# An entry's id is its move's id x 16,384 + its line: the lines of a move lie together on the
# primary key, without a second index and a counter (600,000 legs take 5.5 s instead of 8.3 s).
LINES_PER_MOVE = 16_384


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


if TYPE_CHECKING:  # generic for the type checker alone
    BigInteger = models.BigIntegerField[int, int]
else:
    BigInteger = models.BigIntegerField


class GivenKey(BigInteger):
    """A primary key that the writer gives. On SQLite it is the row's own address (`integer`),
    which saves the second index that a `bigint` key would get."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        return "integer" if connection.vendor == "sqlite" else super().db_type(connection)


class Account(models.Model):
    """A bucket at a place, made on first posting. Its id is place id x 8 + bucket, so that
    set-based posting needs no look-up."""

    personal_fields = ()

    id = GivenKey(primary_key=True)
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
    """One balanced posting. `command_id` has one effect; a correction is a reversing move.

    Once sealed it takes no more entries; triggers refuse every later change (migration 0002).
    """

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


class Refusal(models.Model):
    """A command that was refused, so that its replay gets the same answer; no other effect."""

    personal_fields = ()

    command_id = models.CharField(max_length=80, unique=True)
    body_hash = models.CharField(max_length=64)
    reason = models.CharField(max_length=500)
    recorded_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.command_id}: {self.reason}"


class Entry(models.Model):
    """Signed units of one item, lot and fund on one account, within one move.

    There is no index on `move`: read a move's entries by `queries.entries_of(move)`.
    """

    personal_fields = ()

    id = GivenKey(primary_key=True)
    move = models.ForeignKey(Move, on_delete=models.PROTECT, related_name="+", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="entries")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, db_index=False)
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, db_index=False)
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, db_index=False)
    units = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(units=0), name="entry_not_zero"),
            models.CheckConstraint(
                condition=Q(
                    id__gte=F("move") * LINES_PER_MOVE, id__lt=(F("move") + 1) * LINES_PER_MOVE
                ),
                name="entry_id_is_move_and_line",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.units:+d}"


class Balance(models.Model):
    """What an account holds of an item, lot and fund: always the sum of its entries.

    Its references are checked through the entries, which hold the same ones: the database would
    look up four rows more for each of a nation's clinics.
    """

    personal_fields = ()

    pk = models.CompositePrimaryKey("account_id", "item_id", "lot_id", "fund_id")
    account = models.ForeignKey(
        Account,
        on_delete=models.PROTECT,
        related_name="balances",
        db_index=False,
        db_constraint=False,
    )
    item = models.ForeignKey(Item, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    units = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(units__gte=0) | Q(LessThan(F("account") % 8, 2)),
                name="balance_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.units}"


class FundFlow(models.Model):
    """Signed units of a fund by day, kind of move and bucket: a roll-up kept with every posting,
    so that a donor's page need not read a nation's entries."""

    personal_fields = ()

    pk = models.CompositePrimaryKey("fund_id", "item_id", "day", "kind", "bucket")
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="flows", db_index=False)
    item = models.ForeignKey(Item, on_delete=models.PROTECT, db_index=False)
    day = models.DateField()
    kind = models.CharField(max_length=20)
    bucket = models.PositiveSmallIntegerField(choices=Bucket.choices)
    units = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.fund_id} {self.day} {self.kind}: {self.units:+d}"
