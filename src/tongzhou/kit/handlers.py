"""Handlers by verb: an app upstairs says what follows from an event, after its commit."""

from collections.abc import Callable

from .models import Event

Handler = Callable[[Event], None]

_by_verb: dict[str, dict[str, Handler]] = {}


def on(verb: str, name: str) -> Callable[[Handler], Handler]:
    """Register a handler for a verb under a stable name; import its module from AppConfig.ready().

    It is called after commit in a transaction of its own, which also notes that it was done, so
    its changes happen once. What takes longer than a second it leaves to a job, whose key names
    the event.
    """

    def register(handler: Handler) -> Handler:
        _by_verb.setdefault(verb, {})[name] = handler
        return handler

    return register


def names_for(verb: str) -> list[str]:
    return sorted(_by_verb.get(verb, {}))


def find(verb: str, name: str) -> Handler | None:
    return _by_verb.get(verb, {}).get(name)
