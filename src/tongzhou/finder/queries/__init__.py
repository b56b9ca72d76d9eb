"""Finding facilities: the nearest, the open, and those that wait for a call."""

from .calls import call_of, calls_to_review, level_of, waiting_for_call
from .choosing import Found, around, choices_of, fresh_for, here, inside, timetable
from .counts import FeverClinics, FeverMarks, fever_clinics_in, fever_marks
from .facilities import facilities_in, facility_by_code
from .near import Near, nearest

__all__ = [
    "FeverClinics",
    "FeverMarks",
    "Found",
    "Near",
    "around",
    "call_of",
    "calls_to_review",
    "choices_of",
    "facilities_in",
    "facility_by_code",
    "fever_clinics_in",
    "fever_marks",
    "fresh_for",
    "here",
    "inside",
    "level_of",
    "nearest",
    "timetable",
    "waiting_for_call",
]
