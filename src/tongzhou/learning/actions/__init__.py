"""Writing, publishing and withdrawing guides: each one transaction and one event."""

from .builtin import load_builtin_guides
from .guides import create_guide, publish_guide, withdraw_guide, write_guide

__all__ = [
    "create_guide",
    "load_builtin_guides",
    "publish_guide",
    "withdraw_guide",
    "write_guide",
]
