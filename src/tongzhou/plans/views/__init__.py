"""Pages of the plans app."""

from .changes import approve, new_run, publish
from .pages import compare, run_division, run_list, run_page, run_place
from .publishing import resume, run_counties, take_back

__all__ = [
    "approve",
    "compare",
    "new_run",
    "publish",
    "resume",
    "run_counties",
    "run_division",
    "run_list",
    "run_page",
    "run_place",
    "take_back",
]
