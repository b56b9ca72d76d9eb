"""Deliver what events set going: after commit, once for each (event, recipient)."""

from django.db import transaction
from django.db.models import QuerySet

from tongzhou.kit import clock, handlers
from tongzhou.kit.models import OutboxMessage
from tongzhou.kit.rules import backoff

from .errors import describe

ATTEMPTS = 8


def deliver_next(*, whenever: bool = False) -> bool | Exception:
    """Hand the oldest message that is due to its handler; False when none is due.

    The handler's changes and the note that it was done commit together, so a crash in between
    undoes both, and the message's locked row keeps other workers from it meanwhile. A handler that
    fails is tried again later, eight times; then the message is a dead letter on the page of jobs.
    Returns the error of a failed handler.
    """
    message = None
    if not _due(whenever).exists():
        return False
    try:
        with transaction.atomic():
            message = _first(whenever)
            if message is None:
                return False
            _handle(message)
            message.state, message.error = OutboxMessage.State.DONE, ""
            message.save(update_fields=["state", "error"])
            return True
    # Whatever a handler raises must not stop the messages of others.
    except Exception as error:
        if message is None:
            raise
        _note_failure(message, error)
        return error


def _due(whenever: bool) -> QuerySet[OutboxMessage]:
    rows = OutboxMessage.objects.filter(state=OutboxMessage.State.WAITING)
    return rows if whenever else rows.filter(next_at__lte=clock.now())


def _first(whenever: bool) -> OutboxMessage | None:
    rows = _due(whenever).select_related("event").order_by("next_at", "pk")
    return rows.select_for_update(skip_locked=True, of=("self",)).first()


def _handle(message: OutboxMessage) -> None:
    handler = handlers.find(message.event.verb, message.recipient)
    if handler is None:
        raise LookupError(f"No handler is named {message.recipient}; is its app installed?")
    handler(message.event)


def _note_failure(message: OutboxMessage, error: Exception) -> None:
    message.attempts += 1
    if message.attempts >= ATTEMPTS:
        message.state = OutboxMessage.State.FAILED
    message.next_at = clock.now() + backoff(message.attempts)
    message.error = describe(error)[:500]
    message.save(update_fields=["attempts", "state", "next_at", "error"])
