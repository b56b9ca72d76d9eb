"""Channel pages as they were rendered, and whether one of them still holds."""

from functools import cache as once

from django.conf import settings
from django.core.cache import cache
from django.db.models import Max

from tongzhou.kit.stored_pages import StoredPages
from tongzhou.places.models import Division
from tongzhou.portal.models import ChannelVersion

MOST_BYTES = 2 * 1024**3
# Figures on a page change with every receipt; this old they may be before it is rendered again.
FRESH_SECONDS = 60.0
MARK = b"<!-- channel %d -->"


@once
def channel_pages() -> StoredPages:
    """The pages of this installation, 2 GB at most."""
    return StoredPages(settings.DATA_DIR / "pages", most_bytes=MOST_BYTES)


def name_of(kind: str, code: str, language: str) -> str:
    return f"{kind}/{language}/{code}"


def version_of(division: Division) -> int:
    """Grows with every decision on the page of the division or of one above it."""
    newest = ChannelVersion.objects.aggregate(newest=Max("pk"))["newest"] or 0
    key = f"portal.channel:{newest}"
    decided = cache.get(key)
    if decided is None:
        decided = _decided()
        # Not for ever: an import may number the tree anew.
        cache.set(key, decided, FRESH_SECONDS)
    inside = (
        pk for first, last, pk in decided if first <= division.first and division.last <= last
    )
    return max(inside, default=0)


def _decided() -> list[tuple[int, int, int]]:
    """Interval and version of every division whose staff decided something: a short list, looked
    through here because a database would walk all divisions that begin before this one."""
    found = ChannelVersion.objects.filter(in_force=True).values_list(
        "division__first", "division__last", "pk"
    )
    return list(found)


def mark_of(version: int) -> bytes:
    """What a page that was rendered from this version ends with."""
    return MARK % version
