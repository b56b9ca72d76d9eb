"""Batches: what of an order stood ready at the producer's dock, in which lots."""

from django.db import models
from django.db.models import Q

from .catalogue import Lot
from .funds import OrderLine, ProcurementOrder
from .ledger import Move


class Batch(models.Model):
    """One delivery of an order to the dock, posted by one move; `command_id` has one effect."""

    personal_fields = ()

    order = models.ForeignKey(ProcurementOrder, on_delete=models.PROTECT, related_name="batches")
    move = models.OneToOneField(Move, on_delete=models.PROTECT, related_name="batch")
    command_id = models.CharField(max_length=80, unique=True)
    ready_on = models.DateField()
    by = models.CharField(max_length=80)
    recorded_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.order_id} {self.ready_on}"


class BatchLine(models.Model):
    """Units of one lot that a batch brought for one line of its order."""

    personal_fields = ()

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="lines")
    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="batch_lines")
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, db_index=False)
    units = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "line", "lot"], name="batch_line_once"),
            models.CheckConstraint(condition=Q(units__gte=1), name="batch_line_units"),
        ]

    def __str__(self) -> str:
        return f"{self.line_id}: {self.units}"
