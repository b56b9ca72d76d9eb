"""Runs of the planning engine and what they decided."""

from django.db import models
from django.db.models import Q

from tongzhou.campaigns.models import Campaign, Recipient
from tongzhou.places.models import Division, Place
from tongzhou.supplies.models import Fund, Item, Lot


class Run(models.Model):
    """One computation for a campaign, kept with its input hash, seed and engine version."""

    personal_fields = ()

    class State(models.TextChoices):
        DRAFT = "draft"
        COMPUTED = "computed"
        FAILED = "failed"
        REVIEWED = "reviewed"
        PUBLISHING = "publishing"
        PUBLISHED = "published"
        PARTLY = "partly"
        WITHDRAWN = "withdrawn"
        SUPERSEDED = "superseded"

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="runs")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    note = models.CharField(max_length=300, blank=True)
    input_sha256 = models.CharField(max_length=64, blank=True)
    engine_version = models.CharField(max_length=40, blank=True)
    seed = models.CharField(max_length=64)
    metrics = models.JSONField(default=dict)
    # What differs from the campaign's tables, where the run was kept from a question "what if".
    changes = models.JSONField(default=list)
    by = models.CharField(max_length=80)
    reviewed_by = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField()
    computed_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)
    # Who asks to take back what a stopped publishing has not posted, until a second person agrees.
    take_back_by = models.CharField(max_length=80, blank=True)
    take_back_note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="run_number_once"),
            models.UniqueConstraint(
                fields=["campaign"], condition=Q(state="publishing"), name="one_run_publishing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} run {self.number}"


class RunSupply(models.Model):
    """Units a run may give: on hand at a dock (publishable) or still expected (planned only)."""

    personal_fields = ()

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="supply")
    wave = models.PositiveSmallIntegerField()
    dock = models.ForeignKey(Place, on_delete=models.PROTECT)
    item = models.ForeignKey(Item, on_delete=models.PROTECT)
    lot = models.ForeignKey(Lot, null=True, on_delete=models.PROTECT)
    fund = models.ForeignKey(Fund, null=True, on_delete=models.PROTECT)
    units = models.BigIntegerField()
    on_hand = models.BooleanField(default=True)
    day = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(units__gte=1), name="run_supply_units"),
            models.CheckConstraint(
                condition=Q(on_hand=False) | Q(lot__isnull=False, fund__isnull=False),
                name="run_supply_on_hand_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.dock_id}: {self.units}"


class RunWave(models.Model):
    """One cut of the ranked ledger; `hubs` empty means every recipient."""

    personal_fields = ()

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="waves")
    number = models.PositiveSmallIntegerField()
    day = models.DateField()
    hubs = models.ManyToManyField(Recipient, blank=True)
    units = models.BigIntegerField(default=0)
    places_served = models.BigIntegerField(default=0)
    places_waiting = models.BigIntegerField(default=0)
    cut = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="wave_once")]

    def __str__(self) -> str:
        return f"{self.run_id} wave {self.number}"


class RunArrays(models.Model):
    """The full result as compressed arrays (places, units by wave, keys): megabytes, not rows."""

    personal_fields = ()

    run = models.OneToOneField(Run, on_delete=models.CASCADE, related_name="arrays")
    data = models.BinaryField()
    sha256 = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"arrays of {self.run_id}"


class RunDivision(models.Model):
    """The run's result summed for one division (nation to county), for pages and comparison."""

    personal_fields = ()

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="divisions")
    division = models.ForeignKey(Division, on_delete=models.PROTECT, db_index=False)
    item = models.ForeignKey(Item, on_delete=models.PROTECT, db_index=False)
    places = models.BigIntegerField()
    need_units = models.BigIntegerField()
    units = models.BigIntegerField()
    places_served = models.BigIntegerField()
    units_by_wave = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "division", "item"], name="run_division_once")
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.division_id}: {self.units}"


class Override(models.Model):
    """A named person's change of one line of a run, with the reason."""

    personal_fields = ()

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="overrides")
    place = models.ForeignKey(Place, on_delete=models.PROTECT)
    item = models.ForeignKey(Item, on_delete=models.PROTECT)
    units_before = models.BigIntegerField()
    units_after = models.BigIntegerField()
    note = models.CharField(max_length=300)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "place", "item"], name="override_once"),
            models.CheckConstraint(
                condition=Q(units_after__gte=0) & ~Q(note=""), name="override_has_note"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.place_id}: {self.units_after}"
