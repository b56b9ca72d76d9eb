"""Pages of the plans app."""

from .changes import approve, new_run, publish
from .pages import compare, run_division, run_list, run_page, run_place
from .publishing import resume, run_counties, take_back
from .routes import county_page, new_routes, resume_routes, retry_county, route_run, run_routes

__all__ = [
    "approve",
    "compare",
    "county_page",
    "new_routes",
    "new_run",
    "publish",
    "resume",
    "resume_routes",
    "retry_county",
    "route_run",
    "run_counties",
    "run_division",
    "run_list",
    "run_page",
    "run_place",
    "run_routes",
    "take_back",
]
