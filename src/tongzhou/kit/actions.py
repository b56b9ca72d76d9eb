"""Append an event to its chain and set going what follows from it; erase a person from the log."""

from typing import Any

from django.db import models, transaction

from . import clock, handlers
from .models import Event, EventChain, OutboxMessage, PersonKey
from .rules import GENESIS, Actor, Json, digest_of, sealed


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
    `chain` is an opaque name, normally that of the county. Returns the stored event.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("An event is written inside the transaction of its action.")
    name = subject_name(subject)
    personal = getattr(subject, "personal_fields", ())
    key = _key_of(name) if personal else b""
    head = _locked_head(chain)
    event = Event(
        chain=chain,
        seq=head.length + 1,
        at=clock.now(),
        actor=str(by),
        device=by.device,
        verb=verb,
        subject_kind=subject._meta.label_lower,
        subject_id=str(subject.pk),
        before=sealed(before, personal, key),
        after=sealed(after, personal, key),
    )
    event.digest = digest_of(head.last_digest, body_of(event))
    event.save(force_insert=True)
    EventChain.objects.filter(pk=head.pk).update(length=event.seq, last_digest=event.digest)
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


def erase_person(subject: models.Model) -> None:
    """Delete the key of a subject, so that its sealed values can never be matched again."""
    PersonKey.objects.filter(subject=subject_name(subject)).delete()


def subject_name(subject: models.Model) -> str:
    return f"{subject._meta.label_lower}:{subject.pk}"


def _key_of(name: str) -> bytes:
    row, _ = PersonKey.objects.get_or_create(subject=name)
    return bytes(row.key)


def _locked_head(chain: str) -> EventChain:
    EventChain.objects.bulk_create(
        [EventChain(name=chain, last_digest=GENESIS)], ignore_conflicts=True
    )
    return EventChain.objects.select_for_update().get(pk=chain)


def _to_outbox(event: Event) -> None:
    due = clock.now()
    rows = [
        OutboxMessage(event=event, recipient=name, next_at=due)
        for name in handlers.names_for(event.verb)
    ]
    OutboxMessage.objects.bulk_create(rows, ignore_conflicts=True)


def values_of(row: models.Model, *names: str) -> dict[str, Any]:
    """The named fields of a row, for an event's before and after."""
    return {name: getattr(row, name) for name in names}
