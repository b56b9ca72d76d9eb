"""The event log, its chains, the keys that let a person be erased from it, the outbox, the jobs."""

import secrets

from django.db import models


class EventChain(models.Model):
    """How far one chain of events has come; it belongs to a county or a higher division."""

    personal_fields = ()

    name = models.CharField(max_length=60, primary_key=True)
    length = models.PositiveBigIntegerField(default=0)
    last_digest = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.name} ({self.length})"


class Event(models.Model):
    """One change by one actor. Appended, never changed; it names rows without a foreign key."""

    personal_fields = ()

    chain = models.CharField(max_length=60)
    seq = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    device = models.CharField(max_length=80, blank=True)
    verb = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=60)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chain", "seq"], name="event_once_in_chain")]
        indexes = [
            models.Index(fields=["subject_kind", "subject_id"], name="event_by_subject"),
            models.Index(fields=["verb", "id"], name="event_by_verb"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject_kind}:{self.subject_id}"


def new_key() -> bytes:
    return secrets.token_bytes(32)


class PersonKey(models.Model):
    """The key under which one subject's personal values are sealed; deleted with the person."""

    personal_fields = ("key",)

    subject = models.CharField(max_length=120, unique=True)
    key = models.BinaryField(max_length=32, default=new_key)

    def __str__(self) -> str:
        return self.subject


class OutboxMessage(models.Model):
    """What an event sets going after commit: once for each (event, recipient)."""

    personal_fields = ()

    class State(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        FAILED = "failed"

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="messages")
    recipient = models.CharField(max_length=120)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "recipient"], name="one_message_per_recipient")
        ]
        indexes = [models.Index(fields=["state", "next_at"], name="outbox_due")]

    def __str__(self) -> str:
        return f"{self.recipient} <- {self.event_id}"


class Job(models.Model):
    """Long work as a row: leased by a worker, resumed after a crash, once per idempotency key."""

    personal_fields = ()

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=120, unique=True)
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    stage = models.CharField(max_length=120, blank=True)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    attempt = models.PositiveSmallIntegerField(default=0)
    attempts_allowed = models.PositiveSmallIntegerField(default=5)
    next_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    worker = models.CharField(max_length=80, blank=True)
    cancel_asked = models.BooleanField(default=False)
    result = models.JSONField(null=True)
    error = models.TextField(blank=True)
    by = models.CharField(max_length=80)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="running") | models.Q(lease_until__isnull=False),
                name="running_job_has_lease",
            )
        ]
        indexes = [models.Index(fields=["state", "lease_until"], name="job_to_take")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
