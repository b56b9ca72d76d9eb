"""Handlers by verb: an app upstairs says what follows from an event; the outbox calls it after commit."""

from collections import defaultdict
from collections.abc import Callable

from .models import Event

Handler = Callable[[Event], None]

_by_verb: dict[str, dict[str, Handler]] = defaultdict(dict)


def on(verb: str, name: str) -> Callable[[Handler], Handler]:
    """Register a handler for a verb under a stable name; it must be idempotent by event id."""

    def register(handler: Handler) -> Handler:
        _by_verb[verb][name] = handler
        return handler

    return register


def names_for(verb: str) -> list[str]:
    return sorted(_by_verb.get(verb, {}))


def find(verb: str, name: str) -> Handler | None:
    return _by_verb.get(verb, {}).get(name)
