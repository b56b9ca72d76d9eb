"""Runs of the planning engine, what they decided, and how far their publishing has come."""

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


class PublishPart(models.Model):
    """One county (or a numbered part of it) of a publishing run, posted in one transaction."""

    personal_fields = ()

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="parts")
    county = models.ForeignKey(Division, on_delete=models.PROTECT)
    recipient = models.ForeignKey(Recipient, on_delete=models.PROTECT)
    part = models.PositiveSmallIntegerField()
    lines = models.PositiveIntegerField()
    units = models.BigIntegerField()
    data = models.BinaryField()
    posted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "county", "recipient", "part"], name="publish_part_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.county_id}/{self.part}"


class TakenBack(models.Model):
    """What a run that was published in part did not post in one county: nothing was reserved, and
    the next run counts these places as unserved."""

    personal_fields = ()

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="taken_back")
    county = models.ForeignKey(Division, on_delete=models.PROTECT)
    lines = models.PositiveIntegerField()
    units = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "county"], name="taken_back_once"),
            models.CheckConstraint(condition=Q(units__gte=1), name="taken_back_units"),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.county_id}: {self.units} taken back"


class AllocationLine(models.Model):
    """Published units of one source (dock, lot, fund) for one place."""

    personal_fields = ()

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="lines", db_index=False)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, db_index=False)
    supply = models.ForeignKey(RunSupply, on_delete=models.PROTECT, db_index=False)
    part = models.ForeignKey(PublishPart, on_delete=models.PROTECT, related_name="posted_lines")
    units = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["place", "run", "supply"], name="line_once")]

    def __str__(self) -> str:
        return f"{self.place_id}: {self.units}"


class RouteRun(models.Model):
    """Last-mile routes of all counties of a run, computed once with one set of settings."""

    personal_fields = ()

    class State(models.TextChoices):
        GOING = "going"
        DONE = "done"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="route_runs")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=5, choices=State.choices, default=State.GOING)
    settings = models.JSONField()
    seed = models.CharField(max_length=64)
    by = models.CharField(max_length=80)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "number"], name="route_run_number_once"),
            models.UniqueConstraint(
                fields=["run"], condition=Q(state="going"), name="one_route_run_going"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} routes {self.number}"


class CountyRoutes(models.Model):
    """The routes of one county: computed and stored by themselves, whatever becomes of others.

    `reason` is one of planning.fanout's words for how it failed, `detail` says more. `places` and
    `units` are what is to be delivered; of these `stops` are on a route, `left_out` on none.
    `data` is the ROUTES document, compressed.
    """

    personal_fields = ()

    class State(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        FAILED = "failed"

    class Depot(models.TextChoices):
        """Where its routes begin: its depot, or, where it has none with a point, its seat or the
        middle of its places."""

        DEPOT = "depot"
        SEAT = "seat"
        MIDDLE = "middle"

    route_run = models.ForeignKey(RouteRun, on_delete=models.CASCADE, related_name="counties")
    county = models.ForeignKey(Division, on_delete=models.PROTECT)
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    reason = models.CharField(max_length=10, blank=True)
    detail = models.CharField(max_length=500, blank=True)
    circuity = models.FloatField()
    places = models.PositiveIntegerField()
    units = models.BigIntegerField()
    depot = models.CharField(max_length=6, choices=Depot.choices, blank=True)
    estimated = models.PositiveIntegerField(default=0)
    stops = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0)
    trips = models.PositiveIntegerField(default=0)
    distance_m = models.BigIntegerField(default=0)
    vehicle_days = models.PositiveIntegerField(default=0)
    days = models.PositiveIntegerField(default=0)
    longest_s = models.PositiveIntegerField(default=0)
    roads = models.CharField(max_length=10, blank=True)
    data = models.BinaryField(default=b"")
    computed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["route_run", "county"], name="county_routes_once"),
            models.CheckConstraint(
                condition=~Q(state="done") | Q(computed_at__isnull=False),
                name="county_routes_have_a_moment",
            ),
            models.CheckConstraint(
                condition=~Q(state="failed") | ~Q(reason=""), name="county_routes_say_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.route_run_id} {self.county_id}: {self.trips} trips"
