"""Pages of the plans app."""

from .allocation_files import run_places, run_sums
from .asking import keep_answer, run_answer, whatif
from .changes import approve, compute_anew, new_run, publish
from .comparing import compare
from .explaining import run_place
from .lanes import change_lane, inbound, lanes, new_lane, remove_lane, run_lanes, shipments
from .pages import run_division, run_list, run_page
from .publishing import resume, run_counties, take_back
from .round import round_page, round_script
from .route_files import county_csv, county_geojson
from .routes import county_page, new_routes, resume_routes, retry_county, route_run, run_routes
from .sheets import county_sheets

__all__ = [
    "approve",
    "change_lane",
    "compare",
    "compute_anew",
    "county_csv",
    "county_geojson",
    "county_page",
    "county_sheets",
    "inbound",
    "keep_answer",
    "lanes",
    "new_lane",
    "new_routes",
    "new_run",
    "publish",
    "remove_lane",
    "resume",
    "resume_routes",
    "retry_county",
    "round_page",
    "round_script",
    "route_run",
    "run_answer",
    "run_counties",
    "run_division",
    "run_lanes",
    "run_list",
    "run_page",
    "run_place",
    "run_places",
    "run_routes",
    "run_sums",
    "shipments",
    "take_back",
    "whatif",
]
