"""A campaign: what is to reach whom by when, who counts, what was promised and what is needed."""

from django.db import models
from django.db.models import F, Q

from tongzhou.people.models import Organisation
from tongzhou.places.models import Division, Place
from tongzhou.supplies.models import Fund, Item


class WeightPolicy(models.Model):
    """A versioned formula from registry figures to weights; never edited, only superseded."""

    personal_fields = ()

    name = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    formula = models.JSONField()
    valid_from = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="policy_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


class Campaign(models.Model):
    """One relief action with a deadline. The seed for ties is published before supply is known."""

    personal_fields = ()

    class State(models.TextChoices):
        DRAFT = "draft"
        OPEN = "open"
        CLOSED = "closed"

    public_id = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=160)
    name_en = models.CharField(max_length=160, blank=True)
    purpose = models.TextField(blank=True)
    purpose_en = models.TextField(blank=True)
    division = models.ForeignKey(Division, on_delete=models.PROTECT)
    state = models.CharField(max_length=6, choices=State.choices, default=State.DRAFT)
    opened_on = models.DateField()
    deadline = models.DateField()
    policy = models.ForeignKey(WeightPolicy, on_delete=models.PROTECT)
    seed = models.CharField(max_length=64)
    made_up = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(deadline__gte=F("opened_on")), name="campaign_deadline_after_start"
            )
        ]

    def __str__(self) -> str:
        return self.public_id


class CampaignItem(models.Model):
    """What one place of a kind is to get of an item: target, floor, and the unsplit drop."""

    personal_fields = ()

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="items")
    item = models.ForeignKey(Item, on_delete=models.PROTECT)
    place_kind = models.CharField(max_length=8, choices=Place.Kind.choices)
    target_units = models.PositiveIntegerField()
    floor_units = models.PositiveIntegerField(default=0)
    drop_units = models.PositiveIntegerField(default=1)
    carton_units = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "item", "place_kind"], name="campaign_item_once"
            ),
            models.CheckConstraint(
                condition=Q(drop_units__gte=1, carton_units__gte=1, target_units__gte=1)
                & Q(floor_units__lte=F("target_units")),
                name="campaign_item_amounts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.item_id} {self.place_kind}"


class CampaignFund(models.Model):
    """A fund that pays for this campaign."""

    personal_fields = ()

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="funds")
    fund = models.OneToOneField(Fund, on_delete=models.PROTECT, related_name="campaign_link")

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.fund_id}"


class Recipient(models.Model):
    """A hub through which part of the tree is served: a province, or a body such as XPCC whose area
    is a list of divisions taken out of the others' allocation."""

    personal_fields = ()

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="recipients")
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT)
    name = models.CharField(max_length=160)
    name_en = models.CharField(max_length=160, blank=True)
    division = models.ForeignKey(Division, on_delete=models.PROTECT)
    hub = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "hub"], name="recipient_once")]

    def __str__(self) -> str:
        return self.name


class RecipientArea(models.Model):
    """One division of a recipient's area; the smallest area around a place decides who serves
    it."""

    personal_fields = ()

    recipient = models.ForeignKey(Recipient, on_delete=models.CASCADE, related_name="areas")
    division = models.ForeignKey(Division, on_delete=models.PROTECT)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["recipient", "division"], name="area_once")]

    def __str__(self) -> str:
        return f"{self.recipient_id} {self.division_id}"


class Promise(models.Model):
    """Units a producer promises for a day, firm or expected; a batch number groups a delivery."""

    personal_fields = ()

    class Status(models.TextChoices):
        FIRM = "firm"
        EXPECTED = "expected"

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="promises")
    producer = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    item = models.ForeignKey(Item, on_delete=models.PROTECT)
    batch = models.PositiveIntegerField()
    day = models.DateField()
    units = models.BigIntegerField()
    status = models.CharField(max_length=8, choices=Status.choices)
    row_key = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "row_key"], name="promise_once"),
            models.CheckConstraint(condition=Q(units__gte=0), name="promise_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.producer_id} {self.day}: {self.units}"


class NeedStatement(models.Model):
    """What a place asks for, as append-only versions; a request only caps what can be given."""

    personal_fields = ()

    class Source(models.TextChoices):
        REQUEST = "request"
        ESTIMATE = "estimate"
        COUNT = "count"

    class State(models.TextChoices):
        DRAFT = "draft"
        SUBMITTED = "submitted"
        VERIFIED = "verified"
        QUERIED = "queried"
        SUPERSEDED = "superseded"

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="needs")
    place = models.ForeignKey(Place, on_delete=models.PROTECT)
    item = models.ForeignKey(Item, on_delete=models.PROTECT)
    version = models.PositiveIntegerField()
    units_asked = models.BigIntegerField()
    stock_units = models.BigIntegerField(default=0)
    source = models.CharField(max_length=8, choices=Source.choices)
    evidence = models.CharField(max_length=300, blank=True)
    as_of = models.DateField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.SUBMITTED)
    row_key = models.CharField(max_length=120)
    query_note = models.CharField(max_length=300, blank=True)
    by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "place", "item", "version"], name="need_version_once"
            ),
            models.CheckConstraint(
                condition=Q(units_asked__gte=0, stock_units__gte=0), name="need_not_negative"
            ),
        ]
        # Few of a nation's statements wait at a time; the desk counts them on every visit.
        indexes = [
            models.Index(
                fields=["place"], condition=Q(state="submitted"), name="need_waiting_by_place"
            )
        ]

    def __str__(self) -> str:
        return f"{self.place_id} asks {self.units_asked}"
