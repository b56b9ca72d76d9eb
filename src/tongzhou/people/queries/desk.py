"""What needs somebody: each app registers what it knows, the first page shows it together."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from django.utils.functional import Promise

from ..models import Account

_sources: dict[str, "CardSource"] = {}


@dataclass(frozen=True, slots=True)
class Card:
    """One line of "Needs you": what, how many, since when (the oldest), where to see to it."""

    title: str | Promise
    count: int
    url: str
    oldest: datetime | date | None = None
    late: bool = False

    @property
    def oldest_at(self) -> datetime:
        """The oldest as a moment, for sorting; unknown sorts last."""
        if self.oldest is None:
            return datetime.max.replace(tzinfo=UTC)
        if isinstance(self.oldest, datetime):
            return self.oldest
        return datetime.combine(self.oldest, time(), UTC)


CardSource = Callable[[Account], Iterable[Card]]


def on_desk(name: str) -> Callable[[CardSource], CardSource]:
    """Register a function account -> cards under a stable name ("delivery.discrepancies").

    It must show only what lies in the account's scope, and nothing where it lacks the permission.
    """

    def register(source: CardSource) -> CardSource:
        _sources[name] = source
        return source

    return register


def desk_cards(account: Account) -> list[Card]:
    """Every card with something in it: overdue first, then by age."""
    found = (card for name in sorted(_sources) for card in _sources[name](account))
    return sorted((card for card in found if card.count), key=_urgency)


def _urgency(card: Card) -> tuple[bool, datetime]:
    return (not card.late, card.oldest_at)
