"""Which guides are read today, and what of them a clinician has to sign."""

from . import signing as signing
from .guides import (
    MOST_GUIDES,
    GuideTitle,
    guide_now,
    guide_titles,
    guides_mark,
    guides_now,
    language_now,
    newest_version,
    text_of,
)

__all__ = [
    "MOST_GUIDES",
    "GuideTitle",
    "guide_now",
    "guide_titles",
    "guides_mark",
    "guides_now",
    "language_now",
    "newest_version",
    "text_of",
]
