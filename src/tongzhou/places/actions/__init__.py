"""Changes of the tree and of the places in it; each is one transaction and one event."""

from .demo import make_demo_clinics
from .divisions_import import import_divisions, preview_divisions, read_division_table
from .imports import ImportKind, Task, register_import
from .load import load_divisions
from .places import PlaceRefused, close_place, create_place, merge_places, move_place
from .places_import import import_places, preview_places, read_places
from .reports import ImportRefused, Report
from .staging import Counts, Staged, staged

__all__ = [
    "Counts",
    "ImportKind",
    "ImportRefused",
    "PlaceRefused",
    "Report",
    "Staged",
    "Task",
    "close_place",
    "create_place",
    "import_divisions",
    "import_places",
    "load_divisions",
    "make_demo_clinics",
    "merge_places",
    "move_place",
    "preview_divisions",
    "preview_places",
    "read_division_table",
    "read_places",
    "register_import",
    "staged",
]
