"""What somebody counted, against what was sent: good, damaged, missing and over, line by line."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import gcd
from typing import Literal

from django.utils.translation import gettext as _

from .refusals import Refused

Kind = Literal["short", "over", "damaged", "wrong"]

MOST_UNITS = 10_000_000


@dataclass(frozen=True, slots=True)
class Held:
    """Units of one item, lot and fund on the way; `line_id` is the row that keeps them."""

    line_id: int
    item_id: int
    lot_id: int
    fund_id: int
    units: int


@dataclass(frozen=True, slots=True)
class Count:
    """What was counted of one item: in good order, damaged, and pieces of something else."""

    item_id: int
    good: int
    damaged: int = 0
    wrong: int = 0


@dataclass(frozen=True, slots=True)
class Settled:
    """One line after counting; good + damaged + missing = the line's units."""

    line: Held
    good: int
    damaged: int
    missing: int


@dataclass(frozen=True, slots=True)
class Found:
    """A difference of one item. `parts` are its units in the ledger; "over" has none yet."""

    item_id: int
    kind: Kind
    units: int
    parts: tuple[tuple[Held, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Settlement:
    lines: tuple[Settled, ...]
    found: tuple[Found, ...]

    @property
    def good(self) -> int:
        return sum(line.good for line in self.lines)


def settle(lines: Sequence[Held], counts: Sequence[Count] | None) -> Settlement:
    """Set counts against lines; `None` means that all arrived in good order.

    What is missing or damaged is shared over an item's lines by their size, in steps of the
    largest number that divides them all, so that pairs stay pairs. Raises Refused.
    """
    by_item: dict[int, list[Held]] = defaultdict(list)
    for line in lines:
        by_item[line.item_id].append(line)
    if counts is None:
        counts = [Count(item, sum(x.units for x in held)) for item, held in by_item.items()]
    _check(by_item, counts)
    settled: list[Settled] = []
    found: list[Found] = []
    for count in counts:
        of_item = _settle_item(by_item[count.item_id], count)
        settled += of_item
        found += _differences(of_item, count)
    return Settlement(tuple(settled), tuple(found))


def shared_out(amount: int, sizes: Sequence[int]) -> list[int]:
    """Split `amount` over `sizes` in proportion, none above its size (largest remainders, ties by
    position; whole steps of the common divisor first). Raises ValueError if it cannot fit."""
    total = sum(sizes)
    if not 0 <= amount <= total:
        raise ValueError(f"{amount} cannot be shared over {total}")
    if not amount:
        return [0] * len(sizes)
    step = gcd(*sizes)
    whole = amount // step
    shares = [whole * size // total for size in sizes]
    by_rest = sorted(range(len(sizes)), key=lambda i: (-(whole * sizes[i] % total), i))
    for i in by_rest[: whole - sum(shares)]:
        shares[i] += 1
    return _with_rest([share * step for share in shares], sizes, amount % step)


def found_units(found: Iterable[Found], kind: Kind) -> int:
    return sum(one.units for one in found if one.kind == kind)


def _with_rest(shares: list[int], sizes: Sequence[int], rest: int) -> list[int]:
    """Lay what is left of a step on the first line with room: one broken pair, not several."""
    for i, size in enumerate(sizes):
        taken = min(rest, size - shares[i])
        shares[i] += taken
        rest -= taken
    return shares


def _check(by_item: dict[int, list[Held]], counts: Sequence[Count]) -> None:
    items = [count.item_id for count in counts]
    if set(items) != set(by_item) or len(items) != len(by_item):
        raise Refused("count.items", _("Count every item of the list, and each of them once."))
    for count in counts:
        for units in (count.good, count.damaged, count.wrong):
            if not 0 <= units <= MOST_UNITS:
                raise Refused(
                    "count.range",
                    _("A count must be a whole number from 0 to %(most)d.") % {"most": MOST_UNITS},
                )


def _settle_item(lines: list[Held], count: Count) -> list[Settled]:
    sizes = [line.units for line in lines]
    sent = sum(sizes)
    damaged = min(count.damaged, sent)
    missing = sent - damaged - min(count.good, sent - damaged)
    missing_shares = shared_out(missing, sizes)
    left = [size - gone for size, gone in zip(sizes, missing_shares, strict=True)]
    return [
        Settled(line, room - broken, broken, gone)
        for line, room, broken, gone in zip(
            lines, left, shared_out(damaged, left), missing_shares, strict=True
        )
    ]


def _differences(lines: list[Settled], count: Count) -> list[Found]:
    """Pieces of something else stand in place of what is missing; only the rest of it is short."""
    missing = [(one.line, one.missing) for one in lines if one.missing]
    damaged = [(one.line, one.damaged) for one in lines if one.damaged]
    in_place = min(count.wrong, sum(units for _, units in missing))
    wrong_parts, short_parts = _cut(missing, in_place)
    over = count.good + count.damaged - sum(one.good + one.damaged for one in lines)
    found = [
        Found(count.item_id, "short", sum(u for _, u in short_parts), short_parts),
        Found(count.item_id, "wrong", count.wrong, wrong_parts),
        Found(count.item_id, "damaged", sum(u for _, u in damaged), tuple(damaged)),
        Found(count.item_id, "over", over),
    ]
    return [one for one in found if one.units]


Parts = tuple[tuple[Held, int], ...]


def _cut(parts: list[tuple[Held, int]], amount: int) -> tuple[Parts, Parts]:
    first: list[tuple[Held, int]] = []
    rest: list[tuple[Held, int]] = []
    for held, units in parts:
        taken = min(units, amount)
        amount -= taken
        first += [(held, taken)] if taken else []
        rest += [(held, units - taken)] if units > taken else []
    return tuple(first), tuple(rest)
