"""Finding facilities."""

from .near import Near, nearest

__all__ = ["Near", "nearest"]
