"""Where goods and money come from: funds (donations), their restrictions, procurement orders."""

from django.db import models
from django.db.models import Q

from tongzhou.people.models import Organisation
from tongzhou.places.models import Division

from .catalogue import Item


class Fund(models.Model):
    """One donation, in money (RMB fen) or in kind (units); it stays on the stock to the end."""

    personal_fields = ("contact",)

    class Kind(models.TextChoices):
        CASH = "cash"
        IN_KIND = "in_kind"

    class State(models.TextChoices):
        PLEDGED = "pledged"
        CONFIRMED = "confirmed"
        PART_RECEIVED = "part_received"
        CLOSED = "closed"
        WITHDRAWN = "withdrawn"

    public_id = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=160)
    donor = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT)
    kind = models.CharField(max_length=7, choices=Kind.choices)
    state = models.CharField(max_length=13, choices=State.choices, default=State.PLEDGED)
    public = models.BooleanField(default=True)
    made_up = models.BooleanField(default=False)
    contact = models.CharField(max_length=200, blank=True)
    pledged_fen = models.BigIntegerField(default=0)
    received_fen = models.BigIntegerField(default=0)
    item = models.ForeignKey(Item, null=True, on_delete=models.PROTECT)
    pledged_units = models.BigIntegerField(default=0)
    given_on = models.DateField()
    # The office that answers for it and sees it; null is the nation's.
    division = models.ForeignKey(Division, null=True, on_delete=models.PROTECT, db_index=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(pledged_fen__gte=0, received_fen__gte=0, pledged_units__gte=0),
                name="fund_amounts",
            ),
            models.CheckConstraint(
                condition=Q(kind="cash", item__isnull=True, pledged_units=0)
                | Q(kind="in_kind", item__isnull=False, pledged_fen=0, received_fen=0),
                name="fund_cash_or_in_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


class FundRestriction(models.Model):
    """A donor's wish that has to be kept: the fund may only go to this division (a row each)."""

    personal_fields = ()

    fund = models.ForeignKey(Fund, on_delete=models.CASCADE, related_name="restrictions")
    division = models.ForeignKey(Division, on_delete=models.PROTECT)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["fund", "division"], name="fund_restricted_once")
        ]

    def __str__(self) -> str:
        return f"{self.fund_id} only {self.division_id}"


class FundReceipt(models.Model):
    """Money of a fund that has arrived. Append-only; `command_id` has one effect."""

    personal_fields = ()

    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="receipts")
    fen = models.BigIntegerField()
    received_on = models.DateField()
    reference = models.CharField(max_length=80, blank=True)
    command_id = models.CharField(max_length=80, unique=True)
    by = models.CharField(max_length=80)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(fen__gte=1), name="fund_receipt_amount")]

    def __str__(self) -> str:
        return f"{self.fund_id}: {self.fen}"


class ProcurementOrder(models.Model):
    """An order to one producer; several funds may share it, each unit keeps its fund."""

    personal_fields = ()

    class State(models.TextChoices):
        DRAFT = "draft"
        ORDERED = "ordered"
        CONFIRMED = "confirmed"
        PRODUCING = "producing"
        SHIPPED = "shipped"
        RECEIVED = "received"
        SHORT_CLOSED = "short_closed"

    number = models.CharField(max_length=40, unique=True)
    producer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="orders")
    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAFT)
    ordered_on = models.DateField(null=True)
    paid_fen = models.BigIntegerField(default=0)
    # The office that placed it and sees it; null is the nation's.
    division = models.ForeignKey(Division, null=True, on_delete=models.PROTECT, db_index=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(paid_fen__gte=0), name="order_paid_not_negative")
        ]

    def __str__(self) -> str:
        return self.number


class OrderLine(models.Model):
    """Units of an item bought from one fund at one price, promised for one day."""

    personal_fields = ()

    order = models.ForeignKey(ProcurementOrder, on_delete=models.CASCADE, related_name="lines")
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="order_lines")
    item = models.ForeignKey(Item, on_delete=models.PROTECT)
    units = models.BigIntegerField()
    unit_price_fen = models.BigIntegerField()
    promised_on = models.DateField()
    delivered_units = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(units__gte=1, unit_price_fen__gte=0, delivered_units__gte=0),
                name="order_line_amounts",
            )
        ]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.units}"


class Payment(models.Model):
    """Money paid to the producer of an order. Append-only; `command_id` has one effect."""

    personal_fields = ()

    order = models.ForeignKey(ProcurementOrder, on_delete=models.PROTECT, related_name="payments")
    fen = models.BigIntegerField()
    paid_on = models.DateField()
    reference = models.CharField(max_length=80, blank=True)
    command_id = models.CharField(max_length=80, unique=True)
    by = models.CharField(max_length=80)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(fen__gte=1), name="payment_amount")]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.fen}"
