"""Open, compute, override, approve and publish a run."""

from .compute import compute_run
from .publish import finish_publishing, post_parts, publish_run
from .runs import PlanRefused, open_run, override_line, review_run
from .stopped import ask_take_back, resume_publishing, take_back

__all__ = [
    "PlanRefused",
    "ask_take_back",
    "compute_run",
    "finish_publishing",
    "open_run",
    "override_line",
    "post_parts",
    "publish_run",
    "resume_publishing",
    "review_run",
    "take_back",
]
