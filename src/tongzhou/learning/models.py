"""A guide and its versions. A version is never changed: what was read can be looked up."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Guide(models.Model):
    """A guide by its short name in addresses, for whom and about what."""

    personal_fields = ()

    class Audience(models.TextChoices):
        RESIDENTS = "residents", _("Residents")
        RETURNEES = "returnees", _("Returnees")
        DOCTORS = "doctors", _("Village doctors")

    class Topic(models.TextChoices):
        WHEN_TO_GO = "when_to_go", _("When to go")
        CARE = "care", _("Care at home")
        MEDICINE = "medicine", _("Medicine")
        PROTECTION = "protection", _("Protection")
        RECOVERY = "recovery", _("Recovery")

    slug = models.SlugField(max_length=40, unique=True)
    audience = models.CharField(max_length=9, choices=Audience.choices)
    topic = models.CharField(max_length=10, choices=Topic.choices)

    def __str__(self) -> str:
        return self.slug


class GuideVersion(models.Model):
    """One wording of a guide; what is read is the newest published one whose day has come.

    `sources`: rows of zh, en and kind (P, M, D). `as_of`: the day its facts were looked at.
    """

    personal_fields = ()

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    guide = models.ForeignKey(Guide, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    title_zh = models.CharField(max_length=80)
    title_en = models.CharField(max_length=80)
    body_zh = models.TextField()
    body_en = models.TextField()
    sources = models.JSONField(default=list)
    as_of = models.DateField()
    valid_from = models.DateField()
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=9, choices=State.choices, default=State.DRAFT)
    note = models.CharField(max_length=200, blank=True)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["guide", "number"], name="guide_version_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="guide_version_counts"),
        ]
        indexes = [models.Index(fields=["state", "valid_from"], name="guide_shown")]

    def __str__(self) -> str:
        return f"guide {self.guide_id} version {self.number}"
