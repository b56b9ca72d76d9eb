"""Facilities, what is known of each of their fields and from whom, reports, and the call-down."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tongzhou.people.models import Account
from tongzhou.places.models import Division


class Facility(models.Model):
    """Somewhere a sick person can go. Its fields hold what counts now; facts say from whom.

    `x`, `y` and `z` are its point on the unit sphere: distances are compared by them in the
    database, without trigonometry. `checked_at` is the last word of an authority, the site or a
    call. An hours text that could not be read is kept as it is, with `hours_read` false.
    """

    personal_fields = ()

    class Kind(models.TextChoices):
        HOSPITAL = "hospital", _("Hospital")
        HEALTH_CENTRE = "centre", _("Health centre")
        FEVER_CLINIC = "fever", _("Fever clinic")
        CLINIC = "clinic", _("Clinic")
        PHARMACY = "pharmacy", _("Pharmacy")

    class State(models.TextChoices):
        ACTIVE = "active", _("In service")
        PAUSED = "paused", _("Closed for a time")
        CLOSED = "closed", _("Closed for good")
        MERGED = "merged", _("Merged")

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=160)
    name_en = models.CharField(max_length=160, blank=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    division = models.ForeignKey(Division, on_delete=models.PROTECT)
    address = models.CharField(max_length=200, blank=True)
    # Telephone numbers of the institution, with commas between them.
    phones = models.CharField(max_length=120, blank=True)
    lat = models.FloatField(null=True)
    lon = models.FloatField(null=True)
    x = models.FloatField(null=True)
    y = models.FloatField(null=True)
    z = models.FloatField(null=True)
    sees_fever = models.BooleanField(default=False)
    sees_children = models.BooleanField(default=False)
    has_oxygen = models.BooleanField(default=False)
    # An emergency department: open at any hour.
    has_emergency = models.BooleanField(default=False)
    all_day = models.BooleanField(default=False)
    hours = models.CharField(max_length=300, blank=True)
    hours_read = models.BooleanField(default=True)
    state = models.CharField(max_length=6, choices=State.choices, default=State.ACTIVE)
    merged_into = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="merged", db_index=False
    )
    wait_minutes = models.PositiveSmallIntegerField(null=True)
    wait_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    ever_called = models.BooleanField(default=False)
    called_at = models.DateTimeField(null=True)
    # The group in which it is called: 0 first.
    priority = models.PositiveSmallIntegerField(default=5)
    made_up = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(lat__isnull=True, lon__isnull=True, x__isnull=True, y__isnull=True)
                & Q(z__isnull=True)
                | Q(lat__range=(-90, 90), lon__range=(-180, 180), x__range=(-1, 1))
                & Q(y__range=(-1, 1), z__range=(-1, 1), lat__isnull=False, lon__isnull=False)
                & Q(x__isnull=False, y__isnull=False, z__isnull=False),
                name="facility_point",
            ),
            models.CheckConstraint(
                condition=~Q(state="merged") | Q(merged_into__isnull=False),
                name="facility_merged",
            ),
            models.CheckConstraint(
                condition=Q(wait_minutes__isnull=True)
                | Q(wait_minutes__lte=1440, wait_at__isnull=False),
                name="facility_wait",
            ),
            models.CheckConstraint(condition=Q(priority__lte=9), name="facility_priority"),
        ]
        indexes = [
            # Whom to call: the group, never called first, then the one called longest ago.
            models.Index(
                fields=["priority", "ever_called", "called_at", "id"],
                condition=Q(state="active") & ~Q(phones=""),
                name="facility_to_call",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"

    @property
    def phone_list(self) -> list[str]:
        return [phone for phone in self.phones.split(",") if phone]


class FacilityId(models.Model):
    """What another register calls a facility; after a merge both names lead to the one left."""

    personal_fields = ()

    facility = models.ForeignKey(Facility, on_delete=models.CASCADE, related_name="ids")
    scheme = models.CharField(max_length=20)
    value = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scheme", "value"], name="facility_id_once")]

    def __str__(self) -> str:
        return f"{self.scheme}:{self.value}"


class Fact(models.Model):
    """What one source said of one field at one time; one for each field is current."""

    personal_fields = ()

    class Source(models.TextChoices):
        AUTHORITY = "A", _("Authority")
        SITE = "B", _("The site itself")
        CALL = "C", _("Telephone call")
        CROWD = "D", _("Visitors")

    facility = models.ForeignKey(Facility, on_delete=models.CASCADE, related_name="facts")
    field = models.CharField(max_length=20)
    value = models.JSONField(null=True)
    source = models.CharField(max_length=1, choices=Source.choices)
    said_by = models.CharField(max_length=120, blank=True)
    confidence = models.FloatField()
    as_of = models.DateTimeField()
    recorded_at = models.DateTimeField()
    by = models.CharField(max_length=80)
    current = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["facility", "field"], condition=Q(current=True), name="fact_current_once"
            ),
            models.CheckConstraint(condition=Q(confidence__range=(0, 1)), name="fact_confidence"),
            models.CheckConstraint(
                condition=Q(source__in=["A", "B", "C", "D"]), name="fact_source"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.facility_id} {self.field} ({self.source})"

    @property
    def shown(self) -> str:
        """Its value for people."""
        if isinstance(self.value, bool):
            return str(_("Yes") if self.value else _("No"))
        if isinstance(self.value, list):
            return ", ".join(f"{part:.5f}" for part in self.value)
        return "—" if self.value in (None, "") else str(self.value)


class HoursException(models.Model):
    """Other hours from one day to another; without hours it is closed on them."""

    personal_fields = ()

    facility = models.ForeignKey(Facility, on_delete=models.CASCADE, related_name="exceptions")
    first = models.DateField()
    last = models.DateField()
    hours = models.CharField(max_length=300, blank=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="exception_in_order")
        ]

    def __str__(self) -> str:
        return f"{self.facility_id} {self.first} - {self.last}"


class Report(models.Model):
    """What a visitor saw: open or closed, and how long the wait was.

    `witness` is a keyed digest of an account or of an address of the day: two reports of one person
    can be told from those of two, and nobody can be found by it.
    """

    personal_fields = ("witness",)

    class Claim(models.TextChoices):
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed")

    facility = models.ForeignKey(Facility, on_delete=models.CASCADE, related_name="reports")
    at = models.DateTimeField()
    witness = models.CharField(max_length=32)
    claim = models.CharField(max_length=6, choices=Claim.choices, blank=True)
    wait_minutes = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(claim="") | Q(wait_minutes__isnull=False), name="report_says_something"
            ),
            models.CheckConstraint(
                condition=Q(wait_minutes__isnull=True) | Q(wait_minutes__lte=1440),
                name="report_wait",
            ),
        ]
        indexes = [
            models.Index(fields=["facility", "at"], name="report_by_facility"),
            models.Index(fields=["witness", "at"], name="report_by_witness"),
        ]

    def __str__(self) -> str:
        return f"{self.facility_id} {self.claim} {self.at}"


class Caller(models.Model):
    """How well a caller is known: it decides how many of their calls are looked at again."""

    personal_fields = ()

    class Level(models.TextChoices):
        TRAINEE = "trainee", _("Trainee")
        EXPERIENCED = "experienced", _("Experienced")
        OTHER = "other", _("Long proven")

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="+")
    level = models.CharField(max_length=11, choices=Level.choices, default=Level.TRAINEE)

    def __str__(self) -> str:
        return f"{self.account_id} {self.level}"


class Call(models.Model):
    """One site on the telephone of one caller: claimed for an hour, then done, given back or
    expired. A sampled one waits for the review of a second person."""

    personal_fields = ()

    class State(models.TextChoices):
        CLAIMED = "claimed", _("Claimed")
        DONE = "done", _("Done")
        GIVEN_BACK = "given_back", _("Given back")
        EXPIRED = "expired", _("Expired")

    class Result(models.TextChoices):
        REACHED = "reached", _("Reached, and answered")
        NO_ANSWER = "no_answer", _("No answer")
        WRONG_NUMBER = "wrong_number", _("Wrong number")
        CLOSED = "closed", _("Closed for good")

    class Review(models.TextChoices):
        NONE = "", _("Not looked at again")
        DUE = "due", _("Waits for review")
        AGREED = "agreed", _("Agreed with")
        CORRECTED = "corrected", _("Has to be made again")

    facility = models.ForeignKey(Facility, on_delete=models.CASCADE, related_name="calls")
    by = models.CharField(max_length=80)
    claimed_at = models.DateTimeField()
    claimed_until = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.CLAIMED)
    result = models.CharField(max_length=12, choices=Result.choices, blank=True)
    note = models.CharField(max_length=300, blank=True)
    ended_at = models.DateTimeField(null=True)
    review = models.CharField(max_length=9, choices=Review.choices, blank=True)
    reviewed_by = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["facility"], condition=Q(state="claimed"), name="call_one_open_a_site"
            ),
            models.UniqueConstraint(
                fields=["by"], condition=Q(state="claimed"), name="call_one_open_a_caller"
            ),
            models.CheckConstraint(
                condition=Q(state="claimed", ended_at__isnull=True)
                | ~Q(state="claimed") & Q(ended_at__isnull=False),
                name="call_ended",
            ),
            models.CheckConstraint(
                condition=~Q(state="done") | ~Q(result=""), name="call_done_has_result"
            ),
            models.CheckConstraint(
                condition=Q(claimed_until__gt=F("claimed_at")), name="call_claim_in_order"
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(review="due"), name="call_to_review"),
            models.Index(
                fields=["claimed_until"], condition=Q(state="claimed"), name="call_to_release"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.facility_id} {self.state}"
