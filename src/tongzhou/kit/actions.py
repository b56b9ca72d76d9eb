"""Append an event to its chain and set going what follows from it; erase a person from the log."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from django.db import connection, models, transaction

from . import clock, handlers
from .models import Event, EventChain, Job, OutboxMessage, PersonKey
from .rules import GENESIS, Actor, Json, digest_of, plain, sealed

# Jobs and undelivered messages belong to the installation, not to a division.
HOUSE = "house"
KEYS_AT_ONCE = 500
STEP = """
UPDATE kit_eventchain SET length = length + %s WHERE name = %s RETURNING length, last_digest
"""
EVENT = """
INSERT INTO kit_event (chain, seq, at, actor, device, verb, subject_kind, subject_id,
    before, after, digest)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Told:
    """What one of many events says: of which row, in which chain, with which values."""

    subject: models.Model
    chain: str
    before: Json | None = None
    after: Json | None = None


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
    return record_each(verb, [Told(subject, chain, before, after)], by=by)[0]


def record_each(verb: str, told: Sequence[Told], *, by: Actor) -> list[Event]:
    """Write the events of an action that does one thing to many rows: `record` for each of them.

    The chains are locked in the order of their names, whatever the order of the events.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("An event is written inside the transaction of its action.")
    values = [(plain(one.before), plain(one.after)) for one in told]
    # All keys in one look-up: an action on a county's parcels tells hundreds of events.
    keys = _keys_of(
        subject_name(one.subject)
        for one, both in zip(told, values, strict=True)
        if any(_has_personal(one.subject, half) for half in both)
    )
    # From here each chain is locked to the end of the transaction, so that no number is left out.
    ends = _steps(Counter(one.chain for one in told))
    # As the database gives it back: the digest is over its text, and so over its zone.
    now, events = clock.now().astimezone(UTC), []
    for one, (before, after) in zip(told, values, strict=True):
        personal = getattr(one.subject, "personal_fields", ())
        key = keys.get(subject_name(one.subject), b"")
        seq, previous = ends[one.chain]
        event = Event(
            chain=one.chain,
            seq=seq + 1,
            at=now,
            actor=str(by),
            device=by.device,
            verb=verb,
            subject_kind=one.subject._meta.label_lower,
            subject_id=str(one.subject.pk),
            before=sealed(before, personal, key),
            after=sealed(after, personal, key),
        )
        event.digest = digest_of(previous, body_of(event))
        ends[one.chain] = event.seq, event.digest
        events.append(event)
    _write(events, ends)
    _to_outbox(verb, events)
    return events


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


def _has_personal(subject: models.Model, values: Json | None) -> bool:
    """Whether there is a value to seal: only then does the subject need a key."""
    if values is None:
        return False
    personal = getattr(subject, "personal_fields", ())
    return any(values.get(name) not in (None, "") for name in personal)


def _keys_of(subjects: Iterable[str]) -> dict[str, bytes]:
    """The key of each subject, made where it has none yet."""
    names = sorted(set(subjects))
    keys: dict[str, bytes] = {}
    for start in range(0, len(names), KEYS_AT_ONCE):
        some = names[start : start + KEYS_AT_ONCE]
        rows = PersonKey.objects.filter(subject__in=some).values_list("subject", "key")
        found = {name: bytes(key) for name, key in rows}
        if missing := [PersonKey(subject=name) for name in some if name not in found]:
            PersonKey.objects.bulk_create(missing, ignore_conflicts=True)
            found = {name: bytes(key) for name, key in rows.all()}
        keys |= found
    return keys


def _steps(counts: Counter[str]) -> dict[str, tuple[int, str]]:
    """Reserve so many numbers in each chain: the last one taken before, and its digest.

    The rows stay locked, always in one order, so that two actions never lock each other out.
    """
    ends = {}
    with connection.cursor() as cursor:
        for chain, count in sorted(counts.items()):
            cursor.execute(STEP, [count, chain])
            row = cursor.fetchone()
            if row is None:
                start = EventChain(name=chain, last_digest=GENESIS)
                EventChain.objects.bulk_create([start], ignore_conflicts=True)
                cursor.execute(STEP, [count, chain])
                row = cursor.fetchone()
            ends[chain] = int(row[0]) - count, str(row[1])
    return ends


def _write(events: Sequence[Event], ends: dict[str, tuple[int, str]]) -> None:
    """Django's own way, a model saved at a time, takes five times as long."""
    stored = connection.ops
    with connection.cursor() as cursor:
        for event in events:
            values = [
                None if half is None else stored.adapt_json_value(half, None)
                for half in (event.before, event.after)
            ]
            cursor.execute(
                EVENT,
                [event.chain, event.seq, stored.adapt_datetimefield_value(event.at),
                 event.actor, event.device, event.verb, event.subject_kind, event.subject_id,
                 *values, event.digest],
            )  # fmt: skip
            event.pk = cursor.fetchone()[0]
        cursor.executemany(
            "UPDATE kit_eventchain SET last_digest = %s WHERE name = %s",
            [(digest, chain) for chain, (_seq, digest) in sorted(ends.items())],
        )


def _to_outbox(verb: str, events: Sequence[Event]) -> None:
    names = handlers.names_for(verb)
    rows = [
        OutboxMessage(event=event, recipient=name, next_at=event.at)
        for event in events
        for name in names
    ]
    if rows:
        OutboxMessage.objects.bulk_create(rows, ignore_conflicts=True)
