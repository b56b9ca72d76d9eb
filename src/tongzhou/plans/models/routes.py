"""Last-mile routes of a run, computed county by county."""

from django.db import models
from django.db.models import Q

from tongzhou.places.models import Division

from .runs import Run


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
