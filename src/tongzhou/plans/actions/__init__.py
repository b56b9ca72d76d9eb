"""Open, compute, override, approve and publish a run."""

from .compute import compute_run
from .publish import finish_publishing, post_parts, publish_run
from .runs import PlanRefused, open_run, override_line, review_run

__all__ = [
    "PlanRefused",
    "compute_run",
    "finish_publishing",
    "open_run",
    "override_line",
    "post_parts",
    "publish_run",
    "review_run",
]
