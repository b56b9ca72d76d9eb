"""Long work: jobs that survive their worker, and messages that follow from events."""

from .outbox import deliver_next
from .queue import enqueue
from .registry import runner, runners, title_of
from .running import Cancelled, JobError, LeaseLost, Running
from .worker import drain, work, work_until

__all__ = [
    "Cancelled",
    "JobError",
    "LeaseLost",
    "Running",
    "deliver_next",
    "drain",
    "enqueue",
    "runner",
    "runners",
    "title_of",
    "work",
    "work_until",
]
