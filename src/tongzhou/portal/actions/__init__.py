"""What changes a channel page, and what writes pages to files."""

from .channel import bring_back, set_channel

__all__ = ["bring_back", "set_channel"]
