"""Pages of the plans app."""

from .changes import approve, new_run, publish
from .pages import compare, run_division, run_list, run_page, run_place

__all__ = [
    "approve",
    "compare",
    "new_run",
    "publish",
    "run_division",
    "run_list",
    "run_page",
    "run_place",
]
