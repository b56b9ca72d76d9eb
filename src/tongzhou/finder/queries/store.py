"""Pages of where to go, as they were rendered: for a minute, and for when the database is away."""

from functools import cache

from django.conf import settings

from tongzhou.kit.stored_pages import StoredPages

MOST_BYTES = 512 * 1024**2
# What is open changes by the minute.
FRESH_SECONDS = 60.0


@cache
def clinic_pages() -> StoredPages:
    """The pages of this installation, half a gigabyte at most."""
    return StoredPages(settings.DATA_DIR / "clinics", most_bytes=MOST_BYTES)
