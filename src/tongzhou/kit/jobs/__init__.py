"""Long work: jobs that survive their worker, and messages that follow from events."""

from .outbox import deliver_next
from .queue import enqueue
from .registry import runner
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
    "work",
    "work_until",
]
