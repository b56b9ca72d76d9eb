"""Which facility first: by how long it takes to get there and to be seen."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from .openness import BEFORE_CLOSING, Band, Openness, Word, band_of

EARTH_RADIUS_M = 6_371_008.8
FIRST_SHOWN = 3
# Nobody knows the wait: reckoned as the middle of the middle band.
UNKNOWN_WAIT_MINUTES = 37.5
# A door that may be shut costs, on average, this much of a way made for nothing.
DOUBT_MINUTES = 30.0

Thing = TypeVar("Thing")
Vector = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Travel:
    """How a straight line becomes minutes: it is so much longer by road, at such a speed."""

    circuity: float = 1.4
    speed_kmh: float = 30.0

    def minutes(self, distance_m: float) -> float:
        return distance_m * self.circuity / 1000 / self.speed_kmh * 60


@dataclass(frozen=True, slots=True)
class Choice(Generic[Thing]):
    """One facility as somebody at a place sees it now."""

    facility: Thing
    openness: Openness
    distance_m: float | None = None
    travel_minutes: float | None = None
    wait_minutes: float | None = None
    # It closes before anybody from here could be seen.
    too_late: bool = False

    @property
    def band(self) -> Band:
        return band_of(self.wait_minutes)

    @property
    def distance_km(self) -> str:
        """With a decimal below ten kilometres: the way is not known better."""
        km = (self.distance_m or 0.0) / 1000
        return f"{km:.1f}" if km < 10 else f"{km:.0f}"

    @property
    def minutes(self) -> float:
        wait = UNKNOWN_WAIT_MINUTES if self.wait_minutes is None else self.wait_minutes
        doubt = DOUBT_MINUTES if self.openness.word is Word.MAYBE else 0.0
        return (self.travel_minutes or 0.0) + wait + doubt

    @property
    def key(self) -> tuple[bool, float, float]:
        shut = self.openness.word is Word.CLOSED or self.too_late
        return shut, self.minutes, self.distance_m or 0.0


def arrives_too_late(openness: Openness, now: datetime, travel_minutes: float | None) -> bool:
    """Whether somebody who leaves now comes later than half an hour before it closes."""
    if openness.closes_at is None:
        return False
    arrival = now + timedelta(minutes=travel_minutes or 0.0)
    return arrival > openness.closes_at - BEFORE_CLOSING


def ranked(choices: Iterable[Choice[Thing]]) -> list[Choice[Thing]]:
    """Those where one is seen soonest first; what is shut now last, in the same order."""
    return sorted(choices, key=lambda choice: choice.key)


def with_emergency(
    choices: Sequence[Choice[Thing]], is_emergency: Callable[[Thing], bool]
) -> Choice[Thing] | None:
    """The nearest emergency department among them, which a page never leaves out."""
    found = [choice for choice in choices if is_emergency(choice.facility)]
    return min(found, key=lambda choice: choice.distance_m or 0.0, default=None)


def vector(lat: float, lon: float) -> Vector:
    """A point of WGS-84 (degrees) on the unit sphere: straight distances between such points are
    in the order of the distances on the ground, at the poles and the date line too."""
    phi, lam = math.radians(lat), math.radians(lon)
    return math.cos(phi) * math.cos(lam), math.cos(phi) * math.sin(lam), math.sin(phi)


def distance_m(squared_chord: float) -> float:
    """Great-circle metres from the squared straight distance of two points of the unit sphere."""
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(max(0.0, squared_chord)) / 2))


def chord_of(metres: float) -> float:
    """The straight distance on the unit sphere for metres on the ground."""
    return 2 * math.sin(min(metres / EARTH_RADIUS_M, math.pi) / 2)


def rounded(degrees: float) -> float:
    """About a kilometre: enough to find the nearest clinic, too little to find a home."""
    return round(degrees, 2)
