"""Changes of facilities; each is one transaction and one event."""

from .calls import (
    CallRefused,
    claim_call,
    finish_call,
    give_back,
    release_overdue,
    review_call,
    set_level,
)
from .demo import make_demo_facilities
from .facilities import (
    NewFacility,
    add_exception,
    add_id,
    create_facility,
    merge_facilities,
    remove_exception,
)
from .facilities_import import import_facilities, preview_facilities, read_facilities
from .facts import FacilityRefused, Said, state_facts
from .reports import report_visit

__all__ = [
    "CallRefused",
    "FacilityRefused",
    "NewFacility",
    "Said",
    "add_exception",
    "add_id",
    "claim_call",
    "create_facility",
    "finish_call",
    "give_back",
    "import_facilities",
    "make_demo_facilities",
    "merge_facilities",
    "preview_facilities",
    "read_facilities",
    "release_overdue",
    "remove_exception",
    "report_visit",
    "review_call",
    "set_level",
    "state_facts",
]
