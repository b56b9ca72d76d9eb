"""Open, compute, override, approve and publish a run; find the routes of its counties; say by which
lanes goods travel; answer what a change would make of a plan."""

from .compute import compute_run
from .lanes import NewLane, add_lane, change_lane, remove_lane, set_inbound
from .lanes_import import import_lanes, preview_lanes, read_lanes
from .publish import finish_publishing, post_parts, publish_run
from .refusal import PlanRefused
from .routes import compute_routes, resume_routes, retry_county, start_routes
from .runs import compute_again, fail_run, open_run, override_line, review_run
from .stopped import ask_take_back, resume_publishing, take_back
from .whatif import answer, ask, forget_old, keep, keep_answer

__all__ = [
    "NewLane",
    "PlanRefused",
    "add_lane",
    "answer",
    "ask",
    "ask_take_back",
    "change_lane",
    "compute_again",
    "compute_routes",
    "compute_run",
    "fail_run",
    "finish_publishing",
    "forget_old",
    "import_lanes",
    "keep",
    "keep_answer",
    "open_run",
    "override_line",
    "post_parts",
    "preview_lanes",
    "publish_run",
    "read_lanes",
    "remove_lane",
    "resume_publishing",
    "resume_routes",
    "retry_county",
    "review_run",
    "set_inbound",
    "start_routes",
    "take_back",
]
