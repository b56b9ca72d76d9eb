"""What is moved: items, how they are packed, and their lots."""

from django.db import models


class Item(models.Model):
    """A kind of good, counted in whole base units."""

    personal_fields = ()

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120, blank=True)
    base_unit = models.CharField(max_length=20)
    gtin = models.CharField(max_length=14, blank=True)
    serialised = models.BooleanField(default=False)
    shelf_life_days = models.PositiveIntegerField(null=True)
    volume_l = models.FloatField(null=True)

    def __str__(self) -> str:
        return self.code


class PackLevel(models.Model):
    """How many base units one inner pack, carton or pallet of an item holds."""

    personal_fields = ()

    class Level(models.TextChoices):
        UNIT = "unit"
        INNER = "inner"
        CARTON = "carton"
        PALLET = "pallet"

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="packs")
    level = models.CharField(max_length=6, choices=Level.choices)
    units = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "level"], name="one_pack_per_level"),
            models.CheckConstraint(condition=models.Q(units__gte=1), name="pack_holds_units"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.level} of {self.units}"


class Lot(models.Model):
    """A production lot of an item; goods without a lot number use the item's lot with number ''."""

    personal_fields = ()

    class State(models.TextChoices):
        OK = "ok"
        HOLD = "hold"
        RECALLED = "recalled"

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="lots")
    number = models.CharField(max_length=40, blank=True)
    expires_on = models.DateField(null=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OK)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "number"], name="lot_once")]

    def __str__(self) -> str:
        return f"{self.item_id} lot {self.number or '-'}"
