"""Hand postings to the ledger, and stop the action when the ledger says no."""

from collections import Counter
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from tongzhou.kit import clock
from tongzhou.kit.rules import Actor
from tongzhou.supplies.actions import Command, Leg, ManyLegs, post
from tongzhou.supplies.models import Bucket, Move

from ..rules import Held, Refused, Settled

Quantity = tuple[int, int, int, int]  # item, lot, fund, units


def posted(command_id: str) -> bool:
    """True when this command has had its effect before."""
    return Move.objects.filter(command_id=command_id).exists()


def command(command_id: str, kind: str, legs: Iterable[Leg | ManyLegs], *, by: Actor) -> Command:
    """A balanced posting that happens now."""
    return Command(
        command_id=command_id, kind=kind, occurred_at=clock.now(), by=by, legs=list(legs)
    )


def post_all(commands: Sequence[Command]) -> None:
    """Post, or raise Refused for the first that the ledger does not take."""
    for result in post(commands):
        if result.status not in ("done", "duplicate"):
            raise Refused(
                "ledger." + result.status,
                _("The stock ledger did not accept this: %(reason)s. Nothing was changed.")
                % {"reason": result.reason},
            )


def moved(
    source: tuple[int, Bucket], target: tuple[int, Bucket], quantities: Iterable[Quantity]
) -> list[Leg]:
    """Legs that carry quantities from one (place, bucket) to another."""
    total: Counter[tuple[int, int, int]] = Counter()
    for item, lot, fund, units in quantities:
        total[item, lot, fund] += units
    legs: list[Leg] = []
    for (item, lot, fund), units in sorted(total.items()):
        if units:
            legs.append(Leg(*source, item, lot, fund, -units))
            legs.append(Leg(*target, item, lot, fund, units))
    return legs


def counted_in(
    place_id: int, source: Bucket, good: Bucket, settled: Iterable[Settled]
) -> list[Leg]:
    """Legs of a receipt: what was on its way is in good order, in quarantine or lost."""
    lines = list(settled)
    source_of = (place_id, source)
    return merged(
        [
            *moved(source_of, (place_id, good), (_of(x.line, x.good) for x in lines)),
            *moved(
                source_of, (place_id, Bucket.QUARANTINE), (_of(x.line, x.damaged) for x in lines)
            ),
            *moved(source_of, (place_id, Bucket.LOST), (_of(x.line, x.missing) for x in lines)),
        ]
    )


def merged(legs: Iterable[Leg]) -> list[Leg]:
    """One leg for each account, item, lot and fund; those that come to nothing fall out."""
    total: Counter[tuple[int, int, int, int, int]] = Counter()
    for leg in legs:
        total[leg.place_id, leg.bucket, leg.item_id, leg.lot_id, leg.fund_id] += leg.units
    return [Leg(*key, units) for key, units in total.items() if units]


def _of(line: Held, units: int) -> Quantity:
    return line.item_id, line.lot_id, line.fund_id, units
