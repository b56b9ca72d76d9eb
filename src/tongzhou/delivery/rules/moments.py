"""The times that devices and carriers write, as far as both databases can keep and show them."""

from datetime import UTC, datetime

from django.utils import timezone
from django.utils.dateparse import parse_datetime

# A clock may be years off. What lies outside, a database or a time zone could not carry.
FIRST_YEAR, LAST_YEAR = 1970, 2200


def moment_in(text: str, *, with_zone: bool = False) -> datetime | None:
    """A time as it was written, in UTC; one without a zone is meant in the office's own.

    None when it is no time, of a year before 1970 or after 2200, or without a zone `with_zone`.
    """
    try:
        moment = parse_datetime(text.strip())
        if moment is None or not FIRST_YEAR <= moment.year <= LAST_YEAR:
            return None
        if timezone.is_naive(moment):
            return None if with_zone else timezone.make_aware(moment).astimezone(UTC)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
