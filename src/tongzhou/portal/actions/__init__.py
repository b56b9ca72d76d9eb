"""What changes a channel page or the table of medicine codes, and counts what was checked."""

from .channel import bring_back, set_channel
from .codes import forget_seen, note_seen
from .medicines_import import import_medicines, preview_medicines, read_medicines

__all__ = [
    "bring_back",
    "forget_seen",
    "import_medicines",
    "note_seen",
    "preview_medicines",
    "read_medicines",
    "set_channel",
]
