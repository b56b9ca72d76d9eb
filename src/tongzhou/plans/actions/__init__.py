"""Open, compute, override, approve and publish a run; find the routes of its counties."""

from .compute import compute_run
from .publish import finish_publishing, post_parts, publish_run
from .refusal import PlanRefused
from .routes import compute_routes, resume_routes, retry_county, start_routes
from .runs import open_run, override_line, review_run
from .stopped import ask_take_back, resume_publishing, take_back

__all__ = [
    "PlanRefused",
    "ask_take_back",
    "compute_routes",
    "compute_run",
    "finish_publishing",
    "open_run",
    "override_line",
    "post_parts",
    "publish_run",
    "resume_publishing",
    "resume_routes",
    "retry_county",
    "review_run",
    "start_routes",
    "take_back",
]
