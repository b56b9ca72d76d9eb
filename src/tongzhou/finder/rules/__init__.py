"""What the finder decides: hours, freshness, the order of facilities, reports, the call-down."""

from .calls import CLAIMED_FOR, CONFIDENCE, is_sampled
from .crowd import Heard, Told, heard
from .holidays import Holidays, holidays_of_prc
from .hours import DatedHours, Timetable
from .openness import BEFORE_CLOSING, Band, Openness, Word, band_of, said_of
from .ranking import (
    Choice,
    Travel,
    arrives_too_late,
    chord_of,
    distance_m,
    ranked,
    rounded,
    vector,
    with_emergency,
)
from .reading import Hours, HoursRefused, State, read_hours

__all__ = [
    "BEFORE_CLOSING",
    "CLAIMED_FOR",
    "CONFIDENCE",
    "Band",
    "Choice",
    "DatedHours",
    "Heard",
    "Holidays",
    "Hours",
    "HoursRefused",
    "Openness",
    "State",
    "Timetable",
    "Told",
    "Travel",
    "Word",
    "arrives_too_late",
    "band_of",
    "chord_of",
    "distance_m",
    "heard",
    "holidays_of_prc",
    "is_sampled",
    "ranked",
    "read_hours",
    "rounded",
    "said_of",
    "vector",
    "with_emergency",
]
