"""Divisions as a numbered tree, and the places that stand in them."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Source(models.Model):
    """Where figures of divisions and places come from, and of what day they are."""

    personal_fields = ()

    name = models.CharField(max_length=200)
    url = models.CharField(max_length=300, blank=True)
    as_of = models.DateField(null=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            # Two, because SQLite knows no constraint in which empty days are equal.
            models.UniqueConstraint(fields=["name", "as_of"], name="source_once"),
            models.UniqueConstraint(
                fields=["name"], condition=Q(as_of__isnull=True), name="source_once_undated"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Division(models.Model):
    """One unit of the tree, nation to village. `first`..`last` is its pre-order interval: it
    contains another division exactly when its interval contains the other's `first`."""

    personal_fields = ()

    class Level(models.IntegerChoices):
        NATION = 0
        PROVINCE = 1
        PREFECTURE = 2
        COUNTY = 3
        TOWN = 4
        VILLAGE = 5

    class Kind(models.TextChoices):
        PLAIN = ""
        VILLAGE = "village"
        COMMUNITY = "community"
        OTHER = "other"

    code = models.CharField(max_length=24, unique=True)
    name = models.CharField(max_length=120)
    pinyin = models.CharField(max_length=200, blank=True)
    initials = models.CharField(max_length=60, blank=True)
    level = models.PositiveSmallIntegerField(choices=Level.choices)
    kind = models.CharField(max_length=9, choices=Kind.choices, blank=True)
    parent = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="children", db_index=False
    )
    first = models.BigIntegerField(unique=True)
    last = models.BigIntegerField()
    lat = models.FloatField(null=True)
    lon = models.FloatField(null=True)
    placed = models.BooleanField(default=False)
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)
    successor = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="predecessors", db_index=False
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="division_interval"),
            models.CheckConstraint(
                condition=Q(lat__isnull=True) | Q(lat__range=(-90, 90), lon__range=(-180, 180)),
                name="division_point",
            ),
        ]
        # `parent` has no index: a child is one level below and inside the interval, so that the
        # second index answers for children, ancestors and counts alike (see queries.tree).
        indexes = [
            models.Index(fields=["level", "first"], name="division_by_level"),
            models.Index(
                fields=["level", "pinyin"],
                name="division_by_pinyin",
                opclasses=["int2_ops", "varchar_pattern_ops"],
            ),
            models.Index(
                fields=["level", "initials"],
                name="division_by_initials",
                opclasses=["int2_ops", "varchar_pattern_ops"],
            ),
            models.Index(
                fields=["code"],
                condition=Q(level__lte=3),
                name="division_upper_code",
                opclasses=["varchar_pattern_ops"],
            ),
        ]

    # Its ancestors below the nation, province first; set by queries.with_paths.
    path: "tuple[Division, ...]" = ()

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"

    @property
    def closed(self) -> bool:
        return self.valid_to is not None


class Place(models.Model):
    """Somewhere goods can be: a producer's dock, a hub, a county depot, a clinic."""

    personal_fields = ()

    class Kind(models.TextChoices):
        PRODUCER = "producer", _("Producer")
        HUB = "hub", _("Hub")
        DEPOT = "depot", _("Depot")
        HOSPITAL = "hospital", _("Hospital")
        CLINIC = "clinic", _("Clinic")
        POINT = "point", _("Point")
        VEHICLE = "vehicle", _("Vehicle")

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        CLOSED = "closed", _("Closed")
        MERGED = "merged", _("Merged")

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=160)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    division = models.ForeignKey(Division, on_delete=models.PROTECT, related_name="places")
    lat = models.FloatField(null=True)
    lon = models.FloatField(null=True)
    placed = models.BooleanField(default=False)
    made_up = models.BooleanField(default=False)
    state = models.CharField(max_length=6, choices=State.choices, default=State.ACTIVE)
    merged_into = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="merged", db_index=False
    )
    # Registry figures from which weights are made; null means missing, never zero.
    people65 = models.FloatField(null=True)
    risk_share = models.FloatField(null=True)
    remoteness = models.FloatField(null=True)
    growth = models.FloatField(null=True)
    source = models.ForeignKey(Source, null=True, on_delete=models.PROTECT, db_index=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(lat__isnull=True) | Q(lat__range=(-90, 90), lon__range=(-180, 180)),
                name="place_point",
            ),
            models.CheckConstraint(
                condition=~Q(state="merged") | Q(merged_into__isnull=False), name="place_merged"
            ),
            models.CheckConstraint(
                condition=Q(people65__isnull=True) | Q(people65__gte=0), name="place_people65"
            ),
            models.CheckConstraint(
                condition=Q(risk_share__isnull=True) | Q(risk_share__range=(0, 1)),
                name="place_risk_share",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"


class ImportBatch(models.Model):
    """One uploaded file: previewed, then written whole or not at all; the same file has one effect.

    `context` narrows what the file is for (a campaign's public id), in the words of its kind.
    """

    personal_fields = ()

    class State(models.TextChoices):
        PREVIEW = "preview"
        APPLYING = "applying"
        DONE = "done"
        REFUSED = "refused"

    kind = models.CharField(max_length=20)
    context = models.CharField(max_length=60, blank=True)
    division = models.ForeignKey(
        Division, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    file_name = models.CharField(max_length=200)
    file_sha256 = models.CharField(max_length=64)
    stored_as = models.CharField(max_length=200)
    state = models.CharField(max_length=8, choices=State.choices, default=State.PREVIEW)
    encoding = models.CharField(max_length=20, blank=True)
    rows = models.PositiveBigIntegerField(default=0)
    new_rows = models.PositiveBigIntegerField(default=0)
    changed_rows = models.PositiveBigIntegerField(default=0)
    refused_rows = models.PositiveBigIntegerField(default=0)
    preview = models.JSONField(default=dict)
    by = models.CharField(max_length=80)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.file_name}"
