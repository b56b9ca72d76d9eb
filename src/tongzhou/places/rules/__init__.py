"""What contains what, how the tree is numbered and how names are found: decided here, pure."""

from .names import chinese, initials_of, pinyin_of, typed
from .numbering import Spacing, numbered
from .scope import Interval, Scope

__all__ = [
    "Interval",
    "Scope",
    "Spacing",
    "chinese",
    "initials_of",
    "numbered",
    "pinyin_of",
    "typed",
]
