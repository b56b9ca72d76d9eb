"""Channel pages as they were rendered, and whether one of them still holds."""

from functools import cache

from django.conf import settings
from django.db.models import Max

from tongzhou.kit.stored_pages import StoredPages
from tongzhou.places.models import Division
from tongzhou.portal.models import ChannelVersion

MOST_BYTES = 2 * 1024**3
# Figures on a page change with every receipt; this old they may be before it is rendered again.
FRESH_SECONDS = 60.0
MARK = b"<!-- channel %d -->"


@cache
def channel_pages() -> StoredPages:
    """The pages of this installation, 2 GB at most."""
    return StoredPages(settings.DATA_DIR / "pages", most_bytes=MOST_BYTES)


def name_of(kind: str, code: str, language: str) -> str:
    return f"{kind}/{language}/{code}"


def version_of(division: Division) -> int:
    """Grows with every decision on the page of the division or of one above it."""
    line = ChannelVersion.objects.filter(
        division__first__lte=division.first, division__last__gte=division.last, in_force=True
    )
    return line.aggregate(newest=Max("pk"))["newest"] or 0


def marked(page: bytes, version: int) -> bytes:
    """A page with the version it was rendered from, where `holds` looks for it."""
    return page + MARK % version


def holds(page: bytes, age: float, version: int) -> bool:
    """May a stored page be served as it is?"""
    return age <= FRESH_SECONDS and page.endswith(MARK % version)
