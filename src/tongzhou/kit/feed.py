"""What of the log is public: an app names the verbs, and of each the fields, that everyone may see.

A verb that nobody named never leaves the house, and neither does a field, an actor or a device.
"""

from dataclasses import dataclass
from datetime import datetime

from .models import Event
from .rules import Json

_public: dict[str, frozenset[str]] = {}


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One public line: when, what happened, to which row, and the fields named for its verb."""

    id: int
    at: datetime
    chain: str
    verb: str
    subject_kind: str
    subject_id: str
    values: Json


def show(verb: str, *fields: str) -> None:
    """Let everyone see that this happened, and these fields of the event's `after`."""
    _public[verb] = frozenset(fields)


def verbs() -> frozenset[str]:
    return frozenset(_public)


def item_of(event: Event) -> FeedItem:
    """The public part of an event. Raises KeyError for a verb that nobody made public."""
    named = _public[event.verb]
    values = {name: value for name, value in (event.after or {}).items() if name in named}
    return FeedItem(
        event.pk, event.at, event.chain, event.verb, event.subject_kind, event.subject_id, values
    )
