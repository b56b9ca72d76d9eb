"""Append an event to its chain and set going what follows from it; erase a person from the log."""

from typing import Any

from django.db import connection, models, transaction

from . import clock, handlers
from .models import Event, EventChain, Job, OutboxMessage, PersonKey
from .rules import GENESIS, Actor, Json, digest_of, plain, sealed

# Jobs and undelivered messages belong to the installation, not to a division.
HOUSE = "house"
STEP = """
UPDATE kit_eventchain SET length = length + 1 WHERE name = %s RETURNING length, last_digest
"""


def record(
    verb: str,
    subject: models.Model,
    *,
    by: Actor,
    chain: str,
    before: Json | None = None,
    after: Json | None = None,
) -> Event:
    """Write the one event of an action, inside the action's transaction.

    Personal fields (declared by `subject.personal_fields`) are sealed with the subject's own key.
    `chain` is an opaque name, normally that of the county. Returns the stored event. Raises
    ValueError for a value that the log cannot hold.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("An event is written inside the transaction of its action.")
    personal = getattr(subject, "personal_fields", ())
    key = _key_of(subject_name(subject)) if personal else b""
    seq, previous = _next_of(chain)
    event = Event(
        chain=chain,
        seq=seq,
        at=clock.now(),
        actor=str(by),
        device=by.device,
        verb=verb,
        subject_kind=subject._meta.label_lower,
        subject_id=str(subject.pk),
        before=sealed(plain(before), personal, key),
        after=sealed(plain(after), personal, key),
    )
    event.digest = digest_of(previous, body_of(event))
    event.save(force_insert=True)
    EventChain.objects.filter(pk=chain).update(last_digest=event.digest)
    _to_outbox(event)
    return event


def body_of(event: Event) -> Json:
    """What the digest covers: everything of the event but the digest itself."""
    return {
        "chain": event.chain,
        "seq": event.seq,
        "at": event.at.isoformat(),
        "actor": event.actor,
        "device": event.device,
        "verb": event.verb,
        "subject": [event.subject_kind, event.subject_id],
        "before": event.before,
        "after": event.after,
    }


@transaction.atomic
def erase_person(
    subject: models.Model, *, by: Actor, chain: str, keep_row: bool = False
) -> Event | None:
    """Take a person out: the key that sealed their values in the log, and their row.

    With `keep_row` the row stays with its personal fields emptied (a receipt whose signature goes,
    while the count has to stay). The log keeps its events and its digests; nothing in it can be
    matched to the person again. Where the row was erased before, nothing happens and None is
    returned. On SQLite the old bytes leave the file with the next `compact`.
    """
    fields = getattr(subject, "personal_fields", ())
    if not fields:
        raise ValueError(f"{subject._meta.label} declares no personal fields, so it is no person.")
    if not type(subject)._default_manager.filter(pk=subject.pk).exists():
        return None
    name = subject_name(subject)
    event = record("person.erased", subject, by=by, chain=chain, after={"row_kept": keep_row})
    if keep_row:
        empty = {field: _empty(subject._meta.get_field(field)) for field in fields}
        type(subject)._default_manager.filter(pk=subject.pk).update(**empty)
    else:
        subject.delete()
    PersonKey.objects.filter(subject=name).delete()
    return event


def _empty(field: Any) -> object:
    return None if field.null else field.get_default()


def compact() -> None:
    """Rewrite an SQLite file so that deleted bytes are gone from it and from its log (WAL).

    Needs free disk space of the file's size; other writers wait. PostgreSQL does this by itself.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@transaction.atomic
def cancel_job(job: Job, *, by: Actor) -> bool:
    """Ask a job to stop: a waiting one stops at once, a running one at its next report.

    Returns False where it had already ended.
    """
    row = Job.objects.select_for_update().get(pk=job.pk)
    if row.state not in (Job.State.WAITING, Job.State.RUNNING):
        return False
    row.cancel_asked = True
    if row.state == Job.State.WAITING:
        row.state, row.finished_at = Job.State.CANCELLED, clock.now()
    row.save(update_fields=["cancel_asked", "state", "finished_at"])
    record("job.cancelled", row, by=by, chain=HOUSE, after={"done": row.done, "total": row.total})
    return True


@transaction.atomic
def retry_job(job: Job, *, by: Actor) -> bool:
    """Let a failed or cancelled job run again from where it was; False where it is not one."""
    row = Job.objects.select_for_update().get(pk=job.pk)
    if row.state not in (Job.State.FAILED, Job.State.CANCELLED):
        return False
    row.state, row.attempt, row.cancel_asked, row.error = Job.State.WAITING, 0, False, ""
    row.next_at, row.finished_at = clock.now(), None
    row.save(update_fields=["state", "attempt", "cancel_asked", "error", "next_at", "finished_at"])
    record("job.retried", row, by=by, chain=HOUSE)
    return True


@transaction.atomic
def retry_message(message: OutboxMessage, *, by: Actor) -> bool:
    """Deliver a dead letter once more; False where it is not one."""
    row = OutboxMessage.objects.select_for_update().get(pk=message.pk)
    if row.state != OutboxMessage.State.FAILED:
        return False
    row.state, row.attempts, row.next_at = OutboxMessage.State.WAITING, 0, clock.now()
    row.save(update_fields=["state", "attempts", "next_at"])
    record("message.retried", row, by=by, chain=HOUSE, after={"recipient": row.recipient})
    return True


def subject_name(subject: models.Model) -> str:
    return f"{subject._meta.label_lower}:{subject.pk}"


def values_of(row: models.Model, *names: str) -> dict[str, Any]:
    """The named fields of a row, for an event's before and after."""
    return {name: getattr(row, name) for name in names}


def _key_of(name: str) -> bytes:
    row, _ = PersonKey.objects.get_or_create(subject=name)
    return bytes(row.key)


def _next_of(chain: str) -> tuple[int, str]:
    """The next number of a chain and the digest before it; the chain's row stays locked by it."""
    with connection.cursor() as cursor:
        cursor.execute(STEP, [chain])
        row = cursor.fetchone()
        if row is None:
            start = EventChain(name=chain, last_digest=GENESIS)
            EventChain.objects.bulk_create([start], ignore_conflicts=True)
            cursor.execute(STEP, [chain])
            row = cursor.fetchone()
    return int(row[0]), str(row[1])


def _to_outbox(event: Event) -> None:
    rows = [
        OutboxMessage(event=event, recipient=name, next_at=event.at)
        for name in handlers.names_for(event.verb)
    ]
    if rows:
        OutboxMessage.objects.bulk_create(rows, ignore_conflicts=True)
