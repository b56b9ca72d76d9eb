"""What a posting is and when it is sound, before any database is asked."""

import hashlib
import re
import sys
from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import chain
from operator import index

from django.utils.translation import gettext as _

from tongzhou.kit.rules import Actor

PRODUCER, DONOR, ON_HAND, RESERVED, IN_TRANSIT, QUARANTINE, HANDED_OVER, LOST = range(8)
BUCKETS = range(8)
# Producers and donors stand outside: what they gave is a negative balance.
EXTERNAL = (PRODUCER, DONOR)
GONE = (IN_TRANSIT, HANDED_OVER)
MOST_COMMANDS = 1_000
MOST_LINES = 10_000
MOST_UNITS = 10**12
MOST_ID = 2**53
_KIND = re.compile(r"[a-z][a-z_]{0,19}")

# account (place x 8 + bucket), item, lot, fund
Key = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Leg:
    """Signed units that leave (negative) or reach (positive) a bucket at a place."""

    place_id: int
    bucket: int
    item_id: int
    lot_id: int
    fund_id: int
    units: int


@dataclass(frozen=True, slots=True)
class ManyLegs:
    """Legs that differ only in place and units, as two arrays of one length: a county's clinics
    need no object each. Numpy arrays of whole numbers will do."""

    place_ids: Sequence[int]
    bucket: int
    item_id: int
    lot_id: int
    fund_id: int
    units: Sequence[int]


@dataclass(frozen=True, slots=True)
class Command:
    """One balanced change of stock. `command_id` is made by the sender and has one effect."""

    command_id: str
    kind: str
    occurred_at: datetime
    by: Actor
    legs: Sequence[Leg | ManyLegs]
    reverses: int | None = None


class Status(StrEnum):
    DONE = "done"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a command: `move_id` of its one effect, or the `reason` why there is none."""

    status: Status
    move_id: int | None = None
    reason: str = ""


class Unsound(ValueError):
    """A command that cannot be posted whatever the stock is; the text says why and what to do."""


# item, lot, fund, bucket -> signed units: a handful, however many places there are
Flow = dict[tuple[int, int, int, int], int]


@dataclass(frozen=True, slots=True)
class Posting:
    """A sound command, merged to one line for each account, item, lot and fund, in fixed order."""

    command: Command
    lines: dict[Key, int]
    flow: Flow
    body_hash: str

    @property
    def issued_lots(self) -> set[int]:
        """Lots that this posting takes towards use: they must be fit for it. A reversal restores
        what had been allowed, and is not asked."""
        if self.command.reverses is not None:
            return set()
        taken: dict[int, int] = defaultdict(int)
        for (_item, lot, _fund, bucket), units in self.flow.items():
            if bucket in (RESERVED, IN_TRANSIT, HANDED_OVER):
                taken[lot] += units
        out = {key[1] for key, units in self.flow.items() if units > 0 and key[3] in GONE}
        return out | {lot for lot, units in taken.items() if units > 0}


def posting_of(command: Command) -> Posting:
    """Merge the legs of a command and check them; raises Unsound with a sentence to show."""
    _check_form(command)
    lines: dict[Key, int] = {}
    for key, units in chain.from_iterable(map(_flat, command.legs)):
        lines[key] = lines.get(key, 0) + units
    # One order for all: the digest must not depend on how the sender sorted, and rival writers
    # touch rows in the same sequence.
    lines = {key: lines[key] for key in sorted(lines) if lines[key]}
    flow: Flow = defaultdict(int)
    for (account, item, lot, fund), units in lines.items():
        flow[item, lot, fund, account & 7] += units
    _check_lines(lines, flow)
    return Posting(command, lines, flow, body_hash(command.kind, lines, command.reverses))


def body_hash(kind: str, lines: Mapping[Key, int], reverses: int | None) -> str:
    """SHA-256 of what a command does: its kind, its merged lines and the move it reverses.

    The time and the sender are left out: the same command sent again later is the same command.
    """
    # Eight bytes a number in one order of bytes: the same digest on every machine.
    numbers = array("q", chain.from_iterable(lines))
    numbers.extend(lines.values())
    if sys.byteorder == "big":
        numbers.byteswap()
    head = f"{kind}|{reverses or ''}|".encode()
    return hashlib.sha256(head + numbers.tobytes()).hexdigest()


def reversed_legs(entries: Iterable[tuple[int, int, int, int, int]]) -> list[Leg]:
    """The legs that undo entries given as (account, item, lot, fund, units)."""
    return [
        Leg(account // 8, account % 8, item, lot, fund, -units)
        for account, item, lot, fund, units in entries
    ]


def shortfall(lines: Mapping[Key, int], held: Mapping[Key, int]) -> tuple[Key, int, int] | None:
    """The first line that takes more than its account holds: (key, held, needed)."""
    for key, units in lines.items():
        if units < 0 and key[0] & 7 not in EXTERNAL and held.get(key, 0) + units < 0:
            return key, held.get(key, 0), -units
    return None


def _check_form(command: Command) -> None:
    # A NUL or another control character would be refused by one database and kept by the other.
    if not (1 <= len(command.command_id) <= 80 and command.command_id.isprintable()):
        raise Unsound(_("A command needs an id of 1 to 80 characters, made by its sender."))
    if not _KIND.fullmatch(command.kind):
        raise Unsound(_("The kind of a move is 1 to 20 small letters and underscores."))
    if command.occurred_at.tzinfo is None:
        raise Unsound(_("The time of a command needs its time zone."))
    if len(str(command.by)) > 80 or not str(command.by).isprintable():
        raise Unsound(_("The name of the sender has more than 80 characters, or hidden ones."))


def _flat(legs: Leg | ManyLegs) -> Iterable[tuple[Key, int]]:
    """The legs as (key, units); a nation's legs come through here, so it works on whole lists."""
    if legs.bucket not in BUCKETS:
        raise Unsound(_("There is no bucket %(bucket)s.") % {"bucket": legs.bucket})
    if isinstance(legs, Leg):
        legs = ManyLegs(
            [legs.place_id], legs.bucket, legs.item_id, legs.lot_id, legs.fund_id, [legs.units]
        )
    try:
        places, units = list(map(index, legs.place_ids)), list(map(index, legs.units))
        item, lot, fund = map(index, (legs.item_id, legs.lot_id, legs.fund_id))
    except TypeError:
        raise Unsound(_("Units are whole numbers; give no fractions.")) from None
    # Beyond this an account's id, place x 8 + bucket, would not fit the column.
    if any(not 0 < one <= MOST_ID for one in (item, lot, fund, *places)):
        raise Unsound(_("A place, item, lot or fund has a number that cannot be."))
    if len(places) != len(units):
        raise Unsound(_("Many legs need as many units as places."))
    if 0 in units:
        raise Unsound(_("A leg of 0 units moves nothing: leave it out."))
    if units and (max(units) > MOST_UNITS or min(units) < -MOST_UNITS):
        raise Unsound(_("A leg moves at most 10^12 units: check the number."))
    bucket = legs.bucket
    return zip([(place * 8 + bucket, item, lot, fund) for place in places], units, strict=True)


def _check_lines(lines: Mapping[Key, int], flow: Flow) -> None:
    if not lines:
        raise Unsound(_("The command moves nothing: give it at least two legs."))
    if len(lines) > MOST_LINES:
        raise Unsound(
            _("A move has at most %(most)d lines: send it in parts.") % {"most": MOST_LINES}
        )
    sums: dict[tuple[int, int, int], int] = defaultdict(int)
    for (item, lot, fund, _bucket), units in flow.items():
        sums[item, lot, fund] += units
    if uneven := next((total for total in sums.values() if total), None):
        raise Unsound(
            _("The legs do not balance: %(units)+d units of one item, lot and fund are left over.")
            % {"units": uneven}
        )
