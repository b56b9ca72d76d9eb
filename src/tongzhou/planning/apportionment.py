"""Divisor methods: whole units shared in proportion to weights, one unit more never takes one back.

Source of the rules: Balinski and Young, Fair Representation (1982). Unit j (from 0) of a node with
weight w has the key d(j) / w; units go to the smallest keys.

| rule | d(j) |
|---|---|
| adams | j |
| dean | j (j + 1) / (j + 1/2) |
| huntington-hill | sqrt(j (j + 1)) |
| webster | j + 1/2 |
| jefferson | j + 1 |
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike, NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

MAX_UNITS = 10**12
MAX_NODES = 10_000_000
MIN_WEIGHT, MAX_WEIGHT = 1e-100, 1e100

# Relative error of a key or a threshold in doubles stays far below these.
BAND = 1e-14
MARGIN = 1e-12


@dataclass(frozen=True, slots=True)
class Rule:
    """A divisor rule: its divisors, how many are at most y, and its key as an exact number.

    `exact` may be any increasing function of the key: Huntington-Hill gives the square.
    """

    divisor: Callable[[Floats], Floats]
    count: Callable[[Floats], Floats]
    exact: Callable[[int, Fraction], Fraction]


def _dean_count(y: Floats) -> Floats:
    count: Floats = np.floor((y - 1 + np.sqrt(np.square(y) + 1)) / 2) + 1
    return count


def _hill_count(y: Floats) -> Floats:
    count: Floats = np.floor((np.sqrt(1 + 4 * np.square(y)) - 1) / 2) + 1
    return count


RULES = {
    "adams": Rule(lambda j: j, lambda y: np.floor(y) + 1, lambda j, w: j / w),
    "dean": Rule(
        lambda j: j * (j + 1) / (j + 0.5),
        _dean_count,
        lambda j, w: Fraction(2 * j * (j + 1), 2 * j + 1) / w,
    ),
    "huntington-hill": Rule(
        lambda j: np.sqrt(j * (j + 1)), _hill_count, lambda j, w: j * (j + 1) / (w * w)
    ),
    "webster": Rule(
        lambda j: j + 0.5, lambda y: np.floor(y + 0.5), lambda j, w: (2 * j + 1) / (2 * w)
    ),
    "jefferson": Rule(lambda j: j + 1, np.floor, lambda j, w: (j + 1) / w),
}


def apportion(
    units: int,
    weight: ArrayLike,
    *,
    floor: ArrayLike = 0,
    cap: ArrayLike | None = None,
    rule: str = "webster",
) -> Ints:
    """Share `units` whole units over n nodes by a divisor rule; int64[n] that sums to `units`.

    weight: n numbers, 0 or more, taken as the exact numbers they are; a node of weight 0 gets its
    floor only. floor, cap: the least and most of each node, n whole numbers or one for all; no cap
    means no limit. rule: adams, dean, huntington-hill, webster or jefferson. Equal keys go to the
    node that stands first. Raises ValueError when the input is not of this form, or when floors
    ask for more, or caps take less, than there is.
    """
    if rule not in RULES:
        raise ValueError(f'There is no rule "{rule}"; use one of {", ".join(RULES)}.')
    total = _total(units)
    weights = _weights(weight)
    least = _bounds("floor", floor, len(weights), total)
    most = np.full(len(weights), total)
    if cap is not None:
        most = _bounds("cap", cap, len(weights), total)
        _refuse_crossed(least, most)
    most = np.where(weights > 0, most, least)
    _refuse_impossible(total, least, most, has_weight=bool((weights > 0).any()))
    shares = least.copy()
    # Nodes whose floor is their cap are settled and would only slow the search down.
    active = np.flatnonzero(most > least)
    if len(active):
        rest = total - int(least.sum()) + int(least[active].sum())
        shares[active] = _share(rest, weights[active], least[active], most[active], RULES[rule])
    return shares


# ------------------------------------------------------------------------------ the input


def _total(units: int) -> int:
    if isinstance(units, bool) or not isinstance(units, int | np.integer):
        raise ValueError(f"units is {units!r}; give a whole number.")
    if not 0 <= units <= MAX_UNITS:
        raise ValueError(f"units is {units}; give 0 to {MAX_UNITS:,}.")
    return int(units)


def _weights(weight: ArrayLike) -> Floats:
    given = np.asarray(weight)
    if given.size == 0:
        given = given.astype(np.float64)
    if given.ndim != 1 or given.dtype.kind not in "iuf":
        raise ValueError(f"weight is {given.dtype} of shape {given.shape}; give a list of numbers.")
    if len(given) > MAX_NODES:
        raise ValueError(f"{len(given):,} weights; at most {MAX_NODES:,} are shared over.")
    weights = given.astype(np.float64)
    if given.dtype.kind in "iu" and (np.abs(weights) > 2.0**53).any():
        raise ValueError("A weight is above 2**53; whole weights are exact up to there.")
    sound = (weights == 0) | ((weights >= MIN_WEIGHT) & (weights <= MAX_WEIGHT))
    bad = np.flatnonzero(~sound)
    if len(bad):
        raise ValueError(f"weight {bad[0]} is {weights[bad[0]]}; give 0, or 1e-100 to 1e100.")
    return weights


def _bounds(name: str, values: ArrayLike, n: int, total: int) -> Ints:
    """int64[n], cut at total + 1: what lies above can neither be given nor be held back."""
    given = np.asarray(values)
    if given.shape not in ((), (n,)):
        raise ValueError(f"{name} has shape {given.shape}; give one number or {n} of them.")
    if given.dtype.kind not in "iuf" and given.size:
        raise ValueError(f"{name} is {given.dtype}; give whole numbers.")
    spread = np.broadcast_to(given, (n,))
    bad = np.flatnonzero(~((spread >= 0) & (spread == np.floor(spread))))
    if len(bad):
        raise ValueError(f"{name} {bad[0]} is {spread[bad[0]]}; give whole numbers of 0 or more.")
    bounds: Ints = np.minimum(spread, total + 1).astype(np.int64)
    return bounds


def _refuse_crossed(least: Ints, most: Ints) -> None:
    crossed = np.flatnonzero(least > most)
    if len(crossed):
        i = crossed[0]
        raise ValueError(f"floor {i} is {least[i]}, above its cap of {most[i]}; correct one.")


def _refuse_impossible(total: int, least: Ints, most: Ints, *, has_weight: bool) -> None:
    asked, room = int(least.sum()), int(np.minimum(most, total).sum())
    if asked > total:
        raise ValueError(f"The floors ask for {asked:,} units, {total:,} are there; lower them.")
    if room < total and not has_weight:
        raise ValueError(f"{total:,} units are to be shared and no weight is above 0.")
    if room < total:
        raise ValueError(f"The caps take {room:,} units, {total:,} are there; raise them.")


# ------------------------------------------------------------------------------ the shares


def _share(total: int, weight: Floats, least: Ints, most: Ints, rule: Rule) -> Ints:
    """Shares of nodes with weight above 0; sum(least) <= total <= sum(most)."""
    # A power of two changes no digit of a weight and keeps thresholds within a double's range.
    scaled = np.ldexp(weight, -int(np.frexp(weight.max())[1]))
    most = np.minimum(most, total)

    def counts(threshold: float) -> Ints:
        if threshold < 0:
            return least
        with np.errstate(over="ignore"):
            # Beyond `most` a count does not matter, and a square could overflow.
            y = np.minimum(threshold * scaled, most + 1.0)
        return np.clip(rule.count(y), least, most).astype(np.int64)

    low, high = _bracket(total, counts, float(total / scaled.sum()), len(weight))
    # Wider than any rounding: below `base` every unit is certain, above `top` none is.
    base = counts(low * (1 - MARGIN))
    top = counts(high * (1 + MARGIN))
    return _fill(total, weight, base, top, rule)


def _bracket(
    total: int, counts: Callable[[float], Ints], guess: float, n: int
) -> tuple[float, float]:
    """Thresholds with at most `total` units up to the first and at least `total` up to the second.

    They are as close as leaves some two units a node between them, which are then sorted.
    """
    low, below = -1.0, int(counts(-1.0).sum())
    high, above, step = guess, int(counts(guess).sum()), 2.0
    while above < total:
        low, below = high, above
        high, step = high * step, step * step
        above = int(counts(high).sum())
    aim = True
    while above - below > 2 * n + 64:
        # A secant step is fast, halving is certain: they take turns.
        start = max(low, 0.0)
        share = (total - below) / (above - below) if aim else 0.5
        middle, aim = start + (high - start) * share, not aim
        if not start < middle < high:
            middle = (start + high) / 2
        if not start < middle < high:
            break
        inside = int(counts(middle).sum())
        if inside <= total:
            low, below = middle, inside
        else:
            high, above = middle, inside
    return low, high


def _fill(total: int, weight: Floats, base: Ints, top: Ints, rule: Rule) -> Ints:
    """Give the units between `base` and `top` to the smallest keys, exactly."""
    count = top - base
    row = np.repeat(np.arange(len(weight)), count)
    start = np.cumsum(count) - count
    j = np.arange(len(row)) - start[row] + base[row]
    key = rule.divisor(j.astype(np.float64)) / weight[row]
    give = total - int(base.sum())
    if give == 0:
        return base
    # Only keys that doubles cannot tell from the last one given need exact arithmetic.
    edge = np.partition(key, give - 1)[give - 1]
    sure = key < edge * (1 - BAND)
    near = np.flatnonzero(~sure & (key <= edge * (1 + BAND)))
    chosen = near[_exact_order(j[near], weight[row[near]], row[near], rule)]
    chosen = chosen[: give - int(np.count_nonzero(sure))]
    return (
        base
        + np.bincount(row[sure], minlength=len(base))
        + np.bincount(row[chosen], minlength=len(base))
    )


def _exact_order(j: Ints, weight: Floats, row: Ints, rule: Rule) -> Ints:
    """Order of keys that doubles cannot tell apart: by exact key, then by position."""
    # A divisor of 0 makes all keys 0, whatever the weight.
    weight = np.where(rule.divisor(j.astype(np.float64)) == 0, 1.0, weight)
    pairs, which = np.unique(j + 1j * weight, return_inverse=True)
    exact = [rule.exact(int(pair.real), Fraction(pair.imag)) for pair in pairs.tolist()]
    levels = {value: level for level, value in enumerate(sorted(set(exact)))}
    level_of = np.array([levels[value] for value in exact], dtype=np.int64)
    order: Ints = np.lexsort((row, level_of[which]))
    return order
